/**
 * A backup in the place of a ledger. Copies are laid beside the files and checked; then a journal in the data folder says what is to be
 * swapped, and from that moment it is decided: whoever opens the ledger next finishes it. So a kill at any step leaves all of the
 * old state or all of the new one.
 */
import { constants, copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { type BackupKind, BUDGETS, checkBackup, DIRECTORY, LEDGER, STATEMENTS } from './backup-check.ts';
import { sync } from './durable-files.ts';
import { lockLedger } from './lock.ts';
import { makePrivateFile, makePrivateFolder } from './private-files.ts';
import { redoFileOf } from './redo-log.ts';
import { decideRestore, finishRestore, type OnStep, STAGED, type Swap } from './restore-journal.ts';

export interface RestoreRequest {
  readonly ledger: RestoredFile;
  /** Undefined where the backup has none: what is there stays. */
  readonly budgets?: RestoredFile | undefined;
  /** The provider's records; undefined as above. */
  readonly statements?: RestoredFile | undefined;
  /** What came over SCIM, and merges; undefined as above. */
  readonly directory?: RestoredFile | undefined;
  /** Part of the names of the files that are replaced. */
  readonly stamp: string;
}

export interface RestoredFile {
  readonly backup: string;
  readonly target: string;
}

/** Answers the files that were replaced, under the names they have now. Throws LedgerlineError, and leaves everything as it is then. */
export function restoreBackup(
  { ledger, budgets, statements, directory, stamp }: RestoreRequest,
  onStep: OnStep = () => undefined,
): readonly string[] {
  const folder = dirname(ledger.target);
  makePrivateFolder(folder);
  const lock = lockForRestore(ledger.target);
  try {
    finishRestore(folder);
    stage(ledger, LEDGER);
    onStep('the ledger is staged');
    if (budgets !== undefined) stage(budgets, BUDGETS);
    onStep('the budgets are staged');
    if (statements !== undefined) {
      stage(statements, STATEMENTS);
      onStep('the statements are staged');
    }
    if (directory !== undefined) {
      stage(directory, DIRECTORY);
      onStep('the directory is staged');
    }
    const swaps = [ledger, budgets, statements, directory].filter((part) => part !== undefined).map(({ target }) => swapOf(basename(target), stamp));
    const aside = swaps.filter(({ target }) => existsSync(join(folder, target))).map((swap) => join(folder, swap.aside));
    decideRestore(folder, swaps, onStep);
    finishRestore(folder, onStep);
    return aside;
  } finally {
    lock.release();
  }
}

const swapOf = (target: string, stamp: string): Swap => ({ target, staged: `${target}${STAGED}`, aside: `${target}.replaced-${stamp}` });

function stage({ backup, target }: RestoredFile, kind: BackupKind): void {
  if (!existsSync(backup)) {
    throw new LedgerlineError('not_found', `There is no backup at ${backup}.`, {
      hint: 'Name a file that `ledgerline backup` wrote. Nothing was changed.',
    });
  }
  refuseLive(backup);
  const staged = `${target}${STAGED}`;
  try {
    copyFileSync(backup, staged, constants.COPYFILE_FICLONE);
    makePrivateFile(staged);
    sync(staged);
  } catch (cause) {
    rmSync(staged, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerlineError('invalid', `The backup ${backup} cannot be copied: ${reason}.`, {
      hint: 'Check the path, its permissions and the free space of the data folder. Nothing was changed.',
      cause,
    });
  }
  try {
    checkBackup(staged, backup, kind);
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  }
}

/** What is in a log is not in the file: the copy would lack the newest. */
function refuseLive(backup: string): void {
  const log = [`${backup}-wal`, redoFileOf(backup)].find((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0);
  if (log === undefined) return;
  throw new LedgerlineError('invalid', `${backup} is in use, or was not closed: ${log} lies beside it.`, {
    hint: 'Restore a file that `ledgerline backup` wrote; it can also copy this one. Nothing was changed.',
  });
}

function lockForRestore(ledger: string): { release(): void } {
  try {
    return lockLedger(ledger);
  } catch (cause) {
    throw new LedgerlineError('unavailable', `A collector is running on ${ledger}, so nothing can be restored there.`, {
      hint: 'Stop the collector, restore, and start it again. What clients send meanwhile over HTTP, they send again.',
      cause,
    });
  }
}
