/** Sessions that are active: their rows with the running state that books what comes next. */
import { SessionBook } from './booking.ts';
import { SequenceTracker } from './sequence-gaps.ts';
import type { FoundSession, SessionRow } from './tables.ts';

export interface SessionState extends SessionRow {
  /** Undefined until the session's entries have been walked in this run of the program. */
  book: SessionBook<number> | undefined;
  /** Undefined until the numbers of the session's events have been read in this run of the program. */
  sequences: SequenceTracker | undefined;
  /** Links (pools.ts) that are known to be there. */
  readonly links: Set<string>;
  /** What the last entry was linked by: mostly that is so of the next, too. */
  linked: { readonly day: number; readonly keys: readonly string[] } | undefined;
  /** A pool with more neighbors than can be told apart; it does not get fewer. */
  isHeldBack: boolean;
}

/** Sessions remembered. One that falls out is walked again from its entries when it goes on. */
const REMEMBERED_MAX = 20_000;

export class SessionMemory {
  readonly #states = new Map<string, SessionState>();

  find(sessionId: string): SessionState | undefined {
    return this.#states.get(sessionId);
  }

  keep({ row, isNew }: FoundSession): SessionState {
    const running = isNew ? { book: new SessionBook<number>(), sequences: new SequenceTracker() } : { book: undefined, sequences: undefined };
    const state: SessionState = { ...row, ...running, links: new Set(), linked: undefined, isHeldBack: false };
    this.#states.set(row.sessionId, state);
    return state;
  }

  /** Drops the sessions that came into memory longest ago. Called between transactions, never inside one. */
  trim(): void {
    for (const sessionId of this.#states.keys()) {
      if (this.#states.size <= REMEMBERED_MAX) return;
      this.#states.delete(sessionId);
    }
  }

  drop(sessionId: string): void {
    this.#states.delete(sessionId);
  }

  forget(): void {
    this.#states.clear();
  }
}
