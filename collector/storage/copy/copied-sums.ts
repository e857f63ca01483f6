/** Sums by quarter of an hour: those of quarters that have changed. */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { DAY_MS } from '../../core/duration.ts';
import { addedUp, markOf } from './cells.ts';
import type { CopiedDims } from './copied-dims.ts';
import { type CopySource, type CopyTarget, QUARTERS_A_DAY, type Quarter, type Sums } from './ends.ts';
import type { Say } from './progress.ts';

const WHAT = 'quarters';
/** Read and written at once, or a quarter of an hour more: a row takes kilobytes of memory. */
const ROWS_AT_ONCE = 5_000;

/** Answers how many quarters it has written. */
export async function copySums(source: CopySource, target: CopyTarget, dims: CopiedDims, say: Say): Promise<number> {
  const marks = await target.marks(WHAT);
  let written = 0;
  for (let day = await source.nextDay(0); day !== undefined; day = await source.nextDay(day + 1)) {
    const sizes = await source.sizes(day);
    const quarters = quartersOf(day).filter((quarter) => sizes.has(quarter) || marks.has(quarter));
    for (const part of inParts(quarters, sizes)) {
      const changed = (await readPart(source, dims, part)).filter(({ bucket, mark }) => marks.get(bucket) !== mark);
      if (changed.length === 0) continue;
      await target.replaceSums(changed, WHAT);
      written += changed.length;
      say(`sums of ${new Date(day * DAY_MS).toISOString().slice(0, 10)}`);
    }
  }
  return written;
}

const quartersOf = (day: number): number[] => Array.from({ length: QUARTERS_A_DAY }, (_, index) => day * QUARTERS_A_DAY + index);

function* inParts(quarters: readonly number[], sizes: ReadonlyMap<number, number>): Generator<readonly number[], void> {
  let [part, rows]: [number[], number] = [[], 0];
  for (const quarter of quarters) {
    part.push(quarter);
    rows += sizes.get(quarter) ?? 0;
    if (rows < ROWS_AT_ONCE) continue;
    yield part;
    [part, rows] = [[], 0];
  }
  if (part.length > 0) yield part;
}

async function readPart(source: CopySource, dims: CopiedDims, part: readonly number[]): Promise<Quarter[]> {
  const rows = numbered(await source.sums(part[0] ?? 0, (part.at(-1) ?? 0) + 1), dims);
  const byQuarter = Map.groupBy(rows, ({ bucket }) => bucket);
  return part.map((bucket) => {
    const own = byQuarter.get(bucket) ?? [];
    return { bucket, rows: own, mark: markOf(own.map((row) => [row.dims, MEASURE_NAMES.map((name) => row.sums[name] ?? null)])) };
  });
}

/** With the target's numbers, in an order of their own. */
const numbered = (rows: readonly Sums[], dims: CopiedDims): Sums<number>[] =>
  addedUp(
    rows.map(({ bucket, dims: id, sums }) => ({ bucket, dims: dims.numberOf(id), ...sums })),
    ['bucket', 'dims'],
  )
    .map(({ bucket, dims: number, ...sums }) => ({
      ...{ bucket: Number(bucket), dims: Number(number) },
      sums: sums as Readonly<Record<string, bigint | null>>,
    }))
    .sort((a, b) => a.bucket - b.bucket || a.dims - b.dims);
