/**
 * Gauges: figures at an instant that are no sum of measures, such as active people, forecasts or the age of what a person last sent.
 * Each is computed once, here in collector/, and shown twice: as a series on /metrics and as a panel of the built-in boards.
 */
import type { Budget } from '../../budgets/journal.ts';
import type { GaugeDeclaration } from '../../catalog/gauges.ts';
import type { DimensionName } from '../../catalog/measures.ts';
import type { ReadScope } from '../../catalog/read-scope.ts';
import type { Filter } from '../../catalog/values.ts';
import { showValue } from '../../catalog/values.ts';
import type { Config } from '../../config/config.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { periodAround, periodStart } from '../../core/time-range.ts';
import { hasAnythingBefore } from '../../ledger/coverage-start.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { PriceBook } from '../../pricing/price-book.ts';

export interface GaugeContext {
  /** Shows what `scope` leaves. */
  readonly reader: LedgerSnapshot;
  /** What who asks may see: what does not come from `reader` has to be held against it. */
  readonly scope: ReadScope;
  readonly config: Config;
  readonly prices: PriceBook;
  /** In force: those of the configuration and those set by API. */
  readonly budgets: readonly Budget[];
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  /** What the reader of a board narrowed it to; /metrics asks for everything. A gauge that cannot be narrowed by a dimension gives no samples then. */
  readonly where: readonly Filter[];
}

export interface GaugeSample {
  /** Values as shown (unallocated, unknown …), in the order of Gauge.labels. */
  readonly labels: readonly string[];
  /** In the series' base unit: USD, seconds, ratio or count. */
  readonly value: number;
}

/** A series has one value. Sessions of different tokens may be called the same, and be of one owner. */
export function largestOfEach(samples: readonly GaugeSample[]): GaugeSample[] {
  const byLabels = Map.groupBy(samples, ({ labels }) => JSON.stringify(labels));
  return [...byLabels.values()].flatMap((alike) => alike.toSorted((a, b) => b.value - a.value).slice(0, 1));
}

/** How a gauge is read from the ledger. */
export interface GaugeReading {
  /** How old samples may be at most: costly gauges are not read on every scrape, see keptMs. 0: always fresh. */
  readonly maxAgeMs: number;
  /** Gauges of one name show parts of one answer: they are read together, and shown again for as long as the answer took. */
  readonly together?: string;
  read(context: GaugeContext): Promise<readonly GaugeSample[]>;
}

export interface Gauge extends GaugeDeclaration, GaugeReading {}

/** Reading one gauge takes at most the 300th part of the time. */
const KEPT_TIMES = 300;

/** For how long samples that took so long to read are shown again: a small ledger is always fresh, a large one is not read all the time. */
export const keptMs = ({ maxAgeMs }: Pick<Gauge, 'maxAgeMs'>, tookMs: number): number => Math.min(maxAgeMs, tookMs * KEPT_TIMES);

/**
 * Gauges that show parts of one answer read it once: what was read is remembered for as long as the context it was read in. Whoever
 * reads several gauges at one instant hands them the same context.
 */
export function oncePerContext<Answer>(read: (context: GaugeContext) => Promise<Answer>): (context: GaugeContext) => Promise<Answer> {
  const known = new WeakMap<GaugeContext, Promise<Answer>>();
  return (context) => known.getOrInsertComputed(context, () => read(context));
}

/** Is what these stored values describe within what the reader chose? Not when it was narrowed by a dimension that is not among them. */
export function isWithin(where: readonly Filter[], stored: Partial<Record<DimensionName, string>>): boolean {
  return where.every(({ dimension, values }) => {
    const value = stored[dimension];
    return value !== undefined && values.includes(value);
  });
}

/** Stored values as a view shows them, in the order of the names. */
export const shownLabels = <Name extends DimensionName>(names: readonly Name[], stored: Readonly<Record<Name, string>>): string[] =>
  names.map((name) => showValue(name, stored[name]));

/** The smallest of the values, ascending, that at least this share of them does not exceed. Undefined without values. */
export function nearestRank(ascending: ArrayLike<number>, quantile: number): number | undefined {
  // 0.95 × 20 is a hair above 19 in binary for some counts; the rank must not move by one for it.
  const rank = Math.ceil(quantile * ascending.length - 1e-9);
  return ascending[Math.max(0, rank - 1)];
}

/** Has the ledger gone on beyond the day of the instant? */
export async function isPast({ reader, calendar, nowMs }: Pick<GaugeContext, 'reader' | 'calendar' | 'nowMs'>): Promise<boolean> {
  const { asOfMs } = await reader.status();
  return asOfMs !== undefined && endOfDay(nowMs, calendar) <= asOfMs;
}

/** Had the ledger begun by the end of the day of the instant? Before, nothing is known; that is not nothing spent. */
export const hadBegun = async ({ reader, calendar, nowMs }: Pick<GaugeContext, 'reader' | 'calendar' | 'nowMs'>): Promise<boolean> =>
  hasAnythingBefore(reader, endOfDay(nowMs, calendar), calendar.timeZone);

const endOfDay = (nowMs: number, calendar: CalendarOptions): number =>
  periodStart('day', nowMs, calendar) === nowMs ? nowMs : periodAround('day', nowMs, calendar).toMs;

/** For a past instant, what was booked until the end of its day: a period may go on beyond it. */
export async function asOfThen(
  context: Pick<GaugeContext, 'reader' | 'calendar' | 'nowMs'>,
): Promise<Pick<GaugeContext, 'calendar' | 'nowMs'> & { readonly reader: Pick<LedgerSnapshot, 'query'> }> {
  const { reader, calendar, nowMs } = context;
  // At the present instant nothing is to be cut off, and a time range that ends with a month is answered faster.
  if (!(await isPast(context))) return { reader, calendar, nowMs };
  const endMs = endOfDay(nowMs, calendar);
  const query: LedgerSnapshot['query'] = (asked) => reader.query({ ...asked, toMs: Math.min(endMs, asked.toMs ?? endMs) });
  return { reader: { query }, calendar, nowMs };
}
