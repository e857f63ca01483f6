/** What questions about budgets are answered from. */

import type { BudgetWriter } from '../budgets/journal.ts';
import type { BudgetWatch } from '../budgets/spend-watch.ts';
import type { Config } from '../config/config.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { Authenticator } from '../server/auth.ts';

export interface BudgetContext {
  readonly reader: LedgerReader;
  readonly config: Config;
  readonly now: () => number;
  /** What is set beside the configuration. */
  readonly budgets: BudgetWriter;
  readonly authenticate?: Authenticator;
  /** Keeps ready what developers ask for; without it the ledger is asked. */
  readonly watch?: BudgetWatch;
}
