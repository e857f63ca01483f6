/** Work that ends when nobody wants its result any more. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { turn } from './turn.ts';

/** Who asked is known to all that runs for the request, without each function on the way handing it on. */
const asking = new AsyncLocalStorage<AbortSignal>();

/** Everything that `run` begins ends at its next turn once the signal is aborted, or that of a `run` around it. */
export function whileWanted<Result>(signal: AbortSignal, run: () => Result): Result {
  const around = asking.getStore();
  return asking.run(around === undefined ? signal : AbortSignal.any([around, signal]), run);
}

/** Gives everything else that waits on this thread its turn. Rejects with the signal's reason when the result is no longer wanted. */
export async function turnWhileWanted(): Promise<void> {
  await turn();
  asking.getStore()?.throwIfAborted();
}

/** Aborted when what runs is no longer wanted; undefined where nothing says so. */
export const wanted = (): AbortSignal | undefined => asking.getStore();
