/** User-minutes, added up from the entries of all sessions of the time. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { HOUR_MS } from '../../core/duration.ts';
import { type UserMinute, type UserMinuteOwner, UserMinuteSums, type UserMinutesQuery, wholeMinute } from '../../ledger/user-minutes.ts';
import { ADJUSTMENT, COVERED, readAmounts, SET_ASIDE } from '../batch-codec.ts';
import { valuesOf } from './session-rows.ts';

/** A pause after so many entries takes less than the entries do. */
const STEP_ENTRIES = 5_000;

/** Pauses every few thousand entries. Undefined beyond rowsMax. Entries that were removed because of their age are no part of it. */
export function* userMinuteSteps(database: DatabaseSync, query: UserMinutesQuery): Generator<undefined, UserMinute[] | undefined> {
  const fromMs = wholeMinute(query.fromMs);
  const toMs = wholeMinute(query.toMs);
  const sessions = database.prepare(
    `SELECT id, removed_before_ms FROM sessions WHERE last_ms / ${HOUR_MS} >= CAST(?1 AS INTEGER) / ${HOUR_MS} AND last_ms >= ?1 AND first_ms < ?2`,
  );
  const entries = database.prepare(
    `SELECT time_ms, dims, amounts FROM entries WHERE session = ? AND time_ms >= ? AND time_ms < ? AND (flags & ${SET_ASIDE | ADJUSTMENT | COVERED}) = 0`,
  );
  const sums = new UserMinuteSums(ownersOf(database, query));
  let read = 0;
  for (const { id, removed_before_ms } of sessions.all(fromMs, toMs)) {
    for (const { time_ms, dims, amounts } of entries.all(Number(id), Math.max(fromMs, Number(removed_before_ms)), toMs)) {
      sums.add(Number(time_ms), Number(dims), readAmounts(String(amounts)));
      read++;
      if (read % STEP_ENTRIES === 0) yield;
    }
    if (sums.count > query.rowsMax) return undefined;
  }
  return sums.rows();
}

/** The same object for all dimensions of one owner; undefined for what is not within. */
function ownersOf(database: DatabaseSync, { within = [] }: UserMinutesQuery): (dims: number) => UserMinuteOwner | undefined {
  const inside = valuesOf(within, 'd');
  const statement: StatementSync = database.prepare(`SELECT d.organization, d.team, d.user FROM dims d WHERE d.id = ? AND ${inside.sql}`);
  const owners = new Map<string, UserMinuteOwner>();
  const known = new Map<number, UserMinuteOwner | undefined>();
  return (dims) =>
    known.getOrInsertComputed(dims, () => {
      const row = statement.get(dims, ...inside.parameters);
      if (row === undefined) return undefined;
      const owner = { organization: String(row.organization), team: String(row.team), user: String(row.user) };
      return owners.getOrInsertComputed(JSON.stringify(Object.values(owner)), () => owner);
    });
}
