/** Sums by month or day, added up to periods that the ledger does not cut itself: quarters of the year, weeks that begin otherwise. */
import type { CalendarOptions } from '../core/calendar.ts';
import { periodStart } from '../core/time-range.ts';
import type { QueryResult, Row } from '../ledger/ledger.ts';
import { addTo } from './totals.ts';

export const byQuarter = (result: QueryResult, timeZone: string): QueryResult => byPeriod(result, 'quarter', { timeZone, weekStart: 'monday' });

export function byPeriod(result: QueryResult, unit: 'week' | 'quarter', calendar: CalendarOptions): QueryResult {
  const periods = new Map<string, Row & { readonly values: bigint[] }>();
  for (const { startMs = 0, key, values } of result.rows) {
    const periodMs = periodStart(unit, startMs, calendar);
    const id = JSON.stringify([periodMs, key]);
    const known = periods.get(id);
    if (known === undefined) periods.set(id, { startMs: periodMs, key, values: [...values] });
    else addTo(known.values, values);
  }
  return { ...result, rows: [...periods.values()] };
}
