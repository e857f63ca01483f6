/** What sessions came to whose entries were removed. */
import type { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { Vector } from '../../ledger/sums.ts';
import { vectorOf } from './rollup-rebuild.ts';
import { addCarry, CarryReader } from './wide.ts';

const ANYTHING = (): boolean => true;

/** By model, as far as the numbers of their dimensions are inside; empty for a session that has all its entries. */
export function removedOf(database: DatabaseSync, session: number, isInside: (dims: number) => boolean = ANYTHING): Map<string, Vector> {
  const { table } = REMOVED_SESSIONS;
  const statement = database.prepare(`SELECT d.model, r.* FROM ${table} r JOIN dims d ON d.id = r.dims WHERE r.bucket = ?`);
  statement.setReadBigInts(true);
  const rows = statement
    .all(session)
    .map((row) => ({ model: String(row.model), dims: Number(row.dims), vector: vectorOf(MEASURE_NAMES.map((name) => row[name])) }));
  if (rows.length === 0) return new Map();
  for (const carry of new CarryReader(database).between(table, { bucket: session, dims: 0 }, { bucket: session + 1, dims: 0 })) {
    for (const row of rows) if (row.dims === carry.dims) addCarry(row.vector, carry);
  }
  const byModel = new Map<string, Vector>();
  for (const { model, dims, vector } of rows) if (isInside(dims)) byModel.getOrInsertComputed(model, () => new Vector()).addVector(vector);
  return byModel;
}
