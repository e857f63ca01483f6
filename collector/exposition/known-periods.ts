/** Which of the periods to date have a figure: before its first record the ledger knows nothing, and zero would pretend to know. */

import { type ExposedPeriod, isPastPeriod, PAST_PERIODS, type PastPeriod } from '../catalog/series-families.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { ceilQuarter, periodAround } from '../core/time-range.ts';
import { coverageStart } from '../ledger/coverage-start.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';

/**
 * What there is of a month in which the ledger began was spent. Up to the same time of the month is there to be compared with, and of a part
 * of it nothing follows. As the boards have it, see query/boards/compared.ts.
 */
export async function knownPastPeriods(
  ledger: Pick<LedgerSnapshot, 'query'>,
  calendar: CalendarOptions,
  nowMs: number,
): Promise<ReadonlySet<PastPeriod>> {
  const month = periodAround('month', nowMs, calendar, -1);
  const coveredFromMs = await coverageStart(ledger, { fromMs: month.fromMs, toMs: ceilQuarter(nowMs) }, calendar.timeZone);
  const isKnown = { last_month: coveredFromMs < month.toMs, last_month_to_date: coveredFromMs <= month.fromMs };
  return new Set(PAST_PERIODS.filter((period) => isKnown[period]));
}

export const withKnown = (periods: readonly ExposedPeriod[], known: ReadonlySet<PastPeriod>): ExposedPeriod[] =>
  periods.filter((period) => !isPastPeriod(period) || known.has(period));
