/** What a trend is made of, read from one snapshot of the ledger. */
import { figureValue, measuresOf } from '../../catalog/figure-values.ts';
import type { FigureName } from '../../catalog/figures.ts';
import type { DimensionName } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { coverageStart } from '../../ledger/coverage-start.ts';
import type { LedgerSnapshot, Query, Row } from '../../ledger/ledger.ts';
import type { ComparedRange, Range } from '../compared-range.ts';
import { byName, largestFirst, sumIn } from '../totals.ts';
import { averagedFrom, type TrendGrain } from './points.ts';

/** More than the ledger keeps apart. */
const ROWS_MAX = 10_000_000;

export interface TrendRequest {
  readonly range: Range;
  readonly grain: TrendGrain;
  readonly figure: FigureName;
  readonly by: DimensionName | undefined;
  readonly limit: number;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
}

/** By start of a period, of everything and of each value that is shown. */
export interface TrendFacts {
  readonly all: ReadonlyMap<number, bigint>;
  /** Of the periods before the time range that are averaged. */
  readonly earlier: ReadonlyMap<number, bigint>;
  readonly byValue: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
  /** Of each value, shown or not, in the time range and in that before it. */
  readonly totals: ReadonlyMap<string, { readonly now: bigint; readonly before: bigint }>;
  readonly total: bigint;
  readonly before: bigint | undefined;
  readonly coveredFromMs: number;
  readonly asOfMs: number | undefined;
}

export async function readTrend(ledger: LedgerSnapshot, request: TrendRequest, { range, before, beforeToDate }: ComparedRange): Promise<TrendFacts> {
  const { figure, by, calendar, where, grain, limit } = request;
  const measures = measuresOf([figure]);
  const ask = (query: Partial<Query>, { fromMs, toMs }: Range) =>
    ledger.query({ measures, by: [], grain: 'total', timeZone: calendar.timeZone, where, rowsMax: ROWS_MAX, ...query, fromMs, toMs });
  const amount = (values: readonly bigint[]): bigint => BigInt(figureValue(figure, sumIn(measures, values)) ?? 0n);
  const series = (rows: readonly Row[]) => new Map(rows.map(({ startMs = 0, values }) => [startMs, amount(values)]));

  const firstMs = averagedFrom(range, grain, calendar);
  const all = await ask({ grain }, range);
  const past = beforeToDate && (await ask({}, beforeToDate));
  const facts = {
    all: series(all.rows),
    earlier: series((await ask({ grain }, { fromMs: firstMs, toMs: range.fromMs })).rows),
    total: amount(all.totals),
    before: past && amount(past.totals),
    coveredFromMs: await coverageStart(ledger, { fromMs: Math.min(firstMs, before.fromMs), toMs: range.toMs }, calendar.timeZone),
    asOfMs: all.asOfMs,
  };
  if (by === undefined) return { ...facts, byValue: new Map(), totals: new Map() };
  const totals = await valueTotals(by, { ask, amount }, range, beforeToDate);
  const shown = ordered(totals).slice(0, limit);
  const rows = shown.length === 0 ? [] : (await ask({ grain, by: [by], where: [...where, { dimension: by, values: shown }] }, range)).rows;
  const byValue = Map.groupBy(rows, ({ key: [value = ''] }) => value);
  return { ...facts, totals, byValue: new Map(shown.map((value) => [value, series(byValue.get(value) ?? [])])) };
}

interface Reading {
  ask(query: Partial<Query>, range: Range): Promise<{ readonly rows: readonly Row[] }>;
  amount(values: readonly bigint[]): bigint;
}

async function valueTotals(by: DimensionName, { ask, amount }: Reading, range: Range, before: Range | undefined): Promise<TrendFacts['totals']> {
  const now = new Map((await ask({ by: [by] }, range)).rows.map(({ key: [value = ''], values }) => [value, amount(values)]));
  const past = before === undefined ? [] : (await ask({ by: [by] }, before)).rows;
  const then = new Map(past.map(({ key: [value = ''], values }) => [value, amount(values)]));
  return new Map([...new Set([...now.keys(), ...then.keys()])].map((value) => [value, { now: now.get(value) ?? 0n, before: then.get(value) ?? 0n }]));
}

const ordered = (totals: TrendFacts['totals']): string[] =>
  [...totals]
    .sort(([a, one], [b, other]) => largestFirst(one.now, other.now) || largestFirst(one.before, other.before) || byName(a, b))
    .map(([value]) => value);
