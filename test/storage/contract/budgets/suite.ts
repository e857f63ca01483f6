/** What the parts of the suite for stores of budgets share. */
import type { BudgetWriter, Change } from '../../../../collector/budgets/journal.ts';
import { type BudgetConfig, budgetSchema } from '../../../../collector/config/budgets.ts';
import type { OpenedPlace, StorePlace } from '../places.ts';

export type BudgetPlace = StorePlace<BudgetWriter>;
/** What the parts of the suite work with: a store opened before each test, and closed after it. */
export type BudgetSuite = OpenedPlace<BudgetWriter>;

export const budget = (name: string, amount = '5.00'): BudgetConfig => budgetSchema.parse({ name, amount_usd: amount });
export const by = (who: string, atMs = 1): Change => ({ who, atMs });
