/** Columns that a table has, also those of a later version: replicas of two versions write one ledger while they are updated. */
import type { Sql } from './connection.ts';

/** In their order; none of a table that is not there. */
export async function columnsOf(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql.rows(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
    [table],
  );
  return rows.map(({ name }) => String(name));
}
