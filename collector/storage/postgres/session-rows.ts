/** Rows of sessions, and which of them are inside: SQL that lists and single sessions have in common. */
import { costBy, SOURCE_COSTS, SOURCE_NAMES, type Source } from '../../catalog/sources.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { SESSION_DIMENSIONS, type SessionSummary, type SessionsQuery, type Within } from '../../ledger/sessions.ts';
import type { SessionCost } from '../../ledger/tables.ts';
import { summaryOf as answerOf } from '../answer-rows.ts';
import { all, type Condition, EVERYTHING, instant, joined, plain, valuesOf } from './conditions.ts';
import { searchFor } from './session-search.ts';
import { bigint, quotedName, type Row } from './sql-text.ts';

export const COSTS: readonly string[] = ['cost', ...SOURCE_COSTS];
const SESSION_COLUMNS = [
  ...['slot', 'session', 'part', 'session_id', 'first_identity', 'first_ms', 'last_ms', 'is_shared', 'is_dashboard', 'removed_before_ms'],
  ...['held_back_entries', ...COSTS],
];
const PLACE_COLUMNS = [...SESSION_DIMENSIONS, 'client_version', 'terminal'];

/** Of sessions s with their last dims d. */
export const SUMMARY = [...SESSION_COLUMNS.map((name) => `s.${name}`), ...PLACE_COLUMNS.map((name) => `d.${quotedName(name)}`)].join();

/** Until it is written, nobody sees a session. */
export const IS_THERE = 's.rev > 0';

/** The largest first, then the one seen last. */
export const BY_COST = 's.cost DESC, s.last_ms DESC, s.session_id';

/** Last seen at or after, by the index on their hour. */
export const since = (ms: number): Condition => ({
  sql: `${IS_THERE} AND s.last_hour >= ?::int8 AND s.last_ms >= ?`,
  values: [Math.floor(instant(ms) / HOUR_MS), instant(ms)],
});

const OF_PLACES = 'session_places o JOIN dims p ON p.id = o.dims';
const OF_SESSION = 'o.slot = s.slot AND o.session = s.session';

export interface SessionLookups {
  readonly all: readonly Condition[];
  /** Of those in one place throughout, and of the others. */
  readonly ofOne: readonly Condition[];
  readonly ofSeveral: readonly Condition[];
}

/**
 * Sessions s, from FROM on, any of whose places is inside, and is what is looked for: those of one place and those of several, each in a way of its
 * own to look them up. All together where nothing is asked of places.
 */
export function sessionsInside(
  { where = [], within = [], search = '' }: Pick<SessionsQuery, 'where' | 'within' | 'search'>,
  asked: Condition,
): SessionLookups {
  const filters = [...within, ...where];
  const found = searchFor(search);
  const any = (which: Condition): Condition => joined(plain('FROM sessions s WHERE'), all(asked, which));
  if (filters.length === 0 && found === undefined)
    return { all: [any(EVERYTHING)], ofOne: [any(plain('NOT s.is_shared'))], ofSeveral: [any(plain('s.is_shared'))] };
  const from = (tables: string, dims: string, place: string, own: Condition): Condition => {
    const inside = all(own, valuesOf(filters, place), ...(found === undefined ? [] : [found.isFound]));
    return joined(plain(`FROM ${tables}`), ...(found === undefined ? [] : [found.join(dims)]), plain('WHERE'), inside);
  };
  const ofOne = from('sessions s JOIN dims d ON d.id = s.last_dims', 's.last_dims', 'd', all(asked, plain('NOT s.is_shared')));
  const places = from(OF_PLACES, 'o.dims', 'p', plain(OF_SESSION));
  const ofSeveral = any(joined(plain('s.is_shared AND EXISTS (SELECT 1'), places, plain(')')));
  return { all: [ofOne, ofSeveral], ofOne: [ofOne], ofSeveral: [ofSeveral] };
}

/** Of sessions s with their last dims d, of which only a few come into question: any of their places is inside. */
export function insideOf(within: Within): Condition {
  if (within.length === 0) return EVERYTHING;
  // OFFSET: the places of these sessions are looked up, never all.
  const places = joined(plain(`EXISTS (SELECT 1 FROM ${OF_PLACES} WHERE ${OF_SESSION} AND`), valuesOf(within, 'p'), plain('OFFSET 0)'));
  return joined(plain('(NOT s.is_shared AND'), valuesOf(within, 'd'), plain('OR s.is_shared AND'), places, plain(')'));
}

const costsBySource = (row: Row): Record<Source, bigint> =>
  Object.fromEntries(SOURCE_NAMES.map((source) => [source, bigint(row[costBy(source)])])) as Record<Source, bigint>;

/** Of a row with all of COSTS. */
export const costOf = (row: Row): SessionCost => ({ cost: bigint(row.cost), costBySource: costsBySource(row) });

/** Of a row of SUMMARY. */
export const summaryOf = (row: Row): SessionSummary => answerOf(row, costOf(row));
