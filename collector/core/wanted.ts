/** Long work on a thread that others wait for: it lets them have their turn, and ends when nobody wants its result any more. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Who asked is known to all that runs for the request, without each function on the way handing it on. */
const asking = new AsyncLocalStorage<AbortSignal>();

/** Everything that `run` begins ends at its next turn once the signal is aborted. */
export const whileWanted = <Result>(signal: AbortSignal, run: () => Result): Result => asking.run(signal, run);

/** Whoever else waits for this thread is served. Rejects with the signal's reason when the result is no longer wanted. */
export async function turn(): Promise<void> {
  await nextTurn();
  asking.getStore()?.throwIfAborted();
}
