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

type Narrowing = Pick<SessionsQuery, 'where' | 'within' | 'search'>;

/** Of a place of a session s: it is inside, and is what is looked for. Undefined where nothing is asked of it. */
function placeInside({ where = [], within = [], search = '' }: Narrowing): ((place: string) => Condition) | undefined {
  const filters = [...within, ...where];
  const isFoundAt = foundBy(search);
  if (filters.length === 0 && isFoundAt === undefined) return undefined;
  return (place) => all(valuesOf(filters, place), ...(isFoundAt === undefined ? [] : [isFoundAt(place)]));
}

const anyPlace = ({ sql, values }: Condition, limit = ''): Condition => ({
  sql: `EXISTS (SELECT 1 FROM session_places o JOIN dims p ON p.id = o.dims WHERE o.slot = s.slot AND o.session = s.session AND ${sql} ${limit})`,
  values,
});

/**
 * Sessions s any of whose places is inside, from FROM on: those of one place and those of several, each in a way of its own to look them up. All
 * together where nothing is asked of places.
 */
export function sessionsInside(query: Narrowing, asked: Condition): Condition[] {
  const isInside = placeInside(query);
  if (isInside === undefined) return [{ sql: `FROM sessions s WHERE ${asked.sql}`, values: asked.values }];
  const ofOne = all(asked, { sql: 'NOT s.is_shared', values: [] }, isInside('d'));
  const ofSeveral = all(asked, { sql: 's.is_shared', values: [] }, anyPlace(isInside('p')));
  return [
    { sql: `FROM sessions s JOIN dims d ON d.id = s.last_dims WHERE ${ofOne.sql}`, values: ofOne.values },
    { sql: `FROM sessions s WHERE ${ofSeveral.sql}`, values: ofSeveral.values },
  ];
}

/** The same of sessions s with their last dims d, of which only a few come into question. */
export function insideOf(query: Narrowing): Condition {
  const isInside = placeInside(query);
  if (isInside === undefined) return EVERYTHING;
  // OFFSET: the places of these sessions are looked up, never all.
  const [last, any] = [isInside('d'), anyPlace(isInside('p'), 'OFFSET 0')];
  return { sql: `(NOT s.is_shared AND ${last.sql} OR s.is_shared AND ${any.sql})`, values: [...last.values, ...any.values] };
}

const costsBySource = (row: Row): Record<Source, bigint> =>
  Object.fromEntries(SOURCE_NAMES.map((source) => [source, bigint(row[costBy(source)])])) as Record<Source, bigint>;

/** Of a row with all of COSTS. */
export const costOf = (row: Row): SessionCost => ({ cost: bigint(row.cost), costBySource: costsBySource(row) });

/** Of a row of SUMMARY. */
export const summaryOf = (row: Row): SessionSummary => answerOf(row, costOf(row));
