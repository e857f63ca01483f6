/** Panels over time: one amount for each bar of the stretch, also the empty ones. */

import { figureWords } from '../../catalog/figure-titles.ts';
import { type FigureValue, isSum, measuresOf } from '../../catalog/figure-values.ts';
import { type FigureName, figureUnit } from '../../catalog/figures.ts';
import { GAUGES } from '../../catalog/gauges.ts';
import type { GaugeQuery, LedgerQuery, Panel } from '../../catalog/panel.ts';
import { dimensionWords } from '../../catalog/titles.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions, Grain } from '../../core/calendar.ts';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';
import { periodAround, type Span } from '../../core/time-range.ts';
import type { Row } from '../../ledger/ledger.ts';
import type { Ask } from './board-query.ts';
import { gaugeTitle, labelTitle, reduced, unitOf } from './gauge-rows.ts';
import { addUp, arePartsOfTokens, figureOf, questionOf, shown, summaryOf, sumsOf } from './ledger-rows.ts';
import type { PanelUnit, SeriesData, SeriesLine } from './panel-data.ts';
import { byValue, compareLabels, isNothing, labelOf, type PanelRow, REST, renderValue, shareOf } from './rows.ts';

const SERIES_MAX = 8;
/** Stretches up to the given length are drawn with this grain: never fewer than a handful of bars, never more than 200. */
const GRAIN_BY_LENGTH: readonly (readonly [number, Grain])[] = [
  [2 * DAY_MS, 'hour'],
  [200 * DAY_MS, 'day'],
  [1400 * DAY_MS, 'week'],
];

/** A line before it is drawn: `values` are one for each start. */
interface Line extends PanelRow {
  readonly total: FigureValue;
}

interface Bars {
  readonly query: LedgerQuery;
  readonly span: Span;
  readonly grain: Grain;
  readonly ask: Ask;
}

export function ledgerSeries(query: LedgerQuery, unit: PanelUnit, ask: Ask): SeriesData {
  const span = ask.spanOf(query.window);
  const bars = { query, span, grain: grainFor(span, ask.nowMs, query.grain), ask };
  if (query.summary === 'distinct') return distinctSeries(bars, unit);
  return query.by.length === 0 ? figureSeries(bars) : groupSeries(bars);
}

/** Without a dimension each figure is a line. */
function figureSeries({ query, span, grain, ask }: Bars): SeriesData {
  const { figures } = query;
  const result = ask.ledger(questionOf(query, span, grain));
  const starts = barStarts(grain, span, result.rows, ask);
  const byStart = new Map(result.rows.map((row) => [row.startMs, row]));
  const lines = figures.map((name): Line & { unit: PanelUnit } => ({
    labels: [figureWords(name)],
    values: starts.map((start) => valueIn(name, query.figures, byStart.get(start))),
    total: figureOf(name, sumsOf(measuresOf(figures), result.totals)),
    unit: figureUnit(name),
  }));
  const total = arePartsOfTokens(figures) ? lines.reduce<bigint>((sum, line) => sum + (typeof line.total === 'bigint' ? line.total : 0n), 0n) : null;
  return {
    unit: figureUnit(figures[0] ?? 'cost'),
    grain,
    starts: starts.map((ms) => ms / 1000),
    series: lines.filter((line) => !isNothing(line)).map((line) => draw(line, line.unit, total)),
    total: renderValue(figureUnit(figures[0] ?? 'cost'), total),
  };
}

const valueIn = (name: FigureName, figures: readonly FigureName[], row: Row | undefined): FigureValue =>
  figureOf(name, row === undefined ? new Map() : sumsOf(measuresOf(figures), row.values));

