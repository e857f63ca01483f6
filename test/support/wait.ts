/** Tests never sleep a fixed time: they wait for a condition, and say what they waited for, and what they saw, when it does not come. */
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface WaitOptions<Seen> {
  /** Only a hang gets there: it is far above what a busy machine takes, and below the test's own (jest.config.mjs). */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  /** Whether what the probe gave is what is waited for; without it, anything but undefined, null and false is. */
  readonly until?: (seen: Seen) => boolean;
  /** What else the failure should say, such as the log of a process. */
  readonly context?: () => string;
}

const isThere = (seen: unknown): boolean => seen !== undefined && seen !== null && seen !== false;

/**
 * Calls the probe until it gives what is waited for, and returns that. A probe that throws counts as "not yet".
 * @throws at the deadline, with what the last look gave; an error that it threw is the cause.
 */
export async function waitFor<Seen>(
  what: string,
  probe: () => Seen | Promise<Seen>,
  { timeoutMs = 60_000, everyMs = 25, until = isThere, context }: WaitOptions<Seen> = {},
): Promise<NonNullable<Seen>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: string;
    let cause: unknown;
    try {
      const seen = await probe();
      if (isThere(seen) && until(seen)) return seen as NonNullable<Seen>; // isThere is what the type says.
      last = `The last look gave ${inspect(seen, { depth: 4, breakLength: 140 })}.`;
    } catch (error) {
      cause = error;
      last = `The last look failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() > deadline) {
      const more = context === undefined ? '' : `\n${context()}`;
      throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}. ${last}${more}`, { cause });
    }
    await delay(everyMs);
  }
}
