/**
 * What a store keeps for the engine, as few questions as a transaction needs. Each takes everything of its kind at once, so that a
 * store over a network needs a round trip or two for each, however many entries there are; a store within reach runs a statement
 * for each row. All questions of one plan (plan.ts) are asked in one transaction, in the order of this file.
 *
 * Sessions and combinations of dimensions are named by numbers of the store's own, good until the engine forgets.
 */
import type { Source } from '../catalog/sources.ts';
import type { ClosedMonth, MovedPosting } from './closed-months.ts';
import type { Amounts, AppendOutcome } from './entry.ts';
import type { HistoryItem } from './history.ts';
import type { HeldBack } from './increments.ts';
import type { RatesByMinute } from './minute-rates.ts';
import type { Minutes } from './people-seen.ts';
import type { Link, Meeting } from './pools.ts';
import type { Buckets } from './quarter-sums.ts';
import type { Rollup } from './rollups.ts';
import type { RequestItem } from './stand-ins.ts';
import type { Watermark } from './watermark.ts';
import type { TimeRange } from './windows.ts';

type Awaitable<Answer> = Answer | Promise<Answer>;

/** An entry on its way in. */
export interface IncomingEntry extends HistoryItem {
  readonly sessionId: string;
  /** The form in which the store keeps `amounts`: equal texts, equal amounts. */
  readonly amountsText: string;
  /** See Entry. */
  readonly keys?: readonly string[] | undefined;
  readonly repeats?: number | undefined;
}

/** One export's worth. */
export interface IncomingBatch {
  readonly entries: readonly IncomingEntry[];
  readonly receivedMs: number;
}

/** A record's place in its session. */
export interface Place {
  readonly timeMs: number;
  readonly identity: string;
  readonly dims: number;
}

/** What a session costs, or a part of it. */
export interface SessionCost {
  cost: bigint;
  readonly costBySource: Record<Source, bigint>;
}

/** By the number of a place's dimensions. */
export type Shares = ReadonlyMap<number, Readonly<SessionCost>>;

/** One row for each session. */
export interface SessionRow extends SessionCost {
  readonly session: number;
  readonly sessionId: string;
  first: Place;
  last: Place;
  /** The process of the `claude agents` dashboard, which is no conversation. */
  isDashboard: boolean;
  /** It has entries of several places (SESSION_DIMENSIONS): what it cost in each is kept beside it. */
  isShared: boolean;
  /** Its entries before then were removed; 0 when none were. What they came to is kept. */
  readonly removedBeforeMs: number;
  numberedEvents: number;
  missingEvents: number;
  /** Entries that came when it could not be booked again any more: see BookingItem.heldBack. */
  heldBackEntries: number;
}

export interface WantedSession {
  readonly sessionId: string;
  /** Where a session begins that is not there yet. */
  readonly first: Place;
  /** The engine has its row and its running state from before. */
  readonly isRemembered: boolean;
}

export interface FoundSession {
  readonly row: SessionRow;
  /** Made with this question: it has no entries. */
  readonly isNew: boolean;
}

export interface SessionEntries {
  readonly session: number;
  /** In the order they came. */
  readonly entries: readonly IncomingEntry[];
}

/** A stand-in that is covered now, or not any more. */
export interface CoverMark {
  readonly session: number;
  readonly identity: string;
  readonly isCovered: boolean;
}

export interface HeldBackEntry {
  readonly session: number;
  readonly identity: string;
  readonly heldBack: HeldBack;
}

/** What tells an entry that is delivered again from another one of the same identity. */
export interface StoredEntry {
  readonly model: string;
  readonly cost: bigint;
  readonly listCost: bigint;
  readonly amountsText: string;
  readonly amounts: Amounts;
}

export interface Facts {
  /** Epoch milliseconds of the last commit; undefined for an empty ledger. */
  readonly asOfMs: number | undefined;
  /**
   * Undefined of a store that gets the finest sums alone, and adds up the coarser roll-ups from them by itself. Where it is read: not far beyond the
   * last sums, so that a clock that was ahead leaves nothing behind.
   */
  readonly rolledUp: Watermark | undefined;
}

export type Counter =
  | Exclude<keyof AppendOutcome, 'heldBack' | 'grouped' | 'standIns'>
  | 'sessions'
  | 'pruned'
  | 'late'
  | 'held_back'
  | `overflow:${string}`;

/** All that one transaction changes beside entries. What is left out stays as it is. */
export interface Changes {
  /** Sums to add to the rows of roll-ups. */
  readonly rollups: readonly { readonly rollup: Rollup; readonly rows: Buckets }[];
  /** To note, of those in `rollups`. */
  readonly moved?: readonly MovedPosting[];
  /** Rows to write anew. */
  readonly sessions: Iterable<SessionRow>;
  /** To add. */
  readonly minutes: RatesByMinute;
  /** By the number of the person's dimensions; a row is widened to hold these minutes. */
  readonly people: ReadonlyMap<number, Minutes>;
  /** Of sessions with several places, to add, by session and by the number of the place's dimensions. */
  readonly shares?: ReadonlyMap<number, Shares> | undefined;
  /** To add. */
  readonly counters: ReadonlyMap<Counter, number>;
  readonly facts: Partial<Facts>;
}

