/** The second half of a restore: what was decided is done, by whoever holds the lock next. See restore.ts. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { sync, writeDurably } from './durable-files.ts';
import { generationFileOf } from './generation.ts';
import { redoFileOf } from './redo-log.ts';

/** Names in the data folder. */
export interface Swap {
  readonly target: string;
  readonly staged: string;
  readonly aside: string;
}

/** Called after each step that a kill can follow. */
export type OnStep = (step: string) => void;

export const STAGED = '.restoring';
const journalOf = (folder: string): string => join(folder, 'restore-in-progress.json');

/** From here on it will be done. */
export function decideRestore(folder: string, swaps: readonly Swap[], onStep: OnStep): void {
  const journal = journalOf(folder);
  writeDurably(`${journal}.new`, JSON.stringify(swaps));
  onStep('the journal is written');
  renameSync(`${journal}.new`, journal);
  sync(folder);
  onStep('it is decided');
}

/** Does what a restore that was interrupted had decided, and removes what one had not. Call it with the lock. */
export function finishRestore(folder: string, onStep: OnStep = () => undefined): void {
  if (!existsSync(journalOf(folder))) {
    removeStaged(folder);
    return;
  }
  // Written by this program, whole before it has its name.
  for (const swap of JSON.parse(readFileSync(journalOf(folder), 'utf8')) as readonly Swap[]) swapIn(folder, swap, onStep);
  rmSync(journalOf(folder));
  sync(folder);
  onStep('the journal is removed');
}

/** For whoever has not the lock. */
export function refuseUnfinished(folder: string): void {
  if (!existsSync(journalOf(folder))) return;
  throw new LedgerlineError('unavailable', `A restore in ${folder} was interrupted.`, {
    hint: 'Start the collector, which finishes it, or run `ledgerline restore` again.',
  });
}

/** Every step can be done again after a kill: what is staged is there until all else is done. */
function swapIn(folder: string, { target, staged, aside }: Swap, onStep: OnStep): void {
  const path = (name: string) => join(folder, name);
  if (!existsSync(path(staged))) return;
  if (existsSync(path(target)) && !existsSync(path(aside))) renameSync(path(target), path(aside));
  onStep(`${target} is aside`);
  // With its log the file that is replaced can still be opened.
  if (existsSync(path(`${target}-wal`))) renameSync(path(`${target}-wal`), path(`${aside}-wal`));
  onStep(`${target}-wal is aside`);
  if (existsSync(redoFileOf(path(target)))) renameSync(redoFileOf(path(target)), redoFileOf(path(aside)));
  onStep(`${target}-redo is aside`);
  rmSync(path(`${target}-shm`), { force: true });
  rmSync(generationFileOf(path(target)), { force: true });
  sync(folder);
  onStep(`${target}-shm is removed`);
  renameSync(path(staged), path(target));
  sync(folder);
  onStep(`${target} is in place`);
}

function removeStaged(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith(STAGED)) rmSync(join(folder, name));
}
