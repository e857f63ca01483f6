/** What the parts of the suite for stores of budgets share. */
import type { BudgetWriter, Change } from '../../../../collector/budgets/journal.ts';
import { type BudgetConfig, budgetSchema } from '../../../../collector/config/budgets.ts';

/** Where one store's data are. */
export interface BudgetPlace {
  /** As any process does that wants to read or write them. */
  open(): BudgetWriter;
  destroy(): void;
}

/** What the parts of the suite work with: a store opened before each test, and closed after it. */
export interface BudgetSuite {
  readonly store: () => BudgetWriter;
  /** The same data by another door. Closed after the test. */
  readonly open: () => BudgetWriter;
}

export const budget = (name: string, amount = '5.00'): BudgetConfig => budgetSchema.parse({ name, amount_usd: amount });
export const by = (who: string, atMs = 1): Change => ({ who, atMs });
