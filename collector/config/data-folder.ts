/** What lies where inside the data folder. */
import { join, parse } from 'node:path';
import type { Config } from './config.ts';

/** Where the ledger lies inside its data folder. */
export const ledgerFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'ledger.sqlite');

/** Budgets set by API, raises, the audit, and what is known about alerts. */
export const budgetFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'budgets.sqlite');

/** The provider's own records, as `ledgerline import` brings them. */
export const statementFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'statements.sqlite');

/** What an identity provider sent over SCIM, and which names were merged. */
export const directoryStoreFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'directory.sqlite');

/** What the receivers refused in the last days. */
export const refusalFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'refusals.json');

/** Prices that the collector learnt from what clients charge. */
export const learntPricesFileOf = (config: Pick<Config, 'data'>): string => join(config.data, KEPT_FILES.learntPrices);

/** Where the collector that runs on the folder answers. */
export const collectorFileOf = (config: Pick<Config, 'data'>): string => join(config.data, 'collector.json');

/** Files of the exports that name no folder of their own. */
export const exportFolderOf = (config: Pick<Config, 'data'>): string => join(config.data, 'exports');

/** Signed exports of closed months. */
export const closedFolderOf = (config: Pick<Config, 'data'>): string => join(config.data, 'closed');

/** Files that replicas share: in the data folder of an embedded ledger, else in its database. See collector/core/kept-files.ts. */
export const KEPT_FILES = {
  /** The key that signs exports of closed months. */
  signingKey: 'closed-months.key',
  /** The key that seals the cookies of those who are signed in. */
  signInKey: 'sign-in.key',
  /** The key that signs links to requests for more budget. */
  requestKey: 'request-links.key',
  /** Prices that collectors learnt from what clients charge. On a shared ledger the data folder has a copy, for the threads of a replica. */
  learntPrices: 'learnt-prices.json',
} as const;

/** The budgets' part of a backup: /backups/ledger.sqlite -> /backups/ledger.budgets.sqlite */
export const budgetBackupOf = (file: string): string => partOf(file, 'budgets');

/** The part of the provider's records. */
export const statementBackupOf = (file: string): string => partOf(file, 'statements');

/** The part of the directory. */
export const directoryBackupOf = (file: string): string => partOf(file, 'directory');

function partOf(file: string, part: string): string {
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}.${part}${ext}`);
}
