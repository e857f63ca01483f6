/**
 * GET /api/v1/boards/{id}: a board's declaration with everything it shows, in one answer. The page needs one round
 * trip before it draws; panels one by one would share the same thread and wait for each other anyway.
 */
import type { Request, RequestHandler } from 'express';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import type { Board, Panel } from '../../dashboards/panel.ts';
import { LedgerlineError } from '../error.ts';
import type { Filter } from '../ledger.ts';
import { showValue } from '../measures.ts';
import { formatUsd } from '../money.ts';
import { type Ask, evaluatePanel, shareOf } from './panel-data.ts';
import { type Parameters, readCalendar, readParameters, readSpan, readWhere, SPAN_PARAMETERS } from './parameters.ts';
import { renderInstant } from './render.ts';
import type { ReadContext } from './spend.ts';

export const BOARDS: readonly Board[] = [OVERVIEW];

function findBoard(id: string): Board {
  const board = BOARDS.find((candidate) => candidate.id === id);
  if (board !== undefined) return board;
  throw new LedgerlineError('not_found', `There is no board ${id.slice(0, 80)}.`, { hint: `Boards: ${BOARDS.map((known) => known.id).join(', ')}.` });
}

function findPanel(board: Board, id: string): Panel {
  const panels = board.rows.flatMap((row) => row.panels);
  const panel = panels.find((candidate) => candidate.id === id);
  if (panel !== undefined) return panel;
  throw new LedgerlineError('not_found', `Board ${board.id} has no panel ${id.slice(0, 80)}.`, {
    hint: `Panels: ${panels.map((known) => known.id).join(', ')}.`,
  });
}

function askOf(request: Pick<Request, 'originalUrl'>, { reader, config, now }: ReadContext): Ask {
  const parameters: Parameters = readParameters(request.originalUrl, SPAN_PARAMETERS, ['where']);
  const calendar = readCalendar(parameters, config);
  const nowMs = now();
  return { reader, calendar, nowMs, span: readSpan(parameters, calendar, nowMs), where: readWhere(parameters), rowsMax: config.limits.query_rows };
}

/** What was asked, so that the page can show it without parsing the words itself. */
const renderAsk = (ask: Ask): object => ({
  from: renderInstant(ask.span.fromMs),
  to: renderInstant(ask.span.toMs),
  time_zone: ask.calendar.timeZone,
  now: renderInstant(ask.nowMs),
  where: ask.where.flatMap(({ dimension, values }) => values.map((value) => ({ dimension, value: showValue(dimension, value) }))),
});

export interface Coverage {
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
  /** Shares of the stretch's booked cost (tokens for unpriced), 0 to 1; null when there is none. */
  readonly unallocated_team: number | null;
  readonly unallocated_user: number | null;
  readonly unpriced: number | null;
}

/** How far the figures of the chosen stretch can be trusted: whose they are, and whether the client's two accounts agree. */
export function coverageOf(ask: Ask): Coverage {
  const { reader, span, calendar, where, rowsMax } = ask;
  const base = { ...span, grain: 'total', timeZone: calendar.timeZone, rowsMax } as const;
  const [cost = 0n, events = 0n, metrics = 0n, unpriced = 0n, ...tokens] = reader.query({
    ...base,
    measures: [
      'cost',
      'cost_events',
      'cost_metrics',
      'unpriced_tokens',
      'input_tokens',
      'output_tokens',
      'cache_read_tokens',
      'cache_creation_tokens',
    ],
    by: [],
    where,
  }).totals;
  const without = (dimension: 'team' | 'user'): number | null => {
    const unknown: Filter = { dimension, values: [''] };
    const others = where.filter((filter) => filter.dimension !== dimension);
    const own = where.find((filter) => filter.dimension === dimension);
    if (own !== undefined && !own.values.includes('')) return shareOf(0n, cost);
    return shareOf(reader.query({ ...base, measures: ['cost'], by: [], where: [...others, unknown] }).totals[0] ?? 0n, cost);
  };
  return {
    cost_usd: formatUsd(cost),
    cost_usd_events: formatUsd(events),
    cost_usd_metrics: formatUsd(metrics),
    unallocated_team: without('team'),
    unallocated_user: without('user'),
    unpriced: shareOf(
      unpriced,
      tokens.reduce((sum, value) => sum + value, 0n),
    ),
  };
}

export const boardList: RequestHandler = (request, response) => {
  readParameters(request.originalUrl, []);
  response.json({ boards: BOARDS.map(({ id, title, description }) => ({ id, title, description })) });
};

export const boardById =
  (context: ReadContext): RequestHandler<{ id: string }> =>
  (request, response) => {
    const board = findBoard(request.params.id);
    const ask = askOf(request, context);
    const panels = board.rows.flatMap((row) => row.panels).map((panel) => evaluatePanel(panel, ask));
    const { asOfMs, entries } = context.reader.status();
    response.json({
      board,
      asked: renderAsk(ask),
      panels: Object.fromEntries(panels.map((panel) => [panel.id, panel])),
      coverage: coverageOf(ask),
      as_of: renderInstant(asOfMs),
      is_empty: entries === 0 && asOfMs === undefined,
      receiver: { http_port: context.config.server.otlp_http_port, is_tls: context.config.server.tls !== undefined },
    });
  };

export const panelById =
  (context: ReadContext): RequestHandler<{ id: string; panel: string }> =>
  (request, response) => {
    const panel = findPanel(findBoard(request.params.id), request.params.panel);
    const ask = askOf(request, context);
    response.json({ panel, asked: renderAsk(ask), data: evaluatePanel(panel, ask), as_of: renderInstant(context.reader.status().asOfMs) });
  };
