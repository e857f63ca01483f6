/**
 * What a declared panel over the ledger must show, asked of the ledger by the finest rows and worked out here from the definitions of
 * the figures: the other side of every comparison. Nothing of what it is compared with is used.
 */
import { DERIVED, type Derived, type FigureName, figureUnit, isDerived, isPercentile, PERCENTILES } from '../../collector/catalog/figures.ts';
import { type DimensionName, isMeasure, type MeasureName } from '../../collector/catalog/measures.ts';
import type { Fixed, LedgerQuery, Panel, Window } from '../../collector/catalog/panel.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { showValue } from '../../collector/catalog/values.ts';
import { periodAround, type TimeRange } from '../../collector/core/time-range.ts';
import type { LedgerReader, Row } from '../../collector/ledger/ledger.ts';
import { cumulativeFigures } from './cumulative-figures.ts';

/**
 * "label", or "label@unix seconds of the bar", behind "figure|" where a panel has several figures or compares two windows -> value; USD for
 * money. The label is '' for a single figure, and several labels are joined by " · ".
 */
export type Figures = Readonly<Record<string, number>>;

export interface Moment {
  readonly nowMs: number;
  /** What the reader picked, for panels over the time range. */
  readonly range: TimeRange;
  readonly where?: readonly Filter[];
}

const DAY = 86_400_000;
const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;

export async function ledgerFigures({ query: declared, visualization }: Panel, reader: LedgerReader, at: Moment): Promise<Figures> {
  if (visualization === 'cumulative') return cumulativeFigures(reader, at);
  if (declared.source !== 'ledger') throw new Error('Only panels over the ledger are compared here.');
  const figures: FigureName[] = [];
  for (const name of declared.figures) if (await isAvailable(name, reader, at.where)) figures.push(name);
  const query = { ...declared, figures };
  const keyed = nameOf(declared);
  if (query.figures.length === 0) return {};
  if (!(await isKnown(query.window, reader, at))) return {};
  const now = await rowsIn(query.window, query, reader, at);
  if (query.summary !== undefined && query.summary !== 'sum') return summarized(query, now);
  if (query.grain !== undefined) return Object.fromEntries(query.figures.flatMap((name) => overTime(name, query, now, keyed)));
  const ranked = rankedKeys(query, now);
  const shown = ranked.slice(0, query.top);
  const isRanked = new Set(ranked);
  const table = (rows: readonly Sums[], name: FigureName): Map<string, number> => {
    // Without dimensions there is one figure, also of nothing.
    if (query.by.length === 0) return new Map(valued('', figure(name, rows)));
    const labels = Map.groupBy(rows, ({ label }) => (shown.includes(label) || !isRanked.has(label) ? label : 'other'));
    if (!adds(query.figures[0] ?? 'cost')) labels.delete('other');
    return new Map([...labels].flatMap(([label, own]) => valued(label, figure(name, own))));
  };
  const other = query.versus === undefined ? undefined : await rowsIn(query.versus, query, reader, at);
  return Object.fromEntries(query.figures.flatMap((name) => columns(name, query, table, now, other, keyed)));
}

