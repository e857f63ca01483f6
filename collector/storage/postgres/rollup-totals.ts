/** What all rows of tables of sums come to, column by column: buckets of latencies are apart. */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import type { Totals } from '../../ledger/sums-text.ts';
import type { Sql } from './connection.ts';
import { bigint, quotedName } from './sql-text.ts';

const COLUMNS = MEASURE_NAMES.map(quotedName);
const SUMS = COLUMNS.map((column) => `sum(${column}) AS ${column}`).join();

/** `condition`: over their columns, with values as $1 and so on. */
export async function sumsOf(sql: Sql, tables: readonly string[], condition = 'true', values: readonly unknown[] = []): Promise<Totals> {
  const parts = tables.map((table) => `SELECT ${SUMS} FROM ${table} WHERE ${condition}`);
  const [row = {}] = await sql.rows(`SELECT ${SUMS} FROM (${parts.join(' UNION ALL ')}) r`, values);
  return new Map(MEASURE_NAMES.map((name) => [name, bigint(row[name])]));
}
