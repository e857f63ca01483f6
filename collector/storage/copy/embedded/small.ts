/** Small tables of an embedded ledger, each as a whole. */
import type { DatabaseSync } from 'node:sqlite';
import { ERASURE_KEY } from '../../erased-names.ts';
import type { Cells, SmallTable } from '../ends.ts';
import { cellsOf, NO_COUNTERS, rowsOf } from './rows.ts';

const SMALL: Readonly<Record<SmallTable, string>> = {
  state: `SELECT name, value FROM state WHERE name NOT IN (${NO_COUNTERS.map((name) => `'${name}'`).join()}) ORDER BY name`,
  people: 'SELECT * FROM people ORDER BY dims',
  dimension_values: 'SELECT * FROM dimension_values ORDER BY dimension, value',
  closed_months: 'SELECT * FROM closed_months ORDER BY month',
  moved_postings: 'SELECT * FROM moved_postings',
  repricings: 'SELECT * FROM repricings ORDER BY id',
  erased: 'SELECT * FROM erased ORDER BY digest',
};

export const readSmall = (database: DatabaseSync, table: SmallTable): Cells[] => rowsOf(database, SMALL[table]).map(cellsOf);

export function readErasureKey(database: DatabaseSync): string | undefined {
  const key = database.prepare('SELECT value FROM state WHERE name = ?').get(ERASURE_KEY)?.value;
  return typeof key === 'string' ? key : undefined;
}
