/** What a reader asks of a board, its time and its filters, and which time each panel is about. Pure. */

import type { Window } from '../../catalog/panel.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { previousRange } from '../../core/previous-range.ts';
import { floorQuarter, lastMonthToDate, periodAround, type TimeRange } from '../../core/time-range.ts';
import type { Query } from '../../ledger/ledger.ts';

export interface BoardQueryOptions {
  /** What the reader picked. */
  readonly timeRange: TimeRange;
  readonly where: readonly Filter[];
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  /** limits.query_rows */
  readonly rowsMax: number;
}

/** A question of a panel to the ledger, before it is narrowed by what the reader picked. */
export type Question = Pick<Query, 'measures' | 'by' | 'grain'> & {
  readonly timeRange: TimeRange;
  readonly where?: readonly Filter[];
  readonly whereNot?: readonly Filter[];
};

export class BoardQuery {
  readonly timeRange: TimeRange;
  readonly where: readonly Filter[];
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  readonly #rowsMax: number;

  constructor({ timeRange, where, calendar, nowMs, rowsMax }: BoardQueryOptions) {
    this.timeRange = timeRange;
    this.where = where;
    this.calendar = calendar;
    this.nowMs = nowMs;
    this.#rowsMax = rowsMax;
  }

  /** The same with other filters. */
  filteredBy(where: readonly Filter[]): BoardQuery {
    return new BoardQuery({ timeRange: this.timeRange, where, calendar: this.calendar, nowMs: this.nowMs, rowsMax: this.#rowsMax });
  }

  /** Narrowed by what the reader picked and by what the panel fixes. */
  ledgerQuery({ measures, by, grain, timeRange, where = [], whereNot = [] }: Question): Query {
    const { timeZone } = this.calendar;
    return { measures, by, grain, ...timeRange, where: [...this.where, ...where], whereNot, timeZone, rowsMax: this.#rowsMax, beyond: 'other' };
  }

  /** The time a window covers: its own period, or what the reader picked. */
  timeRangeOf(window: Window): TimeRange {
    if (window === 'range') return this.timeRange;
    if (window === 'ever') return {};
    if (window === 'previous_range') return this.#previousRange() ?? NO_TIME;
    if (window === 'last_month') return periodAround('month', this.nowMs, this.calendar, -1);
    if (window === 'last_month_to_date') return lastMonthToDate(this.nowMs, this.calendar);
    return periodAround(UNIT_OF[window], this.nowMs, this.calendar);
  }

  /** As much of the time before as has elapsed of the time picked. */
  #previousRange(): TimeRange | undefined {
    const before = previousRange(this.timeRange, this.nowMs, this.calendar);
    return before === undefined ? undefined : { fromMs: before.fromMs, toMs: before.upToMs };
  }

  /** The time to compare with: as much of the period before, or as many days before. Undefined when there is none, or when nothing has elapsed yet. */
  timeRangeBefore(window: Window): TimeRange | undefined {
    if (window === 'last_month') return periodAround('month', this.nowMs, this.calendar, -2);
    if (window === 'this_month') return nonEmpty(lastMonthToDate(this.nowMs, this.calendar));
    if (window === 'last_month_to_date') return undefined;
    if (window === 'range') return this.#previousRange();
    if (window === 'ever' || window === 'previous_range') return undefined;
    const { fromMs } = periodAround(UNIT_OF[window], this.nowMs, this.calendar);
    const before = periodAround(UNIT_OF[window], this.nowMs, this.calendar, -1);
    return nonEmpty({ fromMs: before.fromMs, toMs: Math.min(before.toMs, floorQuarter(before.fromMs + this.nowMs - fromMs)) });
  }
}

/** Nothing was ever booked then. */
const NO_TIME: TimeRange = { fromMs: 0, toMs: 0 };

const UNIT_OF = { today: 'day', this_week: 'week', this_month: 'month' } as const;

const nonEmpty = (timeRange: Required<TimeRange>): TimeRange | undefined => (timeRange.toMs > timeRange.fromMs ? timeRange : undefined);
