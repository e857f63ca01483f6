/** Panels over time: one amount for each bar of the time range, also the empty ones. */

import { figureWords } from '../../catalog/figure-titles.ts';
import { type FigureValue, isSum, measuresOf } from '../../catalog/figure-values.ts';
import { type FigureName, figureUnit } from '../../catalog/figures.ts';
import type { LedgerQuery, Panel } from '../../catalog/panel.ts';
import { dimensionWords } from '../../catalog/titles.ts';
import type { Filter } from '../../catalog/values.ts';
import type { Grain } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { framedKey } from '../../core/framed.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { Row } from '../../ledger/ledger.ts';
import { barStarts } from './bar-starts.ts';
import type { BoardAnswers } from './board-answers.ts';
import type { BoardQuery, Question } from './board-query.ts';
import { labelTitle } from './gauge-rows.ts';
import { addUp, arePartsOfTokens, countOf, figureOf, shown, summaryOf, sumsOf } from './ledger-rows.ts';
import type { PanelUnit, SeriesData, SeriesLine } from './panel-data.ts';
import { questionOf } from './questions.ts';
import { byValue, compareLabels, isNothing, labelOf, type PanelRow, REST, renderValue, shareOf } from './rows.ts';

export const SERIES_MAX = 8;
/** Time ranges up to the given length are drawn with this grain: never fewer than a handful of bars, never more than 200. */
const GRAIN_BY_LENGTH: readonly (readonly [number, Grain])[] = [
  [2 * DAY_MS, 'hour'],
  [200 * DAY_MS, 'day'],
  [1400 * DAY_MS, 'week'],
];

/** A line before it is drawn: `values` are one for each start. */
export interface Line extends PanelRow {
  readonly total: FigureValue;
}

/** Of what the bars are, and how wide they are. */
export interface Bars {
  readonly query: LedgerQuery;
  readonly timeRange: TimeRange;
  readonly grain: Grain;
}

export function barsOf(query: LedgerQuery, asked: BoardQuery): Bars {
  const timeRange = asked.timeRangeOf(query.window);
  return { query, timeRange, grain: grainFor(timeRange, asked.nowMs, query.grain) };
}

/** Is each line a group of its own, of which only the largest are drawn? */
export const isOfGroups = ({ summary, by }: LedgerQuery): boolean => summary !== 'distinct' && by.length > 0;

export function ledgerSeries(query: LedgerQuery, unit: PanelUnit, answers: BoardAnswers): SeriesData {
  const bars = barsOf(query, answers.asked);
  if (query.summary === 'distinct') return distinctSeries(bars, unit, answers);
  return isOfGroups(query) ? groupSeries(bars, answers) : figureSeries(bars, answers);
}

