/** GET /api/v1/sessions and /api/v1/sessions/{session.id}: what one session cost and what came of it. */
import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import {
  SESSION_DIMENSIONS,
  type Session,
  type SessionDimension,
  type SessionOrder,
  type SessionShare,
  type SessionSummary,
  type SessionsQuery,
} from '../ledger/sessions.ts';
import { type FilterHint, knownFilters } from './known-values.ts';
import { badParameter, type Parameters, readWhere } from './parameters.ts';
import { type Amount, renderAmount, renderInstant } from './render.ts';

export const ORDERS: readonly SessionOrder[] = ['last_seen', 'cost', 'duration'];
export const LIST_DEFAULT = 50;
export const LIST_MAX = 500;

/** What a session is, whatever it cost. Names are as shown ("unallocated", "unknown"). */
interface SessionFacts {
  /** As the client calls it. */
  readonly session_id: string;
  /** Names this session alone, where others are called the same: for GET /api/v1/sessions/{full_id}. */
  readonly full_id: string;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly workspace: string;
  readonly repository: string;
  readonly client_version: string;
  readonly terminal: string;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly wall_duration_ms: number;
}

/** Decimal strings in USD. */
interface Money {
  /** Booked: the events, and what the metric has beyond them. */
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
  /** What events say beyond metrics. */
  readonly cost_usd_difference: string;
  readonly cost_usd_list: string;
  /** Held back, and not in cost_usd: it may be what other sessions report too. */
  readonly cost_usd_unreconciled: string;
  /** Dated outside ingest_window, and not in cost_usd. */
  readonly cost_usd_set_aside: string;
}

type Tokens = Readonly<Record<'input' | 'output' | 'cache_read' | 'cache_creation' | 'total', Amount>>;

/** A model's part in a session. */
export interface SessionModel extends Money {
  readonly model: string;
  readonly tokens: Tokens;
  readonly requests: Amount;
  readonly api_duration_ms: Amount;
}

const COUNTS = [
  'lines_added',
  'lines_removed',
  'commits',
  'pull_requests',
  'requests',
  'errors',
  'prompts',
  'tool_calls',
  'unpriced_tokens',
] as const;

/** GET /api/v1/sessions/{session.id}. */
export interface SessionAnswer extends SessionFacts, Money, Readonly<Record<(typeof COUNTS)[number], Amount>> {
  readonly tokens: Tokens;
  readonly by_model: readonly SessionModel[];
  /** Under each owner where the session changed hands, the largest first; empty where it did not. */
  readonly shares: readonly SessionShareAnswer[];
  /** Records that came so late that the session could not be booked again for them: their cost is in cost_usd_unreconciled. */
  readonly held_back_records: number;
  /** Other sessions that are called the same, of owners whom other tokens name; the largest first. Not in the figures here. */
  readonly also: readonly SameIdAnswer[];
  readonly api_duration_ms: Amount;
  readonly active_time_ms: { readonly user: Amount; readonly cli: Amount };
  readonly as_of: string | null;
}

/** Filtered by owner, the cost is what the session cost under those who are named. */
export interface ListedSession extends SessionFacts, Pick<Money, 'cost_usd'> {
  readonly shares: readonly SessionShareAnswer[];
}

/** GET /api/v1/sessions. */
export interface SessionListAnswer {
  readonly sessions: readonly ListedSession[];
  /** For each value of the filters that no record has. */
  readonly hints: readonly FilterHint[];
  readonly as_of: string | null;
}

/** What a session cost under one of its owners, by name as shown. */
export interface SessionShareAnswer {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly cost_usd: string;
}

export interface SameIdAnswer extends SessionShareAnswer {
  readonly full_id: string;
}

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

function renderFacts(session: SessionSummary): SessionFacts {
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

const renderShare = ({ organization, team, user, cost }: SessionShare): SessionShareAnswer => ({
  organization: showValue('organization', organization),
  team: showValue('team', team),
  user: showValue('user', user),
  cost_usd: formatUsd(cost),
});

const renderShares = ({ shares }: SessionSummary): SessionShareAnswer[] => shares.map(renderShare);

/** The sessions that are asked for, of users as the ledger spells them. */
export async function listSessions(query: SessionsQuery, reader: LedgerReader): Promise<SessionListAnswer> {
  const { where, hints } = await knownFilters(query.where ?? [], reader);
  const sessions = await reader.sessions({ ...query, where });
  const { asOfMs } = await reader.status();
  return renderSessionList(sessions, asOfMs, hints);
}

const renderSessionList = (sessions: readonly SessionSummary[], asOfMs: number | undefined, hints: readonly FilterHint[]): SessionListAnswer => ({
  sessions: sessions.map((session) => ({ ...renderFacts(session), cost_usd: formatUsd(session.cost), shares: renderShares(session) })),
  hints,
  as_of: renderInstant(asOfMs),
});

export function renderSession(session: Session, asOfMs: number | undefined): SessionAnswer {
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
    as_of: renderInstant(asOfMs),
  };
}

/** A session has one person and one workspace, but many models: only what is one for a session can filter them. */
export function readSessionWhere(parameters: Parameters): readonly { readonly dimension: SessionDimension; readonly values: readonly string[] }[] {
  return readWhere(parameters).map(({ dimension, values }) => {
    const known = SESSION_DIMENSIONS.find((candidate) => candidate === dimension);
    if (known === undefined) {
      throw badParameter('where', dimension, 'does not filter sessions', `Sessions are filtered by ${SESSION_DIMENSIONS.join(', ')}.`);
    }
    return { dimension: known, values };
  });
}
