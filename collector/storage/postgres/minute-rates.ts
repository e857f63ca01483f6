/** Rates by the minute: each replica adds to rows of its own. */
import type { RatesByMinute } from '../../ledger/minute-rates.ts';
import { type Sql, statement } from './connection.ts';
import { numberArray } from './sql-text.ts';
import type { Part } from './together.ts';

const ADD = `INSERT INTO minutes AS m (minute, dims, replica, requests, tokens)
  SELECT w.minute, w.dims, $1::int4, w.requests, w.tokens FROM unnest($2::int8[], $3::int8[], $4::numeric[], $5::numeric[]) AS w(minute, dims, requests, tokens)
  ON CONFLICT (minute, dims, replica) DO UPDATE SET requests = m.requests + excluded.requests, tokens = m.tokens + excluded.tokens`;
const REMOVE = statement(
  `DELETE FROM minutes WHERE (minute, dims, replica) IN (SELECT minute, dims, replica FROM minutes WHERE minute < $1 LIMIT $2)`,
);

export function addMinutes(rates: RatesByMinute, replica: number): Part {
  const rows = [...rates].flatMap(([minute, byDims]) => [...byDims].map(([dims, rate]) => ({ minute, dims, ...rate })));
  rows.sort((a, b) => a.minute - b.minute || a.dims - b.dims);
  const columns = (['minute', 'dims', 'requests', 'tokens'] as const).map((name) => numberArray(rows.map((row) => row[name])));
  return { text: ADD, values: [replica, ...columns] };
}

/** Answers how many went. */
export const removeMinutesBefore = (sql: Sql, minute: number, ratesMax: number): Promise<number> => sql.run(REMOVE, [minute, ratesMax]);
