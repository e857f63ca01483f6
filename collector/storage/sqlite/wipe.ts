/** Bytes of what was erased, out of a database's file and its log. */
import type { DatabaseSync } from 'node:sqlite';

/** What is deleted or written over is zero afterwards. For the connection, until it is closed. */
export const overwriteDeleted = (database: DatabaseSync): void => database.exec('PRAGMA secure_delete = ON');

/** SQLite's primary result code for a file that somebody else writes. */
const BUSY = 5;

/**
 * Writes the file anew, without what earlier changes left in unused places. It takes as long as copying the file, and as much room again.
 * False while somebody else writes it.
 */
export function rewrite(database: DatabaseSync): boolean {
  try {
    database.exec('VACUUM');
    return true;
  } catch (error) {
    const isBusy = typeof error === 'object' && error !== null && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;
    if (!isBusy) throw error;
    return false;
  }
}

/** False while somebody reads an older state, which is in the log alone. */
export const emptyLog = (database: DatabaseSync): boolean => database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0;
