/** Transactions that await something within them. */

/** By file: what was asked for last. */
const turns = new Map<string, Promise<unknown>>();

/**
 * One after the other, of all that this thread does with a file: whoever waited for a lock that the same thread holds would wait in vain, and
 * on the same connection would read half of a change.
 */
export function inTurn<Answer>(file: string, work: () => Promise<Answer>): Promise<Answer> {
  const done = (turns.get(file) ?? Promise.resolve()).then(work);
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
