/** One reader's question to a board: what it is narrowed to, and every answer of the ledger that its panels share. */
import type { Window } from '../../dashboards/panel.ts';
import type { CalendarOptions } from '../calendar.ts';
import type { GaugeContext, GaugeSample } from '../gauge.ts';
import { GAUGES, type GaugeName } from '../gauges.ts';
import type { Filter, Query, QueryResult } from '../ledger.ts';
import { ceilQuarter, floorQuarter, lastMonthToDate, periodAround, type Span } from '../period.ts';
import type { GaugeCache } from './gauge-cache.ts';

/** What is the same for every question at one instant. */
export interface AskOptions extends GaugeContext {
  /** What the reader picked. */
  readonly span: Span;
  /** The collector's own series as text; empty where none of the panels shows them. */
  readonly selfText: string;
  readonly gauges: GaugeCache;
}

export type Question = Pick<Query, 'measures' | 'by' | 'grain'> & {
  readonly span: Span;
  readonly where?: readonly Filter[];
  readonly whereNot?: readonly Filter[];
};

export class Ask {
  readonly span: Span;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
  readonly nowMs: number;
  readonly selfText: string;
  readonly #options: AskOptions;
  readonly #answers = new Map<string, QueryResult>();
  /** One for each instant: gauges remember by it what they have in common. */
  readonly #contexts = new Map<number, GaugeContext>();

  constructor(options: AskOptions) {
    this.#options = options;
    this.span = options.span;
    this.calendar = options.calendar;
    this.where = options.where;
    this.nowMs = options.nowMs;
    this.selfText = options.selfText;
  }

  /** Asks the ledger, narrowed by what the reader picked and by what the panel fixes; the same question is asked once. */
  ledger({ span, where = [], whereNot = [], ...rest }: Question): QueryResult {
    const query: Query = {
      ...rest,
      ...span,
      where: [...this.where, ...where],
      whereNot,
      timeZone: this.calendar.timeZone,
      rowsMax: this.#options.config.limits.query_rows,
    };
    return this.#answers.getOrInsertComputed(JSON.stringify(query), () => this.#options.reader.query(query));
  }

  /** The samples of a gauge, narrowed by what the reader picked; now, or as it was at an instant before. */
  gauge(name: GaugeName, nowMs = this.nowMs): readonly GaugeSample[] {
    const context = this.#contexts.getOrInsertComputed(nowMs, () => ({ ...this.#options, nowMs }));
    return this.#options.gauges.read(name, GAUGES[name], context, nowMs === this.nowMs);
  }

  /** The stretch a window covers: its own period, or what the reader picked. */
  spanOf(window: Window): Span {
    if (window === 'range') return this.span;
    if (window === 'ever') return {};
    if (window === 'last_month') return periodAround('month', this.nowMs, this.calendar, -1);
    if (window === 'last_month_to_date') return lastMonthToDate(this.nowMs, this.calendar);
    return periodAround(UNIT_OF[window], this.nowMs, this.calendar);
  }

  /** The stretch to compare with: equally long, just before. Undefined when there is none, or when nothing has elapsed yet. */
  spanBefore(window: Window): Span | undefined {
    if (window === 'last_month') return periodAround('month', this.nowMs, this.calendar, -2);
    if (window === 'this_month') return nonEmpty(lastMonthToDate(this.nowMs, this.calendar));
    if (window === 'last_month_to_date') return undefined;
    const { fromMs, toMs = Number.POSITIVE_INFINITY } = this.spanOf(window);
    if (fromMs === undefined || window === 'ever') return undefined;
    const elapsed = Math.min(toMs, ceilQuarter(this.nowMs)) - fromMs;
    if (window === 'range') return elapsed > 0 ? { fromMs: fromMs - elapsed, toMs: fromMs } : undefined;
    const before = periodAround(UNIT_OF[window], this.nowMs, this.calendar, -1);
    return nonEmpty({ fromMs: before.fromMs, toMs: Math.min(before.toMs, floorQuarter(before.fromMs + this.nowMs - fromMs)) });
  }
}

const UNIT_OF = { today: 'day', this_week: 'week', this_month: 'month' } as const;

const nonEmpty = (span: Required<Span>): Span | undefined => (span.toMs > span.fromMs ? span : undefined);
