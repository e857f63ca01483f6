/** GET /api/v1/usage/sessions: cost and tokens of whole sessions, with their models. */
import { z } from 'zod';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import { showValue } from '../catalog/values.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { Session, SessionsQuery } from '../ledger/sessions.ts';
import { ageSchema, hintsSchema, instantSchema } from './answer-schemas.ts';
import { knownFilters } from './known-values.ts';
import { readCalendar, readCount, readTimeRange, readWord, TIME_RANGE_SHAPES, WHERE_SHAPE } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderInstant } from './render.ts';
import { readSessionWhere } from './sessions.ts';
import { type ModelValues, renderByModel, renderTokenUsage, TOKEN_USAGE_MEASURES, tokenUsageSchema, usageByModelShape } from './token-usage.ts';
import { addTo } from './totals.ts';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;
const ORDERS = ['desc', 'asc'] as const;

interface UsageSessionsRequest {
  readonly range: TimeRange;
  readonly where: NonNullable<SessionsQuery['where']>;
  readonly limit: number;
  readonly order: (typeof ORDERS)[number];
}

const rowSchema = z
  .object({
    session_id: z.string().describe('As the client calls it.'),
    full_id: z.string().describe('Names this session alone.'),
    ...{ user: z.string(), team: z.string(), workspace: z.string(), repository: z.string() },
    first_seen: instantSchema,
    last_seen: instantSchema,
    ...usageByModelShape,
  })
  .meta({ id: 'SessionUsage' });

const answerSchema = z
  .object({
    rows: z.array(rowSchema).describe('By when they were last seen.'),
    totals: tokenUsageSchema.describe('Of these rows.'),
    is_complete: z.boolean().describe('False where there are more sessions than the limit: rows and totals are those of the newest.'),
    hints: hintsSchema,
    ...ageSchema,
  })
  .meta({ id: 'UsageSessions' });
export type UsageSessionsAnswer = z.infer<typeof answerSchema>;

export const USAGE_SESSIONS = question<UsageSessionsRequest, UsageSessionsAnswer>({
  id: 'usage_sessions',
  path: '/usage/sessions',
  summary: 'Cost and tokens of sessions, with their models.',
  description: 'Sessions last seen in the time range, whole or what of them is within the filters; the newest where there are more than the limit.',
  parameters: {
    ...TIME_RANGE_SHAPES,
    where: WHERE_SHAPE,
    limit: { schema: z.coerce.number().int().min(1).max(LIMIT_MAX).describe('So many of the newest.').meta({ default: LIMIT_DEFAULT }) },
    order: { schema: z.enum(ORDERS).describe('Newest or oldest first.').meta({ default: 'desc' }) },
  },
  answer: answerSchema,
  parse: ({ parameters }, { config, nowMs }) => ({
    range: readTimeRange(parameters, readCalendar(parameters, config), nowMs),
    where: readSessionWhere(parameters),
    limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX),
    order: readWord(parameters, 'order', ORDERS, 'desc'),
  }),
  ask: answerUsageSessions,
});

async function answerUsageSessions(
  { range, where: asked, limit, order }: UsageSessionsRequest,
  { reader, now }: Asking,
): Promise<UsageSessionsAnswer> {
  const { where, hints } = await knownFilters(asked, reader);
  const { sessions, isComplete, asOfMs } = await reader.snapshot(async (ledger) => ({
    ...(await wholeSessions(ledger, { ...range, where, limit })),
    asOfMs: (await ledger.status()).asOfMs,
  }));
  const sums: bigint[] = TOKEN_USAGE_MEASURES.map(() => 0n);
  for (const { totals } of sessions) addTo(sums, valuesOf(totals));
  const rows = sessions.map(renderRow);
  return {
    rows: order === 'desc' ? rows : rows.reverse(),
    ...{ totals: renderTokenUsage(sums), is_complete: isComplete, hints: [...hints] },
    ...freshnessOf(asOfMs, now()),
  };
}

async function wholeSessions(ledger: LedgerSnapshot, query: SessionsQuery): Promise<{ readonly sessions: Session[]; readonly isComplete: boolean }> {
  const { limit } = query;
  const listed = await ledger.sessions({ ...query, limit: limit + 1 });
  const sessions: Session[] = [];
  for (const { sessionId } of listed.slice(0, limit)) {
    const session = await ledger.session(fullSessionId(sessionId), query.where);
    if (session !== undefined) sessions.push(session);
  }
  return { sessions, isComplete: listed.length <= limit };
}

const valuesOf = (totals: Session['totals']): bigint[] => TOKEN_USAGE_MEASURES.map((measure) => totals[measure]);

/** What names no model is the rest of the session. */
function byModel({ models, totals }: Session): ModelValues[] {
  const named = models.map(({ model, totals: own }) => ({ model, values: valuesOf(own) }));
  const rest = valuesOf(totals);
  for (const { values } of named)
    addTo(
      rest,
      values.map((value) => -value),
    );
  return [...named, { model: '', values: rest }];
}

function renderRow(session: Session): UsageSessionsAnswer['rows'][number] {
  const { usage, models } = renderByModel(byModel(session));
  return {
    session_id: shownSessionId(session.sessionId),
    full_id: fullSessionId(session.sessionId),
    user: showValue('user', session.user),
    team: showValue('team', session.team),
    workspace: showValue('workspace', session.workspace),
    repository: showValue('repository', session.repository),
    first_seen: renderInstant(session.firstSeenMs),
    last_seen: renderInstant(session.lastSeenMs),
    ...usage,
    models,
  };
}
