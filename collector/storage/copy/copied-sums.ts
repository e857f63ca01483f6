/** Sums by quarter of an hour, a day at a time: those of days that have changed. */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { DAY_MS } from '../../core/duration.ts';
import { addedUp, markOf } from './cells.ts';
import type { CopiedDims } from './copied-dims.ts';
import type { CopySource, CopyTarget, Sums } from './ends.ts';
import type { Say } from './progress.ts';

const WHAT = 'sums';

/** Answers how many days it has written. */
export async function copySums(source: CopySource, target: CopyTarget, dims: CopiedDims, say: Say): Promise<number> {
  const marks = await target.marks(WHAT);
  let written = 0;
  for (let day = await source.nextDay(0); day !== undefined; day = await source.nextDay(day + 1)) {
    const rows = numbered(await source.sums(day), dims);
    const mark = markOf(rows.map((row) => [row.bucket, row.dims, MEASURE_NAMES.map((name) => row.sums[name] ?? null)]));
    if (marks.get(day) === mark) continue;
    await target.replaceSums(day, rows, { what: WHAT, mark });
    written++;
    say(`sums of ${new Date(day * DAY_MS).toISOString().slice(0, 10)}`);
  }
  return written;
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
