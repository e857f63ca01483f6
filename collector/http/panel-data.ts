/**
 * What a panel shows: its declared query, asked of the ledger. The shapes here are what the page draws; amounts are
 * exact (decimal strings for money), labels are telemetry's and must be shown as text only.
 */
import type { Panel, PanelQuery, Window } from '../../dashboards/panel.ts';
import type { CalendarOptions } from '../calendar.ts';
import type { Filter, Grain, LedgerReader, QueryResult, Row } from '../ledger.ts';
import { type DimensionName, type MeasureName, showValue } from '../measures.ts';
import { ceilQuarter, floorQuarter, periodAround, type Span } from '../period.ts';
import { type Amount, fieldOf, inReadingOrder, renderAmount } from './render.ts';

export interface StatData {
  /** Null when there is nothing to say, such as a share of nothing. A share is 0 to 1. */
  readonly value: Amount | null;
  /** The same figure over the same elapsed part of the period before. */
  readonly previous: Amount | null;
  /** The figure's course inside its window, one amount for each hour or day. Empty for shares and distinct counts. */
  readonly trend: readonly Amount[];
}

export interface BarRow {
  readonly label: string;
  /** What to filter by to see only this row; absent for measures and for the rest. */
  readonly filter?: { readonly dimension: DimensionName; readonly value: string };
  /** Set on the row that stands for values beyond the largest N: how many they are. */
  readonly rest?: number;
  /** Is the value not known? */
  readonly absent: boolean;
  readonly value: Amount;
  /** Of the panel's total, 0 to 1; null when the total is zero. */
  readonly share: number | null;
}

export interface BarsData {
  readonly rows: readonly BarRow[];
  readonly total: Amount;
}

export interface SeriesData {
  readonly grain: Grain;
  /** Start of each bar, epoch seconds. Every bar of the stretch is there, also the empty ones. */
  readonly starts: readonly number[];
  /** Largest first, the rest last. */
  readonly series: readonly (Omit<BarRow, 'value'> & { readonly total: Amount; readonly values: readonly Amount[] })[];
  readonly total: Amount;
}

export interface PanelData {
  readonly id: string;
  readonly title: string;
  readonly stat?: StatData;
  readonly bars?: BarsData;
  readonly series?: SeriesData;
}

/** Everything about a question that is not in the panel itself. */
export interface Ask {
  readonly reader: LedgerReader;
  readonly span: Span;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
  readonly nowMs: number;
  readonly rowsMax: number;
}

const SERIES_MAX = 8;
const REST = 'other';
const UNIT_OF = { today: 'day', this_week: 'week', this_month: 'month' } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Stretches up to the given length are drawn with this grain: never fewer than a handful of bars, never more than 200. */
const GRAIN_BY_LENGTH: readonly (readonly [number, Grain])[] = [
  [2 * DAY_MS, 'hour'],
  [200 * DAY_MS, 'day'],
  [1400 * DAY_MS, 'week'],
];

export function evaluatePanel(panel: Panel, ask: Ask): PanelData {
  if (panel.visualisation === 'stat') return { id: panel.id, title: panel.title, stat: evaluateStat(panel.query, ask) };
  if (panel.visualisation === 'timeseries') {
    const series = evaluateSeries(panel.query, ask);
    return { id: panel.id, title: panel.title.replace(/\bper (hour|day)\b/, `per ${series.grain}`), series };
  }
  return { id: panel.id, title: panel.title, bars: evaluateBars(panel.query, ask) };
}

/** The stretch a panel covers: its own period to date, or the one the reader picked. */
export const spanOf = (window: Window, ask: Pick<Ask, 'span' | 'calendar' | 'nowMs'>): Span =>
  window === 'range' ? ask.span : periodAround(UNIT_OF[window], ask.nowMs, ask.calendar);

/** The stretch to compare with: equally long, just before. Undefined when there is none, or when nothing has elapsed yet. */
export function spanBefore(window: Window, ask: Pick<Ask, 'span' | 'calendar' | 'nowMs'>): Span | undefined {
  const { fromMs, toMs = Number.POSITIVE_INFINITY } = spanOf(window, ask);
  if (fromMs === undefined) return undefined;
  const elapsed = Math.min(toMs, ceilQuarter(ask.nowMs)) - fromMs;
  if (window === 'range') return elapsed > 0 ? { fromMs: fromMs - elapsed, toMs: fromMs } : undefined;
  const before = periodAround(UNIT_OF[window], ask.nowMs, ask.calendar, -1);
  const end = Math.min(before.toMs, floorQuarter(before.fromMs + ask.nowMs - fromMs));
  return end > before.fromMs ? { fromMs: before.fromMs, toMs: end } : undefined;
}

function run(query: Pick<PanelQuery, 'measures' | 'by'>, span: Span, grain: Grain, ask: Ask): QueryResult {
  const { reader, calendar, where, rowsMax } = ask;
  return reader.query({ ...span, measures: query.measures, by: query.by, grain, timeZone: calendar.timeZone, where, rowsMax });
}

function evaluateStat(query: PanelQuery, ask: Ask): StatData {
  const span = spanOf(query.window, ask);
  const before = spanBefore(query.window, ask);
  const value = figureOf(query, run(query, span, 'total', ask));
  const previous = before === undefined ? null : figureOf(query, run(query, before, 'total', ask));
  const isSum = query.figure === undefined || query.figure === 'sum';
  return { value, previous, trend: isSum ? trendOf(query, span, ask) : [] };
}

function figureOf(query: PanelQuery, result: QueryResult): Amount | null {
  const [measure = 'cost'] = query.measures;
  if (query.figure === 'distinct') return result.rows.filter((row) => row.key[0] !== '' && row.values[0] !== 0n).length;
  if (query.figure === 'absent_share') return shareOf(sum(result.rows.filter((row) => row.key[0] === '')), result.totals[0] ?? 0n);
  return renderAmount(measure, result.totals[0] ?? 0n);
}

