/**
 * Remembers bodies that made the collector fail. A failure of our own is answered 503 so that the sender tries again, but input that
 * fails every time must not circle for ever: after a few failures with the same bytes it is refused for good.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

const FAILURES_UNTIL_POISON = 3;
const REMEMBERED_BODIES = 1024;

export class PoisonMemory {
  readonly #failures = new LRUCache<string, number>({ max: REMEMBERED_BODIES });

  /** Notes a failure with this body; true when it has now failed too often. */
  failedAgain(body: Uint8Array): boolean {
    const hash = createHash('sha256').update(body).digest('base64');
    const failures = (this.#failures.get(hash) ?? 0) + 1;
    this.#failures.set(hash, failures);
    return failures >= FAILURES_UNTIL_POISON;
  }
}
