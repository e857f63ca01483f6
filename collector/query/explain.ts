/** GET /api/v1/explain: why a time, or a session, was expensive. */
import { z } from 'zod';
import type { Filter } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { floorQuarter, type TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { isSessionFilter } from '../ledger/sessions.ts';
import { findAll as findSavings } from './advice/advise.ts';
import { renderLookedInto, renderSavings, type SavingsWithNote } from './advice/answer.ts';
import { readCourses } from './advice/read.ts';
import { type ExplainAnswer, explainSchema, renderExplained } from './explain/answer.ts';
import { findAll } from './explain/detectors.ts';
import { type FactsRequest, readFacts } from './explain/facts.ts';
import { readSessionFacts } from './explain/session-facts.ts';
import { ID_MIN } from './find-session.ts';
import { knownFilters } from './known-values.ts';
import {
  badParameter,
  hasTimeRange,
  type Parameters,
  readCalendar,
  readTimeRange,
  readWhere,
  TIME_RANGE_SHAPES,
  TIME_RANGE_WORDS,
  WHERE_SHAPE,
} from './parameters.ts';
import { type Asking, question } from './question.ts';

export type { CostFinding, ExplainAnswer } from './explain/answer.ts';

export interface ExplainRequest extends TimeRange {
  readonly where: readonly Filter[];
  readonly calendar: CalendarOptions;
  /** As the client calls it, or in full. */
  readonly session: string | undefined;
}

export const EXPLAIN = question<ExplainRequest, ExplainAnswer>({
  id: 'explain',
  path: '/explain',
  summary: 'Why a time range, or a session, was expensive.',
  description:
    'What stands out against the 14 days before: sessions, users, requests, prompts, the cache, models, versions, what failed. Each finding says how much of the cost it explains at most, with evidence and advice.',
  parameters: {
    ...TIME_RANGE_SHAPES,
    session: {
      schema: z
        .string()
        .describe(`A session instead of a time range: its id, as the client calls it or in full, or the first ${ID_MIN} characters of it or more.`)
        .meta({ examples: ['6fd5a1f0'] }),
    },
    where: WHERE_SHAPE,
  },
  answer: explainSchema,
  parse({ parameters }, { config, nowMs }) {
    const calendar = readCalendar(parameters, config);
    const session = parameters.get('session') ?? undefined;
    if (session !== undefined) refuseMore(parameters, session);
    return { session, calendar, where: readWhere(parameters), ...rangeOf(parameters, calendar, nowMs) };
  },
  ask: async (asked, asking) => (asked.session === undefined ? explainRange(asked, asking) : explainSession(asked.session, asked, asking)),
});

function refuseMore(parameters: Parameters, session: string): void {
  const other = [...TIME_RANGE_WORDS, 'where'].find((key) => parameters.has(key));
  if (other !== undefined)
    throw badParameter('session', session, `cannot be combined with ${other}`, `Leave out ${other}: a session is explained as a whole.`);
}

/** Without one it is the last 24 hours. */
function rangeOf(parameters: Parameters, calendar: CalendarOptions, nowMs: number): TimeRange {
  return hasTimeRange(parameters) ? readTimeRange(parameters, calendar, nowMs) : { fromMs: floorQuarter(nowMs - DAY_MS) };
}

async function explainRange({ fromMs, toMs, where: typed, calendar }: ExplainRequest, asking: Asking): Promise<ExplainAnswer> {
  const { reader, prices, config, now } = asking;
  const { where, hints } = await knownFilters(typed, reader);
  const nowMs = now();
  const request = { fromMs, toMs, where, calendar, ledgerZone: config.timezone, prices, nowMs, rowsMax: config.limits.query_rows };
  const { facts, savings } = await reader.snapshot(async (ledger) => ({
    facts: await readFacts(ledger, request),
    savings: await readSavings(ledger, request),
  }));
  return renderExplained({ facts, findings: findAll(facts), savings, fromMs, toMs, hints, nowMs });
}

/** As /api/v1/advice answers it. Null where something else than sessions is filtered: a conversation without some of its requests says nothing. */
async function readSavings(ledger: LedgerSnapshot, { fromMs, toMs, where, ledgerZone, prices }: FactsRequest): Promise<SavingsWithNote | null> {
  const filters = where.filter(isSessionFilter);
  if (filters.length < where.length) return null;
  const range = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) };
  const read = await readCourses(ledger, { ...range, where: filters, timeZone: ledgerZone });
  return { ...renderSavings(read.courses, findSavings(read.courses, prices, range)), note: renderLookedInto(read).note };
}

async function explainSession(id: string, { calendar }: ExplainRequest, { reader, prices, config, now }: Asking): Promise<ExplainAnswer> {
  const read = await reader.snapshot((ledger) =>
    readSessionFacts(ledger, id, { calendar, ledgerZone: config.timezone, prices, rowsMax: config.limits.query_rows }),
  );
  const { session, facts, courses } = read;
  const savings = { ...renderSavings(courses, findSavings(courses, prices)), note: null };
  const times = { fromMs: session.firstSeenMs, toMs: session.lastSeenMs };
  return renderExplained({ facts, findings: findAll(facts), savings, session, ...times, hints: [], nowMs: now() });
}
