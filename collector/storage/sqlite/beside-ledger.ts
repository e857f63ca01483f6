/** Files beside the ledger that several processes write: each with a schema of its own. */
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile, makePrivateFolder } from './private-files.ts';
import { refuseUnfinished } from './restore-journal.ts';
import { opening, refuseNewer, transaction, userVersion } from './schema.ts';

interface Schema {
  /** Each runs once, all that are missing in one transaction with the number of the last. */
  readonly migrations: readonly string[];
  /** Another process that writes is done within that time. */
  readonly busyMs: number;
}

/** Opens the file, or makes it, and brings it up to the last of the migrations. Throws `invalid` for one that a newer program wrote. */
export function openBesideLedger(file: string, { migrations, busyMs }: Schema): DatabaseSync {
  makePrivateFolder(dirname(file));
  refuseUnfinished(dirname(file));
  makePrivateFile(file);
  return opening(file, () => {
    const database = new DatabaseSync(file, { timeout: busyMs });
    try {
      refuseNewer(userVersion(database), migrations.length, file);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      migrate(database, migrations);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Of several that open the file at once, one makes the tables. */
function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  if (userVersion(database) === migrations.length) return;
  transaction(database, () => {
    for (const migration of migrations.slice(userVersion(database))) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
