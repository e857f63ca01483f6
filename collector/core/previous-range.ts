/** What a time range is compared with, and how far it has come: the time before it, day for day. Pure. */

import type { CalendarOptions } from './calendar.ts';
import { DAY_MS, HOUR_MS } from './duration.ts';
import { type CalendarUnit, floorQuarter, periodAround, type TimeRange } from './time-range.ts';

const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year'];
/** Up to here time is counted in hours, as charts do; beyond it in days. */
const HOURS_MAX_MS = 2 * DAY_MS;

/** The period of the calendar that a time range is exactly; undefined for any other. */
export function calendarUnitOf({ fromMs, toMs }: TimeRange, calendar: CalendarOptions): CalendarUnit | undefined {
  if (fromMs === undefined || toMs === undefined) return undefined;
  return UNITS.find((unit) => {
    const period = periodAround(unit, fromMs, calendar);
    return period.fromMs === fromMs && period.toMs === toMs;
  });
}

export interface PreviousRange extends Required<TimeRange> {
  /** As far into it as the time range itself has come: what the two are compared up to. A whole quarter of an hour. */
  readonly upToMs: number;
}

/**
 * The time before a time range: the period before of the calendar (October for November), else as many whole days before (or hours, of
 * two days or less), so that both begin at the same time of day. Undefined without a beginning, and before anything has elapsed.
 */
export function previousRange(timeRange: TimeRange, nowMs: number, calendar: CalendarOptions): PreviousRange | undefined {
  const { fromMs, toMs = Number.POSITIVE_INFINITY } = timeRange;
  if (fromMs === undefined) return undefined;
  const endMs = Math.min(toMs, floorQuarter(nowMs));
  if (endMs <= fromMs) return undefined;
  const unit = calendarUnitOf(timeRange, calendar);
  const before = unit === undefined ? wholeSteps(fromMs, endMs, calendar) : periodAround(unit, fromMs, calendar, -1);
  // A month that is over is compared with the whole month before, which may be longer or shorter.
  const isWholePeriod = unit !== undefined && nowMs >= toMs;
  const upToMs = isWholePeriod ? before.toMs : Math.min(before.toMs, before.fromMs + endMs - fromMs);
  return { ...before, upToMs };
}

function wholeSteps(fromMs: number, endMs: number, calendar: CalendarOptions): Required<TimeRange> {
  const length = endMs - fromMs;
  if (length <= HOURS_MAX_MS) return { fromMs: fromMs - Math.ceil(length / HOUR_MS) * HOUR_MS, toMs: fromMs };
  const days = Math.ceil(length / DAY_MS);
  const from = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(calendar.timeZone).subtract({ days });
  return { fromMs: from.epochMilliseconds, toMs: fromMs };
}
