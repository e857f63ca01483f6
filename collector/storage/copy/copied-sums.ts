/**
 * Sums by quarter of an hour, a day at a time: what the source has more than the target is added to the finest roll-up and to all coarser ones, as
 * replicas do it. So a roll-up that the source fills later is whole here.
 */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { type Buckets, vectorAt } from '../../ledger/quarter-sums.ts';
import { FINEST } from '../../ledger/rollups.ts';
import { addCells, CoarseTables, QUARTER_S } from '../postgres/coarse-sums.ts';
import { quotedName } from '../postgres/sql-text.ts';
import type { CopyContext } from './context.ts';
import type { CopiedDims } from './copied-dims.ts';
import type { EmbeddedSource } from './embedded-source.ts';
import { markOf } from './target-tables.ts';

const WHAT = 'sums';
const QUARTERS_A_DAY = 96;
const ROWS_AT_ONCE = 5_000;
const THERE = `SELECT start_s, dims, ${MEASURE_NAMES.map(quotedName).join()} FROM ${FINEST.table} WHERE start_s >= $1 AND start_s < $2`;

interface SourceSums {
  readonly bucket: number;
  /** The source's number. */
  readonly dims: bigint;
  /** What is not zero, whole. */
  readonly sums: Readonly<Record<string, bigint | null>>;
}

/** Rows of a table of sums. */
export function sumsOf(source: EmbeddedSource, table: string, from: number | bigint, until: number | bigint): SourceSums[] {
  const carries = source.carries(table, from, until);
  return source.rows(`SELECT * FROM ${table} WHERE bucket >= ? AND bucket < ?`, from, until).map((row) => {
    const cells = MEASURE_NAMES.map((name): [string, bigint | null] => {
      const sum = (row[name] as bigint) + (carries.get(`${row.bucket} ${row.dims} ${name}`) ?? 0n);
      return [name, sum === 0n ? null : sum];
    });
    return { bucket: Number(row.bucket), dims: row.dims as bigint, sums: Object.fromEntries(cells) };
  });
}

export class CopiedSums {
  readonly #context: CopyContext;
  readonly #dims: CopiedDims;
  readonly #tables: CoarseTables;

  constructor(context: CopyContext, dims: CopiedDims) {
    this.#context = context;
    this.#dims = dims;
    this.#tables = new CoarseTables(context.calendar, dims.table);
  }

  /** Answers how many days it has written. */
  async copy(): Promise<number> {
    const { source, progress, say } = this.#context;
    const marks = await progress.read(WHAT);
    let written = 0;
    for (let day = this.#nextDay(0); day !== undefined; day = this.#nextDay(day + 1)) {
      const rows = sumsOf(source, FINEST.table, day * QUARTERS_A_DAY, (day + 1) * QUARTERS_A_DAY);
      const mark = markOf(rows.map(({ bucket, dims, sums }) => [bucket, this.#dims.numberOf(dims), Object.values(sums)]));
      if (marks.get(day) === mark) continue;
      await this.#write(day, rows, mark);
      written++;
      say(`sums of ${new Date(day * QUARTERS_A_DAY * QUARTER_S * 1_000).toISOString().slice(0, 10)}`);
    }
    return written;
  }

  #nextDay(day: number): number | undefined {
    const [row] = this.#context.source.rows(`SELECT min(bucket) AS bucket FROM ${FINEST.table} WHERE bucket >= ?`, day * QUARTERS_A_DAY);
    return row?.bucket === null || row?.bucket === undefined ? undefined : Math.floor(Number(row.bucket) / QUARTERS_A_DAY);
  }

  async #write(day: number, rows: readonly SourceSums[], mark: string): Promise<void> {
    const { database, progress, transaction } = this.#context;
    const { table } = this.#dims;
    const [fromS, untilS] = [day * QUARTERS_A_DAY * QUARTER_S, (day + 1) * QUARTERS_A_DAY * QUARTER_S];
    await transaction(
      async (sql) => {
        const more: Buckets = new Map();
        for (const { bucket, dims, sums } of rows) addCells(vectorAt(more, bucket, this.#dims.numberOf(dims)), Object.values(sums));
        for (const [startS, dims, ...cells] of await sql.arrays(THERE, [fromS, untilS])) {
          addCells(vectorAt(more, Number(startS) / QUARTER_S, Number(dims)), cells.map(negated));
        }
        await table.begin(database);
        for (const some of inSteps(more)) {
          await table.load(
            sql,
            [...some.values()].flatMap((byDims) => [...byDims.keys()]),
          );
          await this.#tables.add(sql, new Map([[FINEST, some], ...this.#tables.of(some)]));
        }
        await table.store(sql);
        await progress.write(sql, WHAT, new Map([[day, mark]]));
      },
      () => table.forget(),
    );
    table.kept();
  }
}

const negated = (cell: unknown): unknown => (cell === null || cell === undefined ? cell : -BigInt(String(cell)));

/** Some thousand rows at a time, without those that are the same on both sides. */
function* inSteps(buckets: Buckets): Generator<Buckets, void> {
  let [step, rows]: [Buckets, number] = [new Map(), 0];
  for (const [bucket, byDims] of buckets) {
    for (const [dims, vector] of byDims) {
      if (!vector.values.some(Boolean)) continue;
      vectorAt(step, bucket, dims).addVector(vector);
      if (++rows < ROWS_AT_ONCE) continue;
      yield step;
      [step, rows] = [new Map(), 0];
    }
  }
  if (rows > 0) yield step;
}
