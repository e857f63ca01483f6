/** Entries of the journal that decide which budgets there are; requests do not. The tables have an index of them. */
import type { BudgetChange } from '../budgets/journal.ts';

const IN_FORCE: readonly BudgetChange[] = ['budget_set', 'budget_removed', 'budget_raised'];
export const IS_IN_FORCE = `what IN (${IN_FORCE.map((what) => `'${what}'`).join(', ')})`;
export const isInForce = (what: BudgetChange): boolean => IN_FORCE.includes(what);
