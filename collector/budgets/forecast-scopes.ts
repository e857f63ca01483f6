/** Forecasts for many scopes at once: their daily history is one query for each set of dimensions, as their spend is. */

import { LRUCache } from 'lru-cache';
import type { MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { MINUTE_MS } from '../core/duration.ts';
import { periodAround } from '../core/time-range.ts';
import { commonFilter, dimensionsOf, ROWS_MAX, readSpend, type SpendContext } from '../ledger/scoped-spend.ts';
import { forecastSpend, HISTORY_DAYS } from './forecast.ts';
import type { Forecast } from './status.ts';

export interface ForecastRequest {
  readonly where: readonly Filter[];
  readonly measures: readonly MeasureName[];
  /** Zone of its days. */
  readonly calendar: CalendarOptions;
  readonly toMs: number;
  readonly spent: bigint;
  readonly limit?: bigint | undefined;
}

export interface ForecastContext extends SpendContext {
  readonly nowMs: number;
  /** Forecasts that were made before and may be used again. */
  readonly forecastMemo?: ForecastMemo | undefined;
}

/** Eight weeks of days move little within minutes, and reading them is the expensive part of a status. */
const MEMO_MS = 5 * MINUTE_MS;
const MEMO_MAX = 100_000;

/** Remembers forecasts for five minutes, for those who ask again and again. What was spent meanwhile is never below them. */
export class ForecastMemo {
  readonly #known = new LRUCache<string, { readonly untilMs: number; readonly forecast: Forecast }>({ max: MEMO_MAX });

  recall(request: ForecastRequest, nowMs: number): Forecast | undefined {
    const known = this.#known.get(keyOf(request));
    if (known === undefined || nowMs >= known.untilMs || nowMs < known.untilMs - MEMO_MS) return undefined;
    const { forecast } = known;
    if (forecast.kind === 'none') return forecast;
    const atLeast = (amount: bigint): bigint => (amount < request.spent ? request.spent : amount);
    const isUsedUp = request.limit !== undefined && request.spent >= request.limit;
    return { ...forecast, p50: atLeast(forecast.p50), p90: atLeast(forecast.p90), breachMs: isUsedUp ? undefined : forecast.breachMs };
  }

  remember(request: ForecastRequest, forecast: Forecast, nowMs: number): void {
    this.#known.set(keyOf(request), { untilMs: Math.min(nowMs + MEMO_MS, Math.max(nowMs, request.toMs)), forecast });
  }
}

const keyOf = ({ where, measures, calendar, toMs, limit }: ForecastRequest): string =>
  [calendar.timeZone, toMs, limit, measures.join(), ...where.flatMap(({ dimension, values }) => [dimension, ...values])].join(SEPARATOR);

interface Days {
  /** Starts of the days of the history, and of today, the last. */
  readonly starts: readonly number[];
  readonly indexOf: ReadonlyMap<number, number>;
}

const SEPARATOR = '\u001f';

/** In the order of the requests. */
export async function forecastAll(requests: readonly ForecastRequest[], context: ForecastContext): Promise<readonly Forecast[]> {
  const { forecastMemo, nowMs } = context;
  const forecasts = new Map<ForecastRequest, Forecast>();
  for (const request of requests) {
    const known = forecastMemo?.recall(request, nowMs);
    if (known !== undefined) forecasts.set(request, known);
  }
  const missing = requests.filter((request) => !forecasts.has(request));
  const groups = Map.groupBy(missing, ({ where, measures, calendar }) =>
    [calendar.timeZone, measures.join(), dimensionsOf({ where, per: undefined }).join()].join(SEPARATOR),
  );
  for (const group of groups.values()) {
    for (const [request, forecast] of await forecastGroup(group, context)) {
      forecasts.set(request, forecast);
      forecastMemo?.remember(request, forecast, nowMs);
    }
  }
  return requests.map((request) => forecasts.get(request) ?? { kind: 'none', reason: 'It was not requested.' });
}

async function forecastGroup(group: readonly ForecastRequest[], context: ForecastContext): Promise<[ForecastRequest, Forecast][]> {
  const [first] = group;
  if (first === undefined) return [];
  const { calendar } = first;
  const days = historyDays(context.nowMs, calendar);
  const daily = await readDaily(group, first, days, context);
  const left = new Map<number, readonly number[]>();
  return group.map((request) => {
    const amounts = addUp(request.where, daily, days.starts.length);
    return [
      request,
      forecastSpend({
        days: amounts.slice(0, -1),
        today: amounts.at(-1) ?? 0n,
        spent: request.spent,
        limit: request.limit,
        daysLeft: left.getOrInsertComputed(request.toMs, (toMs) => daysUntil(toMs, context.nowMs, calendar)),
        nowMs: context.nowMs,
      }),
    ];
  });
}

function historyDays(nowMs: number, calendar: CalendarOptions): Days {
  const starts = Array.from({ length: HISTORY_DAYS + 1 }, (_, index) => periodAround('day', nowMs, calendar, index - HISTORY_DAYS).fromMs);
  return { starts, indexOf: new Map(starts.map((start, index) => [start, index])) };
}

/** Starts of the days from the present one until the end, and the end. */
export function daysUntil(toMs: number, nowMs: number, calendar: CalendarOptions): number[] {
  const starts: number[] = [];
  for (let day = periodAround('day', nowMs, calendar); day.fromMs < toMs; day = periodAround('day', day.toMs, calendar)) starts.push(day.fromMs);
  return [...starts, toMs];
}

/** Amounts by day, for each combination of the scope's dimensions. */
type Daily = ReadonlyMap<string, bigint[]>;

async function readDaily(
  group: readonly ForecastRequest[],
  { where, measures, calendar }: ForecastRequest,
  days: Days,
  { reader }: ForecastContext,
): Promise<Daily> {
  const by = dimensionsOf({ where, per: undefined });
  const result = await reader.query({
    measures,
    by,
    fromMs: days.starts[0] ?? 0,
    toMs: periodAround('day', days.starts.at(-1) ?? 0, calendar).toMs,
    grain: 'day',
    timeZone: calendar.timeZone,
    where: commonFilter(group, by),
    rowsMax: ROWS_MAX,
    // What is brought in for a closed month is no habit.
    isInTime: true,
  });
  const daily = new Map<string, bigint[]>();
  for (const { startMs, key, values } of result.rows) {
    const amounts = daily.getOrInsertComputed(key.join(SEPARATOR), () => Array.from({ length: days.starts.length }, () => 0n));
    const index = days.indexOf.get(startMs ?? -1);
    if (index !== undefined) amounts[index] = (amounts[index] ?? 0n) + values.reduce((sum, value) => sum + value, 0n);
  }
  return daily;
}

function addUp(where: readonly Filter[], daily: Daily, length: number): bigint[] {
  const sums = Array.from({ length }, () => 0n);
  const single = where.every(({ values }) => values.length === 1);
  const exact = single ? daily.get(where.map(({ values }) => values[0]).join(SEPARATOR)) : undefined;
  const parts = single ? (exact === undefined ? [] : [exact]) : [...daily].filter(([key]) => isIn(key, where)).map(([, amounts]) => amounts);
  for (const amounts of parts) for (const [index, amount] of amounts.entries()) sums[index] = (sums[index] ?? 0n) + amount;
  return sums;
}

const isIn = (key: string, where: readonly Filter[]): boolean => {
  const parts = key.split(SEPARATOR);
  return where.every(({ values }, index) => values.includes(parts[index] ?? ''));
};

/** To the end of the running month in the calendar's zone: the booked cost of each scope, such as a team or everything ([]), in their order. */
export async function forecastMonths(context: ForecastContext, scopes: readonly (readonly Filter[])[]): Promise<readonly Forecast[]> {
  const { reader, calendar, nowMs } = context;
  const month = periodAround('month', nowMs, calendar);
  const sorted = scopes.map((where) => [...where].sort((a, b) => (a.dimension < b.dimension ? -1 : 1)));
  const { spends } = await readSpend(
    sorted.map((where) => ({ timeRange: month, where, measures: ['cost'], isAsPosted: true })),
    { reader, calendar },
  );
  return forecastAll(
    sorted.map((where, index) => ({ where, measures: ['cost'], calendar, toMs: month.toMs, spent: spends[index]?.total ?? 0n })),
    context,
  );
}
