/** Files beside the embedded ledger that is copied to, made anew. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { budgetFileOf, KEPT_FILES, statementFileOf } from '../../../config/data-folder.ts';
import { ALERT_TABLES } from '../../sqlite/alert-store.ts';
import { openBudgetDatabase } from '../../sqlite/budget-store.ts';
import { openDirectoryDatabase } from '../../sqlite/directory-store.ts';
import { GATEWAY_TABLE } from '../../sqlite/gateway-store.ts';
import { transaction } from '../../sqlite/schema.ts';
import { openStatementDatabase } from '../../sqlite/statement-tables.ts';
import { BESIDE, type BesideFile, isOwn } from '../beside-tables.ts';
import type { BesideLedger } from '../ends.ts';
import { insertRows } from './insert.ts';
import { removeFiles } from './staging.ts';

export async function replaceBesideFiles(folder: string, source: BesideLedger): Promise<void> {
  for (const beside of BESIDE) await replaceFile(folder, beside, source);
  for (const name of Object.values(KEPT_FILES)) {
    const bytes = await source.file(name);
    if (bytes === undefined) rmSync(join(folder, name), { force: true });
    else writeFileSync(join(folder, name), bytes, { mode: 0o600, flush: true });
  }
}

/** Rows of a journal are never removed, so an earlier run's file goes as a whole. */
async function replaceFile(folder: string, { fileOf, tables }: BesideFile, source: BesideLedger): Promise<void> {
  const file = fileOf({ data: folder });
  removeFiles(file);
  const database = open(folder, file);
  try {
    for (const [to, from] of Object.entries(tables)) {
      // What a new file has in there is the source's as well.
      database.exec(`DELETE FROM ${to}`);
      for await (const rows of source.pages(from)) {
        transaction(database, () =>
          insertRows(
            database,
            to,
            rows.filter((row) => !isOwn(from, row)),
          ),
        );
      }
    }
  } finally {
    // The last connection writes the log into the file and removes it.
    database.close();
  }
}

function open(folder: string, file: string): DatabaseSync {
  if (file === statementFileOf({ data: folder })) return openStatementDatabase(file);
  if (file !== budgetFileOf({ data: folder })) return openDirectoryDatabase(file);
  const database = openBudgetDatabase(file);
  database.exec(ALERT_TABLES);
  database.exec(GATEWAY_TABLE);
  return database;
}
