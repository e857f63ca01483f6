/** Runs what writes until it is committed: what fails for a reason that passes is done again as a whole. */
import { setTimeout } from 'node:timers/promises';
import { SECOND_MS } from '../../core/duration.ts';
import { troubleOf } from './failure.ts';
import { Lesson } from './lesson.ts';

/** Clients wait about ten seconds for an answer, and over gRPC they never repeat. */
export const PATIENCE_MS = 8 * SECOND_MS;
/** Of conflicts with other transactions, at once. */
const CONFLICTS_MAX = 5;
const LESSONS_MAX = 100;
const FIRST_WAIT_MS = 25;
const WAIT_MAX_MS = 500;

export interface Patience {
  /** By performance.now(); after it nothing is tried again that has to wait. */
  readonly untilMs: number;
  /** After each failure. */
  readonly forget: (error: unknown) => void;
}

/**
 * Where nobody knows whether a commit took place, the same is done once more: it has to be something that has no effect the second time. Rejects
 * with the last failure.
 */
export async function untilCommitted<Result>(act: () => Promise<Result>, { untilMs, forget }: Patience): Promise<Result> {
  let [conflicts, lessons, waitMs] = [0, 0, FIRST_WAIT_MS];
  for (;;) {
    try {
      return await act();
    } catch (error) {
      forget(error);
      if (error instanceof Lesson && ++lessons <= LESSONS_MAX) continue;
      // A lock that is waited for takes its time.
      if (troubleOf(error) === 'conflict' && ++conflicts <= CONFLICTS_MAX && performance.now() < untilMs) continue;
      if (!isPassing(error) || performance.now() + waitMs > untilMs) throw error;
      await setTimeout(waitMs);
      waitMs = Math.min(2 * waitMs, WAIT_MAX_MS);
    }
  }
}

export function isPassing(error: unknown): boolean {
  const trouble = troubleOf(error);
  return trouble === 'conflict' || trouble === 'away' || trouble === 'full';
}
