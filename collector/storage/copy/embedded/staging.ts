/**
 * The folder that is copied to. Until a copy is the same ledger it lies in a folder of its own within, where no collector finds it; then its files
 * are put in their place. The lock of the ledger is held all the while, so that no collector and no other copy begins there.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { budgetFileOf, directoryStoreFileOf, KEPT_FILES, ledgerFileOf, statementFileOf } from '../../../config/data-folder.ts';
import { LedgerlineError } from '../../../core/error.ts';
import { sync, writeDurably } from '../../sqlite/durable-files.ts';
import { lockLedger } from '../../sqlite/lock.ts';
import { makePrivateFolder } from '../../sqlite/private-files.ts';
import { redoFileOf } from '../../sqlite/redo-log.ts';
import { refuseUnfinished } from '../../sqlite/restore-journal.ts';
import type { Say } from '../progress.ts';

const UNFINISHED = 'unfinished-copy';
/** Is there as soon as files of a copy may lie in their place. */
const PLACING = 'being-put-in-place';

export interface Staging {
  /** Where the copy lies until it is done. */
  readonly folder: string;
  readonly isBegun: boolean;
  /** Of files that are closed, and on the disk. Throws where somebody made one of them in the folder meanwhile. */
  finish(say: Say): void;
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
    if (isBegun) takeBack(folder, data);
    refuseHeld(data);
    if (!isBegun) rmSync(folder, { recursive: true, force: true });
    makePrivateFolder(folder);
    return { folder, isBegun, finish: (say) => putInPlace(folder, data, say), release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * With their logs, which SQLite would play into what is put beside them. Learnt prices are no part of a ledger's: a replica has a copy of
 * those of the database in its folder.
 */
function refuseHeld(data: string): void {
  const held = filesOf(data)
    .filter((file) => basename(file) !== KEPT_FILES.learntPrices)
    .flatMap((file) => [file, `${file}-wal`, redoFileOf(file)])
    .find((file) => existsSync(file));
  if (held === undefined) return;
  throw new LedgerlineError('invalid', `The folder has a ledger already, or a part of one: ${held}.`, {
    hint: `It may be this copy, finished: \`ledgerline check --data ${data}\` says what it has. Else name an empty folder with --to: two ledgers are never mixed.`,
  });
}

/** Ended in the middle, all of it is done again when the copy is run again. */
function putInPlace(folder: string, data: string, say: Say): void {
  refuseHeld(data);
  writeDurably(join(folder, PLACING), '');
  sync(folder);
  const staged = filesOf(folder);
  for (const [index, file] of filesOf(data).entries()) {
    const from = staged[index];
    if (from === undefined || !existsSync(from)) continue;
    say(`putting ${basename(file)} in its place`);
    renameSync(from, file);
    sync(data);
  }
  rmSync(folder, { recursive: true });
  sync(data);
}

/** Files that a run which was ended has put in place, while there was no ledger beside them. */
function takeBack(folder: string, data: string): void {
  if (!existsSync(join(folder, PLACING)) || existsSync(ledgerFileOf({ data }))) return;
  const staged = filesOf(folder);
  for (const [index, file] of filesOf(data).entries()) {
    const to = staged[index];
    if (to !== undefined && existsSync(file)) renameSync(file, to);
  }
  sync(folder);
  sync(data);
  rmSync(join(folder, PLACING));
}

/** Files of a database, with its log. */
export function removeFiles(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-redo', '.lock', '.generation']) rmSync(`${file}${suffix}`, { force: true });
}
