/** Rows of sessions, and which of them are inside: SQL that lists and single sessions have in common. */
import { costBy, SOURCE_COSTS, SOURCE_NAMES, type Source } from '../../catalog/sources.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { SESSION_DIMENSIONS, type SessionSummary, type SessionsQuery } from '../../ledger/sessions.ts';
import type { SessionCost } from '../../ledger/tables.ts';
import { summaryOf as answerOf } from '../answer-rows.ts';
import { all, type Condition, EVERYTHING, instant, valuesOf } from './conditions.ts';
import { foundBy } from './session-search.ts';
import { bigint, quotedName, type Row } from './sql-text.ts';

export const COSTS: readonly string[] = ['cost', ...SOURCE_COSTS];
const OF_SESSION = [
  ...['slot', 'session', 'part', 'session_id', 'first_identity', 'first_ms', 'last_ms', 'is_shared', 'is_dashboard', 'removed_before_ms'],
  ...['held_back_entries', ...COSTS],
];
const OF_PLACE = [...SESSION_DIMENSIONS, 'client_version', 'terminal'];

/** Of sessions s with their last dims d. */
export const SUMMARY = [...OF_SESSION.map((name) => `s.${name}`), ...OF_PLACE.map((name) => `d.${quotedName(name)}`)].join();

/** Until it is written, nobody sees a session. */
export const IS_THERE = 's.rev > 0';

/** The largest first, then the one seen last. */
export const BY_COST = 's.cost DESC, s.last_ms DESC, s.session_id';

/** Last seen at or after, by the index on their hour. */
export const since = (ms: number): Condition => ({
  sql: `${IS_THERE} AND s.last_hour >= ?::int8 AND s.last_ms >= ?`,
  values: [Math.floor(instant(ms) / HOUR_MS), instant(ms)],
});

/** Of sessions s with their last dims d: any of their places is inside, and is what is looked for. */
export function insideOf({ where = [], within = [], search = '' }: Pick<SessionsQuery, 'where' | 'within' | 'search'>): Condition {
  const filters = [...within, ...where];
  const isFoundAt = foundBy(search);
  if (filters.length === 0 && isFoundAt === undefined) return EVERYTHING;
  const at = (place: string): Condition => all(valuesOf(filters, place), ...(isFoundAt === undefined ? [] : [isFoundAt(place)]));
  const [last, any] = [at('d'), at('p')];
  return {
    sql: `(NOT s.is_shared AND ${last.sql} OR s.is_shared AND EXISTS (
      SELECT 1 FROM session_places o JOIN dims p ON p.id = o.dims WHERE o.slot = s.slot AND o.session = s.session AND ${any.sql}))`,
    values: [...last.values, ...any.values],
  };
}

const costsBySource = (row: Row): Record<Source, bigint> =>
  Object.fromEntries(SOURCE_NAMES.map((source) => [source, bigint(row[costBy(source)])])) as Record<Source, bigint>;

/** Of a row with all of COSTS. */
export const costOf = (row: Row): SessionCost => ({ cost: bigint(row.cost), costBySource: costsBySource(row) });

/** Of a row of SUMMARY. */
export const summaryOf = (row: Row): SessionSummary => answerOf(row, costOf(row));
