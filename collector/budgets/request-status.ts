/** What is left of the budget that a request is about. */
import { storedValue } from '../catalog/values.ts';
import { type BudgetContext, evaluateBudgets } from './evaluate.ts';
import { type Budget, nameOf } from './journal.ts';
import type { BudgetStatus } from './status.ts';

/** Of one key alone; undefined where the budget is no more, or has no such member. */
export async function statusOf(key: string, budgets: readonly Budget[], context: BudgetContext): Promise<BudgetStatus | undefined> {
  const budget = budgets.find(({ name }) => name === nameOf(key));
  if (budget === undefined) return undefined;
  const dimension = budget.members === undefined ? budget.per : 'user';
  const member = key.slice(budget.name.length + 1);
  const only = dimension === undefined || member === '' ? {} : { only: { [dimension]: storedValue(dimension, member) } };
  const statuses = await evaluateBudgets([budget], { ...context, ...only });
  return statuses.find((status) => status.key === key);
}
