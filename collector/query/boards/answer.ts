/**
 * GET /api/v1/boards/{id}: a board's declaration with everything it shows, in one answer. The page needs one round
 * trip before it draws; panels one by one would share the same thread and wait for each other anyway.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Request } from 'express';
import { GAUGES, type GaugeDeclaration } from '../../catalog/gauges.ts';
import type { DimensionName } from '../../catalog/measures.ts';
import type { Annotation, Board, Panel } from '../../catalog/panel.ts';
import { showValue } from '../../catalog/values.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Finding } from '../../core/finding.ts';
import { periodAround } from '../../core/time-range.ts';
import type { BudgetContext } from '../budget-context.ts';
import { diagnose } from '../diagnosis.ts';
import { GaugeCache } from '../gauges/cache.ts';
import type { GaugeContext } from '../gauges/gauge.ts';
import { readCalendar, readParameters, readSpan, readWhere, SPAN_PARAMETERS } from '../parameters.ts';
import { renderInstant } from '../render.ts';
import type { ReadContext } from '../spend.ts';
import { SENDERS_MS } from '../status.ts';
import { Ask } from './board-query.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import { evaluatePanel } from './evaluate.ts';
import type { AnnotationData, PanelData } from './panel-data.ts';

/** What boards read beside the ledger. */
export interface BoardContext extends ReadContext, Pick<GaugeContext, 'prices'>, Pick<BudgetContext, 'budgets'> {
  /** The collector's own series, in Prometheus' text format. */
  readonly selfText: () => Promise<string>;
}

export const panelsOf = (board: Board): readonly Panel[] => board.rows.flatMap((row) => row.panels);

export function findPanel(board: Board, id: string): Panel {
  const panel = panelsOf(board).find((candidate) => candidate.id === id);
  if (panel !== undefined) return panel;
  throw new LedgerlineError('not_found', `Board ${board.id} has no panel ${id.slice(0, 80)}.`, {
    hint: `Panels: ${panelsOf(board)
      .map((known) => known.id)
      .join(', ')}.`,
  });
}

/** Reads the question of requests to boards and panels; costly gauges are kept between them. */
export function askFor(
  context: BoardContext,
): (request: Pick<Request, 'originalUrl'>, panels: readonly Panel[], more?: readonly string[]) => Promise<Ask> {
  const { reader, config, now, prices, budgets: book, selfText } = context;
  const gauges = new GaugeCache(() => performance.now());
  return async (request, panels, more = []) => {
    const parameters = readParameters(request.originalUrl, [...SPAN_PARAMETERS, ...more], ['where']);
    const calendar = readCalendar(parameters, config);
    const where = readWhere(parameters);
    const nowMs = now();
    const isPicked = ['from', 'to', 'period'].some((key) => parameters.has(key));
    // Without a choice the board is about the running month, like its headline.
    const span = isPicked ? readSpan(parameters, calendar, nowMs) : periodAround('month', nowMs, calendar);
    const own = panels.some(({ query }) => query.source === 'self') ? await selfText() : '';
    const budgets = book.budgets(config.budgets);
    return new Ask({ reader, config, prices, budgets, calendar, nowMs, span, where, selfText: own, gauges });
  };
}

const TO_DATE = /\b(today|this week|this month)\b/i;

/**
 * Panels of a running period show it until the reader picks another stretch; then they follow it and say so. Headline
 * figures keep their period, which is their name, and so do comparisons of two periods.
 */
export function followReader(panel: Panel, ask: Ask): Panel {
  const { query } = panel;
  if (panel.visualisation === 'stat' || query.source !== 'ledger' || query.versus !== undefined) return panel;
  if (query.window !== 'today' && query.window !== 'this_week' && query.window !== 'this_month') return panel;
  const declared = ask.spanOf(query.window);
  if (declared.fromMs === ask.span.fromMs && declared.toMs === ask.span.toMs) return panel;
  return { ...panel, title: panel.title.replace(TO_DATE, 'in the time range'), query: { ...query, window: 'range' } };
}

export function boardFor(board: Board, ask: Ask): Board {
  const rows = board.rows.map(({ title, panels }) => {
    const shown = panels.map((panel) => followReader(panel, ask));
    const isChanged = shown.some((panel, index) => panel !== panels[index]);
    return { title: isChanged ? title.replace(TO_DATE, 'In the time range') : title, panels: shown };
  });
  return { ...board, rows };
}

/** Instants of the stretch that the board marks on its time axes. */
function marksOf({ id, title, gauge, labels }: Annotation, ask: Ask): AnnotationData {
  const names: GaugeDeclaration['labels'] = GAUGES[gauge].labels;
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = ask.span;
  const marks = ask
    .gauge(gauge)
    .filter(({ value }) => value * 1000 >= fromMs && value * 1000 < toMs)
    .map((sample) => ({ at: sample.value, text: labels.map((label) => sample.labels[names.indexOf(label)] ?? '').join(': ') }));
  return { id, title, marks: marks.sort((a, b) => a.at - b.at) };
}

/** What was asked, so that the page can show it without parsing the words itself. */
export const renderAsk = (ask: Ask): Asked => ({
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
  readonly annotations: readonly AnnotationData[];
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  readonly as_of: string | null;
  /** Has anything ever been booked? */
  readonly is_empty: boolean;
  /** Where clients send, for the settings that the page shows to newcomers. */
  readonly receiver: { readonly http_port: number; readonly is_tls: boolean; readonly needs_token: boolean };
}

/** What GET /api/v1/boards/{id}/panels/{panel} answers. */
export interface PanelAnswer {
  readonly panel: Panel;
  readonly asked: Asked;
  readonly data: PanelData;
  readonly as_of: string | null;
}

/** What GET /api/v1/boards answers: every board, in the order of the navigation. */
export interface BoardList {
  readonly boards: readonly Pick<Board, 'id' | 'title' | 'description'>[];
}

/** Of a large ledger a board takes seconds: whoever asks for something smaller is answered between two of its parts. */
export async function answerBoard(board: Board, ask: Ask, { reader, config: { server, auth } }: BoardContext): Promise<BoardAnswer> {
  const status = reader.status();
  const shown = panelsOf(board);
  const answerAll = () => [shown.map((panel) => evaluatePanel(panel, board.id, ask)), coverageOf(ask)];
  for (const _ of ask.gather(answerAll)) await nextTurn();
  const panels: Record<string, PanelData> = {};
  for (const panel of shown) {
    panels[panel.id] = evaluatePanel(panel, board.id, ask);
    await nextTurn();
  }
  return {
    board,
    asked: renderAsk(ask),
    panels,
    annotations: (board.annotations ?? []).map((annotation) => marksOf(annotation, ask)),
    coverage: coverageOf(ask),
    findings: diagnose(status, reader.senders(ask.nowMs - SENDERS_MS), ask.nowMs),
    as_of: renderInstant(status.asOfMs),
    is_empty: status.asOfMs === undefined,
    receiver: { http_port: server.otlp_http_port, is_tls: server.tls !== undefined, needs_token: auth.tokens.length > 0 },
  };
}
