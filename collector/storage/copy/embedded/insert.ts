/** Rows into a table of a file. */
import type { DatabaseSync } from 'node:sqlite';
import { columnsOf } from '../../sqlite/schema.ts';
import type { Cells } from '../ends.ts';
import { isGiven, valuesOf } from './rows.ts';

/** All rows have the columns of the first; the others of the table get what they begin with. */
export function insertRows(database: DatabaseSync, table: string, rows: readonly Cells[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const columns = columnsOf(database, table).filter((name) => isGiven(name, first));
  const insert = database.prepare(`INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`);
  for (const row of rows) insert.run(...valuesOf(row, columns));
}
