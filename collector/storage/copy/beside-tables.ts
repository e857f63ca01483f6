/** Which tables lie in files beside an embedded ledger, and where they are in a database. */
import { budgetFileOf, directoryStoreFileOf, statementFileOf } from '../../config/data-folder.ts';
import { BUDGET_SCHEMA_VERSION } from '../sqlite/budget-store.ts';
import { DIRECTORY_SCHEMA_VERSION } from '../sqlite/directory-store.ts';
import { STATEMENT_SCHEMA_VERSION } from '../sqlite/statement-tables.ts';
import type { Cells } from './ends.ts';

export interface BesideFile {
  readonly fileOf: (folder: { readonly data: string }) => string;
  /** Of the newest file that this program knows. */
  readonly version: number;
  /** By their name in the file. */
  readonly tables: Readonly<Record<string, string>>;
}

export const BESIDE: readonly BesideFile[] = [
  {
    fileOf: budgetFileOf,
    version: BUDGET_SCHEMA_VERSION,
    tables: {
      ...{ entries: 'budget_entries', privacy: 'privacy_audit', alerts: 'alerts', deliveries: 'alert_deliveries', folds: 'alert_folds' },
      ...{ digests: 'alert_digests', gateway_limits: 'gateway_limits' },
    },
  },
  {
    fileOf: statementFileOf,
    version: STATEMENT_SCHEMA_VERSION,
    tables: {
      ...{ versions: 'statement_versions', combinations: 'statement_combinations', lines: 'statement_lines', runs: 'statement_runs' },
      ...{ names: 'statement_names', erased: 'statement_erased', state: 'statement_state' },
    },
  },
  {
    fileOf: directoryStoreFileOf,
    version: DIRECTORY_SCHEMA_VERSION,
    // Not how often it was changed: each store counts by itself, and locks the row that it counts in.
    tables: { resources: 'directory_resources', facts: 'directory_facts', merges: 'directory_merges' },
  },
];

/** A database has rows of its own in there, which no file has. */
export const isOwn = (table: string, { name }: Cells): boolean => table === 'statement_state' && (name === 'gate' || name === 'runs');

/** After the rows are there: what only a shared ledger keeps. */
export const FOLLOWING: readonly string[] = [
  `INSERT INTO statement_state (name, value) VALUES ('gate', ''), ('runs', '0') ON CONFLICT DO NOTHING`,
  `UPDATE statement_state SET value = (SELECT coalesce(max(id), 0)::text FROM statement_runs) WHERE name = 'runs'`,
  'DELETE FROM statement_days',
  'INSERT INTO statement_days SELECT DISTINCT source, account, day FROM statement_versions',
  `UPDATE budget_state SET value = value + 1 WHERE name = 'revision'`,
  `UPDATE directory_state SET value = value + 1 WHERE name = 'revision'`,
];
