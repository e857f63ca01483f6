/** A figure by day, week or month: what is known of it, what is not over yet, and its moving average. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { periodAround } from '../../core/time-range.ts';
import type { Range } from '../compared-range.ts';
import { total } from '../totals.ts';

export type TrendGrain = 'day' | 'week' | 'month';
export const TREND_GRAINS: readonly TrendGrain[] = ['day', 'week', 'month'];
/** So many points are averaged, a point with those before it. */
export const AVERAGED: Readonly<Record<TrendGrain, number>> = { day: 7, week: 4, month: 3 };

export interface Point extends Range {
  /** Undefined where the ledger has nothing of the time. */
  readonly value: bigint | undefined;
  /** Over, and not cut by the time range. */
  readonly isWhole: boolean;
  /** Of all that is averaged. Undefined unless all of it is known and whole. */
  readonly movingTotal: bigint | undefined;
}

export interface PointsRequest {
  readonly range: Range;
  readonly grain: TrendGrain;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  /** When the first record is, see coverage-start.ts. */
  readonly coveredFromMs: number;
}

/** The periods that begin up to now, or have something all the same: some clocks are ahead. Of the first, what is in the time range. */
function periodsOf(values: ReadonlyMap<number, bigint>, { range, grain, calendar, nowMs }: Omit<PointsRequest, 'coveredFromMs'>): Range[] {
  const periods: Range[] = [];
  const lastMs = Math.max(range.fromMs, ...[...values].filter(([, value]) => value !== 0n).map(([startMs]) => startMs));
  const endMs = Math.min(range.toMs, Math.max(nowMs, lastMs + 1));
  for (let period = periodAround(grain, range.fromMs, calendar); period.fromMs < endMs; period = periodAround(grain, period.toMs, calendar))
    periods.push(period);
  return periods;
}

/** When what is averaged for the first point begins. */
export const averagedFrom = (range: Range, grain: TrendGrain, calendar: CalendarOptions): number =>
  periodAround(grain, range.fromMs, calendar, 1 - AVERAGED[grain]).fromMs;

/** By the start of their period; `earlier`: of those before the time range that are averaged. */
export function pointsOf(values: ReadonlyMap<number, bigint>, earlier: ReadonlyMap<number, bigint>, request: PointsRequest): Point[] {
  const { range, grain, calendar, nowMs, coveredFromMs } = request;
  const before = Array.from({ length: AVERAGED[grain] - 1 }, (_, index) => periodAround(grain, range.fromMs, calendar, index + 1 - AVERAGED[grain]));
  const known = ({ fromMs, toMs }: Range, from: ReadonlyMap<number, bigint>) => (toMs <= coveredFromMs ? undefined : (from.get(fromMs) ?? 0n));
  const isWhole = ({ fromMs, toMs }: Range): boolean => toMs <= nowMs && fromMs >= range.fromMs && toMs <= range.toMs;
  const all = [
    ...before.map((period) => ({ ...period, value: known(period, earlier), isWhole: true })),
    ...periodsOf(values, request).map((period) => ({ ...period, value: known(period, values), isWhole: isWhole(period) })),
  ];
  return all.slice(before.length).map((point, index) => ({ ...point, movingTotal: totalOf(all.slice(index, index + AVERAGED[grain])) }));
}

function totalOf(points: readonly Omit<Point, 'movingTotal'>[]): bigint | undefined {
  const values = points.flatMap(({ value, isWhole }) => (isWhole && value !== undefined ? [value] : []));
  return values.length < points.length ? undefined : total(values);
}

export interface Weekday {
  /** Monday 1 … Sunday 7. */
  readonly weekday: number;
  readonly days: number;
  readonly total: bigint;
}

/** Of the whole days that are known. */
export function weekdaysOf(points: readonly Point[], { timeZone }: CalendarOptions): Weekday[] {
  const days = points.filter(({ isWhole, value }) => isWhole && value !== undefined);
  const byWeekday = Map.groupBy(days, ({ fromMs }) => Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone).dayOfWeek);
  return [...byWeekday]
    .map(([weekday, own]) => ({ weekday, days: own.length, total: total(own.map(({ value = 0n }) => value)) }))
    .sort((a, b) => a.weekday - b.weekday);
}
