/** Transactions that await something within them. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** By file: what was asked for last. */
const turns = new Map<string, Promise<unknown>>();
/** The files of the turns that go on. */
const current = new AsyncLocalStorage<string>();

/**
 * One after the other, of all that this thread does with a file: whoever waited for a lock that the same thread holds would wait in vain, and
 * on the same connection would read half of a change.
 */
export function inTurn<Answer>(file: string, work: () => Answer | Promise<Answer>): Promise<Answer> {
  // It would wait for itself, for ever.
  if (current.getStore() === file) return Promise.reject(new Error(`A turn on ${file} was asked for within another: use what it handed over.`));
  const done = (turns.get(file) ?? Promise.resolve()).then(() => current.run(file, work));
  const turn: Promise<void> = done.then(
    () => forget(file, turn),
    () => forget(file, turn),
  );
  turns.set(file, turn);
  return done;
}

function forget(file: string, turn: Promise<unknown>): void {
  if (turns.get(file) === turn) turns.delete(file);
}

export type TakeTurn = <Answer>(work: () => Answer | Promise<Answer>) => Promise<Answer>;

export const turnsOn =
  (file: string): TakeTurn =>
  (work) =>
    inTurn(file, work);
