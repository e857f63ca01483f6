/** One writer for one ledger. The lock is the operating system's, so it is gone the moment its process is, however it ended. */
import { DatabaseSync } from 'node:sqlite';
import { LedgerlineError } from '../../core/error.ts';
import { makePrivateFile } from './private-files.ts';

/** A collector that was asked to stop, and a command that looks whether one runs, let go within that time. */
const LOCK_WAIT_MS = 3_000;

/** Throws `unavailable` when another process has it. */
export function lockLedger(file: string, waitMs = LOCK_WAIT_MS): { release(): void } {
  makePrivateFile(`${file}.lock`);
  const database = new DatabaseSync(`${file}.lock`, { timeout: waitMs });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new LedgerlineError('unavailable', `The ledger ${file} is in use by another collector.`, {
      hint: 'Stop that collector, or give this one its own folder with --data.',
      cause: error,
    });
  }
  return { release: () => database.close() };
}
