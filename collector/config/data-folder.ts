/** What lies where inside the data folder. */
import { join } from 'node:path';
import type { Config } from './config.ts';

/** Where the ledger lies inside its data folder. */
export const ledgerFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'ledger.sqlite');

/** Budgets set by API, raises, the audit, and what is known about alerts. */
export const budgetFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'budgets.sqlite');

/** What the receivers refused in the last days. */
export const refusalFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'refusals.json');
