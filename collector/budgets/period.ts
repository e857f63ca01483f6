/** Which time range a budget's amount is for at an instant, in the budget's own zone. */
import { LRUCache } from 'lru-cache';
import type { BudgetConfig } from '../config/budgets.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { type CalendarUnit, periodAround, type TimeRange } from '../core/time-range.ts';

export interface BudgetTimeRange extends Required<TimeRange> {
  /** "month", "rolling 30 days", "2026-11-01 to 2026-12-01". */
  readonly words: string;
  readonly calendar: CalendarOptions;
  /** Is the instant within it? False only before and after a period of once. */
  readonly isActive: boolean;
  /** The period before, as long as this one is in the calendar; undefined for a period of once. */
  readonly previous: Required<TimeRange> | undefined;
}

/** The budget's own zone and first weekday, else the ledger's. */
export const calendarOf = ({ time_zone, week_start }: BudgetConfig, ledger: CalendarOptions): CalendarOptions => ({
  timeZone: time_zone ?? ledger.timeZone,
  weekStart: week_start ?? ledger.weekStart,
});

/** When a day such as "2026-11-01" begins in a zone, epoch milliseconds. */
export const startOfDayIn = (day: string, timeZone: string): number => Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds;

/** The day such as "2026-11-01" that an instant falls in. */
export const dayIn = (ms: number, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate().toString();

export function budgetTimeRange(budget: BudgetConfig, nowMs: number, ledger: CalendarOptions): BudgetTimeRange {
  const { period } = budget;
  const calendar = calendarOf(budget, ledger);
  if (typeof period === 'string') return calendarTimeRange(period, nowMs, calendar);
  if ('rolling_days' in period) return rollingTimeRange(period.rolling_days, nowMs, calendar);
  const fromMs = startOfDayIn(period.from, calendar.timeZone);
  const toMs = startOfDayIn(period.to, calendar.timeZone);
  const words = `${period.from} to ${period.to}`;
  return { fromMs, toMs, words, calendar, isActive: fromMs <= nowMs && nowMs < toMs, previous: undefined };
}

/** By unit, zone and first weekday: whoever asks again within the period need not ask the calendar, which is slow. */
const REMEMBERED_MAX = 500;
const remembered = new LRUCache<string, BudgetTimeRange>({ max: REMEMBERED_MAX });

function calendarTimeRange(unit: CalendarUnit, nowMs: number, calendar: CalendarOptions): BudgetTimeRange {
  const key = [unit, calendar.timeZone, calendar.weekStart].join(' ');
  const known = remembered.get(key);
  if (known !== undefined && known.fromMs <= nowMs && nowMs < known.toMs) return known;
  const previous = periodAround(unit, nowMs, calendar, -1);
  const timeRange = { ...periodAround(unit, nowMs, calendar), words: unit, calendar, isActive: true, previous };
  remembered.set(key, timeRange);
  return timeRange;
}

/** Whole days, today the last: what was spent 30 days ago falls out at midnight, not in the middle of a day. */
function rollingTimeRange(days: number, nowMs: number, calendar: CalendarOptions): BudgetTimeRange {
  const today = periodAround('day', nowMs, calendar);
  const back = (count: number): number => periodAround('day', nowMs, calendar, -count).fromMs;
  const fromMs = back(days - 1);
  return {
    fromMs,
    toMs: today.toMs,
    words: `rolling ${days} ${days === 1 ? 'day' : 'days'}`,
    calendar,
    isActive: true,
    previous: { fromMs: back(2 * days - 1), toMs: fromMs },
  };
}
