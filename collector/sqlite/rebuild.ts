/** Adds up coarse roll-ups from the finest one: what has just settled, or everything again. */
import type { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES, MEASURES } from '../measures.ts';
import type { Buckets, Postings } from './postings.ts';
import { FINEST, type Rollup } from './rollups.ts';
import { Vector } from './vector.ts';

/** Quarters added up at a time: bounds the memory a rebuild of years needs. */
const QUARTERS_AT_ONCE = 96;

/** Empties the roll-ups and fills them with the quarters before `until`. `postings` must write to them and to no others. */
export function rebuildCoarse(database: DatabaseSync, postings: Postings, rollups: readonly Rollup[], until = Number.MAX_SAFE_INTEGER): void {
  for (const { table } of rollups) database.exec(`DELETE FROM ${table}`);
  for (const quarters of readQuarters(database, 0, until)) postings.addUp(quarters);
}

/** The finest roll-up's rows from `from` up to and without `to`, some quarters at a time. */
export function* readQuarters(database: DatabaseSync, from: number, to: number): Iterable<Buckets> {
  const rows = database.prepare(`SELECT * FROM ${FINEST.table} WHERE bucket >= ? AND bucket < ?`);
  rows.setReadBigInts(true);
  const nextBucket = database.prepare(`SELECT MIN(bucket) AS bucket FROM ${FINEST.table} WHERE bucket >= ? AND bucket < ?`);
  for (let start = next(nextBucket.get(from, to)); start !== undefined; start = next(nextBucket.get(start + QUARTERS_AT_ONCE, to))) {
    const quarters = new Map<number, Map<number, Vector>>();
    for (const row of rows.iterate(start, Math.min(start + QUARTERS_AT_ONCE, to))) {
      quarters.getOrInsertComputed(Number(row.bucket), () => new Map<number, Vector>()).set(Number(row.dims), vectorOf(row));
    }
    yield quarters;
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
