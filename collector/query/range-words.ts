/** Time ranges in words, as people write dates: "November 2026", "1 to 15 November 2026". */
import type { CalendarOptions } from '../core/calendar.ts';
import { type CalendarUnit, periodAround, type TimeRange } from '../core/time-range.ts';

const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const ORDINALS = ['first', 'second', 'third', 'fourth'];

/** The unit of the calendar that a range is one of. */
export function calendarUnitOf({ fromMs, toMs }: Required<TimeRange>, calendar: CalendarOptions): CalendarUnit | undefined {
  return UNITS.find((unit) => {
    const period = periodAround(unit, fromMs, calendar);
    return period.fromMs === fromMs && period.toMs === toMs;
  });
}

export function rangeWords(range: Required<TimeRange>, calendar: CalendarOptions): string {
  const local = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(calendar.timeZone);
  const [from, to] = [local(range.fromMs), local(range.toMs)];
  const unit = calendarUnitOf(range, calendar);
  if (unit === 'month') return `${MONTHS[from.month - 1]} ${from.year}`;
  if (unit === 'quarter') return `the ${ORDINALS[(from.month - 1) / 3]} quarter of ${from.year}`;
  if (unit === 'year') return String(from.year);
  if (unit === 'day') return dayWords(from);
  if (unit === 'week') return `the week of ${dayWords(from)}`;
  const isOfDays = [from, to].every((edge) => edge.startOfDay().equals(edge));
  return isOfDays ? daysInWords(from, to.subtract({ days: 1 })) : `${instantWords(from)} to ${instantWords(to)}`;
}

function daysInWords(first: Temporal.ZonedDateTime, last: Temporal.ZonedDateTime): string {
  if (first.year !== last.year) return `${dayWords(first)} to ${dayWords(last)}`;
  return `${first.day}${first.month === last.month ? '' : ` ${MONTHS[first.month - 1]}`} to ${dayWords(last)}`;
}

/** "20 November 2026". */
export const dayWords = ({ day, month, year }: Pick<Temporal.ZonedDateTime, 'day' | 'month' | 'year'>): string =>
  `${day} ${MONTHS[month - 1]} ${year}`;

const instantWords = (time: Temporal.ZonedDateTime): string => `${dayWords(time)} ${time.toPlainTime().toString({ smallestUnit: 'minute' })}`;
