/** Closed months, and what was posted elsewhere for them, as they are read: see collector/ledger/closed-months.ts. */
import { QUARTER_MS, quarterOf } from '../../core/calendar.ts';
import type { ClosedMonth, MovedQuery, MovedRow } from '../../ledger/closed-months.ts';
import { MovedRows } from '../../ledger/moved-rows.ts';
import type { Sql, Transaction } from './connection.ts';
import { int, quotedName, type Row, storable, textArray } from './sql-text.ts';

/** Each is added up in one go. */
const ROWS_AT_ONCE = 1_000;

const monthOf = (row: Row): ClosedMonth => ({
  month: String(row.month),
  fromMs: int(row.from_quarter) * QUARTER_MS,
  toMs: int(row.to_quarter) * QUARTER_MS,
  closedMs: int(row.closed_ms),
});

/** In their order. */
export async function readClosedMonths(sql: Sql): Promise<ClosedMonth[]> {
  return (await sql.rows('SELECT month, from_quarter, to_quarter, closed_ms FROM closed_months ORDER BY to_quarter')).map(monthOf);
}

/** See LedgerSnapshot.moved. */
export async function readMoved(sql: Transaction, query: MovedQuery): Promise<MovedRow[]> {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, spentBeforeMs = Number.MAX_SAFE_INTEGER, by, within = [], rowsMax } = query;
  const names = by.map((name) => `, d.${quotedName(name)}`).join('');
  const inside = within.map(({ dimension }, index) => ` AND d.${quotedName(dimension)} = ANY($${index + 4}::text[])`).join('');
  const text = `SELECT p.month, p.at_ms, p.sums${names} FROM moved_postings p JOIN dims d ON d.id = p.dims
     WHERE p.to_quarter >= $1 AND p.to_quarter < $2 AND p.from_quarter < $3${inside}`;
  const values = [quarterOf(fromMs), quarterOf(toMs), quarterOf(spentBeforeMs), ...within.map((one) => textArray(one.values.map(storable)))];
  const moved = new MovedRows(query);
  for await (const page of sql.pages(text, values, ROWS_AT_ONCE))
    for (const [month, atMs, sums, ...key] of page) moved.add({ month: String(month), key: key.map(String), sums: String(sums), atMs: int(atMs) });
  return moved.rows(rowsMax);
}
