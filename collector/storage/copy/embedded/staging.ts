/**
 * The folder that is copied to. Until a copy is the same ledger it lies in a folder of its own within, where no collector finds it; then its files
 * are put in their place. The lock of the ledger is held all the while, so that no collector and no other copy begins there.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { budgetFileOf, directoryStoreFileOf, KEPT_FILES, ledgerFileOf, statementFileOf } from '../../../config/data-folder.ts';
import { LedgerlineError } from '../../../core/error.ts';
import { sync } from '../../sqlite/durable-files.ts';
import { lockLedger } from '../../sqlite/lock.ts';
import { makePrivateFolder } from '../../sqlite/private-files.ts';
import { refuseUnfinished } from '../../sqlite/restore-journal.ts';

const UNFINISHED = 'unfinished-copy';

export interface Staging {
  /** Where the copy lies until it is done. */
  readonly folder: string;
  readonly isBegun: boolean;
  /** Of files that are closed, and on the disk. */
  finish(): void;
  release(): void;
}

const filesOf = (data: string): string[] => [
  ...[budgetFileOf, statementFileOf, directoryStoreFileOf].map((fileOf) => fileOf({ data })),
  ...Object.values(KEPT_FILES).map((name) => join(data, name)),
  // The last one to be put in place: without it there is no ledger.
  ledgerFileOf({ data }),
];

/** Throws a sentence where the folder has a ledger. */
export function stage(data: string): Staging {
  makePrivateFolder(data);
  refuseUnfinished(data);
  const lock = lockLedger(ledgerFileOf({ data }));
  try {
    const folder = join(data, UNFINISHED);
    const isBegun = existsSync(ledgerFileOf({ data: folder }));
    refuseHeld(isBegun ? [ledgerFileOf({ data })] : filesOf(data));
    if (!isBegun) rmSync(folder, { recursive: true, force: true });
    makePrivateFolder(folder);
    return { folder, isBegun, finish: () => putInPlace(folder, data), release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function refuseHeld(files: readonly string[]): void {
  const held = files.find((file) => existsSync(file));
  if (held === undefined) return;
  throw new LedgerlineError('invalid', `The folder has a ledger already, or a part of one: ${held}.`, {
    hint: 'Name an empty folder with --to: two ledgers are never mixed.',
  });
}

/** Ended in the middle, the rest is done when the copy is run again. */
function putInPlace(folder: string, data: string): void {
  const staged = filesOf(folder);
  for (const [index, file] of filesOf(data).entries()) {
    const from = staged[index];
    if (from === undefined || !existsSync(from)) continue;
    renameSync(from, file);
    sync(data);
  }
  rmSync(folder, { recursive: true });
  sync(data);
}

/** Files of a database, with its log. */
export function removeFiles(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '.lock', '.generation']) rmSync(`${file}${suffix}`, { force: true });
}
