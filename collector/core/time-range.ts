/**
 * Time ranges as people write them: "today", "last-month", "2026-11-20", "24h", "now-7d". The REST API, the boards and
 * the CLI read them here. Days, weeks and months are cut in the calendar that is handed in. Instants are epoch
 * milliseconds; a time range includes its start and excludes its end, so `from=2026-11-01&to=2026-12-01` is November.
 */
import { type CalendarOptions, QUARTER_MS } from './calendar.ts';
import { LedgerlineError } from './error.ts';
import { suggest } from './suggest.ts';

/** Both ends are whole quarters of an hour, as the ledger asks. A missing end is open. */
export interface TimeRange {
  readonly fromMs?: number;
  readonly toMs?: number;
}

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

const WEEKDAY = { monday: 1, saturday: 6, sunday: 7 } as const;

/** Words for whole periods of the calendar, with their unit and how many units back they begin. */
const PERIODS: Readonly<Record<string, { readonly unit: CalendarUnit; readonly back: number }>> = {
  today: { unit: 'day', back: 0 },
  yesterday: { unit: 'day', back: 1 },
  this_week: { unit: 'week', back: 0 },
  last_week: { unit: 'week', back: 1 },
  this_month: { unit: 'month', back: 0 },
  last_month: { unit: 'month', back: 1 },
  this_quarter: { unit: 'quarter', back: 0 },
  last_quarter: { unit: 'quarter', back: 1 },
  this_year: { unit: 'year', back: 0 },
  last_year: { unit: 'year', back: 1 },
};
export const PERIOD_WORDS: readonly string[] = Object.keys(PERIODS);
const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year'];

const RELATIVE = /^now(?:-(\d{1,5})([mhdwMQy]))?(?:\/([hdwMQy]))?$/;
/** "24h", "last-24h", "last_7_days". */
const ROLLING = /^(?:last[_-])?(\d{1,5})[_-]?(m|h|d|w|M|y|minutes?|hours?|days?|weeks?|months?|years?)$/;
const YEAR = /^\d{4}$/;
const QUARTER = /^(\d{4})-?q([1-4])$/i;
const MONTH = /^\d{4}-\d{2}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i;
const STEP = { m: 'minutes', h: 'hours', d: 'days', w: 'weeks', M: 'months', y: 'years' } as const;
const ROUND = { h: 'hour', d: 'day', w: 'week', M: 'month', Q: 'quarter', y: 'year' } as const;

/** No ledger has anything before or after, and calculating with dates near the end of a calendar fails. A zone's own day may begin before. */
export const EARLIEST_MS = Date.parse('1999-12-31T00:00:00Z');
export const LATEST_MS = Date.parse('2100-01-02T00:00:00Z');
const YEARS = 'Give a date from 2000-01-01 to 2100-01-01.';

const EXAMPLES = `Write a date (2026-11-20), a month (2026-11), an instant on a quarter of an hour (2026-11-20T10:15:00Z), now, now-7d, 24h, or one of ${PERIOD_WORDS.join(', ')}.`;
const PERIOD_EXAMPLES = `Allowed: ${PERIOD_WORDS.join(', ')}, a rolling one (24h, 7d, last-30d), or a date, month, quarter or year (2026-11-20, 2026-11, 2026-Q4, 2026).`;

const isKeyOf = <T extends object>(table: T, key: string): key is Extract<keyof T, string> => Object.hasOwn(table, key);

const zoned = (ms: number, calendar: CalendarOptions): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(calendar.timeZone);

function startOf(unit: CalendarUnit | 'hour', time: Temporal.ZonedDateTime, weekStart: CalendarOptions['weekStart']): Temporal.ZonedDateTime {
  if (unit === 'hour') return time.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  const day = time.startOfDay();
  if (unit === 'day') return day;
  // Going back over dates and asking for the start of that day stays right where the clock changes at midnight.
  if (unit === 'week') return day.subtract({ days: (day.dayOfWeek - WEEKDAY[weekStart] + 7) % 7 }).startOfDay();
  const month = unit === 'month' ? day.month : unit === 'quarter' ? day.month - ((day.month - 1) % 3) : 1;
  return day.with({ month, day: 1 }).startOfDay();
}

function step(time: Temporal.ZonedDateTime, unit: CalendarUnit, count: number): Temporal.ZonedDateTime {
  if (unit === 'quarter') return time.add({ months: 3 * count }).startOfDay();
  return time.add({ [`${unit}s`]: count }).startOfDay();
}

/** When the day, week, month, quarter or year around an instant began. */
export function periodStart(unit: CalendarUnit, ms: number, calendar: CalendarOptions): number {
  return startOf(unit, zoned(ms, calendar), calendar.weekStart).epochMilliseconds;
}

