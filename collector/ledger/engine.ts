/**
 * What writing to the ledger means: which entries are new, what each of them books and where, which sums change, what retention
 * leaves. Pure over the tables of a store (tables.ts), and the only place that knows the order of things; a store runs its plans
 * (plan.ts), each in a transaction of its own, and keeps what they decide.
 */
import type { Calendar } from '../core/calendar.ts';
import { quarterOf } from '../core/calendar.ts';
import { bookAdjustments } from './adjustment-booking.ts';
import { isOfAdjustments, postAdjustment } from './adjustments.ts';
import { bookAside } from './aside-booking.ts';
import type { Posting } from './booking.ts';
import { type ClosedMonth, closable, moveFromClosed } from './closed-months.ts';
import type { DimensionSets } from './dimension-sets.ts';
import { count, type Draft, newDraft } from './draft.ts';
import type { AppendOutcome } from './entry.ts';
import type { HistoryItem } from './history.ts';
import { LATE_MS } from './ledger.ts';
import { oldestMinuteKept } from './minute-rates.ts';
import { PeopleSeen } from './people-seen.ts';
import { ask, type Plan } from './plan.ts';
import { type Addition, PoolBooking, type PoolChange } from './pool-booking.ts';
import { bookBeside, isPool } from './pools.ts';
import { type Buckets, before, Coarsening, vectorAt } from './quarter-sums.ts';
import { COARSE, FINEST, REMOVED_SESSIONS } from './rollups.ts';
import { isSameEntry } from './same-entry.ts';
import { markEnds, type RebookingLimits, SessionBooking } from './session-booking.ts';
import { SessionMemory, type SessionState } from './session-memory.ts';
import { SessionTail } from './session-tail.ts';
import { postAside } from './set-aside.ts';
import { type Coverage, coverStandIns, rebookMarked, standInOutcome } from './stand-in-booking.ts';
import type {
  Changes,
  EndedSession,
  Facts,
  HeldBackEntry,
  IncomingBatch,
  IncomingEntry,
  Place,
  Shares,
  StoredEntry,
  WantedSession,
} from './tables.ts';
import type { Watermark } from './watermark.ts';

/** Clients export every few seconds, or every minute: then nearly all of a quarter of an hour is here. */
export const SETTLED_MS = 120_000;
/**
 * Rows of the finest roll-up that one transaction adds to the coarse ones: as many as it brings itself, so that they catch up, but no more than
 * these, which bound how long exports wait for it. A thousand take half a second.
 */
const ROLLED_UP = { least: 100, most: 1_000 };
/** Entries that one transaction of retention removes or adds up: bounds how long exports wait for it. */
const REMOVED_AT_ONCE = 2_000;
/** So many sessions say which time it is: the middle one of them, so that one client's clock decides nothing. */
const NEWEST_SESSIONS = 5;

/** 10,000 entries are read and walked twice in about a tenth of a second; a person's session seldom has so many within the hours that exports are late. */
const REBOOKING: RebookingLimits = { rebookedEntries: 10_000, checkpointEvery: 24 };

/** Where a session begins that is known to be there. */
const NOWHERE: Place = { timeMs: 0, identity: '', dims: 0 };

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Outcome = Mutable<AppendOutcome>;
type Offered = readonly { readonly state: SessionState; readonly entries: readonly IncomingEntry[] }[];

/** What one transaction of retention came to. */
export interface Removal {
  /** Entries. */
  readonly removed: number;
  readonly isDone: boolean;
}

export class Engine {
  readonly #dims: DimensionSets;
  readonly #limits: RebookingLimits;
  readonly #coarsening: Coarsening;
  readonly #sessions = new SessionMemory();
  readonly #people: PeopleSeen;
  readonly #pools = new PoolBooking();
  readonly #calendar: Calendar;
  /** Undefined until the store has said it. */
  #closed: readonly ClosedMonth[] | undefined;
  /** How far the coarse roll-ups have come; undefined until the store has said it. */
  #rolledUp: Pick<Facts, 'rolledUp'> | undefined;

  constructor(calendar: Calendar, dims: DimensionSets, limits: Partial<RebookingLimits> = {}) {
    this.#dims = dims;
    this.#limits = { ...REBOOKING, ...limits };
    this.#calendar = calendar;
    this.#coarsening = new Coarsening(calendar, dims);
    this.#people = new PeopleSeen(dims);
  }