/** How many different values each bar has. */
function distinctSeries({ query, span, grain, ask }: Bars, unit: PanelUnit): SeriesData {
  const { rows } = ask.ledger(questionOf(query, span, grain));
  const starts = barStarts(grain, span, rows, ask);
  const byStart = Map.groupBy(rows, (row) => row.startMs);
  const total = summaryOf(query, ask.ledger(questionOf(query, span)).rows);
  const values = starts.map((start) => summaryOf(query, byStart.get(start) ?? []));
  const line: Line = { labels: query.by.slice(0, 1).map(dimensionWords), values, total };
  return {
    unit,
    grain,
    starts: starts.map((ms) => ms / 1000),
    series: isNothing(line) ? [] : [draw(line, unit, null)],
    total: renderValue(unit, total),
  };
}

/** The largest values of the stretch, each a line; who they are is decided once for all bars. The others are one more, where they add up. */
function groupSeries({ query, span, grain, ask }: Bars): SeriesData {
  const [figure = 'cost'] = query.figures;
  const measures = measuresOf(query.figures);
  const whole = ask.ledger(questionOf(query, span));
  const total = figureOf(figure, sumsOf(measures, whole.totals));
  const ranked = whole.rows
    .map((row) => ({ row, total: figureOf(figure, sumsOf(measures, row.values)) }))
    .filter((group) => group.total !== null && Number(group.total) !== 0)
    .sort((a, b) => byValue(a.total, b.total) || compareLabels(a.row.key, b.row.key));
  if (ranked.length === 0)
    return { unit: figureUnit(figure), grain, starts: [], series: [], total: isSum(figure) ? renderValue(figureUnit(figure), total) : null };
  const kept = ranked.slice(0, query.top ?? SERIES_MAX);
  const beyond = ranked.slice(kept.length);
  const rows = rowsOf(
    { query, span, grain, ask },
    kept.map(({ row }) => row),
    beyond.length > 0,
  );
  const starts = barStarts(grain, span, [...rows.values()].flat(), ask);
  const lineOf = (labels: readonly string[], own: readonly Row[], sum: FigureValue): Line => {
    const byStart = new Map(own.map((row) => [row.startMs, row]));
    return { labels, values: starts.map((start) => valueIn(figure, query.figures, byStart.get(start))), total: sum };
  };
  const lines = kept.map(({ row, total: own }) => lineOf(shown(query.by, row.key), rows.get(keyOf(row)) ?? [], own));
  const rest = rows.get(undefined) ?? [];
  if (beyond.length > 0 && isSum(figure)) {
    const sums = addUp(beyond.map(({ row }) => sumsOf(measures, row.values)));
    lines.push({ ...lineOf([REST], rest, figureOf(figure, sums)), rest: beyond.length });
  }
  const unit = figureUnit(figure);
  const columns = query.by.map((name) => ({ key: name, title: labelTitle(name) }));
  const isWhole = isSum(figure);
  return {
    unit,
    grain,
    starts: starts.map((ms) => ms / 1000),
    series: lines.map((line) => ({ ...draw(line, unit, isWhole ? total : null), ...labelOf(line, columns) })),
    total: isWhole ? renderValue(unit, total) : null,
  };
}

const keyOf = (row: Row): string => row.key.join('\0');

/** Rows of the kept groups by their key, and those of the rest under undefined. A ledger of thousands of people is not asked for each one's days. */
function rowsOf({ query, span, grain, ask }: Bars, kept: readonly Row[], hasRest: boolean): ReadonlyMap<string | undefined, readonly Row[]> {
  const question = questionOf(query, span, grain);
  const [dimension] = query.by;
  if (!hasRest || dimension === undefined || query.by.length > 1) {
    const keys = new Set(kept.map(keyOf));
    const rows = Map.groupBy(ask.ledger(question).rows, (row) => (keys.has(keyOf(row)) ? keyOf(row) : undefined));
    return new Map([...rows].map(([key, own]) => [key, key === undefined ? addUpRows(own) : own]));
  }
  const largest: Filter = { dimension, values: kept.map((row) => row.key[0] ?? '') };
  const own = ask.ledger({ ...question, where: [...(question.where ?? []), largest] }).rows;
  const others = ask.ledger({ ...question, by: [], whereNot: [...(question.whereNot ?? []), largest] }).rows;
  return new Map<string | undefined, readonly Row[]>([...Map.groupBy(own, keyOf), [undefined, others]]);
}

