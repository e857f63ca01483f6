/** Closes months, and notes what is posted elsewhere for them, each replica apart: see collector/ledger/closed-months.ts. */
import { quarterOf } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import type { ClosedMonth, MovedPosting } from '../../ledger/closed-months.ts';
import { FINEST, MONTHS } from '../../ledger/rollups.ts';
import { readSums, sumsText, totalsOf } from '../../ledger/sums-text.ts';
import { type Sql, statement } from './connection.ts';
import { sumsOf } from './rollup-totals.ts';
import { int, numberArray, textArray } from './sql-text.ts';

const CLOSE = 'INSERT INTO closed_months (month, from_quarter, to_quarter, closed_ms, totals) VALUES ($1, $2, $3, $4, $5)';
const FIND_MOVED = statement(
  `SELECT w.place, p.at_ms, p.sums FROM unnest($2::int8[], $3::int8[], $4::int8[]) WITH ORDINALITY AS w(to_quarter, from_quarter, dims, place)
   JOIN moved_postings p ON p.to_quarter = w.to_quarter AND p.from_quarter = w.from_quarter AND p.dims = w.dims AND p.replica = $1`,
);
const WRITE_MOVED = statement(
  `INSERT INTO moved_postings (to_quarter, from_quarter, dims, replica, month, at_ms, sums)
   SELECT w.to_quarter, w.from_quarter, w.dims, $1::int4, w.month, w.at_ms, w.sums
   FROM unnest($2::int8[], $3::int8[], $4::int8[], $5::text[], $6::int8[], $7::text[]) AS w(to_quarter, from_quarter, dims, month, at_ms, sums)
   ON CONFLICT (to_quarter, from_quarter, dims, replica) DO UPDATE SET at_ms = excluded.at_ms, sums = excluded.sums`,
);
/** See Tables.close. */
export async function closeMonth(sql: Sql, { month, fromMs, toMs, closedMs }: ClosedMonth, period: number | undefined): Promise<void> {
  const tables = [(period === undefined ? FINEST : MONTHS).table, 'recent'];
  const totals = await sumsOf(sql, tables, 'start_s >= $1 AND start_s < $2', [fromMs / SECOND_MS, toMs / SECOND_MS]);
  await sql.run(CLOSE, [month, quarterOf(fromMs), quarterOf(toMs), closedMs, sumsText(totals)]);
}

/** Adds to what the replica has noted. */
export async function noteMoved(sql: Sql, moved: readonly MovedPosting[], atMs: number, replica: number): Promise<void> {
  if (moved.length === 0) return;
  const keys = (['toQuarter', 'fromQuarter', 'dims'] as const).map((name) => numberArray(moved.map((posting) => posting[name])));
  const known = new Map((await sql.rows(FIND_MOVED, [replica, ...keys])).map((row) => [int(row.place) - 1, row]));
  const rows = moved.map(({ vector }, index) => {
    const sums = readSums(String(known.get(index)?.sums ?? ''));
    sums.addVector(vector);
    return { atMs: Math.max(atMs, int(known.get(index)?.at_ms)), sums: sumsText(totalsOf(sums)) };
  });
  const months = textArray(moved.map(({ month }) => month));
  await sql.run(WRITE_MOVED, [replica, ...keys, months, numberArray(rows.map((row) => row.atMs)), textArray(rows.map(({ sums }) => sums))]);
}
