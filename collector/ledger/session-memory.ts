/** Sessions that are active: their rows with the running state that books what comes next. */
import { SessionBook } from './booking.ts';
import { SequenceTracker } from './sequence-gaps.ts';
import type { FoundSession, SessionRow } from './tables.ts';

export interface SessionState extends SessionRow {
  /** Undefined until the session's entries have been walked in this run of the program. */
  book: SessionBook<number> | undefined;
  /** Undefined until the numbers of the session's events have been read in this run of the program. */
  sequences: SequenceTracker | undefined;
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
    const state: SessionState = { ...row, ...running };
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
