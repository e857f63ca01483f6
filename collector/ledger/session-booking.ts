/**
 * Books new entries of one session: on top of its running state where they are its newest, else by walking its entries since the
 * checkpoint before them, without them and with them, and posting the difference. What would take too long a walk is booked by
 * itself, and its cost is held back. A pool beside others is always walked.
 */
import { isOfAdjustments } from './adjustments.ts';
import { heldBack, inTimeOrder, type Posting, postAlone } from './booking.ts';
import type { DimensionSets } from './dimension-sets.ts';
import { type HistoryItem, isNumbered } from './history.ts';
import type { HeldBack } from './increments.ts';
import type { PoolChange } from './pool-booking.ts';
import { bookBeside } from './pools.ts';
import { areSame, type Change, changesOf } from './posting-difference.ts';
import type { QuarterSums } from './quarter-sums.ts';
import { RunningState } from './running-state.ts';
import { inSequenceOrder, readSequences } from './sequence-gaps.ts';
import type { SessionState } from './session-memory.ts';
import { addPosting, noCost } from './session-shares.ts';
import type { SessionCost } from './tables.ts';

/** How much of a session may be booked again. */
export interface RebookingLimits {
  /** Entries that are walked for what comes late. */
  readonly rebookedEntries: number;
  /** Entries between two checkpoints, at the least. */
  readonly checkpointEvery: number;
}

/** Of the entries that may be booked again: between each two of these lies a pause at which a checkpoint is tried. */
const PAUSES = [0.9, 0.5, 0.25, 0.1];

/** Running totals of one session; a process has some hundred, and a session may be resumed by many. */
const SERIES_MAX = 10_000;

export class SessionBooking {
  readonly #session: SessionState;
  readonly #sums: QuarterSums;
  readonly #limits: RebookingLimits;
  /** What could not be booked on top of the running state. */
  #late: readonly HistoryItem[] = [];
  /** From where it can be booked again, perhaps; the nearest first. */
  #starts: readonly RunningState[] = [];
  #areNumbersRead = true;
  #readMs = Number.POSITIVE_INFINITY;
  /** By identity, those that are booked by themselves, and why. */
  readonly heldBack = new Map<string, HeldBack>();
  /** What a shared session costs more, by the dimensions of what was booked. */
  readonly costs = new Map<number, SessionCost>();

  /** Books what it can. `fresh`: entries that are in the tables, and not yet booked; sorted here. */
  constructor(session: SessionState, fresh: HistoryItem[], sums: QuarterSums, dims: DimensionSets, limits: RebookingLimits, pool?: PoolChange) {
    this.#session = session;
    this.#sums = sums;
    this.#limits = limits;
    fresh.sort(inTimeOrder);
    for (const item of fresh) markEnds(session, item, sums, dims);
    if (pool !== undefined) this.#bookBeside(fresh, pool);
    else if (session.running === undefined) this.#late = fresh;
    else this.#bookLate(session.running, fresh);
  }

