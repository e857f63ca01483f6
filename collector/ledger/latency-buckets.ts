/**
 * Latency buckets are cumulative where they are read and apart where they are kept: a request raises the one column of the
 * least bound it keeps instead of up to five, and a reader adds up the columns below.
 */

import { LATENCY_BOUNDS_MS, type MeasureName, TTFT_BOUNDS_MS } from '../catalog/measures.ts';
import type { Amounts } from './entry.ts';

interface Ladder {
  readonly of: 'api_duration_ms' | 'ttft_ms';
  readonly boundsMs: readonly number[];
  /** In the order of their bounds. */
  readonly measures: readonly MeasureName[];
}

const LADDERS: readonly Ladder[] = [
  { of: 'api_duration_ms', boundsMs: LATENCY_BOUNDS_MS, measures: LATENCY_BOUNDS_MS.map((bound) => `requests_le_${bound}_ms` as const) },
  { of: 'ttft_ms', boundsMs: TTFT_BOUNDS_MS, measures: TTFT_BOUNDS_MS.map((bound) => `ttft_requests_le_${bound}_ms` as const) },
];

/** Tells the columns that one entry raises by one. */
export function forEachBucket(amounts: Amounts, raise: (column: MeasureName) => void): void {
  for (const { of, boundsMs, measures } of LADDERS) {
    const duration = amounts[of];
    if (duration === undefined) continue;
    const measure = measures[boundsMs.findIndex((bound) => duration <= bound)];
    if (measure !== undefined) raise(measure);
  }
}

const COLUMNS = new Map(LADDERS.flatMap(({ measures }) => measures.map((name, index) => [name, measures.slice(0, index + 1)] as const)));

export const BUCKET_COLUMNS: ReadonlySet<MeasureName> = new Set(COLUMNS.keys());

/** The columns that a measure is the sum of. */
export const columnsOf = (name: MeasureName): readonly MeasureName[] => COLUMNS.get(name) ?? [name];
