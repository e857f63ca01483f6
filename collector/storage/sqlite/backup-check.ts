/** Is a file a whole backup of this program's? */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { LedgerlineError } from '../../core/error.ts';
import { BUDGET_SCHEMA_VERSION } from './budget-store.ts';
import { DIRECTORY_SCHEMA_VERSION } from './directory-store.ts';
import { opening, refuseNewer, SCHEMA_VERSION, userVersion } from './schema.ts';
import { STATEMENT_SCHEMA_VERSION } from './statement-tables.ts';

export interface BackupKind {
  readonly what: string;
  readonly tables: readonly string[];
  readonly schemaVersion: number;
}

export const LEDGER: BackupKind = { what: 'ledger', tables: ['entries', 'sessions', 'state', 'dims'], schemaVersion: SCHEMA_VERSION };
export const BUDGETS: BackupKind = { what: 'journal of budgets', tables: ['entries'], schemaVersion: BUDGET_SCHEMA_VERSION };
export const DIRECTORY: BackupKind = {
  what: 'file of the directory',
  tables: ['resources', 'facts', 'merges'],
  schemaVersion: DIRECTORY_SCHEMA_VERSION,
};
export const STATEMENTS: BackupKind = { what: 'file of statements', tables: ['versions', 'lines'], schemaVersion: STATEMENT_SCHEMA_VERSION };

/** Throws `invalid` with a sentence about `name`. Reads every page, so it takes as long as the file is large. */
export function checkBackup(file: string, name: string, kind: BackupKind): void {
  // Immutable: nobody else has the copy, and nothing is laid beside it.
  const url = new URL(`${pathToFileURL(file)}?immutable=1`);
  opening(name, () => {
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      inspect(database, name, kind);
    } finally {
      database.close();
    }
  });
}

function inspect(database: DatabaseSync, name: string, { what, tables, schemaVersion }: BackupKind): void {
  const version = userVersion(database);
  const present = new Set(
    database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
      .all()
      .map((row) => String(row.name)),
  );
  if (version === 0 || !tables.every((table) => present.has(table))) {
    throw new LedgerlineError('invalid', `${name} is not a ${what} of Ledgerline.`, {
      hint: 'Name a file that `ledgerline backup` wrote. Nothing was changed.',
    });
  }
  refuseNewer(version, schemaVersion, name);
  const found = damageOf(database);
  if (found === undefined) return;
  throw new LedgerlineError('invalid', `${name} is damaged: ${found}.`, { hint: 'Take another backup. Nothing was changed.' });
}

/** The first damage that SQLite finds in the file's pages; undefined when there is none. */
export function damageOf(database: DatabaseSync): string | undefined {
  const found = String(Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0] ?? 'ok');
  return found === 'ok' ? undefined : found.replace(/\s+/g, ' ').trim();
}
