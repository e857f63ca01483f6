/**
 * What a replica remembers between transactions. Of a session it holds as long as the row's `rev` is the one that this replica saw or wrote last,
 * which only who has locked the row can say. Forget it together with the engine: when a transaction failed, and in another generation.
 */
import { LRUCache } from 'lru-cache';
import { LockHints } from './lock-hints.ts';
import { naturalKey } from './natural-keys.ts';

export interface KnownSession {
  readonly session: number;
  rev: number;
  /** Of its entries. */
  readonly part: number;
  /** Whether it may have entries that are set aside, and stand-ins. Undefined until that was read. */
  kinds: { readonly aside: boolean; readonly standIns: boolean } | undefined;
}

/** Twice what the engine remembers. */
const SESSIONS_MAX = 40_000;

export class KnownSessions {
  readonly hints = new LockHints();
  readonly #sessions = new LRUCache<number, KnownSession>({ max: SESSIONS_MAX });
  /** Of ids the digest of which was another session's number already. */
  readonly #attempts = new Map<string, number>();
  readonly #days = new Set<number>();

  numberOf(sessionId: string): number {
    return naturalKey(sessionId, this.#attempts.get(sessionId));
  }

  /** Its number is another session's. */
  numberOtherwise(sessionId: string): void {
    this.#attempts.set(sessionId, (this.#attempts.get(sessionId) ?? 0) + 1);
  }

  get(session: number): KnownSession | undefined {
    return this.#sessions.get(session);
  }

  keep(known: KnownSession): void {
    this.#sessions.set(known.session, known);
  }

  drop(session: number): void {
    this.#sessions.delete(session);
  }

  /** Days that links can be locked on. */
  get days(): Set<number> {
    return this.#days;
  }

  /** After a transaction that certainly failed: what it had not locked is as it was. */
  undo(): void {
    for (const session of this.hints.failed()) this.#sessions.delete(session);
  }

  forget(): void {
    this.hints.failed();
    this.#sessions.clear();
    this.#days.clear();
  }
}
