/**
 * Sums by quarter of an hour, some quarters at a time: what the source has more than the database is added to the finest roll-up and to all coarser ones,
 * as replicas do it. So a roll-up that the source fills later is whole here.
 */
import { MEASURE_NAMES } from '../../../catalog/measures.ts';
import type { CalendarOptions } from '../../../core/calendar.ts';
import { type Buckets, vectorAt } from '../../../ledger/quarter-sums.ts';
import { FINEST } from '../../../ledger/rollups.ts';
import { addCells, CoarseTables, QUARTER_S } from '../../postgres/coarse-sums.ts';
import type { Sql } from '../../postgres/connection.ts';
import type { DimsTable } from '../../postgres/dimension-sets.ts';
import { numberArray, quotedName } from '../../postgres/sql-text.ts';
import type { Quarter } from '../ends.ts';

const ROWS_AT_ONCE = 5_000;
const THERE = `SELECT start_s, dims, ${MEASURE_NAMES.map(quotedName).join()} FROM ${FINEST.table} WHERE start_s = ANY($1::int8[])`;

export class SharedSums {
  readonly #dims: DimsTable;
  readonly #tables: CoarseTables;

  constructor(calendar: CalendarOptions, dims: DimsTable) {
    this.#dims = dims;
    this.#tables = new CoarseTables(calendar, dims);
  }

  async replace(sql: Sql, quarters: readonly Quarter[]): Promise<void> {
    const more: Buckets = new Map();
    for (const { bucket, dims, sums } of quarters.flatMap(({ rows }) => rows))
      addCells(
        vectorAt(more, bucket, dims),
        MEASURE_NAMES.map((name) => sums[name]),
      );
    const starts = numberArray(quarters.map(({ bucket }) => bucket * QUARTER_S));
    for (const [startS, dims, ...cells] of await sql.arrays(THERE, [starts])) {
      addCells(vectorAt(more, Number(startS) / QUARTER_S, Number(dims)), cells.map(negated));
    }
    for (const some of inSteps(more)) {
      await this.#dims.load(
        sql,
        [...some.values()].flatMap((byDims) => [...byDims.keys()]),
      );
      await this.#tables.add(sql, new Map([[FINEST, some], ...this.#tables.of(some)]));
    }
    await this.#dims.store(sql);
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