function trendOf(query: PanelQuery, span: Span, ask: Ask): readonly Amount[] {
  const [measure = 'cost'] = query.measures;
  const grain = query.window === 'today' ? 'hour' : grainFor(span, ask.nowMs);
  const result = run({ measures: [measure], by: [] }, span, grain, ask);
  const byStart = new Map(result.rows.map((row) => [row.startMs, row.values[0] ?? 0n]));
  return barStarts(grain, span, result.rows, ask).map((start) => renderAmount(measure, byStart.get(start) ?? 0n));
}

function evaluateBars(query: PanelQuery, ask: Ask): BarsData {
  const result = run(query, spanOf(query.window, ask), 'total', ask);
  const [measure = 'cost'] = query.measures;
  const [dimension] = query.by;
  if (dimension === undefined) return barsByMeasure(query.measures, result);
  const total = result.totals[0] ?? 0n;
  const rows = withRest(inReadingOrder(result.rows), query.top).map((group) => ({
    ...describeGroup(dimension, group, sum(group.rows), total),
    value: renderAmount(measure, sum(group.rows)),
  }));
  return { rows: rows.filter((row) => Number(row.value) !== 0), total: renderAmount(measure, total) };
}

/** Without a dimension each measure is a bar, such as the four classes of tokens. */
function barsByMeasure(measures: readonly MeasureName[], result: QueryResult): BarsData {
  const total = result.totals.reduce((before, value) => before + value, 0n);
  const rows = measures.map((measure, index) => {
    const value = result.totals[index] ?? 0n;
    return {
      label: fieldOf(measure)
        .replace(/_tokens$/, '')
        .replaceAll('_', ' '),
      absent: false,
      value: renderAmount(measure, value),
      share: shareOf(value, total),
    };
  });
  return { rows, total: renderAmount(measures[0] ?? 'cost', total) };
}

function evaluateSeries(query: PanelQuery, ask: Ask): SeriesData {
  const span = spanOf(query.window, ask);
  const grain = grainFor(span, ask.nowMs, query.grain);
  const [measure = 'cost'] = query.measures;
  const [dimension = 'model'] = query.by;
  const result = run(query, span, grain, ask);
  const starts = barStarts(grain, span, result.rows, ask);
  const total = result.totals[0] ?? 0n;
  const series = withRest(groupByKey(result.rows), query.top ?? SERIES_MAX).map((group) => {
    const byStart = new Map<number | undefined, bigint>();
    for (const row of group.rows) byStart.set(row.startMs, (byStart.get(row.startMs) ?? 0n) + (row.values[0] ?? 0n));
    return {
      ...describeGroup(dimension, group, sum(group.rows), total),
      total: renderAmount(measure, sum(group.rows)),
      values: starts.map((start) => renderAmount(measure, byStart.get(start) ?? 0n)),
    };
  });
  return { grain, starts: starts.map((ms) => ms / 1000), series, total: renderAmount(measure, total) };
}

interface Group {
  /** Stored value; undefined for the rest. */
  readonly key: string | undefined;
  readonly rows: readonly Row[];
  /** How many values it stands for. */
  readonly count: number;
}

/** One group for each value, the largest first. */
function groupByKey(rows: readonly Row[]): readonly Row[] {
  const totals = new Map<string, bigint>();
  for (const row of rows) totals.set(row.key[0] ?? '', (totals.get(row.key[0] ?? '') ?? 0n) + (row.values[0] ?? 0n));
  const order = [...totals].sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? 1 : -1)).map(([key]) => key);
  const rank = new Map(order.map((key, index) => [key, index]));
  return [...rows].sort((a, b) => (rank.get(a.key[0] ?? '') ?? 0) - (rank.get(b.key[0] ?? '') ?? 0));
}

/** Rows that arrive largest value first, cut after the first N values; the others become one group. */
function withRest(rows: readonly Row[], top = Number.POSITIVE_INFINITY): readonly Group[] {
  const groups = [...Map.groupBy(rows, (row) => row.key[0] ?? '')];
  const shown = groups.slice(0, top).map(([key, own]) => ({ key, rows: own, count: 1 }));
  const rest = groups.slice(top);
  return rest.length === 0 ? shown : [...shown, { key: undefined, rows: rest.flatMap(([, own]) => own), count: rest.length }];
}

function describeGroup(dimension: DimensionName, group: Group, value: bigint, total: bigint): Omit<BarRow, 'value'> {
  const share = shareOf(value, total);
  if (group.key === undefined) return { label: REST, rest: group.count, absent: false, share };
  const shown = showValue(dimension, group.key);
  return { label: shown, filter: { dimension, value: shown }, absent: group.key === '', share };
}

const sum = (rows: readonly Row[]): bigint => rows.reduce((before, row) => before + (row.values[0] ?? 0n), 0n);

/** A ratio for the eye, to a millionth; null when there is nothing to have a share of. */
export const shareOf = (part: bigint, whole: bigint): number | null => (whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1_000_000);

function grainFor(span: Span, nowMs: number, declared: Grain = 'day'): Grain {
  if (span.fromMs === undefined) return declared === 'hour' ? 'day' : 'month';
  const length = Math.min(span.toMs ?? nowMs, nowMs) - span.fromMs;
  return GRAIN_BY_LENGTH.find(([max]) => length <= max)?.[1] ?? 'month';
}

/** Start of every bar from the stretch's first to its last or the present, epoch milliseconds. */
function barStarts(grain: Grain, span: Span, rows: readonly Row[], { calendar, nowMs }: Ask): readonly number[] {
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
