/** What one session cost and what came of it: the shape of answers about sessions. */
import { z } from 'zod';
import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import { SESSION_DIMENSIONS, type Session, type SessionFilter, type SessionShare, type SessionSummary } from '../ledger/sessions.ts';
import { type AnswerOf, ageSchema, amountSchema, hintsSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { nextSchema } from './cursor.ts';
import { badParameter, type Parameters, readWhere, WHERE_SHAPE } from './parameters.ts';
import { type Amount, type Freshness, renderAmount, renderInstant } from './render.ts';

/** What a session is, whatever it cost. Names are as shown ("unallocated", "unknown"). */
const facts = {
  session_id: z.string().describe('As the client calls it.'),
  full_id: z.string().describe('Names this session alone, where others are called the same.'),
  organization: z.string(),
  team: z.string(),
  user: z.string(),
  workspace: z.string(),
  repository: z.string(),
  client_version: z.string(),
  terminal: z.string(),
  first_seen: instantSchema,
  last_seen: instantSchema,
  wall_duration_ms: z.number().int().describe('From the first record to the last, of the whole session.'),
};

const money = {
  cost_usd: usdSchema.describe('Booked: the events, and what the metric has beyond them.'),
  cost_usd_events: usdSchema,
  cost_usd_metrics: usdSchema,
  cost_usd_difference: usdSchema.describe('What events say beyond metrics.'),
  cost_usd_list: usdSchema,
  cost_usd_unreconciled: usdSchema.describe('Held back, and not in cost_usd: it may be what other sessions report too.'),
  cost_usd_set_aside: usdSchema.describe('Dated outside ingest_window, and not in cost_usd.'),
};

const tokensSchema = z
  .object({ input: amountSchema, output: amountSchema, cache_read: amountSchema, cache_creation: amountSchema, total: amountSchema })
  .meta({ id: 'SessionTokens' });

const modelSchema = z
  .object({ model: z.string(), ...money, tokens: tokensSchema, requests: amountSchema, api_duration_ms: amountSchema })
  .meta({ id: 'SessionModel' });
/** A model's part in a session. */
export type SessionModel = AnswerOf<typeof modelSchema>;

const share = { organization: z.string(), team: z.string(), user: z.string(), cost_usd: usdSchema };
const shareSchema = z.object(share).meta({ id: 'SessionShare' });
const sharesSchema = z
  .array(shareSchema)
  .describe('Cost under each owner that you may see, where the session changed hands, the largest first; empty where it did not.');

export const sessionSchema = z
  .object({
    ...facts,
    ...money,
    tokens: tokensSchema,
    by_model: z.array(modelSchema),
    shares: sharesSchema,
    held_back_records: z
      .number()
      .int()
      .describe('Records that came so late that the session could not be booked again for them: their cost is in cost_usd_unreconciled.'),
    also: z
      .array(z.object({ ...share, full_id: z.string() }).meta({ id: 'SameSessionId' }))
      .describe('Other sessions that are called the same, of owners whom other tokens name; the largest first. Not in the figures here.'),
    api_duration_ms: amountSchema,
    active_time_ms: z.object({ user: amountSchema, cli: amountSchema }),
    lines_added: amountSchema,
    lines_removed: amountSchema,
    commits: amountSchema,
    pull_requests: amountSchema,
    requests: amountSchema,
    errors: amountSchema,
    prompts: amountSchema,
    tool_calls: amountSchema,
    unpriced_tokens: amountSchema,
    ...ageSchema,
    time_zone: z.string().describe('That of the ledger.'),
  })
  .meta({ id: 'Session' });
export type SessionAnswer = AnswerOf<typeof sessionSchema>;
/** A session, whoever asks for it. */
export type SessionRecord = Omit<SessionAnswer, 'time_zone'>;

const listedSchema = z
  .object({ ...facts, cost_usd: usdSchema.describe('Booked; of what is within the filters.'), shares: sharesSchema })
  .meta({ id: 'ListedSession' });
export type ListedSession = AnswerOf<typeof listedSchema>;

export const sessionListSchema = z
  .object({
    sessions: z.array(listedSchema).describe('In the order that was asked for; equals go to the one seen last, then to the lower id.'),
    next: nextSchema,
    page: z
      .object({
        first: z.number().int().nonnegative().describe('Number of its first session, from 1; 0 where there is none.'),
        count: z.number().int().nonnegative().describe('Sessions found, on all pages, as counted with the first page.'),
      })
      .describe('Where the page stands.'),
    hints: hintsSchema,
    ...ageSchema,
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    time_zone: z.string(),
  })
  .meta({ id: 'Sessions' });
export type SessionListAnswer = AnswerOf<typeof sessionListSchema>;

type Facts = Pick<SessionAnswer, keyof typeof facts>;
type Money = Pick<SessionAnswer, keyof typeof money>;
type Tokens = SessionAnswer['tokens'];
type Share = AnswerOf<typeof shareSchema>;

type Totals = Session['totals'];

const amount = (totals: Totals, measure: MeasureName): Amount => renderAmount(measure, totals[measure]);

function renderMoney(totals: Totals): Money {
  return {
    cost_usd: formatUsd(totals.cost),
    cost_usd_events: formatUsd(totals.cost_events),
    cost_usd_metrics: formatUsd(totals.cost_metrics),
    cost_usd_difference: formatUsd(totals.cost_events - totals.cost_metrics),
    cost_usd_list: formatUsd(totals.cost_list),
    cost_usd_unreconciled: formatUsd(totals.cost_unreconciled),
    cost_usd_set_aside: formatUsd(totals.cost_set_aside),
  };
}

function renderTokens(totals: Totals): Tokens {
  const { input_tokens: input, output_tokens: output, cache_read_tokens: read, cache_creation_tokens: creation } = totals;
  return {
    input: renderAmount('input_tokens', input),
    output: renderAmount('output_tokens', output),
    cache_read: renderAmount('cache_read_tokens', read),
    cache_creation: renderAmount('cache_creation_tokens', creation),
    total: renderAmount('input_tokens', input + output + read + creation),
  };
}

function renderFacts(session: SessionSummary): Facts {
  const shown = (dimension: DimensionName, value: string): string => showValue(dimension, value);
  return {
    session_id: shownSessionId(session.sessionId),
    full_id: fullSessionId(session.sessionId),
    organization: shown('organization', session.organization),
    team: shown('team', session.team),
    user: shown('user', session.user),
    workspace: shown('workspace', session.workspace),
    repository: shown('repository', session.repository),
    client_version: shown('client_version', session.clientVersion),
    terminal: shown('terminal', session.terminal),
    first_seen: renderInstant(session.firstSeenMs),
    last_seen: renderInstant(session.lastSeenMs),
    wall_duration_ms: session.lastSeenMs - session.firstSeenMs,
  };
}

const renderShare = ({ organization, team, user, cost }: SessionShare): Share => ({
  organization: showValue('organization', organization),
  team: showValue('team', team),
  user: showValue('user', user),
  cost_usd: formatUsd(cost),
});

const renderShares = ({ shares }: SessionSummary): Share[] => shares.map(renderShare);

export const renderListed = (session: SessionSummary): ListedSession => ({
  ...renderFacts(session),
  cost_usd: formatUsd(session.cost),
  shares: renderShares(session),
});

export function renderSession(session: Session, freshness: Freshness): SessionRecord {
  const { totals } = session;
  return {
    ...renderFacts(session),
    ...renderMoney(totals),
    tokens: renderTokens(totals),
    by_model: session.models.map(({ model, totals: own }) => ({
      model: showValue('model', model),
      ...renderMoney(own),
      tokens: renderTokens(own),
      requests: amount(own, 'requests'),
      api_duration_ms: amount(own, 'api_duration_ms'),
    })),
    shares: renderShares(session),
    held_back_records: session.heldBackEntries,
    also: session.also.map((other) => ({ ...renderShare(other), full_id: fullSessionId(other.sessionId) })),
    api_duration_ms: amount(totals, 'api_duration_ms'),
    active_time_ms: { user: amount(totals, 'active_user_ms'), cli: amount(totals, 'active_cli_ms') },
    lines_added: amount(totals, 'lines_added'),
    lines_removed: amount(totals, 'lines_removed'),
    commits: amount(totals, 'commits'),
    pull_requests: amount(totals, 'pull_requests'),
    requests: amount(totals, 'requests'),
    errors: amount(totals, 'errors'),
    prompts: amount(totals, 'prompts'),
    tool_calls: amount(totals, 'tool_calls'),
    unpriced_tokens: amount(totals, 'unpriced_tokens'),
    ...freshness,
  };
}

export const SESSION_WHERE_SHAPE = {
  ...WHERE_SHAPE,
  schema: z
    .string()
    .describe(`Filter as dimension:value; repeatable. Dimensions: ${SESSION_DIMENSIONS.join(', ')}.`)
    .meta({ examples: ['team:platform'] }),
} as const;

/** A session has few owners and places, but many models: only what sessions are kept apart by can filter them. */
export function readSessionWhere(parameters: Parameters): readonly SessionFilter[] {
  return readWhere(parameters).map(({ dimension, values }) => {
    const known = SESSION_DIMENSIONS.find((candidate) => candidate === dimension);
    if (known === undefined) {
      throw badParameter('where', dimension, 'does not filter sessions', `Sessions are filtered by ${SESSION_DIMENSIONS.join(', ')}.`);
    }
    return { dimension: known, values };
  });
}
