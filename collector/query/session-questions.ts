/** GET /api/v1/sessions and /api/v1/sessions/{session}: which sessions there are, and one of them. */
import { z } from 'zod';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import type { SessionFilter, SessionOrder, SessionPlace, SessionsQuery } from '../ledger/sessions.ts';
import { rowsName } from './boards/file-name.ts';
import { csvPieces } from './csv.ts';
import { pageShapes, readCursor, writeCursor } from './cursor.ts';
import { findSession, ID_MIN, SESSION_SHAPE } from './find-session.ts';
import { knownFilters } from './known-values.ts';
import { FORMAT_SHAPE, type Parameters, readCalendar, readCount, readTimeRange, readWord, TIME_RANGE_SHAPES } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderInstant } from './render.ts';
import {
  type ListedSession,
  readSessionWhere,
  renderListed,
  renderSession,
  SESSION_WHERE_SHAPE,
  type SessionAnswer,
  type SessionListAnswer,
  sessionListSchema,
  sessionSchema,
} from './sessions.ts';

const ORDERS: readonly [SessionOrder, ...SessionOrder[]] = ['last_seen', 'cost', 'duration'];
const LIST_DEFAULT = 50;
const LIST_MAX = 500;

/**
 * The time range of the first page holds for all: "today" is another day after midnight. Then how many sessions were found, how many stand on
 * the pages before, and the last of these.
 */
const edgeSchema = z.number().int().nullable();
const integerSchema = z.string().regex(/^-?\d{1,60}$/);
const countSchema = z.number().int().nonnegative();
const positionSchema = z.tuple([edgeSchema, edgeSchema, countSchema, countSchema, z.string(), z.number().int(), z.number().int(), integerSchema]);
type Position = z.infer<typeof positionSchema>;

export interface SessionsRequest {
  readonly query: SessionsQuery & { readonly where: readonly SessionFilter[] };
  /** Undefined on the first page. */
  readonly page: { readonly count: number; readonly before: number } | undefined;
  readonly parameters: Parameters;
  readonly timeZone: string;
}

/** Throws LedgerlineError `invalid`. */
function parseSessions(parameters: Parameters, config: Config, nowMs: number): SessionsRequest {
  const position = readCursor(parameters, positionSchema);
  const calendar = readCalendar(parameters, config);
  const asked = readTimeRange(parameters, calendar, nowMs);
  return {
    query: {
      fromMs: position === undefined ? asked.fromMs : (position[0] ?? undefined),
      toMs: position === undefined ? asked.toMs : (position[1] ?? undefined),
      limit: readCount(parameters, 'limit', LIST_DEFAULT, LIST_MAX),
      order: readWord<SessionOrder>(parameters, 'order', ORDERS, 'last_seen'),
      where: readSessionWhere(parameters),
      after: position && placeOf(position),
      search: parameters.get('search') ?? undefined,
    },
    page: position && { count: position[2], before: position[3] },
    parameters,
    timeZone: calendar.timeZone,
  };
}

const placeOf = ([, , , , sessionId, firstSeenMs, lastSeenMs, cost]: Position): SessionPlace => ({
  sessionId,
  firstSeenMs,
  lastSeenMs,
  cost: BigInt(cost),
});

const positionOf = (
  { fromMs, toMs }: SessionsQuery,
  count: number,
  before: number,
  { sessionId, firstSeenMs, lastSeenMs, cost }: SessionPlace,
): Position => [...([fromMs ?? null, toMs ?? null, count, before] as const), ...([sessionId, firstSeenMs, lastSeenMs, String(cost)] as const)];

export const SESSIONS = question<SessionsRequest, SessionListAnswer>({
  id: 'sessions',
  path: '/sessions',
  summary: 'Sessions, page by page: the newest, the most expensive or the longest.',
  description:
    'Those last seen within the time range. Filtered, a session has what it cost within the filters. Between two pages a session that goes on may move to the front, where it is not shown again.',
  parameters: {
    ...pageShapes(LIST_MAX, `${LIST_DEFAULT} sessions`),
    order: { schema: z.enum(ORDERS).describe('The newest, the most expensive or the longest first.').meta({ default: 'last_seen' }) },
    search: {
      schema: z
        .string()
        .describe('How the id begins, or a part of the user, team, workspace or repository; in any capitals.')
        .meta({ examples: ['6fd5a1f0', 'web-shop'] }),
    },
    ...TIME_RANGE_SHAPES,
    where: SESSION_WHERE_SHAPE,
    format: FORMAT_SHAPE,
  },
  answer: sessionListSchema,
  isOfLedger: true,
  parse: ({ parameters }, { config, nowMs }) => parseSessions(parameters, config, nowMs),
  ask: answerSessions,
  csv: (_, { sessions }) =>
    csvPieces(
      CSV_COLUMNS,
      sessions.map((session) => CSV_COLUMNS.map((column) => session[column])),
    ),
  csvName: ({ query: { where, ...timeRange }, timeZone }, { as_of }) =>
    rowsName('sessions', { timeRange, timeZone, nowMs: Date.parse(as_of ?? '') || 0, where }),
});

const CSV_COLUMNS = [
  ...(['session_id', 'full_id', 'organization', 'team', 'user', 'workspace', 'repository', 'client_version', 'terminal'] as const),
  ...(['first_seen', 'last_seen', 'wall_duration_ms', 'cost_usd'] as const),
] satisfies (keyof ListedSession)[];

/** The sessions that are asked for, of users as the ledger spells them. One more is read, to know whether there is a next page. */
async function answerSessions({ query, page: known, parameters, timeZone }: SessionsRequest, { reader, now }: Asking): Promise<SessionListAnswer> {
  const { where, hints } = await knownFilters(query.where, reader);
  // Before the sessions: their age may be overstated, never understated.
  const { asOfMs } = await reader.status();
  const found = await reader.sessions({ ...query, where, limit: query.limit + 1 });
  // Once for all pages: it costs as much as the time has sessions.
  const { count, before } = known ?? { count: await reader.sessionCount({ ...query, where }), before: 0 };
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  return {
    sessions: page.map(renderListed),
    next: found.length > page.length && last !== undefined ? writeCursor(positionOf(query, count, before + page.length, last), parameters) : null,
    page: { first: page.length === 0 ? 0 : before + 1, count },
    hints: [...hints],
    ...freshnessOf(asOfMs, now()),
    from: renderInstant(query.fromMs),
    to: renderInstant(query.toMs),
    time_zone: timeZone,
  };
}

export const SESSION = question<string, SessionAnswer>({
  id: 'session',
  path: '/sessions/{session}',
  summary: 'One session: what it cost, by model, and what came of it.',
  description: `Of a session that is of several owners, what of it you may see. An id may be shortened to its first ${ID_MIN} characters where one session alone begins so.`,
  parameters: {},
  pathParameters: { session: SESSION_SHAPE },
  answer: sessionSchema,
  isOfLedger: true,
  parse: ({ path }) => path?.session ?? '',
  ask: (asked, { reader, config, now }) =>
    reader.snapshot(async (ledger) => {
      const session = await findSession(asked, ledger);
      const freshness = freshnessOf((await ledger.status()).asOfMs, now());
      return { ...renderSession(session, freshness), time_zone: ledgerCalendar(config).timeZone };
    }),
});
