/** GET /api/v1/sessions and /api/v1/sessions/{session.id}: what one session cost and what came of it. */
import type { RequestHandler } from 'express';
import { type DimensionName, type MeasureName, showValue } from '../catalog/measures.ts';
import { LedgerlineError } from '../core/error.ts';
import { formatUsd } from '../core/money.ts';
import { SESSION_DIMENSIONS, type Session, type SessionDimension, type SessionOrder, type SessionSummary } from '../ledger/ledger.ts';
import {
  badParameter,
  type Parameters,
  readCalendar,
  readCount,
  readParameters,
  readSpan,
  readWhere,
  readWord,
  SPAN_PARAMETERS,
} from './parameters.ts';
import { type Amount, renderAmount, renderInstant } from './render.ts';
import type { ReadContext } from './spend.ts';

const ORDERS: readonly SessionOrder[] = ['last_seen', 'cost', 'duration'];
const LIST_DEFAULT = 50;
const LIST_MAX = 500;

type Totals = Session['totals'];

const amount = (totals: Totals, measure: MeasureName): Amount => renderAmount(measure, totals[measure]);

function renderMoney(totals: Totals): Record<string, string> {
  return {
    cost_usd: formatUsd(totals.cost),
    cost_usd_events: formatUsd(totals.cost_events),
    cost_usd_metrics: formatUsd(totals.cost_metrics),
    cost_usd_difference: formatUsd(totals.cost_events - totals.cost_metrics),
    cost_usd_list: formatUsd(totals.cost_list),
  };
}

function renderTokens(totals: Totals): Record<string, Amount> {
  const { input_tokens: input, output_tokens: output, cache_read_tokens: read, cache_creation_tokens: creation } = totals;
  return {
    input: renderAmount('input_tokens', input),
    output: renderAmount('output_tokens', output),
    cache_read: renderAmount('cache_read_tokens', read),
    cache_creation: renderAmount('cache_creation_tokens', creation),
    total: renderAmount('input_tokens', input + output + read + creation),
  };
}

function renderSummary(session: SessionSummary): Record<string, string | number | null> {
  const shown = (dimension: DimensionName, value: string): string => showValue(dimension, value);
  return {
    session_id: session.sessionId,
    organisation: shown('organisation', session.organisation),
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

export function renderSession(session: Session, asOfMs: number | undefined): Record<string, unknown> {
  const { totals } = session;
  return {
    ...renderSummary(session),
    ...renderMoney(totals),
    tokens: renderTokens(totals),
    by_model: session.models.map(({ model, totals: own }) => ({
      model: showValue('model', model),
      ...renderMoney(own),
      tokens: renderTokens(own),
      requests: amount(own, 'requests'),
      api_duration_ms: amount(own, 'api_duration_ms'),
    })),
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

export const sessionById =
  ({ reader }: ReadContext): RequestHandler<{ id: string }> =>
  (request, response) => {
    readParameters(request.originalUrl, []);
    const session = reader.session(request.params.id);
    if (session === undefined) {
      throw new LedgerlineError('not_found', `No session ${request.params.id.slice(0, 80)} is in the ledger.`, {
        hint: 'The client sends its first data up to a minute after it starts; `ledgerline doctor` tells whether anything arrives. /api/v1/sessions lists the newest.',
      });
    }
    response.json(renderSession(session, reader.status().asOfMs));
  };

/** A session has one person and one workspace, but many models: only what is one for a session can filter them. */
function readSessionWhere(parameters: Parameters): readonly { readonly dimension: SessionDimension; readonly values: readonly string[] }[] {
  return readWhere(parameters).map(({ dimension, values }) => {
    const known = SESSION_DIMENSIONS.find((candidate) => candidate === dimension);
    if (known === undefined) {
      throw badParameter('where', dimension, 'does not filter sessions', `Sessions are filtered by ${SESSION_DIMENSIONS.join(', ')}.`);
    }
    return { dimension: known, values };
  });
}

/** The newest sessions with their cost; by `order` the dearest or the longest. */
export const sessionList =
  ({ reader, config, now }: ReadContext): RequestHandler =>
  (request, response) => {
    const parameters = readParameters(request.originalUrl, ['limit', 'order', ...SPAN_PARAMETERS], ['where']);
    const span = readSpan(parameters, readCalendar(parameters, config), now());
    const sessions = reader.sessions({
      ...span,
      limit: readCount(parameters, 'limit', LIST_DEFAULT, LIST_MAX),
      order: readWord<SessionOrder>(parameters, 'order', ORDERS, 'last_seen'),
      where: readSessionWhere(parameters),
    });
    response.json({
      sessions: sessions.map((summary) => ({ ...renderSummary(summary), cost_usd: formatUsd(summary.cost) })),
      as_of: renderInstant(reader.status().asOfMs),
    });
  };
