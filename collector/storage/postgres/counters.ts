/** Counters of the ledger, and how fresh it is: each replica has rows of its own, which readers add up. */
import { LATEST_BEYOND_MS } from '../../ledger/minute-rates.ts';
import type { Counter, Facts } from '../../ledger/tables.ts';
import { type Sql, statement } from './connection.ts';
import { AS_OF, NOW } from './replicas.ts';
import { intOrNone, numberArray, textArray } from './sql-text.ts';
import type { Part } from './together.ts';

const COUNT = `INSERT INTO state AS s (slot, replica, name, value)
  SELECT $1::int2, $2::int4, w.name, w.value FROM unnest($3::text[], $4::numeric[]) AS w(name, value)
  ON CONFLICT (slot, replica, name) DO UPDATE SET value = s.value + excluded.value`;
const SET_AS_OF = `UPDATE replicas SET as_of_ms = $2, latest_ms = greatest(latest_ms, least($2, ${NOW} + ${LATEST_BEYOND_MS})) WHERE replica = $1`;
/** No column yet where no replica of this version was. */
const READ_LATEST = statement(`SELECT max((to_jsonb(r) ->> 'latest_ms')::int8) AS latest_ms FROM replicas r`);
const READ_AS_OF = statement(`SELECT ${AS_OF} AS as_of_ms FROM replicas`);

export function count(counters: ReadonlyMap<Counter, number>, slot: number, replica: number): Part {
  const rows = [...counters].filter(([, amount]) => amount !== 0);
  return { text: COUNT, values: [slot, replica, textArray(rows.map(([name]) => name)), numberArray(rows.map(([, amount]) => amount))] };
}

/** Of the replica's own row, which its transaction has locked. */
export const setAsOf = (asOfMs: number, replica: number): Part => ({ text: SET_AS_OF, values: [replica, asOfMs] });

/** No watermark: coarse roll-ups are added up from the finest sums by themselves. */
export async function readFacts(sql: Sql): Promise<Facts> {
  const [row] = await sql.rows(READ_AS_OF);
  return { asOfMs: intOrNone(row?.as_of_ms), rolledUp: undefined };
}

/** The latest time by which one of them wrote, which is not always that of the last commit: see LATEST_BEYOND_MS. */
export async function readLatest(sql: Sql): Promise<number | undefined> {
  const [row] = await sql.rows(READ_LATEST);
  return intOrNone(row?.latest_ms);
}
