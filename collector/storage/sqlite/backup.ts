/** A consistent copy of a ledger that is being written to. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { LedgerlineError } from '../../core/error.ts';
import { sync } from './durable-files.ts';
import { refuseForeignLog, setApart } from './generation.ts';
import { makePrivateFile } from './private-files.ts';

/** Pages copied between two looks at the event loop: about 4 MB. */
const PAGES_AT_ONCE = 1_000;

/** Copies under a temporary name first, so that FILE either is a whole backup or is not there. */
export async function backupLedger(ledger: string, file: string, onProgress?: (share: number) => void): Promise<void> {
  if (existsSync(file)) {
    throw new LedgerlineError('invalid', `The backup file ${file} exists.`, { hint: 'Name a new file; a backup never overwrites another.' });
  }
  const partial = `${file}.partial`;
  refuseForeignLog(ledger);
  const source = new DatabaseSync(ledger, { readOnly: true });
  makePrivateFile(partial);
  try {
    await backup(source, partial, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => onProgress?.(totalPages === 0 ? 1 : 1 - remainingPages / totalPages),
    });
    finish(partial);
    renameSync(partial, file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerlineError('invalid', `The backup ${file} cannot be written: ${reason}.`, {
      hint: 'Name a file in a folder that exists, that this user may write to and that has room for the ledger.',
      cause,
    });
  } finally {
    source.close();
    rmSync(partial, { force: true });
  }
}

/** No log of the original may ever be taken for the copy's. */
function finish(partial: string): void {
  const copy = new DatabaseSync(partial);
  try {
    setApart(copy);
  } finally {
    copy.close();
  }
  sync(partial);
}
