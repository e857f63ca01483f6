/**
 * The pair assertion for what is kept beside roll-ups: rates by the minute and people, derived again from entries. Entries of
 * pruned sessions are gone, so where there are such, what is kept may be more than what is derived, never less.
 */
import type { DatabaseSync } from 'node:sqlite';
import { MINUTE_MS } from '../../core/duration.ts';
import { limitedTokens, oldestMinuteCompared } from '../../ledger/minute-rates.ts';
import { ADJUSTMENT, readAmounts, SET_ASIDE, STAND_IN } from '../batch-codec.ts';

export function* checkMinutes(database: DatabaseSync): Iterable<string> {
  const stateOf = (name: string): number => Number(database.prepare('SELECT value FROM state WHERE name = ?').get(name)?.value ?? 0);
  const from = oldestMinuteCompared(stateOf('as_of_ms'), stateOf('latest_ms'));
  const derived = deriveMinutes(database, from);
  const isWhole = !hasPruned(database, from * MINUTE_MS);
  const kept = 'SELECT m.minute, d.organization, d.team, m.requests, m.tokens FROM minutes m JOIN dims d ON d.id = m.dims WHERE m.minute >= ?';
  for (const row of database.prepare(kept).iterate(from)) {
    const key = keyOf(row.minute, row.organization, row.team);
    const rate = derived.get(key) ?? { requests: 0, tokens: 0 };
    derived.delete(key);
    if (isSame(Number(row.requests), rate.requests, isWhole) && isSame(Number(row.tokens), rate.tokens, isWhole)) continue;
    yield `minutes ${key}: ${row.requests} requests and ${row.tokens} tokens, entries come to ${rate.requests} and ${rate.tokens}.`;
  }
  for (const [key, { requests, tokens }] of derived) yield `minutes ${key}: missing, entries come to ${requests} requests and ${tokens} tokens.`;
}

function deriveMinutes(database: DatabaseSync, from: number): Map<string, { requests: number; tokens: number }> {
  const derived = new Map<string, { requests: number; tokens: number }>();
  const entries = `SELECT e.time_ms, e.amounts, d.organization, d.team FROM entries e JOIN dims d ON d.id = e.dims
    WHERE e.time_ms >= ? AND (e.flags & ${SET_ASIDE | STAND_IN | ADJUSTMENT}) = 0`;
  for (const row of database.prepare(entries).iterate(from * MINUTE_MS)) {
    const amounts = readAmounts(String(row.amounts));
    if (amounts.requests === undefined) continue;
    const key = keyOf(Math.floor(Number(row.time_ms) / MINUTE_MS), row.organization, row.team);
    const rate = derived.getOrInsertComputed(key, () => ({ requests: 0, tokens: 0 }));
    rate.requests += amounts.requests;
    rate.tokens += limitedTokens(amounts);
  }
  return derived;
}

export function* checkPeople(database: DatabaseSync): Iterable<string> {
  const isWhole = !hasPruned(database, 0);
  const derived = new Map<string, { first: number; last: number }>();
  const entries = `SELECT d.organization, d.team, d.user, MIN(e.time_ms) / ${MINUTE_MS} AS first, MAX(e.time_ms) / ${MINUTE_MS} AS last
    FROM entries e JOIN dims d ON d.id = e.dims WHERE (e.flags & ${SET_ASIDE | ADJUSTMENT}) = 0 GROUP BY d.organization, d.team, d.user`;
  for (const row of database.prepare(entries).iterate()) {
    derived.set(keyOf(row.organization, row.team, row.user), { first: Number(row.first), last: Number(row.last) });
  }
  const kept = 'SELECT d.organization, d.team, d.user, p.first_minute, p.last_minute FROM people p JOIN dims d ON d.id = p.dims';
  for (const row of database.prepare(kept).iterate()) {
    const key = keyOf(row.organization, row.team, row.user);
    const seen = derived.get(key);
    derived.delete(key);
    if (
      seen === undefined ? !isWhole : isSame(-Number(row.first_minute), -seen.first, isWhole) && isSame(Number(row.last_minute), seen.last, isWhole)
    )
      continue;
    yield `people ${key}: minutes ${row.first_minute} to ${row.last_minute}, entries say ${seen?.first} to ${seen?.last}.`;
  }
  for (const [key, { first, last }] of derived) yield `people ${key}: missing, entries say minutes ${first} to ${last}.`;
}

/** As it is shown, too. A slash within a name is escaped, so that no two lists of names look alike. */
const keyOf = (...parts: unknown[]): string => parts.map((part) => String(part).replaceAll(/[\\/]/g, '\\$&')).join('/');
const isSame = (kept: number, derived: number, isWhole: boolean): boolean => (isWhole ? kept === derived : kept >= derived);

function hasPruned(database: DatabaseSync, sinceMs: number): boolean {
  return database.prepare('SELECT 1 FROM sessions WHERE removed_before_ms > 0 AND last_ms >= ? LIMIT 1').get(sinceMs) !== undefined;
}