export interface EndedSession {
  readonly session: number;
  readonly sessionId: string;
}

export interface Tables {
  /** Then what is remembered of pools holds only as long as no session is found that another has changed, and no link is new. */
  othersWrite(): Awaitable<boolean>;
  facts(): Awaitable<Facts>;
  /** Links of pools on these days, with the pool's id. */
  poolsOn(days: readonly number[]): Awaitable<readonly (Link & { readonly sessionId: string })[]>;
  /** In their order. */
  closedMonths(): Awaitable<readonly ClosedMonth[]>;
  /**
   * Notes it with what it comes to, which `check` compares. `period`: of the roll-up MONTHS, where it is all of one. Nobody else may write until
   * this transaction ends.
   */
  close(month: ClosedMonth, period: number | undefined): Awaitable<void>;
  /**
   * Finds these sessions, or makes them. Answers those that are not remembered, in any order; where several write, also those that
   * another has changed since, and nobody else may change any of them until this transaction ends.
   */
  sessions(wanted: readonly WantedSession[]): Awaitable<readonly FoundSession[]>;
  /**
   * Keeps the entries that are not there yet. Answers the others with what is; of two alike the first is kept. One that is set aside is there
   * also where its record itself is (set-aside.ts).
   */
  insert(entries: readonly SessionEntries[]): Awaitable<ReadonlyMap<IncomingEntry, StoredEntry>>;
  /** Of which requests these sessions have stand-ins (Entry.request). Sessions without are left out. */
  standIns(sessions: readonly number[]): Awaitable<ReadonlyMap<number, readonly string[]>>;
  /** What the entries of these sessions say of their requests, without what is noted as removed and without what is set aside. */
  requests(sessions: readonly number[]): Awaitable<ReadonlyMap<number, readonly RequestItem[]>>;
  /** Marks stand-ins. Answers them, by session. What is covered is in no history and in no count. */
  cover(marks: readonly CoverMark[]): Awaitable<ReadonlyMap<number, readonly HistoryItem[]>>;
  /** Removes what is set aside of these records, which are booked now (set-aside.ts). Answers what it removed, by session. */
  release(booked: readonly SessionEntries[]): Awaitable<ReadonlyMap<number, readonly HistoryItem[]>>;
  /** What is set aside of these sessions, oldest first, without what is noted as removed. */
  setAside(sessions: readonly number[]): Awaitable<ReadonlyMap<number, readonly HistoryItem[]>>;
  /** Adjustments (adjustments.ts) of these sessions, oldest first, without what is noted as removed. */
  adjustments(sessions: readonly number[]): Awaitable<ReadonlyMap<number, readonly HistoryItem[]>>;
  /** Keeps these links. Answers those that were not there. */
  link(links: readonly Link[]): Awaitable<readonly Link[]>;
  /** All links of these sessions. */
  links(sessions: readonly number[]): Awaitable<readonly Link[]>;
  /** With whom each of these pools shares a day and a key: for each of its links at most `linkMax`. */
  meetings(pools: readonly number[], linkMax: number): Awaitable<ReadonlyMap<number, readonly Meeting[]>>;
  /** How many entries each of these sessions has, without those noted as removed, without what is set aside and adjustments; `max` where it has more. */
  counts(sessions: readonly number[], max: number): Awaitable<ReadonlyMap<number, number>>;
  /** When the sessions that were made last, at most so many, were last seen. */
  newest(sessionsMax: number): Awaitable<readonly number[]>;
  /** Removes at most so many entries that were noted as removed. Answers how many; fewer when no more are left. */
  sweep(entriesMax: number): Awaitable<number>;
  /**
   * Sessions last seen before then that still have entries, without those that share a day and a key with a pool that still has some: as many
   * as have so many entries together, one at the least.
   */
  endedBefore(beforeMs: number, entriesMax: number): Awaitable<readonly EndedSession[]>;
  /**
   * Hands over the entries of one session after another, without those noted as removed, oldest first, and without what is set aside and adjustments: a
   * session may be long, and all together more than memory holds. With a range at least those whose interval has a part of it, or may have.
   */
  histories(sessions: readonly number[], take: (session: number, history: readonly HistoryItem[]) => void, range?: TimeRange): Awaitable<void>;
  /** Hands over the entries of each of these sessions that are later than its instant, oldest first, as `histories` does. */
  later(sessions: ReadonlyMap<number, number>, take: (session: number, history: readonly HistoryItem[]) => void): Awaitable<void>;
  /** Marks entries as held back. */
  holdBack(entries: readonly HeldBackEntry[]): Awaitable<void>;
  /** From now on the entries of these sessions before then are none, nor are their links, and `sweep` removes the entries. */
  noteRemoved(sessions: readonly EndedSession[], beforeMs: number): Awaitable<void>;
  /** Removes at most so many rates of earlier minutes. Answers how many; fewer when no more are left. */
  sweepMinutes(oldestMinute: number, ratesMax: number): Awaitable<number>;
  /** At most `rowsMax` rows of the finest roll-up from one watermark to another; `next` is `until` itself when these were all. */
  quarters(from: Watermark, until: Watermark, rowsMax: number): Awaitable<{ readonly quarters: Buckets; readonly next: Watermark }>;
  write(changes: Changes): Awaitable<void>;
}
