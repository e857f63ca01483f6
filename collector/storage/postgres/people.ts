/** When people were seen: each replica widens rows of its own. */
import type { Minutes } from '../../ledger/people-seen.ts';
import { numberArray } from './sql-text.ts';
import type { Part } from './together.ts';

const WIDEN = `INSERT INTO people AS p (dims, replica, first_minute, last_minute)
  SELECT w.dims, $1::int4, w.first, w.last FROM unnest($2::int8[], $3::int8[], $4::int8[]) AS w(dims, first, last)
  ON CONFLICT (dims, replica) DO UPDATE
  SET first_minute = least(p.first_minute, excluded.first_minute), last_minute = greatest(p.last_minute, excluded.last_minute)`;

export function widenPeople(people: ReadonlyMap<number, Minutes>, replica: number): Part {
  const rows = [...people].sort(([a], [b]) => a - b);
  const [dims, first, last] = [rows.map(([one]) => one), rows.map(([, minutes]) => minutes.first), rows.map(([, minutes]) => minutes.last)];
  return { text: WIDEN, values: [replica, numberArray(dims), numberArray(first), numberArray(last)] };
}
