/** Periods of a time zone as small integers, so that the ledger can add up by day, week and month without dates. */

import { BoundedMap } from './bounded-map.ts';
import { MINUTE_MS } from './duration.ts';

export const QUARTER_MS = 15 * MINUTE_MS;

export const WEEK_STARTS = ['monday', 'sunday', 'saturday'] as const;
export type WeekStart = (typeof WEEK_STARTS)[number];

export interface CalendarOptions {
  readonly timeZone: string;
  readonly weekStart: WeekStart;
}

/** ISO weekday (Monday 1 … Sunday 7) on which a week begins. */
const FIRST_WEEKDAY: Record<WeekStart, number> = { monday: 1, saturday: 6, sunday: 7 };
const EPOCH = Temporal.PlainDate.from('1970-01-01');
const CACHE_MAX = 100_000;

/** The quarter of an hour, in UTC, that an instant falls in. Every zone's day begins on one. */
export const quarterOf = (timeMs: number): number => Math.floor(timeMs / QUARTER_MS);

/**
 * Maps instants to periods of one zone and back. A period is an integer: the quarter hour since the epoch, the local
 * hour's first quarter, the local day since 1970-01-01, the week's first day likewise, the month as year * 12 + month - 1.
 */
export class Calendar {
  readonly #options: CalendarOptions;
  readonly #dayOfQuarter = new BoundedMap<number, number>(CACHE_MAX);
  /** A query by day asks once for every row. */
  readonly #starts = {
    day: new BoundedMap<number, number>(CACHE_MAX),
    week: new BoundedMap<number, number>(CACHE_MAX),
    month: new BoundedMap<number, number>(CACHE_MAX),
  };

  constructor(options: CalendarOptions) {
    this.#options = options;
  }

  get timeZone(): string {
    return this.#options.timeZone;
  }

  /** The period that holds the instant. */
  periodOf(grain: Grain, timeMs: number): number {
    const quarter = quarterOf(timeMs);
    if (grain === 'quarter_hour') return quarter;
    if (grain === 'hour') return this.#hourOf(quarter);
    return grain === 'total' ? 0 : this.periodOfDay(grain, this.#dayOf(quarter));
  }

  /** The week or month (or the day itself) that a local day falls in. */
  periodOfDay(grain: 'day' | 'week' | 'month', day: number): number {
    if (grain === 'day') return day;
    const date = EPOCH.add({ days: day });
    if (grain === 'month') return date.year * 12 + date.month - 1;
    return day - ((date.dayOfWeek - FIRST_WEEKDAY[this.#options.weekStart] + 7) % 7);
  }

  /** The instant at which a period begins, epoch milliseconds. */
  startOf(grain: Grain, period: number): number {
    if (grain === 'quarter_hour' || grain === 'hour') return period * QUARTER_MS;
    if (grain === 'total') return 0;
    const starts = this.#starts[grain];
    const known = starts.get(period);
    if (known !== undefined) return known;
    return starts.set(period, this.#firstDayOf(grain, period).toZonedDateTime({ timeZone: this.timeZone }).epochMilliseconds);
  }

  /** Does a period of this grain begin at the instant? */
  isStart(grain: Grain, timeMs: number): boolean {
    return this.startOf(grain, this.periodOf(grain, timeMs)) === timeMs;
  }

  #firstDayOf(grain: 'day' | 'week' | 'month', period: number): Temporal.PlainDate {
    if (grain !== 'month') return EPOCH.add({ days: period });
    return Temporal.PlainDate.from({ year: Math.floor(period / 12), month: (period % 12) + 1, day: 1 });
  }

  #zoned(quarter: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS).toZonedDateTimeISO(this.timeZone);
  }

  /** Local hours begin where the local clock shows :00; zones off by half an hour make that a half hour of UTC. */
  #hourOf(quarter: number): number {
    const { minute, offsetNanoseconds } = this.#zoned(quarter);
    let start = quarter - Math.floor(minute / 15);
    // Where clocks are set by half an hour, as on Lord Howe, an hour begins or ends within one.
    while (start < quarter && this.#zoned(start).offsetNanoseconds !== offsetNanoseconds) start++;
    return start;
  }

  #dayOf(quarter: number): number {
    const known = this.#dayOfQuarter.get(quarter);
    if (known !== undefined) return known;
    return this.#dayOfQuarter.set(quarter, EPOCH.until(this.#zoned(quarter).toPlainDate(), { largestUnit: 'days' }).days);
  }
}

export type Grain = 'total' | 'quarter_hour' | 'hour' | 'day' | 'week' | 'month';

export const GRAINS: readonly Grain[] = ['total', 'quarter_hour', 'hour', 'day', 'week', 'month'];