function addUpRows(rows: readonly Row[]): readonly Row[] {
  return [...Map.groupBy(rows, (row) => row.startMs)].map(([startMs, own]) => ({
    startMs,
    key: [],
    values: (own[0]?.values ?? []).map((_, index) => own.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n)),
  }));
}

/** A gauge as it was at the end of each day, or is now. */
export function gaugeSeries(query: GaugeQuery, ask: Ask): SeriesData {
  const span = ask.spanOf('range');
  const from = span.fromMs ?? ask.nowMs - 30 * DAY_MS;
  const starts = barStarts('day', { ...span, fromMs: Math.max(from, ask.nowMs - 400 * DAY_MS) }, [], ask);
  const [first] = query.gauges;
  const lines = query.gauges.flatMap((name) => {
    if (!('isHistoric' in GAUGES[name])) return [];
    const days = starts.map((start) => reduced(query, name, ask, Math.min(ask.nowMs, periodAround('day', start, ask.calendar).toMs)));
    const keys = new Map(days.flatMap((day) => [...day].map(([key, { labels }]) => [key, labels] as const)));
    return [...keys].map(([key, labels]): Line => {
      const values = days.map((day) => day.get(key)?.value ?? null);
      const named = query.gauges.length > 1 || labels.length === 0 ? [...labels, gaugeTitle(name)] : labels;
      return { labels: named, values, total: values.at(-1) ?? null };
    });
  });
  const unit = first === undefined ? 'count' : unitOf(query, first);
  const columns = query.by.map((name) => ({ key: name, title: labelTitle(name) }));
  const series = lines.sort((a, b) => byValue(a.total, b.total) || compareLabels(a.labels, b.labels)).slice(0, query.top ?? SERIES_MAX);
  return {
    unit,
    grain: 'day',
    starts: starts.map((ms) => ms / 1000),
    series: series.map((line) => ({ ...draw(line, unit, null), ...labelOf(line, columns) })),
    total: null,
  };
}

const draw = (line: Line, unit: PanelUnit, whole: FigureValue): SeriesLine => ({
  ...labelOf(line, []),
  share: shareOf(line.total, whole),
  total: renderValue(unit, line.total),
  values: line.values.map((value) => renderValue(unit, value)),
});

export function grainFor(span: Span, nowMs: number, declared: Grain = 'day'): Grain {
  if (span.fromMs === undefined) return declared === 'hour' ? 'day' : 'month';
  const length = Math.min(span.toMs ?? nowMs, nowMs) - span.fromMs;
  return GRAIN_BY_LENGTH.find(([max]) => length <= max)?.[1] ?? 'month';
}

/** Start of every bar from the stretch's first to its last or the present, epoch milliseconds. */
export function barStarts(grain: Grain, span: Span, rows: readonly Row[], { calendar, nowMs }: Pick<Ask, 'calendar' | 'nowMs'>): readonly number[] {
  const first = span.fromMs ?? rows.reduce((least, row) => Math.min(least, row.startMs ?? nowMs), nowMs);
  const end = Math.min(span.toMs ?? nowMs, nowMs);
  const starts: number[] = [];
  for (let start = barAround(grain, first, calendar).fromMs; start <= end && (span.toMs === undefined || start < span.toMs); ) {
    starts.push(start);
    start = barAround(grain, start, calendar).toMs;
  }
  return starts;
}

function barAround(grain: Grain, ms: number, calendar: CalendarOptions): Required<Span> {
  if (grain === 'day' || grain === 'week' || grain === 'month') return periodAround(grain, ms, calendar);
  const start = Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(calendar.timeZone)
    .round({ smallestUnit: 'hour', roundingMode: 'floor' }).epochMilliseconds;
  return { fromMs: start, toMs: start + HOUR_MS };
}

/** Title of a panel over time, in the grain that fits the stretch. */
export const seriesTitle = ({ title }: Panel, { grain }: SeriesData): string => title.replace(/\bper (hour|day)\b/, `per ${grain}`);