/** The whole period around an instant, moved by `offset` periods (-1 is the one before). Both ends are set. */
export function periodAround(unit: CalendarUnit, ms: number, calendar: CalendarOptions, offset = 0): Required<TimeRange> {
  const start = step(startOf(unit, zoned(ms, calendar), calendar.weekStart), unit, offset);
  return { fromMs: start.epochMilliseconds, toMs: step(start, unit, 1).epochMilliseconds };
}

/**
 * The month before, for as long as this month has lasted: what this month so far is compared with. Ends on a whole quarter of an
 * hour, and no later than the month itself: a shorter month counts to its end.
 */
export function lastMonthToDate(nowMs: number, calendar: CalendarOptions): Required<TimeRange> {
  const before = periodAround('month', nowMs, calendar, -1);
  const elapsed = nowMs - periodStart('month', nowMs, calendar);
  return { fromMs: before.fromMs, toMs: Math.min(before.toMs, floorQuarter(before.fromMs + elapsed)) };
}

/**
 * The period that a word names: "last_month" or "last-month", "month" for the current one, "24h" up to the present quarter of an hour,
 * a date, month, quarter or year. Undefined when it names none.
 */
export function namedPeriod(word: string, calendar: CalendarOptions, nowMs: number): Required<TimeRange> | undefined {
  return calendarPeriod(word, calendar, nowMs) ?? rollingPeriod(word, calendar, nowMs);
}

function calendarPeriod(word: string, calendar: CalendarOptions, nowMs: number): Required<TimeRange> | undefined {
  const name = word.replaceAll('-', '_');
  const unit = UNITS.find((candidate) => candidate === name);
  if (unit !== undefined) return periodAround(unit, nowMs, calendar);
  if (!isKeyOf(PERIODS, name)) return writtenPeriod(word, calendar);
  const period = PERIODS[name];
  return period && periodAround(period.unit, nowMs, calendar, -period.back);
}

function writtenPeriod(text: string, calendar: CalendarOptions): Required<TimeRange> | undefined {
  const quarter = QUARTER.exec(text);
  if (quarter) return aroundDate('quarter', `${quarter[1]}-${String(Number(quarter[2]) * 3).padStart(2, '0')}-01`, calendar);
  if (YEAR.test(text)) return aroundDate('year', `${text}-01-01`, calendar);
  if (MONTH.test(text)) return aroundDate('month', `${text}-01`, calendar);
  const date = text.replace(COMPACT_DATE, '$1-$2-$3');
  return DATE.test(date) ? aroundDate('day', date, calendar) : undefined;
}

/** Undefined for what is no day of the calendar, and where calculating would leave it. */
function aroundDate(unit: CalendarUnit, date: string, calendar: CalendarOptions): Required<TimeRange> | undefined {
  const ms = absolutePoint(date, calendar);
  return ms === undefined || !isWithinYears(ms) ? undefined : periodAround(unit, ms, calendar);
}

function rollingPeriod(word: string, calendar: CalendarOptions, nowMs: number): Required<TimeRange> | undefined {
  const [, count, unit] = ROLLING.exec(word) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const letter = unit.length === 1 ? unit : unit.startsWith('month') ? 'M' : unit.charAt(0);
  const fromMs = isKeyOf(STEP, letter) ? zoned(nowMs, calendar).subtract({ [STEP[letter]]: Number(count) }).epochMilliseconds : Number.NaN;
  // Rounded outwards, as from=now-24h is.
  return isWithinYears(fromMs) && Number(count) > 0 ? { fromMs: floorQuarter(fromMs), toMs: ceilQuarter(nowMs) } : undefined;
}

const isWithinYears = (ms: number): boolean => ms >= EARLIEST_MS && ms < LATEST_MS;

export interface TimeRangeWords {
  /** Stands for both ends. */
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  /** Not included. */
  readonly to?: string | undefined;
  /** The same as `from`. */
  readonly since?: string | undefined;
  /** Included: "2026-11-20" to the end of that day, "last_month" to the end of it. */
  readonly until?: string | undefined;
}

/**
 * Reads `period`, or a start (`from`, `since`) and an end (`to`, `until`). Throws LedgerlineError `invalid`, naming key, value and
 * remedy: for what it cannot read, and for time ranges that end before they begin.
 */
