/**
 * Budgets of those who may not see everything. A budget is the same to everybody who sees it, so its statuses are evaluated over the whole
 * ledger; shown are those of which the own filters lie within the scope, one by one: of a budget for each user, a user sees the own.
 */
import { type BudgetContext, evaluateBudgets } from '../budgets/evaluate.ts';
import type { Budget } from '../budgets/journal.ts';
import { scopeFilters } from '../budgets/scope.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import type { ReadScope, ScopeFilter } from '../catalog/read-scope.ts';
import type { Filter } from '../catalog/values.ts';

/** Does everything that these filters leave lie within the scope? */
export const areWithin = (where: readonly Filter[], scope: ReadScope | readonly Filter[]): boolean =>
  scope === 'all' ||
  scope.every(({ dimension, values }) => where.find((own) => own.dimension === dimension)?.values.every((value) => values.includes(value)) === true);

/** May the whole budget be seen, with its members and its history? */
export const isVisible = ({ scope }: Pick<Budget, 'scope'>, readScope: ReadScope): boolean => areWithin(scopeFilters(scope), readScope);

/** Those of which a status may be visible: the whole, or that of a member. */
export const visibleBudgets = (budgets: readonly Budget[], scope: ReadScope): readonly Budget[] =>
  scope === 'all' ? budgets : budgets.filter((budget) => scope.every((filter) => mayLieWithin(budget, filter)));

function mayLieWithin({ scope, per, members }: Budget, { dimension, values }: ScopeFilter): boolean {
  const own = scopeFilters(scope).find((filter) => filter.dimension === dimension);
  if (own?.values.every((value) => values.includes(value)) === true) return true;
  if (members !== undefined) return dimension === 'user' && members.some(({ user }) => values.includes(user));
  return per === dimension && (own === undefined || own.values.some((value) => values.includes(value)));
}

/** `context.reader` is that of the whole ledger, see wholeLedger. `all`: among which parents are. */
export async function visibleStatuses(budgets: readonly Budget[], scope: ReadScope, context: BudgetContext, all = budgets): Promise<BudgetStatus[]> {
  const statuses = await evaluateBudgets(visibleBudgets(budgets, scope), context);
  if (scope === 'all') return statuses;
  const seen = new Set(all.filter((budget) => isVisible(budget, scope)).map(({ name }) => name));
  return statuses
    .filter(({ where }) => areWithin(where, scope))
    .map((status) => ({ ...status, parent: status.parent !== undefined && seen.has(status.parent) ? status.parent : undefined }));
}
