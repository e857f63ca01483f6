/** The budgets that lie within what the reader chose, and the forecasts of those that are shown. */

import { forecastAll } from '../../budgets/evaluate.ts';
import type { BudgetStatus, Forecast } from '../../budgets/status.ts';
import { isInside } from '../gauges/budgets.ts';
import type { GaugeContext } from '../gauges/gauge.ts';
import { wholeLedger } from '../scoped-reader.ts';
import { visibleStatuses } from '../visible-budgets.ts';

/** Those that the reader may see and that lie within what was chosen, the most used first, and how many lie elsewhere. */
export interface BudgetsRead {
  readonly statuses: readonly BudgetStatus[];
  /** Of the first of them, as many as are shown. */
  readonly forecasts: readonly Forecast[];
  readonly elsewhere: number;
}

/** Everything that the reader may see. */
export const allStatuses = ({ budgets, scope, reader, calendar, nowMs }: GaugeContext): Promise<readonly BudgetStatus[]> =>
  visibleStatuses(budgets, scope, { reader: wholeLedger(reader), calendar, nowMs });

/** A forecast reads eight weeks of days: only those that are shown have one. */
export async function budgetsWithin(
  all: readonly BudgetStatus[],
  shown: number,
  { reader, calendar, nowMs, where }: GaugeContext,
): Promise<BudgetsRead> {
  const ledger = { reader: wholeLedger(reader), calendar, nowMs };
  const statuses = all.filter((status) => isInside(status, where)).sort((a, b) => b.usedRatio - a.usedRatio || (a.key < b.key ? -1 : 1));
  const requests = statuses.slice(0, shown).map((status) => ({
    ...{ where: status.where, measures: status.measures, toMs: status.periodEndMs, spent: status.spent, limit: status.limit },
    calendar: { ...calendar, timeZone: status.timeZone },
  }));
  return { statuses, forecasts: await forecastAll(requests, ledger), elsewhere: all.length - statuses.length };
}