/** Without a dimension each figure is a line. */
function figureSeries({ query, timeRange, grain }: Bars, answers: BoardAnswers): SeriesData {
  const { figures } = query;
  const result = answers.ledger(questionOf(query, timeRange, grain));
  const starts = barStarts(grain, timeRange, result.rows, answers.asked);
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
function distinctSeries({ query, timeRange, grain }: Bars, unit: PanelUnit, answers: BoardAnswers): SeriesData {
  const { rows } = answers.ledger(questionOf(query, timeRange, grain));
  const starts = barStarts(grain, timeRange, rows, answers.asked);
  const byStart = Map.groupBy(rows, (row) => row.startMs);
  const total = summaryOf(query, answers.ledger(questionOf(query, timeRange)).rows);
  const values = starts.map((start) => summaryOf(query, byStart.get(start) ?? []));
  const line: Line = { labels: query.by.slice(0, 1).map((name) => `Active ${dimensionWords(name)}s`), values, total };
  return {
    unit,
    grain,
    starts: starts.map((ms) => ms / 1000),
    series: isNothing(line) ? [] : [draw(line, unit, null)],
    total: renderValue(unit, total),
  };
}

interface Group {
  readonly row: Row;
  readonly total: FigureValue;
}

interface Ranked {
  /** The largest, each a line. */
  readonly kept: readonly Group[];
  readonly beyond: readonly Group[];
}

/** Who the largest of the whole time are is decided once for all bars. */
export function rankGroups({ query, timeRange }: Bars, answers: BoardAnswers): Ranked {
  const [figure = 'cost'] = query.figures;
  const measures = measuresOf(query.figures);
  const ranked = answers
    .ledger(questionOf(query, timeRange))
    .rows.map((row) => ({ row, total: figureOf(figure, sumsOf(measures, row.values)) }))
    .filter((group) => group.total !== null && Number(group.total) !== 0)
    .sort((a, b) => byValue(a.total, b.total) || compareLabels(a.row.key, b.row.key));
  const ones = ranked.filter(({ row }) => row.groups === undefined);
  const kept = ones.slice(0, query.top ?? SERIES_MAX);
  return { kept, beyond: [...ones.slice(kept.length), ...ranked.filter(({ row }) => row.groups !== undefined)] };
}

interface BarQuestions {
  /** The bars of the largest, or of all groups. */
  readonly own: Question;
  /** Those of the rest together. */
  readonly others: Question | undefined;
}

/** A ledger of thousands of people is not asked for each one's days. */
export function barQuestions({ query, timeRange, grain }: Bars, kept: readonly Group[], hasRest: boolean): BarQuestions {
  const own = questionOf(query, timeRange, grain);
  const [dimension] = query.by;
  if (!hasRest || dimension === undefined || query.by.length > 1) return { own, others: undefined };
  const largest: Filter = { dimension, values: kept.map(({ row }) => row.key[0] ?? '') };
  return {
    own: { ...own, where: [...(own.where ?? []), largest] },
    others: { ...own, by: [], whereNot: [...(own.whereNot ?? []), largest] },
  };
}

/** The largest values of the time, each a line. The others are one more, where they add up. */
function groupSeries(bars: Bars, answers: BoardAnswers): SeriesData {
  const { query, timeRange, grain } = bars;
  const [figure = 'cost'] = query.figures;
  const measures = measuresOf(query.figures);
  const total = figureOf(figure, sumsOf(measures, answers.ledger(questionOf(query, timeRange)).totals));
  const { kept, beyond } = rankGroups(bars, answers);
  const unit = figureUnit(figure);
  if (kept.length === 0) return { unit, grain, starts: [], series: [], total: isSum(figure) ? renderValue(unit, total) : null };
  const rows = rowsOf(barQuestions(bars, kept, beyond.length > 0), kept, answers);
  const starts = barStarts(grain, timeRange, [...rows.values()].flat(), answers.asked);
  const lineOf = (labels: readonly string[], own: readonly Row[], sum: FigureValue): Line => {
    const byStart = new Map(own.map((row) => [row.startMs, row]));
    return { labels, values: starts.map((start) => valueIn(figure, query.figures, byStart.get(start))), total: sum };
  };
  const lines = kept.map(({ row, total: own }) => lineOf(shown(query.by, row.key), rows.get(keyOf(row)) ?? [], own));
  const rest = rows.get(undefined) ?? [];
  if (beyond.length > 0 && isSum(figure)) {
    const sums = addUp(beyond.map(({ row }) => sumsOf(measures, row.values)));
    lines.push({ ...lineOf([REST], rest, figureOf(figure, sums)), rest: countOf(beyond.map(({ row }) => row)) });
  }
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

const keyOf = (row: Row): string => framedKey(row.key);

/** Rows of the kept groups by their key, and those of the rest under undefined. */
function rowsOf({ own, others }: BarQuestions, kept: readonly Group[], answers: BoardAnswers): ReadonlyMap<string | undefined, readonly Row[]> {
  const { rows } = answers.ledger(own);
  if (others !== undefined)
    return new Map<string | undefined, readonly Row[]>([...Map.groupBy(rows, keyOf), [undefined, answers.ledger(others).rows]]);
  const keys = new Set(kept.map(({ row }) => keyOf(row)));
  const groups = Map.groupBy(rows, (row) => (keys.has(keyOf(row)) ? keyOf(row) : undefined));
  return new Map([...groups].map(([key, group]) => [key, key === undefined ? addUpRows(group) : group]));
}

function addUpRows(rows: readonly Row[]): readonly Row[] {
  return [...Map.groupBy(rows, (row) => row.startMs)].map(([startMs, own]) => ({
    startMs,
    key: [],
    values: (own[0]?.values ?? []).map((_, index) => own.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n)),
  }));
}

export const draw = (line: Line, unit: PanelUnit, whole: FigureValue): SeriesLine => ({
  ...labelOf(line, []),
  share: shareOf(line.total, whole),
  total: renderValue(unit, line.total),
  values: line.values.map((value) => renderValue(unit, value)),
});

export function grainFor(timeRange: TimeRange, nowMs: number, declared: Grain = 'day'): Grain {
  if (timeRange.fromMs === undefined) return declared === 'hour' ? 'day' : 'month';
  const length = Math.min(timeRange.toMs ?? nowMs, nowMs) - timeRange.fromMs;
  return GRAIN_BY_LENGTH.find(([max]) => length <= max)?.[1] ?? 'month';
}

/** Title of a panel over time, in the grain that fits the time range. */
export const seriesTitle = ({ title }: Panel, { grain }: SeriesData): string => title.replace(/\bper (hour|day)\b/, `per ${grain}`);
