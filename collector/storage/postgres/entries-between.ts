/** Entries of a time, of all sessions that were seen then: by session, since that is how they are kept. */
import { HOUR_MS } from '../../core/duration.ts';
import { turnWhileWanted } from '../../core/wanted.ts';
import { type Condition, instant, numbered } from './conditions.ts';
import type { Sql, Transaction } from './connection.ts';
import { IS_THERE } from './session-rows.ts';
import { int, numberArray } from './sql-text.ts';

const ROWS_AT_ONCE = 5_000;
/** In one statement. */
const SESSIONS_AT_ONCE = 10_000;

/** Their entries are in one shard and one partition. */
interface Together {
  readonly slot: number;
  readonly part: number;
  /** Entries before then were removed. */
  readonly sessions: { readonly session: number; readonly removedBeforeMs: number }[];
}

export interface TimeRange {
  /** Inclusive, epoch milliseconds. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

/**
 * Rows of these columns of entries e and their dimensions d, in any order. Nothing else can be asked in the transaction until all are taken. `columns` and `condition`
 * name columns of both.
 */
export async function* entriesBetween(
  sql: Transaction,
  { fromMs, toMs }: TimeRange,
  columns: string,
  condition: Condition,
): AsyncGenerator<readonly (readonly unknown[])[], void> {
  // Ordered, so that each session is looked up by the key: however many there are, no other entries are read.
  const text = numbered(
    `SELECT ${columns} FROM unnest(?::int8[], ?::int8[]) AS w(session, from_ms) CROSS JOIN LATERAL (
       SELECT * FROM entries k WHERE k.slot = ? AND k.part = ? AND k.session = w.session AND k.time_ms >= w.from_ms AND k.time_ms < ? ORDER BY k.identity
     ) e JOIN dims d ON d.id = e.dims WHERE ${condition.sql}`,
  );
  for (const { slot, part, sessions } of await sessionsSeen(sql, { fromMs, toMs })) {
    for (let at = 0; at < sessions.length; at += SESSIONS_AT_ONCE) {
      const some = sessions.slice(at, at + SESSIONS_AT_ONCE);
      const keys = [numberArray(some.map(({ session }) => session)), numberArray(some.map((one) => Math.max(instant(fromMs), one.removedBeforeMs)))];
      for await (const page of sql.pages(text, [...keys, slot, part, instant(toMs), ...condition.values], ROWS_AT_ONCE)) {
        yield page;
        await turnWhileWanted();
      }
    }
  }
}

async function sessionsSeen(sql: Sql, { fromMs, toMs }: TimeRange): Promise<Together[]> {
  const text = `SELECT s.slot, s.part, s.session, s.removed_before_ms FROM sessions s
    WHERE ${IS_THERE} AND s.last_hour >= $1::int8 AND s.last_ms >= $2 AND s.first_ms < $3 ORDER BY s.slot, s.part, s.session`;
  const rows = await sql.arrays(text, [Math.floor(instant(fromMs) / HOUR_MS), instant(fromMs), instant(toMs)]);
  const found: Together[] = [];
  for (const [slot, part, session, removed] of rows) {
    const last = found.at(-1);
    const one = { session: int(session), removedBeforeMs: int(removed) };
    if (last?.slot === int(slot) && last.part === int(part)) last.sessions.push(one);
    else found.push({ slot: int(slot), part: int(part), sessions: [one] });
  }
  return found;
}