  /** Of which time it has to know the entries: all that are later. Undefined when it is done. */
  get wantedAfterMs(): number | undefined {
    if (this.#late.length === 0 && this.#areNumbersRead) return undefined;
    return this.#starts[0]?.lastMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Books what it can of the rest. `history`: what it wanted, oldest first. */
  goOn(history: readonly HistoryItem[]): void {
    this.#readMs = this.wantedAfterMs ?? this.#readMs;
    if (!this.#areNumbersRead) this.#readNumbers(history);
    if (this.#late.length === 0) return;
    if (this.#session.running === undefined) this.#bookLate(this.#walk(history), this.#late);
    for (let [start] = this.#starts; start !== undefined && start.lastMs >= this.#readMs; [start] = this.#starts) {
      this.#starts = this.#bookAgain(start, history) ? [] : this.#starts.slice(1);
      if (this.#starts.length === 0 && this.#session.running !== undefined) this.#bookAlone(this.#session.running);
    }
  }

  /** Books on top of the running state what it can, and says from where the others may be booked again. */
  #bookLate(running: RunningState, items: readonly HistoryItem[]): void {
    this.#late = this.#bookOnTop(running, items);
    if (this.#late.length > 0) {
      const reach = running.checkpoints(this.#limits.rebookedEntries - this.#late.length);
      const canPlace = (item: HistoryItem) => running.isNext(item) || reach.at(-1)?.isBefore(item) === true;
      this.#late = this.#bookOnTop(
        running,
        this.#late.flatMap((item) => this.#placed(item, canPlace)),
      );
      this.#starts = reach.filter((start) => this.#late.every((item) => start.isBefore(item)));
      if (this.#starts.length === 0) this.#bookAlone(running);
    }
    this.#session.running = running;
    this.#noteNumbers(running);
  }

  /** Answers from the first on that is not next. */
  #bookOnTop(running: RunningState, items: readonly HistoryItem[]): readonly HistoryItem[] {
    const known = items.flatMap((item) => this.#placed(item, () => running.series < SERIES_MAX || running.follows(item)));
    const first = known.findIndex((item) => {
      if (!running.isNext(item)) return true;
      for (const posting of running.bookNext(item)) this.#post(posting);
      return false;
    });
    running.settle();
    return first === -1 ? [] : known.slice(first);
  }

  /** What is left and cannot be booked together with the session any more. */
  #bookAlone(running: RunningState): void {
    for (const item of this.#late.flatMap((one) => this.#placed(one, (placed) => running.isNext(placed)))) {
      for (const posting of running.isNext(item) ? running.bookNext(item) : this.#alone(item)) this.#post(posting);
      running.settle();
    }
    this.#late = [];
    this.#noteNumbers(running);
  }

  /** The item as it can be booked in its place: perhaps only if it covers nothing else. Nothing where that is too late. */
  #placed(item: HistoryItem, canPlace: (item: HistoryItem) => boolean): readonly HistoryItem[] {
    if (canPlace(item)) return [item];
    const short = { ...item, heldBack: 'reach' as const };
    if (canPlace(short)) {
      this.#holdBack(short);
      return [short];
    }
    for (const posting of this.#alone(item)) this.#post(posting);
    return [];
  }

  #alone(item: HistoryItem): readonly Posting<number>[] {
    this.#holdBack({ ...item, heldBack: 'late' });
    return [postAlone(item)];
  }

  #holdBack({ identity, heldBack }: HistoryItem): void {
    if (heldBack === undefined) return;
    if (!this.heldBack.has(identity)) this.#session.heldBackEntries++;
    this.heldBack.set(identity, heldBack);
  }

  /** The running state as it was before the new entries. */
  #walk(history: readonly HistoryItem[]): RunningState {
    const known = this.#inPlace(without(history, this.#late));
    const running = new RunningState(this.#limits.checkpointEvery);
    for (const item of known) {
      if (!running.isNext(item)) return this.#walkTogether(known);
      running.bookNext(item);
    }
    running.settle();
    return running;
  }

  /** With checkpoints in its pauses: what comes late is booked as if the session had been followed from its beginning. */
  #walkTogether(known: readonly HistoryItem[]): RunningState {
    const { rebookedEntries, checkpointEvery } = this.#limits;
    let state = new RunningState(checkpointEvery);
    let from = 0;
    for (const [index, back] of known.length <= rebookedEntries / 2 ? [] : PAUSES.entries()) {
      const place = (share: number) => Math.max(from, known.length - Math.floor(share * rebookedEntries));
      const cut = pauseIn(known, place(back), place(PAUSES[index + 1] ?? 0));
      if (cut === undefined) continue;
      const next = state.at(state);
      next.bookTogether(known.slice(from, cut));
      if (!next.takes(known.slice(cut))) continue;
      next.keepCheckpoint();
      [state, from] = [next, cut];
    }
    state.bookTogether(known.slice(from));
    return state;
  }

  /** Without those that have no place. */
  #inPlace(history: readonly HistoryItem[]): HistoryItem[] {
    return history.flatMap((item) => {
      const heldBack = this.heldBack.get(item.identity) ?? item.heldBack;
      return heldBack === 'late' ? [] : [heldBack === item.heldBack ? item : { ...item, heldBack }];
    });
  }

  /** False where what is new reaches back beyond the start. */
  #bookAgain(start: RunningState, history: readonly HistoryItem[]): boolean {
    const { running } = this.#session;
    if (running === undefined) return false;
    const items = this.#inPlace(history).filter(({ timeMs }) => timeMs > start.lastMs);
    const state = running.at(start);
    const changes = this.#inTurn(start.alone(), state, items);
    if (changes !== undefined) this.#accept(state, changes);
    else if (start.takes(items)) this.#bookTogetherAgain(running, start, items);
    else return false;
    return true;
  }

  /** Walks the items one by one, without the late ones and with them; undefined where one cannot be booked on top of those before it. */
  #inTurn(before: RunningState, after: RunningState, items: readonly HistoryItem[]): Change[] | undefined {
    const late = identitiesOf(this.#late);
    const changes: Change[] = [];
    for (const item of items) {
      const isLate = late.has(item.identity);
      if (!after.isNext(item) || !(isLate || before.isNext(item))) return undefined;
      const is = after.bookNext(item);
      const was = isLate ? [] : before.bookNext(item);
      if (!areSame(was, is)) changes.push({ was, is });
    }
    return changes;
  }

  #bookTogetherAgain(running: RunningState, start: RunningState, items: readonly HistoryItem[]): void {
    const known = without(items, this.#late);
    const before = start.alone().bookTogether(known);
    const state = running.at(start);
    const after = state.bookTogether(items);
    this.#accept(state, [
      { was: before.earlier, is: after.earlier },
      ...changesOf({ items: known, postings: before.own }, { items, postings: after.own }),
    ]);
  }

  #accept(state: RunningState, changes: readonly Change[]): void {
    for (const { was, is } of changes) {
      for (const posting of was) this.#post(posting, -1);
      for (const posting of is) this.#post(posting);
    }
    state.settle();
    this.#session.running = state;
    this.#late = [];
    this.#noteNumbers(state);
  }

  #bookBeside(fresh: readonly HistoryItem[], { history, before, after, known = without(history, fresh), ends }: PoolChange): void {
    this.#areNumbersRead = followNumbers(this.#session, fresh);
    if (ends !== undefined) setEnds(this.#session, ends, this.#sums);
    const booked = { items: known, postings: bookBeside(known, before) };
    for (const { was, is } of changesOf(booked, { items: history, postings: bookBeside(history, after) })) {
      for (const posting of was) this.#add(posting, -1);
      for (const posting of is) this.#add(posting);
    }
    this.#session.running = undefined;
    this.#session.isHeldBack = after.isHeldBack;
  }

  #readNumbers(history: readonly HistoryItem[]): void {
    this.#session.sequences = readSequences(history.filter(isNumbered));
    noteNumbers(this.#session);
    this.#areNumbersRead = true;
  }

  #noteNumbers({ sequences }: RunningState): void {
    this.#session.sequences = sequences;
    noteNumbers(this.#session);
  }

  #post(posting: Posting<number>, sign: 1 | -1 = 1): void {
    this.#add(this.#session.isHeldBack ? heldBack(posting) : posting, sign);
  }

  #add(posting: Posting<number>, sign: 1 | -1 = 1): void {
    this.#sums.add(posting, sign);
    const factor = sign === 1 ? 1n : -1n;
    addPosting(this.#session, posting, factor);
    if (this.#session.isShared) addPosting(this.costs.getOrInsertComputed(posting.dims, noCost), posting, factor);
  }
}

