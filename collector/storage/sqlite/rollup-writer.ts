/** Adds up a transaction's postings in memory, then writes each roll-up row once. */
import type { DatabaseSync } from 'node:sqlite';
import type { MeasureName } from '../../catalog/measures.ts';
import { type Calendar, QUARTER_MS, quarterOf } from '../../core/calendar.ts';
import type { Posting } from '../../ledger/booking.ts';
import { COARSE, FINEST, type Rollup } from '../../ledger/rollups.ts';
import { Vector } from '../../ledger/sums.ts';
import type { DimsTable } from './dimension-sets.ts';
import { RollupTable } from './rollup-table.ts';
import { isBeforeMark, type Mark } from './rollup-watermark.ts';

export type Buckets = Map<number, Map<number, Vector>>;

const vectorAt = (buckets: Buckets, bucket: number, dims: number): Vector =>
  buckets.getOrInsertComputed(bucket, () => new Map<number, Vector>()).getOrInsertComputed(dims, () => new Vector());

export class Postings {
  readonly #dims: DimsTable;
  readonly #calendar: Calendar;
  readonly #finest: RollupTable;
  readonly #coarse: readonly { readonly rollup: Rollup; readonly table: RollupTable }[];
  #quarters: Buckets = new Map();

  constructor(database: DatabaseSync, dims: DimsTable, calendar: Calendar, coarse: readonly Rollup[] = COARSE) {
    this.#dims = dims;
    this.#calendar = calendar;
    this.#finest = new RollupTable(database, FINEST.table);
    this.#coarse = coarse.map((rollup) => ({ rollup, table: new RollupTable(database, rollup.table) }));
  }

  add(posting: Posting<number>, sign: 1 | -1 = 1): void {
    vectorAt(this.#quarters, quarterOf(posting.timeMs), posting.dims).add(posting, sign);
  }

  addCount(at: { timeMs: number; dims: number }, name: MeasureName, amount: number): void {
    vectorAt(this.#quarters, quarterOf(at.timeMs), at.dims).addAmount(name, amount);
  }

  clear(): void {
    this.#quarters = new Map();
  }

  /** `mark`: how far the delayed roll-ups have come. */
  flush(mark: Mark): void {
    write(this.#finest, this.#quarters);
    const late = before(this.#quarters, mark);
    for (const { rollup, table } of this.#coarse) write(table, this.#coarsen(rollup.isDelayed ? late : this.#quarters, rollup));
    this.clear();
  }

  /** Adds quarters that the finest roll-up holds to the coarse ones. */
  addUp(quarters: Buckets): void {
    for (const { rollup, table } of this.#coarse) write(table, this.#coarsen(quarters, rollup));
  }

  #coarsen(quarters: Buckets, rollup: Rollup): Buckets {
    const coarse: Buckets = new Map();
    for (const [quarter, byDims] of quarters) {
      const bucket = rollup.grain === 'session' ? 0 : this.#calendar.periodOf(rollup.grain, quarter * QUARTER_MS);
      for (const [dims, vector] of byDims) vectorAt(coarse, bucket, this.#dims.project(dims, rollup.dimensions)).addVector(vector);
    }
    return coarse;
  }
}

function before(quarters: Buckets, mark: Mark): Buckets {
  const chosen: Buckets = new Map();
  for (const [quarter, byDims] of quarters) {
    if (quarter > mark.bucket) continue;
    for (const [dims, vector] of byDims) if (isBeforeMark(quarter, dims, mark)) vectorAt(chosen, quarter, dims).addVector(vector);
  }
  return chosen;
}

function write(table: RollupTable, buckets: Buckets): void {
  for (const [bucket, byDims] of buckets) for (const [dims, vector] of byDims) table.add(bucket, dims, vector);
}
