/** Postings added up by quarter of an hour and dimensions, and what they come to in each coarser roll-up. */
import type { MeasureName } from '../catalog/measures.ts';
import { type Calendar, QUARTER_MS, quarterOf } from '../core/calendar.ts';
import type { Posting } from './booking.ts';
import type { DimensionSets } from './dimension-sets.ts';
import type { Rollup } from './rollups.ts';
import { Vector } from './sums.ts';
import { isBeforeWatermark, type Watermark } from './watermark.ts';

/** Rows of a roll-up: by the number of their period, then by that of their dimensions. */
export type Buckets = Map<number, Map<number, Vector>>;

export const vectorAt = (buckets: Buckets, bucket: number, dims: number): Vector =>
  buckets.getOrInsertComputed(bucket, () => new Map<number, Vector>()).getOrInsertComputed(dims, () => new Vector());

export class QuarterSums {
  readonly buckets: Buckets = new Map();

  add(posting: Posting<number>, sign: 1 | -1 = 1): void {
    vectorAt(this.buckets, quarterOf(posting.timeMs), posting.dims).add(posting, sign);
  }

  addCount(at: { readonly timeMs: number; readonly dims: number }, name: MeasureName, amount: number): void {
    vectorAt(this.buckets, quarterOf(at.timeMs), at.dims).addAmount(name, amount);
  }
}

export class Coarsening {
  readonly #calendar: Calendar;
  readonly #dims: DimensionSets;

  constructor(calendar: Calendar, dims: DimensionSets) {
    this.#calendar = calendar;
    this.#dims = dims;
  }

  /** What rows of the finest roll-up, given in parts, add to the rows of another. */
  of(rollup: Rollup, ...parts: readonly Buckets[]): Buckets {
    const coarse: Buckets = new Map();
    for (const quarters of parts) {
      for (const [quarter, byDims] of quarters) {
        const bucket = rollup.grain === 'session' ? 0 : this.#calendar.periodOf(rollup.grain, quarter * QUARTER_MS);
        for (const [dims, vector] of byDims) vectorAt(coarse, bucket, this.#dims.project(dims, rollup.dimensions)).addVector(vector);
      }
    }
    return coarse;
  }
}

/** The rows before the watermark. */
export function before(quarters: Buckets, watermark: Watermark): Buckets {
  const chosen: Buckets = new Map();
  for (const [quarter, byDims] of quarters) {
    if (quarter > watermark.bucket) continue;
    for (const [dims, vector] of byDims) if (isBeforeWatermark(quarter, dims, watermark)) vectorAt(chosen, quarter, dims).addVector(vector);
  }
  return chosen;
}