  /** Applies all batches, or with a failure none. Answers what became of each. */
  *append(batches: readonly IncomingBatch[]): Plan<readonly AppendOutcome[]> {
    this.#sessions.trim(this.#limits.rebookedEntries);
    const draft = newDraft(this.#dims);
    const offered = yield* this.#meetSessions(batches, draft);
    const stored = yield* ask((tables) => tables.insert(offered.map(({ state: { session }, entries }) => ({ session, entries }))));
    const outcomes = batches.map((batch) => this.#note(batch, stored, draft));
    yield* this.#book(offered, stored, draft);
    for (const [index, { entries }] of batches.entries()) {
      noteHeldBack(outcomes[index], entries, draft);
      noteStandIns(outcomes[index], entries, stored, draft);
    }
    const receivedMs = Math.max(...batches.map((batch) => batch.receivedMs));
    const moved = moveFromClosed(draft.sums.buckets, yield* this.#closedMonths(), this.#calendar, receivedMs);
    const { rollups, rolledUp } = yield* this.#rollUp(draft.sums.buckets, receivedMs);
    const { sessions, minutes, people, shares, counters } = draft;
    const facts = { asOfMs: receivedMs, rolledUp };
    yield* ask((tables) => tables.write({ rollups, moved, sessions, minutes: minutes.byMinute, people, shares: shares.changed, counters, facts }));
    this.#rolledUp = { rolledUp };
    this.#sessions.use(sessions, receivedMs);
    return outcomes;
  }

  /**
   * Removes some entries of sessions last seen before then: a bounded number, so that nobody waits long, and what is left to do can be
   * seen in the tables. Call it until it is done. Whole sessions at a time, so that what is left can still recognize every duplicate.
   */
  *prune(beforeMs: number): Plan<Removal> {
    const removed = yield* ask((tables) => tables.sweep(REMOVED_AT_ONCE));
    const rates = removed < REMOVED_AT_ONCE ? yield* this.#removeOldMinutes(REMOVED_AT_ONCE - removed) : 0;
    const left = REMOVED_AT_ONCE - removed - rates;
    const rows: Buckets = new Map();
    const ended = left <= 0 ? [] : yield* ask((tables) => tables.endedBefore(beforeMs, left));
    if (ended.length > 0) yield* this.#endSessions(ended, beforeMs, rows);
    const counters = new Map([['pruned' as const, removed]]);
    yield* ask((tables) => tables.write({ ...NO_CHANGES, rollups: [{ rollup: REMOVED_SESSIONS, rows }], counters }));
    return { removed, isDone: left > 0 && ended.length === 0 };
  }

  /** What sessions came to outlives their entries. */
  *#endSessions(ended: readonly EndedSession[], beforeMs: number, rows: Buckets): Plan<void> {
    const sessions = ended.map(({ session }) => session);
    const companies = yield* this.#pools.companies(sessions);
    const keep = (session: number, history: readonly HistoryItem[]) => this.#keepTotals(session, bookBeside(history, companies.get(session)), rows);
    yield* ask((tables) => tables.histories(sessions, keep));
    for (const [session, items] of yield* ask((tables) => tables.setAside(sessions))) this.#keepTotals(session, postAside(items), rows);
    for (const [session, items] of yield* ask((tables) => tables.adjustments(sessions))) this.#keepTotals(session, items.map(postAdjustment), rows);
    yield* ask((tables) => tables.noteRemoved(ended, beforeMs));
    for (const { sessionId } of ended) this.#sessions.drop(sessionId);
  }

  /** See LedgerWriter.closeMonth. */
  *closeMonth(month: string, nowMs: number): Plan<ClosedMonth> {
    const closed = yield* this.#closedMonths();
    const known = closed.find((one) => one.month === month);
    if (known !== undefined) return known;
    const made = closable(month, closed, this.#calendar, nowMs);
    const period = this.#calendar.periodOf('month', made.fromMs);
    const isWhole = this.#calendar.startOf('month', period) === made.fromMs;
    yield* ask((tables) => tables.close(made, isWhole ? period : undefined));
    this.#closed = [...closed, made];
    return made;
  }

  *#closedMonths(): Plan<readonly ClosedMonth[]> {
    this.#closed ??= yield* ask((tables) => tables.closedMonths());
    return this.#closed;
  }

  /** How far a clock is ahead of the times that the newest sessions have, in milliseconds; 0 when there are none. */
  *clockLead(nowMs: number): Plan<number> {
    const newest = yield* ask((tables) => tables.newest(NEWEST_SESSIONS));
    const middle = newest.toSorted((a, b) => a - b)[Math.floor(newest.length / 2)];
    return middle === undefined ? 0 : nowMs - middle;
  }

  /** When the store is opened. */
  *open(): Plan<void> {
    yield* this.#removeOldMinutes(Number.MAX_SAFE_INTEGER);
  }

  /** Nothing that is remembered may be so: after a plan of which nobody knows how it ended, and where the tables were changed by others. */
  forget(): void {
    this.#sessions.forget();
    this.undo();
  }

  /** After a plan that failed: nothing that came up in it is so. */
  undo(): void {
    this.#sessions.undo();
    this.#people.forget();
    this.#pools.forget();
    this.#rolledUp = undefined;
    this.#closed = undefined;
  }

  /** Answers the entries by session, without those that are expired. */
  *#meetSessions(batches: readonly IncomingBatch[], draft: Draft): Plan<Offered> {
    const bySession = new Map<string, IncomingEntry[]>();
    for (const { entries } of batches) for (const entry of entries) bySession.getOrInsertComputed(entry.sessionId, () => []).push(entry);
    const wanted = [...bySession].flatMap(([sessionId, [first]]) => this.#want(sessionId, first));
    const found = yield* ask((tables) => tables.sessions(wanted));
    // Who made a pool that a session meets has changed the session.
    if (found.length > 0 && (yield* ask((tables) => tables.othersWrite()))) this.#pools.forget();
    for (const session of found) {
      this.#sessions.keep(session, this.#limits.checkpointEvery);
      if (!session.isNew) continue;
      draft.made.add(session.row.session);
      if (isOfAdjustments(session.row.first)) continue;
      draft.sums.addCount(session.row.first, 'sessions', 1);
      count(draft, 'sessions', 1);
    }
    const offered = [];
    for (const [sessionId, entries] of bySession) {
      const state = this.#sessions.find(sessionId);
      if (state === undefined) continue;
      if (isOfAdjustments(state.first) && entries.some(({ isAdjustment }) => isAdjustment !== true)) count(draft, 'sessions', 1);
      for (const entry of entries) if (isExpired(entry, state.removedBeforeMs)) draft.expired.add(entry);
      offered.push({ state, entries: draft.expired.size === 0 ? entries : entries.filter((entry) => !draft.expired.has(entry)) });
    }
    return offered;
  }

  #want(sessionId: string, first: Place | undefined): readonly WantedSession[] {
    return first === undefined ? [] : [{ sessionId, first, isRemembered: this.#sessions.find(sessionId) !== undefined }];
  }

  /** Counts what became of a batch, and keeps what is kept about new entries beside their booking. */
  #note({ entries, receivedMs }: IncomingBatch, stored: ReadonlyMap<IncomingEntry, StoredEntry>, draft: Draft): Outcome {
    const outcome: Outcome = { appended: 0, duplicates: 0, conflicts: 0, expired: 0 };
    for (const entry of entries) {
      const known = stored.get(entry);
      const { repeats = 0 } = entry;
      if (known !== undefined) outcome[isSameEntry(known, entry) ? 'duplicates' : 'conflicts'] += 1 + repeats;
      else if (draft.expired.has(entry)) outcome.expired += 1 + repeats;
      else {
        outcome.appended++;
        outcome.duplicates += repeats;
        if (entry.isAdjustment === true) continue;
        if (entry.timeMs < receivedMs - LATE_MS) count(draft, 'late', 1);
        draft.minutes.count(entry, receivedMs);
        if (entry.isSetAside !== true) this.#people.see(entry.timeMs, entry.dims, draft.people);
      }
    }
    for (const counter of ['appended', 'duplicates', 'conflicts', 'expired'] as const) count(draft, counter, outcome[counter]);
    return outcome;
  }

  *#book(offered: Offered, stored: ReadonlyMap<IncomingEntry, StoredEntry>, draft: Draft): Plan<void> {
    const offers = offered.flatMap(({ state, entries }) => {
      const fresh = entries.filter((entry) => !stored.has(entry));
      if (fresh.length === 0) return [];
      const adjustments = fresh.filter(({ isAdjustment }) => isAdjustment === true);
      if (adjustments.length === 0) return [{ state, fresh }];
      draft.shares.meet(state, adjustments);
      draft.sessions.add(state);
      const records = bookAdjustments(state, fresh, { ...draft, dims: this.#dims });
      return records.length === 0 ? [] : [{ state, fresh: records }];
    });
    const coverage = yield* coverStandIns(offers);
    for (const { fresh } of coverage.covered) for (const entry of fresh) draft.covered.add(entry);
    for (const { state, fresh } of coverage.additions) draft.shares.meet(state, [...fresh, ...(coverage.given.get(state.session) ?? [])]);
    count(draft, 'pruned', yield* bookAside(coverage.additions, draft.sums));
    const additions = coverage.additions.flatMap(({ state, fresh }) => this.#noteAside(state, fresh, coverage.marked, draft));
    const madeLinks = yield* this.#pools.link([...additions, ...coverage.covered]);
    const news = { additions, made: draft.made, madeLinks, marked: coverage.marked };
    yield* this.#bookEach(
      additions.filter(({ state }) => !isPool(state.sessionId)),
      draft,
      yield* rebookMarked(additions, coverage.marked),
    );
    // After the sessions, since what is held back of them is not beside a pool.
    const pools = [...additions.filter(({ state }) => isPool(state.sessionId)), ...(yield* this.#poolsNear(additions, draft))];
    yield* this.#bookEach(pools, draft, yield* this.#pools.changes(pools, news));
  }

  *#bookEach(additions: readonly Addition[], draft: Draft, changes?: ReadonlyMap<number, PoolChange>): Plan<void> {
    const bookings = new Map<number, SessionBooking>();
    for (const { state, fresh } of additions) {
      draft.sessions.add(state);
      const change = changes?.get(state.session);
      if (change !== undefined) state.tail = undefined;
      state.tail?.add(fresh);
      bookings.set(state.session, new SessionBooking(state, fresh, draft.sums, this.#dims, this.#limits, change));
    }
    for (const { state } of additions) bookAgainFromTail(state, bookings.get(state.session));
    const followed = additions.filter(({ state }) => changes?.has(state.session) !== true);
    yield* this.#finish(bookings, new Map(followed.map(({ state }) => [state.session, state])));
    for (const { state } of additions) draft.shares.book(state, bookings.get(state.session)?.costs ?? NO_COSTS);
    yield* this.#holdBack(bookings, additions, draft);
  }

  /** Answers what else is new of a session. What is set aside is part of it, too, and says when it was last seen. */
  #noteAside(state: SessionState, fresh: IncomingEntry[], marked: Coverage['marked'], draft: Draft): Addition[] {
    const dated = fresh.filter(({ isSetAside }) => isSetAside !== true);
    if (dated.length === fresh.length) return [{ state, fresh }];
    draft.sessions.add(state);
    for (const entry of fresh) if (entry.isSetAside === true) markEnds(state, entry, draft.sums, this.#dims);
    return dated.length === 0 && !marked.has(state.session) ? [] : [{ state, fresh: dated }];
  }

  /** Sessions that cannot be booked on top of what is known of them, each from as late as may do, else from earlier. */
  *#finish(bookings: ReadonlyMap<number, SessionBooking>, followed: ReadonlyMap<number, SessionState>): Plan<void> {
    const take = (session: number, history: readonly HistoryItem[], afterMs: number): void => {
      bookings.get(session)?.goOn(history);
      const state = followed.get(session);
      // What has been read need not be read again for what comes late next.
      if (state !== undefined) state.tail ??= SessionTail.of(history, afterMs);
    };
    for (;;) {
      const wanted = new Map<number, number>();
      for (const [session, { wantedAfterMs }] of bookings) if (wantedAfterMs !== undefined) wanted.set(session, wantedAfterMs);
      if (wanted.size === 0) return;
      yield* ask((tables) => tables.later(wanted, (session, history) => take(session, history, wanted.get(session) ?? Number.POSITIVE_INFINITY)));
    }
  }

  *#holdBack(bookings: ReadonlyMap<number, SessionBooking>, additions: readonly Addition[], draft: Draft): Plan<void> {
    const entries: HeldBackEntry[] = [];
    for (const { state, fresh } of additions) {
      const reasons = bookings.get(state.session)?.heldBack;
      if (reasons === undefined || reasons.size === 0) continue;
      state.tail = undefined;
      for (const entry of fresh) {
        const heldBack = reasons.get(entry.identity);
        if (heldBack === undefined) continue;
        entries.push({ session: state.session, identity: entry.identity, heldBack });
        draft.heldBack.add(entry);
      }
    }
    count(draft, 'held_back', entries.length);
    if (entries.length > 0) yield* ask((tables) => tables.holdBack(entries));
  }

  /** Pools that get nothing new themselves, and can be changed by what is new. */
  *#poolsNear(additions: readonly Addition[], draft: Draft): Plan<Addition[]> {
    const own = new Set(additions.map(({ state }) => state.sessionId));
    const near = [...(yield* this.#pools.near(additions))].filter((sessionId) => !own.has(sessionId));
    // What this transaction has changed of a pool is not in the tables yet.
    const changed = new Set([...draft.sessions].map(({ sessionId }) => sessionId));
    const wanted = near.flatMap((sessionId) => (changed.has(sessionId) ? [] : this.#want(sessionId, NOWHERE)));
    const found = wanted.length === 0 ? [] : yield* ask((tables) => tables.sessions(wanted));
    for (const session of found) this.#sessions.keep(session, this.#limits.checkpointEvery);
    const pools = near.flatMap((sessionId) => this.#sessions.find(sessionId) ?? []);
    return pools.filter(({ isHeldBack }) => !isHeldBack).map((state) => ({ state, fresh: [] }));
  }

  /**
   * What the new sums add to each roll-up. The coarse ones get the quarters that are over, some rows with each transaction, and
   * what still comes for quarters that they have.
   */
  *#rollUp(quarters: Buckets, receivedMs: number): Plan<Pick<Facts, 'rolledUp'> & Pick<Changes, 'rollups'>> {
    const settled = quarterOf(receivedMs - SETTLED_MS);
    const watermark = yield* this.#watermark(settled);
    if (watermark === undefined) return { rollups: [{ rollup: FINEST, rows: quarters }], rolledUp: undefined };
    const over =
      settled <= watermark.bucket
        ? { quarters: new Map(), next: watermark }
        : yield* ask((tables) => tables.quarters(watermark, { bucket: settled, dims: 0 }, rolledUpAtOnce(quarters)));
    const late = before(quarters, over.next);
    const rollups = [
      { rollup: FINEST, rows: quarters },
      ...COARSE.map((rollup) => ({ rollup, rows: this.#coarsening.of(rollup, over.quarters, late) })),
    ];
    return { rollups, rolledUp: over.next };
  }

  *#watermark(settled: number): Plan<Watermark | undefined> {
    const known = this.#rolledUp;
    // Beyond it, the clock was ahead: until it gets there again, all that comes would be late, and be added to each roll-up with its export.
    if (known !== undefined && (known.rolledUp?.bucket ?? settled) <= settled) return known.rolledUp;
    return (yield* ask((tables) => tables.facts())).rolledUp;
  }

  #keepTotals(session: number, postings: readonly Posting<number>[], rows: Buckets): void {
    for (const posting of postings) {
      vectorAt(rows, session, this.#dims.project(posting.dims, REMOVED_SESSIONS.dimensions)).add(posting);
    }
  }

  *#removeOldMinutes(ratesMax: number): Plan<number> {
    const { asOfMs } = yield* ask((tables) => tables.facts());
    return asOfMs === undefined ? 0 : yield* ask((tables) => tables.sweepMinutes(oldestMinuteKept(asOfMs), ratesMax));
  }
}

/** As far as the newest entries reach back: without the tables. */
function bookAgainFromTail({ tail }: SessionState, booking: SessionBooking | undefined): void {
  if (tail === undefined || booking === undefined) return;
  for (let afterMs = booking.wantedAfterMs; afterMs !== undefined && tail.covers(afterMs); afterMs = booking.wantedAfterMs) {
    booking.goOn(tail.after(afterMs));
  }
}

function rolledUpAtOnce(brought: Buckets): number {
  const rows = brought.values().reduce((sum, { size }) => sum + size, 0);
  return Math.min(ROLLED_UP.most, Math.max(ROLLED_UP.least, rows));
}

const NO_COSTS: Shares = new Map();
const NO_CHANGES: Changes = { rollups: [], sessions: [], minutes: new Map(), people: new Map(), counters: new Map(), facts: {} };

function noteHeldBack(outcome: Outcome | undefined, entries: readonly IncomingEntry[], { heldBack }: Draft): void {
  if (outcome === undefined || heldBack.size === 0) return;
  const held = entries.filter((entry) => heldBack.has(entry)).length;
  if (held > 0) outcome.heldBack = held;
}

function noteStandIns(
  outcome: Outcome | undefined,
  entries: readonly IncomingEntry[],
  stored: ReadonlyMap<IncomingEntry, StoredEntry>,
  draft: Draft,
): void {
  const fresh = entries.filter((entry) => entry.isStandIn === true && !stored.has(entry) && !draft.expired.has(entry));
  if (outcome !== undefined && fresh.length > 0) outcome.standIns = standInOutcome(fresh, draft.covered);
}

/**
 * Whether what it may repeat is gone: it could not be told from a new one. So is the reading of a running total that began back then,
 * since how far it had come is gone as well.
 */
const isExpired = ({ timeMs, cumulative }: IncomingEntry, removedBeforeMs: number): boolean =>
  timeMs < removedBeforeMs || (cumulative !== undefined && cumulative.startMs < removedBeforeMs);
