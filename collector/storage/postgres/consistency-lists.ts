/**
 * The pair assertion for what is kept beside roll-ups: rates by the minute and people, derived again from entries. Entries of
 * pruned sessions are gone, so where there are such, what is kept may be more than what is derived, never less.
 */
import { MINUTE_MS } from '../../core/duration.ts';
import { limitedTokens, oldestMinuteCompared } from '../../ledger/minute-rates.ts';
import { ADJUSTMENT, readAmounts, SET_ASIDE, STAND_IN } from '../batch-codec.ts';
import type { Sql, Transaction } from './connection.ts';
import { readLatest } from './counters.ts';
import { serverCursor } from './server-cursor.ts';

const ROWS_AT_ONCE = 5_000;

export async function* checkMinutes(sql: Transaction, asOfMs: number): AsyncGenerator<string, void> {
  const from = oldestMinuteCompared(asOfMs, await readLatest(sql));
  const derived = await deriveMinutes(sql, from);
  const isWhole = !(await hasPruned(sql, from * MINUTE_MS));
  const kept = `SELECT m.minute, d.organization, d.team, sum(m.requests), sum(m.tokens) FROM minutes m JOIN dims d ON d.id = m.dims
    WHERE m.minute >= $1 GROUP BY 1, 2, 3`;
  for await (const page of serverCursor(sql, kept, [from], ROWS_AT_ONCE)) {
    for (const [minute, organization, team, requests, tokens] of page) {
      const key = keyOf(minute, organization, team);
      const rate = derived.get(key) ?? { requests: 0, tokens: 0 };
      derived.delete(key);
      if (isSame(Number(requests), rate.requests, isWhole) && isSame(Number(tokens), rate.tokens, isWhole)) continue;
      yield `minutes ${key}: ${requests} requests and ${tokens} tokens, entries come to ${rate.requests} and ${rate.tokens}.`;
    }
  }
  for (const [key, { requests, tokens }] of derived) yield `minutes ${key}: missing, entries come to ${requests} requests and ${tokens} tokens.`;
}

async function deriveMinutes(sql: Transaction, from: number): Promise<Map<string, { requests: number; tokens: number }>> {
  const derived = new Map<string, { requests: number; tokens: number }>();
  const entries = `SELECT e.time_ms, e.amounts, d.organization, d.team FROM entries e JOIN dims d ON d.id = e.dims
    WHERE e.time_ms >= $1 AND (e.flags & ${SET_ASIDE | STAND_IN | ADJUSTMENT}) = 0`;
  for await (const page of serverCursor(sql, entries, [from * MINUTE_MS], ROWS_AT_ONCE)) {
    for (const [timeMs, text, organization, team] of page) {
      const amounts = readAmounts(String(text));
      if (amounts.requests === undefined) continue;
      const key = keyOf(Math.floor(Number(timeMs) / MINUTE_MS), organization, team);
      const rate = derived.getOrInsertComputed(key, () => ({ requests: 0, tokens: 0 }));
      rate.requests += amounts.requests;
      rate.tokens += limitedTokens(amounts);
    }
  }
  return derived;
}

/** Both lists in one order, so that neither has to be remembered. */
export async function* checkPeople(sql: Transaction): AsyncGenerator<string, void> {
  const isWhole = !(await hasPruned(sql, 0));
  const text = `SELECT organization, team, "user", max(first_kept), max(last_kept), max(first_seen), max(last_seen) FROM (
      SELECT d.organization, d.team, d."user", min(p.first_minute) AS first_kept, max(p.last_minute) AS last_kept, NULL::int8 AS first_seen, NULL::int8 AS last_seen
      FROM people p JOIN dims d ON d.id = p.dims GROUP BY 1, 2, 3
      UNION ALL
      SELECT d.organization, d.team, d."user", NULL, NULL, min(e.time_ms) / ${MINUTE_MS}, max(e.time_ms) / ${MINUTE_MS}
      FROM entries e JOIN dims d ON d.id = e.dims WHERE (e.flags & ${SET_ASIDE | ADJUSTMENT}) = 0 GROUP BY 1, 2, 3
    ) seen GROUP BY 1, 2, 3`;
  for await (const page of serverCursor(sql, text, [], ROWS_AT_ONCE)) {
    for (const [organization, team, user, ...minutes] of page) {
      const key = keyOf(organization, team, user);
      const [firstKept, lastKept, first, last] = minutes.map((minute) => (minute === null ? undefined : Number(minute)));
      if (firstKept === undefined || lastKept === undefined) yield `people ${key}: missing, entries say minutes ${first} to ${last}.`;
      else if (first === undefined || last === undefined ? isWhole : !(isSame(-firstKept, -first, isWhole) && isSame(lastKept, last, isWhole)))
        yield `people ${key}: minutes ${firstKept} to ${lastKept}, entries say ${first} to ${last}.`;
    }
  }
}

/** As it is shown, too. A slash within a name is escaped, so that no two lists of names look alike. */
const keyOf = (...parts: unknown[]): string => parts.map((part) => String(part).replaceAll(/[\\/]/g, '\\$&')).join('/');
const isSame = (kept: number, derived: number, isWhole: boolean): boolean => (isWhole ? kept === derived : kept >= derived);

async function hasPruned(sql: Sql, sinceMs: number): Promise<boolean> {
  const rows = await sql.rows('SELECT session FROM sessions WHERE removed_before_ms > 0 AND last_ms >= $1 LIMIT 1', [sinceMs]);
  return rows.length > 0;
}