/** While models are chosen, what the ledger only has without a model cannot be told. */
async function isAvailable(name: FigureName, reader: LedgerReader, where: readonly Filter[] = []): Promise<boolean> {
  if (!where.some(({ dimension, values }) => dimension === 'model' && !values.includes(''))) return true;
  const measures = parts(name);
  const { rows } = await reader.query({ measures, by: ['model'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 10_000 });
  const has = (place: number, isOfModel: boolean): boolean =>
    rows.some(({ key: [model], values }) => (model !== '') === isOfModel && values[place] !== 0n);
  return measures.every((_, place) => has(place, true) || !has(place, false));
}

/** What there is of last month was spent; up to the same time of it, it is there to be compared with, and of a part nothing follows. */
async function isKnown(window: Window, reader: LedgerReader, { nowMs }: Moment): Promise<boolean> {
  if (window !== 'last_month' && window !== 'last_month_to_date') return true;
  const { fromMs = 0, toMs = 0 } = timeRangeOf('last_month', nowMs);
  const { rows } = await reader.query({ measures: ['cost', 'events'], by: [], grain: 'hour', timeZone: 'UTC', where: [], rowsMax: 200_000 });
  const first = rows.reduce((least, { startMs = 0 }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  return window === 'last_month' ? first < toMs : first < fromMs + DAY;
}

type Table = (rows: readonly Sums[], name: FigureName) => ReadonlyMap<string, number>;

function columns(name: FigureName, query: LedgerQuery, table: Table, now: readonly Sums[], before: readonly Sums[] | undefined, keyed: Keyed) {
  const current = table(now, name);
  if (before === undefined) return [...current].map(([label, value]) => keyed(name, label, value));
  const other = table(before, name);
  const both = [...new Set([...current.keys(), ...other.keys()])];
  return [
    ...[...current].map(([label, value]) => keyed(name, label, value)),
    ...[...other].map(([label, value]) => keyed(`${name} ${query.versus}`, label, value)),
    ...both.map((label) => keyed(`${name} change`, label, (current.get(label) ?? 0) - (other.get(label) ?? 0))),
  ];
}

type Keyed = (figure: string, label: string, value: number) => [string, number];

function nameOf({ figures, versus }: LedgerQuery): Keyed {
  const isSingle = figures.length === 1 && versus === undefined;
  return (name, label, value) => [isSingle ? label : `${name}|${label}`, value];
}

/** A label's sums of measures; one for each bar of a panel over time. */
interface Sums {
  readonly label: string;
  readonly isKnown: boolean;
  readonly startMs: number | undefined;
  readonly sums: ReadonlyMap<MeasureName, bigint>;
}

/** Rows by the panel's dimensions and those that it fixes, filtered here. */
async function rowsIn(window: Window, query: LedgerQuery, reader: LedgerReader, { nowMs, range, where = [] }: Moment): Promise<Sums[]> {
  const fixed = query.where ?? [];
  const by = [...new Set([...query.by, ...fixed.map(({ dimension }) => dimension)])];
  const measures = [...new Set(query.figures.flatMap(parts))];
  const timeRange = window === 'range' ? range : window === 'previous_range' ? rangeBefore(range, nowMs) : timeRangeOf(window, nowMs);
  const { rows } = await reader.query({ ...timeRange, measures, by, grain: query.grain ?? 'total', timeZone: 'UTC', where, rowsMax: 200_000 });
  return rows
    .filter((row) => fixed.every((filter) => holds(filter, by, row)))
    .map(({ key, values, startMs }) => ({
      label: query.by.map((name, index) => showValue(name, key[index] ?? '')).join(' · '),
      isKnown: key[0] !== '',
      startMs,
      sums: new Map(measures.map((name, index) => [name, values[index] ?? 0n])),
    }));
}

function holds({ dimension, values, not = false }: { not?: boolean } & Pick<Fixed, 'dimension' | 'values'>, by: readonly DimensionName[], row: Row) {
  return values.includes(showValue(dimension, row.key[by.indexOf(dimension)] ?? '')) !== not;
}

/** As many whole days before, for ranges of whole days that are no period of the calendar. */
function rangeBefore({ fromMs = 0, toMs = 0 }: TimeRange, nowMs: number): TimeRange {
  const length = Math.min(toMs, nowMs) - fromMs;
  return { fromMs: fromMs - length, toMs: fromMs };
}

function timeRangeOf(window: Exclude<Window, 'range' | 'previous_range'>, nowMs: number): TimeRange {
  if (window === 'ever') return {};
  if (window === 'last_month') return periodAround('month', nowMs, UTC, -1);
  if (window === 'last_month_to_date') {
    const [before, month] = [periodAround('month', nowMs, UTC, -1), periodAround('month', nowMs, UTC)];
    return { fromMs: before.fromMs, toMs: Math.min(before.toMs, before.fromMs + Math.floor((nowMs - month.fromMs) / 900_000) * 900_000) };
  }
  return periodAround(({ today: 'day', this_week: 'week', this_month: 'month' } as const)[window], nowMs, UTC);
}

const parts = (name: FigureName): readonly MeasureName[] => {
  if (isMeasure(name)) return [name];
  if (isPercentile(name)) return [...PERCENTILES[name].buckets.map(([, measure]) => measure), PERCENTILES[name].count];
  if (!isDerived(name)) throw new Error(`${name} is no figure`);
  const { plus, minus = [], over = [] }: Derived = DERIVED[name];
  return [...plus, ...minus, ...over, ...(name === 'cache_savings' ? (['unpriced_tokens'] as const) : [])];
};

const adds = (name: FigureName): boolean => isMeasure(name) || (isDerived(name) && !('over' in DERIVED[name]));

/** Undefined: there is no such figure. */
function figure(name: FigureName, rows: readonly Sums[]): number | undefined {
  const of = (measures: readonly MeasureName[]): number =>
    Number(rows.reduce((sum, { sums }) => measures.reduce((inner, measure) => inner + (sums.get(measure) ?? 0n), sum), 0n));
  if (isPercentile(name)) return quantile(name, (measure) => of([measure]));
  const { plus, minus = [], over, scale = 1 }: Derived = isDerived(name) ? DERIVED[name] : { unit: 'count', plus: parts(name), description: '' };
  if (name === 'cache_savings' && of(['cost_list_uncached']) === 0 && of(['unpriced_tokens']) > 0) return undefined;
  const value = ((of(plus) - of(minus)) * scale) / (figureUnit(name) === 'usd' ? 1e12 : 1);
  if (over === undefined) return value;
  return of(over) === 0 ? undefined : value / of(over);
}

/** Half of ten lie below the fifth, which is as far into its bucket as it is among those in the bucket. */
function quantile(name: keyof typeof PERCENTILES, of: (measure: MeasureName) => number): number | undefined {
  const { quantile: share, buckets, count } = PERCENTILES[name];
  const rank = share * of(count);
  const index = buckets.findIndex(([, measure]) => of(measure) >= rank);
  const [bound, measure] = buckets.at(index) ?? [0, count];
  if (of(count) === 0) return undefined;
  if (index === -1) return bound;
  const [from, below] = index === 0 ? [0, 0] : [buckets[index - 1]?.[0] ?? 0, of(buckets[index - 1]?.[1] ?? count)];
  return from + ((bound - from) * (rank - below)) / (of(measure) - below);
}

const valued = (label: string, value: number | undefined): [string, number][] => (value === undefined ? [] : [[label, value]]);

function rankedKeys(query: LedgerQuery, rows: readonly Sums[]): string[] {
  const [first = 'cost'] = query.figures;
  return [...Map.groupBy(rows, ({ label }) => label)]
    .map(([label, own]): [string, number] => [label, figure(first, own) ?? Number.NEGATIVE_INFINITY])
    .sort(([, a], [, b]) => b - a)
    .map(([label]) => label);
}

function overTime(name: FigureName, query: LedgerQuery, rows: readonly Sums[], keyed: Keyed): [string, number][] {
  const kept = new Set(rankedKeys(query, rows).slice(0, query.top));
  const bars = Map.groupBy(rows, ({ label, startMs = 0 }) => `${kept.has(label) ? label : 'other'}@${startMs / 1000}`);
  return [...bars]
    .filter(([label]) => adds(name) || !label.startsWith('other@'))
    .flatMap(([label, own]) => valued(label, figure(name, own)).map(([, value]) => keyed(name, label, value)));
}

function summarized({ figures: [first = 'cost'], summary, grain }: LedgerQuery, rows: readonly Sums[]): Figures {
  const bars = grain === undefined ? new Map([['', rows]]) : Map.groupBy(rows, ({ startMs = 0 }) => `@${startMs / 1000}`);
  const value = (own: readonly Sums[]): number | undefined => {
    if (summary === 'distinct') return own.filter((row) => row.isKnown && figure(first, [row]) !== 0).length;
    const whole = figure(first, own);
    const unknown = figure(
      first,
      own.filter(({ isKnown }) => !isKnown),
    );
    return whole === 0 || whole === undefined || unknown === undefined ? undefined : unknown / whole;
  };
  return Object.fromEntries([...bars].flatMap(([label, own]) => valued(label, value(own))));
}
