/**
 * Closed months: figures that were handed to others do not move any more. What would still change a sum of a closed month (a late record, a
 * repricing, a session booked again) is posted in the current quarter of an hour instead, under the same dimensions, and noted: so the total is
 * whole, and anybody can see which of an open month's figures are an earlier one's. Sessions, people and minutes know nothing of it: they
 * say when something was.
 */
import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import { type Calendar, QUARTER_MS, quarterOf } from '../core/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import { type Buckets, vectorAt } from './quarter-sums.ts';
import type { Vector } from './sums.ts';

/** A month of the ledger's calendar that is closed. All that is before the first one is closed with it. */
export interface ClosedMonth {
  /** As in 2026-10. */
  readonly month: string;
  /** Inclusive, epoch milliseconds; a whole quarter of an hour. */
  readonly fromMs: number;
  /** Exclusive; the same. */
  readonly toMs: number;
  readonly closedMs: number;
}

/** What was posted elsewhere, since its own quarter of an hour is of a closed month. */
export interface MovedPosting {
  /** The closed month, or the earlier one that was closed with the first. */
  readonly month: string;
  readonly fromQuarter: number;
  readonly toQuarter: number;
  readonly dims: number;
  readonly vector: Vector;
}

export interface MovedQuery {
  /** When it was posted, inclusive; a whole quarter of an hour. Omitted: since the beginning. */
  readonly fromMs?: number | undefined;
  /** Exclusive; the same. Omitted: without end. */
  readonly toMs?: number | undefined;
  /** Only what was spent before; a whole quarter of an hour. Omitted: whenever it was. */
  readonly spentBeforeMs?: number | undefined;
  readonly by: readonly DimensionName[];
  readonly within?: readonly Filter[] | undefined;
  /** Default: all. */
  readonly measures?: readonly MeasureName[];
  /** More rows are an error that says so. */
  readonly rowsMax: number;
}

/** What of a time is a closed month's. */
export interface MovedRow {
  readonly month: string;
  /** Stored values, in the order of MovedQuery.by. */
  readonly key: readonly string[];
  /** Signed; pico-dollars for money. Measures that came to nothing are left out. */
  readonly sums: Readonly<Partial<Record<MeasureName, bigint>>>;
  /** When something of it was posted last, epoch milliseconds. */
  readonly lastMs: number;
}

const MONTHS = 12;

/** Of a period of the calendar. */
export const monthName = (period: number): string => `${Math.floor(period / MONTHS)}-${String((period % MONTHS) + 1).padStart(2, '0')}`;

/** Undefined for what is no month. */
export function monthPeriod(name: string): number | undefined {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  return year === undefined ? undefined : Number(year) * MONTHS + Number(month) - 1;
}

/** The month as it will be closed. Throws `invalid` with what to do where it cannot be. */
export function closable(name: string, closed: readonly ClosedMonth[], calendar: Calendar, nowMs: number): ClosedMonth {
  const period = monthPeriod(name);
  if (period === undefined) throw new LedgerlineError('invalid', `"${name.slice(0, 40)}" is not a month.`, { hint: 'Write it as in 2026-10.' });
  const [startMs, toMs] = [calendar.startOf('month', period), calendar.startOf('month', period + 1)];
  if (toMs > nowMs) {
    throw new LedgerlineError('invalid', `${name} has not ended in ${calendar.timeZone}.`, { hint: 'Close it once it is over.' });
  }
  const last = closed.at(-1);
  const next = last && monthName((monthPeriod(last.month) ?? 0) + 1);
  if (next !== undefined && name !== next) {
    throw new LedgerlineError('invalid', `${name} cannot be closed: the next one is ${next}.`, { hint: 'Months are closed one after the other.' });
  }
  // In another time zone than before a month may begin within the one before it.
  return { month: name, fromMs: Math.max(startMs, last?.toMs ?? startMs), toMs, closedMs: nowMs };
}

/** Takes out of the sums what is a closed month's, and puts it into the current quarter of an hour. */
export function moveFromClosed(buckets: Buckets, closed: readonly ClosedMonth[], calendar: Calendar, nowMs: number): MovedPosting[] {
  const untilMs = closed.at(-1)?.toMs;
  if (untilMs === undefined) return [];
  const until = quarterOf(untilMs);
  const toQuarter = Math.max(quarterOf(nowMs), until);
  const moved: MovedPosting[] = [];
  for (const [fromQuarter, byDims] of [...buckets]) {
    if (fromQuarter >= until) continue;
    buckets.delete(fromQuarter);
    const month = monthOf(fromQuarter * QUARTER_MS, closed, calendar);
    for (const [dims, vector] of byDims) {
      if (vector.isNothing) continue;
      vectorAt(buckets, toQuarter, dims).addVector(vector);
      moved.push({ month, fromQuarter, toQuarter, dims, vector });
    }
  }
  return moved;
}

const monthOf = (timeMs: number, closed: readonly ClosedMonth[], calendar: Calendar): string =>
  closed.find(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs)?.month ?? monthName(calendar.periodOf('month', timeMs));
