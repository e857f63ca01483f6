/**
 * Which sessions a transaction will lock beside those that it has entries of: pools and their neighbors, of which the engine asks one after the
 * other. Locked together at the beginning, in the order in which everybody locks, they make no deadlock. Hints only: what is missing here is
 * locked later, and two that are in each other's way then are tried again, knowing more.
 */
import { LRUCache } from 'lru-cache';

const SESSIONS_MAX = 40_000;
/** A pool that meets more is held back, and asks for its neighbors no more. */
const COMPANY_MAX = 300;
const AGAIN_MAX = 2_000;

export class LockHints {
  readonly #company = new LRUCache<number, ReadonlySet<number>>({ max: SESSIONS_MAX });
  #wanted = new Set<number>();
  #again: readonly number[] = [];

  /** When a transaction begins to lock. Answers what else to lock. */
  begin(sessions: Iterable<number>): Set<number> {
    this.#wanted = new Set([...sessions, ...this.#again]);
    this.#again = [];
    // A session's pools, and whom these meet.
    for (let round = 0; round < 2; round++) for (const session of [...this.#wanted]) this.note(this.#company.get(session) ?? []);
    return new Set(this.#wanted);
  }

  /** What it locks after that. */
  note(sessions: Iterable<number>): void {
    for (const session of sessions) this.#wanted.add(session);
  }

  meet(pool: number, neighbors: ReadonlySet<number>): void {
    if (neighbors.size === 0 || neighbors.size > COMPANY_MAX) return;
    this.#company.set(pool, neighbors);
    for (const neighbor of neighbors) {
      const pools = this.#company.get(neighbor);
      if (pools?.has(pool) === true) continue;
      if ((pools?.size ?? 0) < COMPANY_MAX) this.#company.set(neighbor, new Set([...(pools ?? []), pool]));
    }
  }

  /** After a transaction that failed: it is mostly tried again. Answers what it may have locked. */
  failed(): ReadonlySet<number> {
    const wanted = this.#wanted;
    this.#again = [...wanted].slice(0, AGAIN_MAX);
    this.#wanted = new Set();
    return wanted;
  }
}
