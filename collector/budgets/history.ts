/** What became of a budget in the periods before: each as it stood in its last instant. */

import { type BudgetContext, evaluateBudgets } from './evaluate.ts';
import type { Budget } from './journal.ts';
import { budgetTimeRange } from './period.ts';
import type { BudgetStatus } from './status.ts';

/** The newest first. Empty for periods that are not of the calendar, and where the ledger has nothing of them. */
export async function pastPeriods(budget: Budget, key: string, context: BudgetContext, count: number): Promise<BudgetStatus[]> {
  const past: BudgetStatus[] = [];
  if (typeof budget.period !== 'string') return past;
  let nowMs = budgetTimeRange(budget, context.nowMs, context.calendar).fromMs - 1;
  for (let back = 0; back < count; back++) {
    const statuses = await evaluateBudgets([budget], { ...context, nowMs, withForecast: false });
    const status = statuses.find((one) => one.key === key);
    const fromMs = budgetTimeRange(budget, nowMs, context.calendar).fromMs;
    if (status !== undefined) past.push(status);
    nowMs = fromMs - 1;
  }
  // Before the first spend nothing was watched.
  const first = past.findLastIndex(({ spent }) => spent > 0n);
  return past.slice(0, first + 1);
}
