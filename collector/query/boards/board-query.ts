/** One reader's question to a board: what it is narrowed to, and every answer of the ledger that its panels share. */

import type { GaugeName } from '../../catalog/gauges.ts';
import type { MeasureName } from '../../catalog/measures.ts';
import type { Window } from '../../catalog/panel.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { ceilQuarter, floorQuarter, lastMonthToDate, periodAround, type Span } from '../../core/time-range.ts';
import type { Query, QueryResult } from '../../ledger/ledger.ts';
import type { GaugeCache } from '../gauges/cache.ts';
import type { GaugeContext, GaugeSample } from '../gauges/gauge.ts';
import { GAUGE_READERS } from '../gauges/registry.ts';

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

interface Known {
  readonly measures: readonly MeasureName[];
  readonly result: QueryResult;
}

/** Which rows a query adds up, whatever it adds up of them. */
const rowsOf = ({ measures: _, ...rows }: Query): string => JSON.stringify(rows);

/** Some of the measures of an answer; rows that have none of them are no rows. */
function only(measures: readonly MeasureName[], { measures: all, result }: Known): QueryResult {
  const places = measures.map((name) => all.indexOf(name));
  const pick = (values: readonly bigint[]): bigint[] => places.map((place) => values[place] ?? 0n);
  const rows = result.rows.map((row) => ({ ...row, values: pick(row.values) })).filter(({ values }) => values.some((value) => value !== 0n));
  return { rows, totals: pick(result.totals), asOfMs: result.asOfMs };
}

export class Ask {
  readonly span: Span;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
  readonly nowMs: number;
  readonly selfText: string;
  readonly #options: AskOptions;
  readonly #answers = new Map<string, Known>();
  /** One for each instant: gauges remember by it what they have in common. */
  readonly #contexts = new Map<number, GaugeContext>();
  /** Set while panels only say what they will ask. */
  #planned: Query[] | undefined;

  constructor(options: AskOptions) {
    this.#options = options;
    this.span = options.span;
    this.calendar = options.calendar;
    this.where = options.where;
    this.nowMs = options.nowMs;
    this.selfText = options.selfText;
  }

  /**
   * Panels ask for other figures of the same rows. What `answer` will ask is gathered first, by letting it run over an empty ledger;
   * then the ledger adds up each set of rows once, for all figures together.
   */
  together<Answer>(answer: () => Answer): Answer {
    for (const _ of this.gather(answer));
    return answer();
  }

  /** The first part of it, one set of rows after the other: whoever has more to do in between takes its time where it yields. */
  *gather(answer: () => unknown): Iterable<void> {
    this.#planned = [];
    answer();
    const alike = Map.groupBy(this.#planned, rowsOf);
    this.#planned = undefined;
    for (const [rows, queries] of alike) {
      const [first] = queries;
      const measures = [...new Set(queries.flatMap((query) => query.measures))];
      if (first !== undefined) this.#answers.set(rows, { measures, result: this.#options.reader.query({ ...first, measures }) });
      yield;
    }
  }

  /** Asks the ledger, narrowed by what the reader picked and by what the panel fixes; the same rows are added up once. */
  ledger({ span, where = [], whereNot = [], ...rest }: Question): QueryResult {
    const query: Query = {
      ...rest,
      ...span,
      where: [...this.where, ...where],
      whereNot,
      timeZone: this.calendar.timeZone,
      rowsMax: this.#options.config.limits.query_rows,
    };
    if (this.#planned !== undefined) {
      this.#planned.push(query);
      return { rows: [], totals: query.measures.map(() => 0n), asOfMs: undefined };
    }
    const known = this.#answers.get(rowsOf(query));
    if (known !== undefined && query.measures.every((name) => known.measures.includes(name))) return only(query.measures, known);
    const result = this.#options.reader.query(query);
    this.#answers.set(rowsOf(query), { measures: query.measures, result });
    return result;
  }

  /** The samples of a gauge, narrowed by what the reader picked; now, or as it was at an instant before. */
  gauge(name: GaugeName, nowMs = this.nowMs): readonly GaugeSample[] {
    if (this.#planned !== undefined) return [];
    const context = this.#contexts.getOrInsertComputed(nowMs, () => ({ ...this.#options, nowMs }));
    return this.#options.gauges.read(GAUGE_READERS[name], context, nowMs === this.nowMs);
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
