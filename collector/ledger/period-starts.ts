/** When periods of a calendar begin, one after the other. */
import { type Calendar, type Grain, QUARTER_MS } from '../core/calendar.ts';
import { DAY_MS, HOUR_MS } from '../core/duration.ts';

type Period = Exclude<Grain, 'total'>;

/** No shorter than a period of the grain mostly is, and never as long as two. */
const LENGTH: Readonly<Record<Period, number>> = {
  quarter_hour: QUARTER_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
};

/** When a period begins that is about so many after that of the instant; of one, exactly the next. */
export function periodAfter(calendar: Calendar, grain: Period, fromMs: number, periods: number): number {
  const periodAt = (ms: number): number => calendar.periodOf(grain, ms);
  const startOf = (ms: number): number => calendar.startOf(grain, periodAt(ms));
  let ms = startOf(fromMs) + periods * LENGTH[grain];
  while (startOf(ms) <= fromMs) ms += LENGTH[grain] / 2;
  let endMs = startOf(ms);
  // Where a clock goes back by half an hour, an hour begins within another.
  while (periodAt(endMs) === periodAt(endMs - QUARTER_MS)) endMs += QUARTER_MS;
  return endMs;
}

/** Of the periods that hold any of the instants from one to another, both included, in seconds. */
export function periodStarts(calendar: Calendar, grain: Period, fromMs: number, lastMs: number): number[] {
  const starts: number[] = [];
  for (let ms = calendar.startOf(grain, calendar.periodOf(grain, fromMs)); ms <= lastMs; ms = periodAfter(calendar, grain, ms, 1))
    starts.push(ms / 1_000);
  return starts;
}
