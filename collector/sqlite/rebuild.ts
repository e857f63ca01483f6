/** Builds the coarse roll-ups again from the finest one. */
import type { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES, MEASURES } from '../measures.ts';
import type { Postings } from './postings.ts';
import { FINEST, type Rollup } from './rollups.ts';
import { Vector } from './vector.ts';

/** Quarters added up at a time: bounds the memory a rebuild of years needs. */
const QUARTERS_AT_ONCE = 96;

export function rebuildCoarse(database: DatabaseSync, postings: Postings, rollups: readonly Rollup[]): void {
  for (const { table } of rollups) database.exec(`DELETE FROM ${table}`);
  const rows = database.prepare(`SELECT * FROM ${FINEST.table} WHERE bucket >= ? AND bucket < ?`);
  rows.setReadBigInts(true);
  const nextBucket = database.prepare(`SELECT MIN(bucket) AS bucket FROM ${FINEST.table} WHERE bucket >= ?`);
  for (let from = next(nextBucket.get(0)); from !== undefined; from = next(nextBucket.get(from + QUARTERS_AT_ONCE))) {
    const quarters = new Map<number, Map<number, Vector>>();
    for (const row of rows.iterate(from, from + QUARTERS_AT_ONCE)) {
      quarters.getOrInsertComputed(Number(row.bucket), () => new Map<number, Vector>()).set(Number(row.dims), vectorOf(row));
    }
    postings.flushCoarse(quarters);
  }
}

const next = (row: Record<string, unknown> | undefined): number | undefined => (typeof row?.bucket === 'number' ? row.bucket : undefined);

/** A roll-up row, read with BigInts. */
export function vectorOf(row: Record<string, unknown>): Vector {
  const vector = new Vector();
  for (const [index, name] of MEASURE_NAMES.entries()) {
    const value = row[name] as bigint;
    if (value !== 0n) vector.values[index] = MEASURES[name].unit === 'usd' ? value : Number(value);
  }
  return vector;
}
