/** Which periods a scheduled export has files of. */
import { nextDueMs } from '../../alerts/cron.ts';
import type { ScheduledExport } from '../../config/exports.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { type CalendarUnit, periodAround } from '../../core/time-range.ts';

export interface ExportPeriod {
  /** A day, the first day of a week, or a month: 2026-11-28, 2026-11. */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a period is long, and the grain of rows that add up to one. */
export const UNITS = { yesterday: 'day', last_week: 'week', last_month: 'month' } as const satisfies Record<ScheduledExport['period'], CalendarUnit>;
/** What fell into a pause of the collector, or of its disk, is made up for so many periods. */
export const MADE_UP_MAX = 400;
/** A schedule of each minute has very many times in a long pause: it is looked through from the end, in such parts. */
const PART_MS = 40 * DAY_MS;

/** The last time of the schedule after `sinceMs`, up to now; undefined when there was none. Never done: now. */
export function lastDueMs(spec: ScheduledExport, timeZone: string, sinceMs: number | undefined, nowMs: number): number | undefined {
  if (sinceMs === undefined) return nowMs;
  const next = (ms: number): number | undefined => nextDueMs(spec.schedule, timeZone, ms, `exports: ${spec.name}: schedule`);
  let last: number | undefined;
  for (let toMs = nowMs; last === undefined && toMs > sinceMs; toMs -= PART_MS)
    for (let due = next(Math.max(sinceMs, toMs - PART_MS)); due !== undefined && due <= toMs; due = next(due)) last = due;
  return last;
}

/** The last complete period at an instant, and the ones before it back to the one named `first`; the oldest first. Without `first`: it alone. */
export function periodsUntil(dueMs: number, word: ScheduledExport['period'], calendar: CalendarOptions, first: string | undefined): ExportPeriod[] {
  const found: ExportPeriod[] = [];
  for (let back = 1; back <= MADE_UP_MAX; back++) {
    const period = named(word, periodAround(UNITS[word], dueMs, calendar, -back), calendar);
    if (first !== undefined ? period.name < first : back > 1) break;
    found.unshift(period);
  }
  return found;
}

function named(word: ScheduledExport['period'], { fromMs, toMs }: { fromMs: number; toMs: number }, { timeZone }: CalendarOptions): ExportPeriod {
  const day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone).toPlainDate();
  return { name: word === 'last_month' ? day.toPlainYearMonth().toString() : day.toString(), fromMs, toMs };
}
