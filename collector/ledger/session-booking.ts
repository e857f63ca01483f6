/**
 * Books new entries of one session: on top of its running state where they are its newest, else by walking its history without
 * them and with them, and posting the difference. A pool beside others is always walked.
 */
import { heldBack, inTimeOrder, type Posting, SessionBook } from './booking.ts';
import type { DimensionSets } from './dimension-sets.ts';
import { type HistoryItem, isNumbered } from './history.ts';
import type { PoolChange } from './pool-booking.ts';
import { bookBeside } from './pools.ts';
import type { QuarterSums } from './quarter-sums.ts';
import { inSequenceOrder, readSequences } from './sequence-gaps.ts';
import type { SessionState } from './session-memory.ts';

export class SessionBooking {
  readonly #session: SessionState;
  readonly #sums: QuarterSums;
  /** What could not be booked on top of the running state. */
  #late: readonly HistoryItem[];
  #areNumbersRead: boolean;

  /** Books what it can. `fresh`: entries that are in the tables, and not yet booked; sorted here. */
  constructor(session: SessionState, fresh: HistoryItem[], sums: QuarterSums, dims: DimensionSets, pool?: PoolChange) {
    this.#session = session;
    this.#sums = sums;
    fresh.sort(inTimeOrder);
    for (const item of fresh) markEnds(session, item, sums, dims);
    this.#areNumbersRead = followNumbers(session, fresh);
    this.#late = pool === undefined ? this.#bookOnTop(fresh) : [];
    if (pool !== undefined) this.#bookBeside(fresh, pool);
  }

  get needsHistory(): boolean {
    return this.#late.length > 0 || !this.#areNumbersRead;
  }

  /** Books the rest. `history`: all entries of the session, oldest first. */
  finish(history: readonly HistoryItem[]): void {
    if (!this.#areNumbersRead) this.#readNumbers(history);
    if (this.#session.book === undefined) this.#walk(history);
    if (this.#late.length > 0) this.#bookAgain(history);
  }

  #bookOnTop(items: readonly HistoryItem[]): readonly HistoryItem[] {
    const { book } = this.#session;
    if (book === undefined) return items;
    for (const [index, item] of items.entries()) {
      if (!book.isNext(item)) return items.slice(index);
      for (const posting of book.bookNext(item)) this.#post(this.#held(posting));
    }
    return [];
  }

  /** Brings the running state to where it was before the new entries. */
  #walk(history: readonly HistoryItem[]): void {
    const book = new SessionBook<number>();
    book.bookAll(without(history, this.#late));
    this.#session.book = book;
    this.#late = this.#bookOnTop(this.#late);
  }

  #bookAgain(history: readonly HistoryItem[]): void {
    const known = without(history, this.#late);
    const before = new SessionBook<number>().bookAll(known);
    const book = new SessionBook<number>();
    const after = book.bookAll(history);
    this.#session.book = book;
    this.#postDifference({ items: known, postings: before.map(this.#held) }, { items: history, postings: after.map(this.#held) });
  }

  #bookBeside(fresh: readonly HistoryItem[], { history, before, after }: PoolChange): void {
    const known = without(history, fresh);
    this.#postDifference({ items: known, postings: bookBeside(known, before) }, { items: history, postings: bookBeside(history, after) });
    this.#session.book = undefined;
    this.#session.isHeldBack = after.isHeldBack;
  }

  #postDifference(before: Booked, after: Booked): void {
    const old = new Map(before.items.map((item, index) => [item.identity, before.postings[index]]));
    for (const [index, item] of after.items.entries()) {
      const was = old.get(item.identity);
      const is = after.postings[index];
      if (was !== undefined) this.#post(was, -1);
      if (is !== undefined) this.#post(is);
    }
  }

  readonly #held = (posting: Posting<number>): Posting<number> => (this.#session.isHeldBack ? heldBack(posting) : posting);

  #readNumbers(history: readonly HistoryItem[]): void {
    this.#session.sequences = readSequences(history.filter(isNumbered));
    noteNumbers(this.#session);
    this.#areNumbersRead = true;
  }

  #post(posting: Posting<number>, sign: 1 | -1 = 1): void {
    this.#sums.add(posting, sign);
    const factor = sign === 1 ? 1n : -1n;
    this.#session.cost += factor * posting.cost;
    this.#session.costBySource[posting.source] += factor * posting.sourceCost;
  }
}

interface Booked {
  readonly items: readonly HistoryItem[];
  readonly postings: readonly Posting<number>[];
}

function without(history: readonly HistoryItem[], items: readonly HistoryItem[]): HistoryItem[] {
  const left = new Set(items.map(({ identity }) => identity));
  return history.filter(({ identity }) => !left.has(identity));
}

/** False when the numbers of the whole session must be read again. */
function followNumbers(session: SessionState, fresh: readonly HistoryItem[]): boolean {
  const events = fresh.filter(isNumbered).sort(inSequenceOrder);
  const [first] = events;
  if (first === undefined) return true;
  if (!session.sequences?.isNext(first)) return false;
  for (const event of events) session.sequences.add(event);
  noteNumbers(session);
  return true;
}

function noteNumbers(session: SessionState): void {
  session.numberedEvents = session.sequences?.events ?? 0;
  session.missingEvents = session.sequences?.missing ?? 0;
}

/** Keeps the first and the last record of a session, which depend on times alone, and counts the session where it began. */
function markEnds(session: SessionState, item: HistoryItem, sums: QuarterSums, dims: DimensionSets): void {
  if (inTimeOrder(session.last, item) < 0) session.last = item;
  const begins = inTimeOrder(item, session.first) < 0;
  const isDashboard = session.isDashboard || dims.value(item.dims, 'start_type') === 'agents_view';
  if (!begins && isDashboard === session.isDashboard) return;
  if (!session.isDashboard) sums.addCount(session.first, 'sessions', -1);
  if (begins) session.first = item;
  session.isDashboard = isDashboard;
  if (!isDashboard) sums.addCount(session.first, 'sessions', 1);
}