/** The place after the longest pause between two places. */
function pauseIn(items: readonly HistoryItem[], from: number, to: number): number | undefined {
  let cut: number | undefined;
  let longestMs = 0;
  for (let at = Math.max(1, from); at < to; at++) {
    const pauseMs = (items[at]?.timeMs ?? 0) - (items[at - 1]?.timeMs ?? 0);
    if (pauseMs > longestMs) [cut, longestMs] = [at, pauseMs];
  }
  return cut;
}

const identitiesOf = (items: readonly HistoryItem[]): ReadonlySet<string> => new Set(items.map(({ identity }) => identity));

function without(history: readonly HistoryItem[], items: readonly HistoryItem[]): HistoryItem[] {
  const left = identitiesOf(items);
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

/** The session is counted where it begins now. */
function setEnds(session: SessionState, { first, last }: Pick<SessionState, 'first' | 'last'>, sums: QuarterSums): void {
  if (!session.isDashboard) sums.addCount(session.first, 'sessions', -1);
  session.first = first;
  session.last = isOfAdjustments(session.last) && inTimeOrder(last, session.last) < 0 ? session.last : last;
  if (!session.isDashboard) sums.addCount(first, 'sessions', 1);
}

/**
 * Keeps the first and the last record of a session, which depend on times alone, and counts the session where it began. A session of
 * adjustments alone is not counted, and adjustments do not begin one that has records.
 */
export function markEnds(session: SessionState, item: HistoryItem, sums: QuarterSums, dims: DimensionSets): void {
  if (inTimeOrder(session.last, item) < 0) session.last = item;
  const hasRecords = !isOfAdjustments(session.first);
  if (item.isAdjustment === true) {
    if (!hasRecords && inTimeOrder(item, session.first) < 0) session.first = item;
    return;
  }
  if (!hasRecords) {
    session.first = item;
    sums.addCount(item, 'sessions', 1);
  }
  const begins = inTimeOrder(item, session.first) < 0;
  const isDashboard = session.isDashboard || dims.value(item.dims, 'start_type') === 'agents_view';
  if (!begins && isDashboard === session.isDashboard) return;
  if (!session.isDashboard) sums.addCount(session.first, 'sessions', -1);
  if (begins) session.first = item;
  session.isDashboard = isDashboard;
  if (!isDashboard) sums.addCount(session.first, 'sessions', 1);
}
