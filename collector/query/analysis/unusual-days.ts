/** Days that cost much more or less than the same weekday of the weeks before. Robust: a few wild days among those do not matter. */
import { median, spread } from '../../alerts/anomalies/robust-statistics.ts';

/** A whole day, in the order of time and without gaps. */
export interface DayCost {
  readonly startMs: number;
  readonly cost: bigint;
}

export interface UnusualDay extends DayCost {
  readonly kind: 'high' | 'low';
  /** Median of the same weekday before. */
  readonly usual: bigint;
  readonly spread: bigint;
  /** So many weeks had any cost on it. */
  readonly weeks: number;
}

export const WEEKS = 8;
const DAYS_IN_WEEK = 7;
/** So many of those weeks must have spend to compare with. */
const WEEKS_MIN = 4;
/** Away from the usual by so many spreads, and half as much again, or less than half of it. */
const SPREADS = 3n;
const HIGH_PERCENT = 150n;
const LOW_PERCENT = 50n;
/** A Sunday that costs three times the little that it usually does is no news: the difference is half of a usual day. */
const WORTH_PERCENT = 50n;

/** Of the days from `fromMs` on; those before are what they are compared with. */
export function unusualDays(days: readonly DayCost[], fromMs: number): UnusualDay[] {
  return days.flatMap((day, index) => (day.startMs < fromMs ? [] : judge(day, sameWeekday(days, index), median(recent(days, index)))));
}

const withSpend = (costs: readonly bigint[]): bigint[] => costs.filter((cost) => cost > 0n);

const sameWeekday = (days: readonly DayCost[], index: number): bigint[] =>
  withSpend(Array.from({ length: WEEKS }, (_, week) => days[index - DAYS_IN_WEEK * (week + 1)]?.cost ?? 0n));

const recent = (days: readonly DayCost[], index: number): bigint[] =>
  withSpend(days.slice(Math.max(0, index - WEEKS * DAYS_IN_WEEK), index).map(({ cost }) => cost));

/** `anyDay`: what a day of any weekday usually costs. */
function judge(day: DayCost, before: readonly bigint[], anyDay: bigint): UnusualDay[] {
  if (before.length < WEEKS_MIN) return [];
  const usual = median(before);
  const width = spread(before);
  const difference = day.cost > usual ? day.cost - usual : usual - day.cost;
  if (difference * 100n < anyDay * WORTH_PERCENT || difference <= SPREADS * width) return [];
  const isHigh = day.cost > usual && day.cost * 100n >= usual * HIGH_PERCENT;
  const isLow = day.cost < usual && day.cost * 100n <= usual * LOW_PERCENT;
  return isHigh || isLow ? [{ ...day, kind: isHigh ? 'high' : 'low', usual, spread: width, weeks: before.length }] : [];
}
