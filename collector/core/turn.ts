/** Long work as a generator that pauses: done at once, or in turns with everything else that waits on this thread. */
import { setImmediate } from 'node:timers/promises';

/** Gives everything else that waits on this thread its turn. */
export const turn = (): Promise<void> => setImmediate();

export function atOnce<Result>(steps: Iterator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

export async function inTurns<Result>(steps: Iterator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await turn();
  }
}
