/**
 * GET /api/v1/boards/{id}: a board's declaration with everything it shows, in one answer. The page needs one round
 * trip before it draws; panels one by one would share the same thread and wait for each other anyway.
 */
import type { Request, RequestHandler } from 'express';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import type { Board, Panel } from '../../dashboards/panel.ts';
import { diagnose, type Finding } from '../diagnosis.ts';
import { LedgerlineError } from '../error.ts';
import type { Filter } from '../ledger.ts';
import { type DimensionName, showValue } from '../measures.ts';
import { formatUsd } from '../money.ts';
import { periodAround } from '../period.ts';
import { type Ask, evaluatePanel, type PanelData, shareOf, spanOf } from './panel-data.ts';
import { type Parameters, readCalendar, readParameters, readSpan, readWhere, SPAN_PARAMETERS } from './parameters.ts';
import { renderInstant } from './render.ts';
import type { ReadContext } from './spend.ts';
import { SENDERS_MS } from './status.ts';

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
  const isPicked = ['from', 'to', 'period'].some((key) => parameters.has(key));
  // Without a choice the board is about the running month, like its headline.
  const span = isPicked ? readSpan(parameters, calendar, nowMs) : periodAround('month', nowMs, calendar);
  return { reader, calendar, nowMs, span, where: readWhere(parameters), rowsMax: config.limits.query_rows };
}

const TO_DATE = /\b(today|this week|this month)\b/i;

/**
 * Bars show the period they are declared with until the reader picks another stretch; then they follow it and say so.
 * Headline figures keep their period, which is their name.
 */
export function followReader(panel: Panel, ask: Ask): Panel {
  if (panel.visualisation === 'stat' || panel.query.window === 'range') return panel;
  const declared = spanOf(panel.query.window, ask);
  if (declared.fromMs === ask.span.fromMs && declared.toMs === ask.span.toMs) return panel;
  return { ...panel, title: panel.title.replace(TO_DATE, 'in the time range'), query: { ...panel.query, window: 'range' } };
}

function boardFor(board: Board, ask: Ask): Board {
  const rows = board.rows.map(({ title, panels }) => {
    const shown = panels.map((panel) => followReader(panel, ask));
    const isChanged = shown.some((panel, index) => panel !== panels[index]);
    return { title: isChanged ? title.replace(TO_DATE, 'In the time range') : title, panels: shown };
  });
  return { ...board, rows };
}

/** What was asked, so that the page can show it without parsing the words itself. */
const renderAsk = (ask: Ask): Asked => ({
  from: renderInstant(ask.span.fromMs),
  to: renderInstant(ask.span.toMs),
  time_zone: ask.calendar.timeZone,
  now: renderInstant(ask.nowMs),
  where: ask.where.flatMap(({ dimension, values }) => values.map((value) => ({ dimension, value: showValue(dimension, value) }))),
});

export interface Asked {
  readonly from: string | null;
  readonly to: string | null;
  readonly time_zone: string;
  readonly now: string | null;
  readonly where: readonly { readonly dimension: DimensionName; readonly value: string }[];
}

/** What the page gets for a whole board. */
export interface BoardAnswer {
  readonly board: Board;
  readonly asked: Asked;
  readonly panels: Readonly<Record<string, PanelData>>;
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  readonly as_of: string | null;
  /** Has anything ever been booked? */
  readonly is_empty: boolean;
  /** Where clients send, for the settings that the page shows to newcomers. */
  readonly receiver: { readonly http_port: number; readonly is_tls: boolean; readonly needs_token: boolean };
}

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
    const declared = findBoard(request.params.id);
    const ask = askOf(request, context);
    const board = boardFor(declared, ask);
    const panels = board.rows.flatMap((row) => row.panels).map((panel) => evaluatePanel(panel, ask));
    const status = context.reader.status();
    const { server, auth } = context.config;
    const answer: BoardAnswer = {
      board,
      asked: renderAsk(ask),
      panels: Object.fromEntries(panels.map((panel) => [panel.id, panel])),
      coverage: coverageOf(ask),
      findings: diagnose(status, context.reader.senders(ask.nowMs - SENDERS_MS), ask.nowMs),
      as_of: renderInstant(status.asOfMs),
      is_empty: status.asOfMs === undefined,
      receiver: { http_port: server.otlp_http_port, is_tls: server.tls !== undefined, needs_token: auth.tokens.length > 0 },
    };
    response.json(answer);
  };

export const panelById =
  (context: ReadContext): RequestHandler<{ id: string; panel: string }> =>
  (request, response) => {
    const ask = askOf(request, context);
    const panel = followReader(findPanel(findBoard(request.params.id), request.params.panel), ask);
    response.json({ panel, asked: renderAsk(ask), data: evaluatePanel(panel, ask), as_of: renderInstant(context.reader.status().asOfMs) });
  };
