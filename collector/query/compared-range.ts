/** The time range of a question, and the one before it that it is compared with. */
import { z } from 'zod';
import type { CalendarOptions } from '../core/calendar.ts';
import { ceilQuarter, floorQuarter, namedPeriod, periodAround, periodStart, type TimeRange } from '../core/time-range.ts';
import { instantSchema } from './answer-schemas.ts';
import { badParameter, hasTimeRange, type Parameters, readTimeRange, TIME_RANGE_SHAPES, TIME_RANGE_WORDS } from './parameters.ts';
import { calendarUnitOf, rangeWords } from './range-words.ts';
import { renderInstant } from './render.ts';

export type Range = Required<TimeRange>;

export interface ComparedRange {
  readonly range: Range;
  /** Does it go on at present? Then the ledger has a part of it. */
  readonly isRunning: boolean;
  /** The period before: a calendar one before a calendar one, else as many days, or as much time. */
  readonly before: Range;
  /** As much of it as has passed of the range; `before` itself once the range is over, and undefined where nothing has passed. */
  readonly beforeToDate: Range | undefined;
}

const MONTH = /^20\d{2}-(?:0[1-9]|1[0-2])$/;

/** Reads `month`, `period`, or a start and an end. Without any: the current month. Without a start: from that of the month that the end is in. */
export function readRange(parameters: Parameters, calendar: CalendarOptions, nowMs: number): Range {
  const month = parameters.get('month');
  if (month !== null) return readMonth(month, parameters, calendar, nowMs);
  const { fromMs, toMs } = readTimeRange(parameters, calendar, nowMs);
  if (fromMs === undefined && toMs === undefined) return periodAround('month', nowMs, calendar);
  const endMs = toMs ?? ceilQuarter(nowMs);
  const startMs = fromMs ?? periodStart('month', endMs - 1, calendar);
  if (startMs < endMs) return { fromMs: startMs, toMs: endMs };
  throw badParameter('from', parameters.get('from') ?? parameters.get('since') ?? '', 'is not before now', 'Give `to` as well, or an earlier start.');
}

function readMonth(month: string, parameters: Parameters, calendar: CalendarOptions, nowMs: number): Range {
  const period = MONTH.test(month) ? namedPeriod(month, calendar, nowMs) : undefined;
  if (period === undefined) throw badParameter('month', month, 'is not a month', 'Write year and month, such as 2026-11.');
  if (hasTimeRange(parameters))
    throw badParameter('month', month, `cannot be combined with ${TIME_RANGE_WORDS.join(', ')}`, 'Give either a month, or a period, or from and to.');
  return period;
}

export function compareRange(range: Range, calendar: CalendarOptions, nowMs: number): ComparedRange {
  const before = rangeBefore(range, calendar);
  // What was asked for up to now ends with the present quarter of an hour, and is over.
  const isRunning = nowMs < range.toMs && (range.toMs > ceilQuarter(nowMs) || calendarUnitOf(range, calendar) !== undefined);
  if (!isRunning) return { range, isRunning, before, beforeToDate: before };
  const toMs = Math.min(before.toMs, floorQuarter(before.fromMs + (nowMs - range.fromMs)));
  return { range, isRunning, before, beforeToDate: toMs > before.fromMs ? { fromMs: before.fromMs, toMs } : undefined };
}

function rangeBefore(range: Range, calendar: CalendarOptions): Range {
  const unit = calendarUnitOf(range, calendar);
  if (unit !== undefined) return periodAround(unit, range.fromMs, calendar, -1);
  const days = wholeDays(range, calendar);
  const fromMs = days === undefined ? range.fromMs - (range.toMs - range.fromMs) : periodAround('day', range.fromMs, calendar, -days).fromMs;
  return { fromMs, toMs: range.fromMs };
}

/** How many days a range that begins and ends with a day has. */
function wholeDays({ fromMs, toMs }: Range, calendar: CalendarOptions): number | undefined {
  if ([fromMs, toMs].some((edge) => periodStart('day', edge, calendar) !== edge)) return undefined;
  const [from, to] = [fromMs, toMs].map((edge) => Temporal.Instant.fromEpochMilliseconds(edge).toZonedDateTimeISO(calendar.timeZone).toPlainDate());
  return from !== undefined && to !== undefined ? from.until(to, { largestUnit: 'days' }).days : undefined;
}

/** The part of a range that has passed, in days: of a day that is cut, the part of its own length. Six decimals. */
export function daysPassed({ fromMs, toMs }: Range, calendar: CalendarOptions, nowMs: number): number {
  const endMs = Math.min(toMs, Math.max(nowMs, fromMs));
  let days = 0;
  for (let day = periodAround('day', fromMs, calendar); day.fromMs < endMs; day = periodAround('day', day.toMs, calendar)) {
    days += (Math.min(endMs, day.toMs) - Math.max(fromMs, day.fromMs)) / (day.toMs - day.fromMs);
  }
  return Math.round(days * 1e6) / 1e6;
}

/** The days of a range, whole also where it cuts them. */
export function daysOf({ fromMs, toMs }: Range, calendar: CalendarOptions): Range[] {
  const days: Range[] = [];
  for (let day = periodAround('day', fromMs, calendar); day.fromMs < toMs; day = periodAround('day', day.toMs, calendar)) days.push(day);
  return days;
}

export const RANGE_SHAPES = {
  month: {
    schema: z
      .string()
      .regex(MONTH)
      .describe('A calendar month, instead of period, from and to.')
      .meta({ examples: ['2026-11'] }),
  },
  ...TIME_RANGE_SHAPES,
} as const;

export const rangeSchema = z.object({ from: instantSchema, to: instantSchema, words: z.string() }).meta({ id: 'TimeRange' });
export type RangeAnswer = z.infer<typeof rangeSchema>;

export const renderRange = (range: Range, calendar: CalendarOptions): RangeAnswer => ({
  from: renderInstant(range.fromMs),
  to: renderInstant(range.toMs),
  words: rangeWords(range, calendar),
});
