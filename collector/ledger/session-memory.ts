/** Sessions that are active: their rows with the running state that books what comes next. */
import type { Link } from './pools.ts';
import { RunningState } from './running-state.ts';
import type { SequenceTracker } from './sequence-gaps.ts';
import { SessionTail } from './session-tail.ts';
import { AsideAccount } from './set-aside.ts';
import type { FoundSession, Place, SessionRow } from './tables.ts';

export interface SessionState extends SessionRow {
  /** Undefined until the session's entries have been walked in this run of the program. */
  running: RunningState | undefined;
  /** Undefined until the numbers of the session's events have been read in this run of the program. */
  sequences: SequenceTracker | undefined;
  /** Links (pools.ts) that are known to be there, by name. */
  readonly links: Map<string, Link>;
  /** Are these all it has? */
  areLinksRead: boolean;
  /** Undefined until that has been asked in this run of the program. */
  hasStandIns: boolean | undefined;
  /** Undefined where not all of them are known. */
  tail: SessionTail | undefined;
  /** What is set aside of it; undefined until that has been read in this run of the program. */
  aside: AsideAccount | undefined;
  /** What the last entry was linked by: mostly that is so of the next, too. */
  linked: { readonly day: number; readonly keys: readonly string[] } | undefined;
  /** A pool with more neighbors than can be told apart; it does not get fewer. */
  isHeldBack: boolean;
  /** Of all this, when it was last looked at. */
  size: number;
}

/** Sessions remembered. One that falls out is walked again from its entries when it goes on. */
const REMEMBERED_MAX = 20_000;
/** All of them together, in units of a running total (RunningState.size), which takes some 50 bytes: about 100 MB. */
const SIZE_MAX = 2_000_000;
/** Room is made for some time, since to make it takes a look at what was stripped before. */
const SIZE_LEFT = 0.9 * SIZE_MAX;
/**
 * Most sessions that are remembered are pauses of somebody, or over. What comes late does so within a minute or two, so the newest entries of a
 * session are kept for so long after the last one: they are most of what it takes.
 */
const TAIL_KEPT_MS = 300_000;
/** What a session takes that has nothing yet. */
const SESSION_SIZE = 120;
const ENTRY_SIZE = 8;
/** Of a pool or a session beside others. */
const LINK_SIZE = 3;
const ASIDE_SIZE = 2;

export class SessionMemory {
  readonly #states = new Map<string, SessionState>();
  /** Sessions that were looked at since the last transaction began. */
  readonly #met = new Set<string>();
  /** When those were used that may have a tail, the one used longest ago first. */
  readonly #usedMs = new Map<SessionState, number>();
  #size = 0;

  find(sessionId: string): SessionState | undefined {
    this.#met.add(sessionId);
    return this.#states.get(sessionId);
  }

  keep({ row, isNew }: FoundSession, checkpointEvery: number): SessionState {
    const running = isNew ? new RunningState(checkpointEvery) : undefined;
    this.drop(row.sessionId);
    this.#met.add(row.sessionId);
    const state: SessionState = {
      ...row,
      running,
      sequences: running?.sequences,
      links: new Map(),
      areLinksRead: isNew,
      hasStandIns: isNew ? false : undefined,
      tail: isNew ? new SessionTail() : undefined,
      aside: isNew ? new AsideAccount() : undefined,
      linked: undefined,
      isHeldBack: false,
      size: 0,
    };
    this.#states.set(row.sessionId, state);
    return state;
  }

  /** Those that were used last stay longest. `nowMs`: when the exports came that they were used for. */
  use(states: Iterable<SessionState>, nowMs: number): void {
    for (const state of states) {
      if (this.#states.get(state.sessionId) !== state) continue;
      state.first = placeOf(state.first);
      state.last = placeOf(state.last);
      this.#states.delete(state.sessionId);
      this.#states.set(state.sessionId, state);
      this.#usedMs.delete(state);
      this.#usedMs.set(state, nowMs);
      this.#measure(state);
    }
    this.#shedTails(nowMs);
  }

  /** Makes room where there is none. Called between transactions, never inside one. `reach`: entries that are booked again (RebookingLimits). */
  trim(reach: number): void {
    this.#met.clear();
    const sizeMax = this.#size > SIZE_MAX ? SIZE_LEFT : SIZE_MAX;
    // One that takes a quarter of all would push everybody else out.
    if (this.#size > SIZE_MAX) for (const { sessionId, size } of this.#states.values()) if (size > SIZE_MAX / 4) this.drop(sessionId);
    for (const state of this.#states.values()) {
      if (this.#size <= sizeMax) break;
      state.running?.strip(reach);
      state.tail = undefined;
      this.#measure(state);
    }
    for (const sessionId of this.#states.keys()) {
      if (this.#states.size <= REMEMBERED_MAX && this.#size <= sizeMax) return;
      this.drop(sessionId);
    }
  }

  drop(sessionId: string): void {
    const state = this.#states.get(sessionId);
    if (state === undefined) return;
    this.#size -= state.size;
    this.#states.delete(sessionId);
    this.#usedMs.delete(state);
  }

  /** After a transaction that failed: only what it has looked at may not be so. */
  undo(): void {
    for (const sessionId of this.#met) this.drop(sessionId);
    this.#met.clear();
  }

  forget(): void {
    this.#met.clear();
    this.#states.clear();
    this.#usedMs.clear();
    this.#size = 0;
  }

  #shedTails(nowMs: number): void {
    for (const [state, usedMs] of this.#usedMs) {
      if (nowMs - usedMs < TAIL_KEPT_MS) return;
      this.#usedMs.delete(state);
      state.tail?.shed();
      this.#measure(state);
    }
  }

  #measure(state: SessionState): void {
    const { running, tail, links, aside } = state;
    const entries = ENTRY_SIZE * (tail?.length ?? 0) + ASIDE_SIZE * (aside?.size ?? 0);
    const size = SESSION_SIZE + (running?.size ?? 0) + entries + LINK_SIZE * links.size;
    this.#size += size - state.size;
    state.size = size;
  }
}

/** Without the entry that it is the place of. */
const placeOf = ({ timeMs, identity, dims }: Place): Place => ({ timeMs, identity, dims });