export function parseTimeRange(words: TimeRangeWords, calendar: CalendarOptions, nowMs: number): TimeRange {
  refuseTwice(words);
  if (words.period !== undefined) {
    const timeRange = namedPeriod(words.period, calendar, nowMs);
    if (timeRange === undefined) throw invalid('period', words.period, PERIOD_EXAMPLES);
    return timeRange;
  }
  const [startKey, start] = words.since === undefined ? (['from', words.from] as const) : (['since', words.since] as const);
  const [endKey, end] = words.until === undefined ? (['to', words.to] as const) : (['until', words.until] as const);
  const fromMs = start === undefined ? undefined : parsePoint(startKey, start, calendar, nowMs);
  const toMs = end === undefined ? undefined : parsePoint(endKey, end, calendar, nowMs);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new LedgerlineError('invalid', `${endKey}=${end} is not after ${startKey}=${start}.`, {
      hint: 'from is included and to is not: one day is from=2026-11-20&to=2026-11-21, and period=today is today. until is included.',
      ...(end !== undefined && { parameter: endKey, value: end.slice(0, 80) }),
    });
  }
  return { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) };
}

function refuseTwice({ period, from, to, since, until }: TimeRangeWords): void {
  const both = (one: string, other: string, hint: string): LedgerlineError =>
    new LedgerlineError('invalid', `${one} cannot be combined with ${other}.`, { hint, parameter: one });
  const isRange = [from, to, since, until].some((word) => word !== undefined);
  if (period !== undefined && isRange) throw both('period', 'from or to', 'Give either period, or from and to.');
  if (from !== undefined && since !== undefined) throw both('from', 'since', 'They are the same: give one of them.');
  if (to !== undefined && until !== undefined) throw both('to', 'until', 'to is not included and until is: give one of them.');
}

/**
 * One point in time. A word or a date is the start of its period, and for `until` the end of it. The ledger is cut at quarters of an hour:
 * others are rounded outwards.
 */
export function parsePoint(key: 'from' | 'to' | 'since' | 'until', text: string, calendar: CalendarOptions, nowMs: number): number {
  const named = calendarPeriod(text, calendar, nowMs);
  if (named !== undefined) return key === 'until' ? named.toMs : named.fromMs;
  const relative = RELATIVE.exec(text);
  const ms = relative ? relativePoint(relative, calendar, nowMs) : (rollingPeriod(text, calendar, nowMs)?.fromMs ?? absolutePoint(text, calendar));
  if (ms === undefined) throw invalid(key, text, EXAMPLES);
  if (!isWithinYears(ms)) throw invalid(key, text, YEARS);
  return key === 'from' || key === 'since' ? floorQuarter(ms) : ceilQuarter(ms);
}

/** The quarter of an hour an instant falls in. */
export const floorQuarter = (ms: number): number => Math.floor(ms / QUARTER_MS) * QUARTER_MS;
export const ceilQuarter = (ms: number): number => Math.ceil(ms / QUARTER_MS) * QUARTER_MS;

function relativePoint(match: RegExpExecArray, calendar: CalendarOptions, nowMs: number): number | undefined {
  const [, count = '0', unit = 'd', round] = match;
  const time = zoned(nowMs, calendar).subtract(
    unit === 'Q' ? { months: 3 * Number(count) } : { [isKeyOf(STEP, unit) ? STEP[unit] : 'days']: Number(count) },
  );
  if (round !== undefined && isKeyOf(ROUND, round)) return startOf(ROUND[round], time, calendar.weekStart).epochMilliseconds;
  return time.epochMilliseconds;
}

/** In a URL an unescaped + arrives as a space. */
const UNESCAPED_PLUS = /(T.*) (\d\d:?\d\d)$/;

function absolutePoint(given: string, calendar: CalendarOptions): number | undefined {
  const text = given.replace(UNESCAPED_PLUS, '$1+$2');
  try {
    if (MONTH.test(text)) return Temporal.PlainYearMonth.from(text).toPlainDate({ day: 1 }).toZonedDateTime(calendar.timeZone).epochMilliseconds;
    if (DATE.test(text)) return Temporal.PlainDate.from(text).toZonedDateTime(calendar.timeZone).epochMilliseconds;
    if (OFFSET.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    return Temporal.PlainDateTime.from(text).toZonedDateTime(calendar.timeZone).epochMilliseconds;
  } catch {
    return undefined; // Temporal throws a RangeError for what it cannot read; the caller says what can be.
  }
}

function invalid(key: string, value: string, hint: string): LedgerlineError {
  const nearest = suggest(value.replaceAll('-', '_'), [...PERIOD_WORDS, ...(key === 'period' ? [] : ['now'])]);
  return new LedgerlineError('invalid', `${key}=${value.slice(0, 80)} is not a time Ledgerline can use.`, {
    hint: nearest === undefined ? hint : `Did you mean "${nearest}"? ${hint}`,
    ...{ parameter: key, value: value.slice(0, 80), nearest },
  });
}
