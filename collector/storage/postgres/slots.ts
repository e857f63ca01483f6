/** In how many shards this database keeps sessions: a property of it that never changes. */
import type { Sql } from './connection.ts';
import { int } from './sql-text.ts';

export async function readSlots(sql: Sql): Promise<number> {
  const [row] = await sql.rows(`SELECT value FROM meta WHERE name = 'slots'`);
  return Math.max(1, int(row?.value));
}
