/** Finds which pools new entries can change, and beside what each is booked: before these entries, and with them. */
import { BoundedMap } from '../core/bounded-map.ts';
import { MINUTE_MS } from '../core/duration.ts';
import type { HistoryItem } from './history.ts';
import { ask, type Plan } from './plan.ts';
import {
  ANYBODY,
  type Company,
  companyOf,
  daysOf,
  dayWithin,
  type EntriesOf,
  entriesCounted,
  isPool,
  isReconciled,
  keysMet,
  type Link,
  type Meeting,
  meetingsMax,
  neighborsOf,
  walkable,
} from './pools.ts';
import type { SessionState } from './session-memory.ts';
import { knownBefore, type Marked } from './stand-ins.ts';
import type { IncomingEntry, Place } from './tables.ts';
import { ANYTIME, around, type TimeRange, timeRangeOf, touches, windowsOf } from './windows.ts';

/** What a transaction adds to a session. */
export interface Addition {
  readonly state: SessionState;
  readonly fresh: IncomingEntry[];
}

/** What a transaction adds. */
export interface News {
  readonly additions: readonly Addition[];
  /** Numbers of sessions that were not there before. */
  readonly made: ReadonlySet<number>;
  /** Names of links that were not there before. */
  readonly madeLinks: ReadonlySet<string>;
  /** What changed with stand-ins, by session. */
  readonly marked: ReadonlyMap<number, Marked>;
}

/** How a pool was booked and how it is now, over a time in which all is that can have changed. */
export interface PoolChange {
  /** Entries of the pool, oldest first. */
  readonly history: readonly HistoryItem[];
  readonly before: Company;
  readonly after: Company;
  /** The entries as they were before, where that is not all but the new ones. */
  readonly known?: readonly HistoryItem[];
  /** Where the session begins and ends now, where that cannot be said by what is new. */
  readonly ends?: { readonly first: Place; readonly last: Place };
}

/** Neighbors of a pool: see walkable. */
interface Neighbors {
  readonly before: ReadonlySet<number>;
  readonly after: ReadonlySet<number> | undefined;
}

/** What this transaction changes, by session. */
interface Fresh {
  readonly fresh: ReadonlyMap<number, readonly IncomingEntry[]>;
  readonly marked: ReadonlyMap<number, Marked>;
}

/** Pools of one day, by key: their ids by the number of the session. */
type Pools = Map<string, Map<number, string>>;

/** Days whose pools are remembered. */
const DAYS_MAX = 400;

const nameOf = ({ session, day, key }: Pick<Link, 'session' | 'day' | 'key'>): string => `${session} ${day} ${key}`;

export class PoolBooking {
  readonly #days = new BoundedMap<number, Pools>(DAYS_MAX);

  /** After a transaction that failed, and where another may have made pools. */
  forget(): void {
    this.#days.clear();
  }

  /**
   * Ids of the pools that what is new of these sessions can change: all that they meet, by any entry, since all they report is beside these,
   * and any one may be too many.
   */
  *near(additions: readonly Addition[]): Plan<ReadonlySet<string>> {
    const links = additions.flatMap(({ state }) => (isPool(state.sessionId) ? [] : [...state.links.values()]));
    const days = yield* this.#poolsOn(new Set(links.map(({ day }) => day)));
    const found = new Set<string>();
    for (const { day, key } of links) {
      const pools = days.get(day);
      if (pools === undefined || pools.size === 0) continue;
      for (const met of keysMet(key, pools.keys())) for (const id of pools.get(met)?.values() ?? []) found.add(id);
    }
    return found;
  }

  *#poolsOn(days: ReadonlySet<number>): Plan<ReadonlyMap<number, Pools>> {
    const found = new Map<number, Pools>();
    const unknown: number[] = [];
    for (const day of days) {
      const pools = this.#days.get(day);
      if (pools === undefined) unknown.push(day);
      else found.set(day, pools);
    }
    const read = unknown.length === 0 ? [] : yield* ask((tables) => tables.poolsOn(unknown));
    for (const day of unknown) found.set(day, this.#days.set(day, new Map()));
    for (const { day, key, session, sessionId } of read) remember(found.get(day), key, session, sessionId);
    return found;
  }

  /** Links sessions to the days and keys of their new entries. Answers the names of the links that were not there before. */
  *link(additions: readonly Addition[]): Plan<ReadonlySet<string>> {
    yield* this.#readLinks(additions.map(({ state }) => state));
    const links = additions.flatMap(({ state, fresh }) => fresh.flatMap((entry) => newLinks(state, entry)));
    if (links.length === 0) return new Set();
    const made = yield* ask((tables) => tables.link(links));
    if (yield* ask((tables) => tables.othersWrite())) this.forget();
    for (const { day, key, session, isPool } of made)
      if (isPool) remember(this.#days.get(day), key, session, additions.find(({ state }) => state.session === session)?.state.sessionId);
    return new Set(made.map(nameOf));
  }

  *#readLinks(states: readonly SessionState[]): Plan<void> {
    const unread = states.filter(({ areLinksRead }) => !areLinksRead);
    if (unread.length === 0) return;
    const links = Map.groupBy(yield* ask((tables) => tables.links(unread.map(({ session }) => session))), ({ session }) => session);
    for (const state of unread) {
      for (const link of links.get(state.session) ?? []) state.links.set(nameOf(link), link);
      state.areLinksRead = true;
    }
  }

  /** What changes for these pools. Pools without neighbors, before and after, are left out, and so are those held back as before. */
  *changes(pools: readonly Addition[], { additions, made, madeLinks, marked }: News): Plan<ReadonlyMap<number, PoolChange>> {
    const changes = new Map<number, PoolChange>();
    const open = pools.filter(({ state }) => !state.isHeldBack).map(({ state }) => state);
    if (open.length === 0) return changes;
    const meetings = yield* ask((tables) =>
      tables.meetings(
        open.map(({ session }) => session),
        meetingsMax(additions.length),
      ),
    );
    const fresh = new Map(additions.map((addition) => [addition.state.session, addition.fresh]));
    const met = open.flatMap((state) => {
      const after = meetings.get(state.session) ?? [];
      return after.length === 0 ? [] : [{ state, before: after.filter((meeting) => !isMade(meeting, state.session, madeLinks)), after }];
    });
    const entriesOf = yield* countEntries(
      met.flatMap(({ state, before, after }) => [before, after].map((meetings) => [state.session, neighborsOf(meetings)] as const)),
      additions.reduce((sum, addition) => sum + addition.fresh.length, 0),
    );
    const entriesBefore = (session: number) => entriesOf(session) - (fresh.get(session)?.length ?? 0);
    for (const { state, before, after } of met) {
      const { session: pool } = state;
      const neighbors = walkable(pool, neighborsOf(before), entriesBefore);
      if (neighbors === undefined) state.isHeldBack = true;
      else {
        const isJoinedNow = !made.has(pool) && after.some((meeting) => !before.includes(meeting) && !made.has(meeting.session));
        const both = { before: neighbors, after: walkable(pool, neighborsOf(after), entriesOf) };
        const change = yield* this.#change(pool, both, { fresh, marked }, isJoinedNow);
        if (change !== undefined) changes.set(pool, change);
      }
    }
    return changes;
  }

  *#change(pool: number, { before, after }: Neighbors, { fresh, marked }: Fresh, isJoinedNow: boolean): Plan<PoolChange | undefined> {
    const concerned = [pool, ...(after ?? before)];
    const own = fresh.get(pool) ?? [];
    const others = concerned.slice(1).flatMap((session) => (fresh.get(session) ?? []).filter(canChangeOthers));
    const isWhole = isJoinedNow || after === undefined || concerned.some((session) => marked.has(session));
    if (!isWhole && own.length === 0 && others.length === 0) return undefined;
    const identities = new Map([...fresh].map(([session, items]) => [session, new Set(items.map(({ identity }) => identity))]));
    const isFresh = (session: number, { identity }: HistoryItem) => identities.get(session)?.has(identity) === true;
    const read = yield* readAround(concerned, isWhole ? ANYTIME : rangeOf([...own, ...others]));
    const histories = isWhole ? read : inTouchedWindows(read, isFresh);
    const historyOf = (session: number) => histories.get(session) ?? [];
    const known = (session: number) => knownBefore(historyOf(session), fresh.get(session) ?? [], marked.get(session));
    return { history: historyOf(pool), before: companyOf(before, known), after: companyOf(after, historyOf) };
  }

  /** Beside what these sessions are booked, of those that are pools. */
  *companies(sessions: readonly number[]): Plan<ReadonlyMap<number, Company>> {
    const companies = new Map<number, Company>();
    const meetings = yield* ask((tables) => tables.meetings(sessions, meetingsMax(0)));
    const entriesOf = yield* countEntries(
      [...meetings].map(([pool, met]) => [pool, neighborsOf(met)] as const),
      0,
    );
    for (const [pool, met] of meetings) {
      const neighbors = walkable(pool, neighborsOf(met), entriesOf);
      const histories = yield* readHistories([...(neighbors ?? [])]);
      companies.set(
        pool,
        companyOf(neighbors, (session) => histories.get(session) ?? []),
      );
    }
    return companies;
  }
}

function remember(pools: Pools | undefined, key: string, session: number, sessionId = ''): void {
  pools?.getOrInsertComputed(key, () => new Map<number, string>()).set(session, sessionId);
}

/** A reading of nothing, too: what the next one adds is counted from it. */
const canChangeOthers = (item: HistoryItem): boolean => item.cumulative !== undefined || isReconciled(item);

/** Where it can be beside what a pool has. */
const reachOf = (item: HistoryItem): TimeRange => (item.isStandIn === true ? around(item.timeMs) : timeRangeOf(item));

const rangeOf = (items: readonly HistoryItem[]): TimeRange => {
  const timeRanges = items.map((item) => (item.cumulative === undefined ? reachOf(item) : ANYTIME));
  return { fromMs: Math.min(...timeRanges.map(({ fromMs }) => fromMs)), toMs: Math.max(...timeRanges.map(({ toMs }) => toMs)) };
};

const isMade = ({ session, day, key, poolKey }: Meeting, pool: number, madeLinks: ReadonlySet<string>): boolean =>
  madeLinks.has(nameOf({ session, day, key })) || madeLinks.has(nameOf({ session: pool, day, key: poolKey }));

/** Of these pools and their neighbors. `fresh`: how many of them are new. */
function* countEntries(pools: readonly (readonly [pool: number, neighbors: ReadonlySet<number> | undefined])[], fresh: number): Plan<EntriesOf> {
  const sessions = new Set(pools.flatMap(([pool, neighbors = []]) => [pool, ...neighbors]));
  if (sessions.size === 0) return () => 0;
  const counts = yield* ask((tables) => tables.counts([...sessions], entriesCounted(fresh)));
  return (session) => counts.get(session) ?? 0;
}

function* readHistories(sessions: readonly number[], range?: TimeRange): Plan<ReadonlyMap<number, readonly HistoryItem[]>> {
  const histories = new Map<number, readonly HistoryItem[]>();
  if (sessions.length > 0) yield* ask((tables) => tables.histories(sessions, (session, history) => histories.set(session, history), range));
  return histories;
}

/** Work goes on in bursts: what touches the new entries mostly began within this time. */
const LOOK_AROUND_MS = 30 * MINUTE_MS;

/** The sessions' entries in all windows that touch the range, and some around. A day of a busy person is long, and all but its end is settled. */
function* readAround(sessions: readonly number[], range: TimeRange): Plan<ReadonlyMap<number, readonly HistoryItem[]>> {
  for (let touched = range; ; ) {
    const lookMs = Math.max(LOOK_AROUND_MS, touched.toMs - touched.fromMs);
    const read = Number.isFinite(lookMs) ? { fromMs: touched.fromMs - lookMs, toMs: touched.toMs + lookMs } : ANYTIME;
    const histories = yield* readHistories(sessions, read);
    touched = touchedBy([...histories.values()].flat(), range);
    if (read === ANYTIME || (touched.fromMs > read.fromMs && touched.toMs < read.toMs)) return histories;
  }
}

/** From where to where the windows go that touch the range. What a running total adds is known only with all that was before it. */
function touchedBy(items: readonly HistoryItem[], range: TimeRange): TimeRange {
  if (items.some(({ cumulative }) => cumulative !== undefined)) return ANYTIME;
  const touching = windowsOf([range, ...items.filter(isReconciled).map((item) => reachOf(item))]).find((window) => touches(window, range));
  return touching ?? range;
}

/** Without the windows in which nothing is new: what lies far apart may be new. */
export function inTouchedWindows(
  histories: ReadonlyMap<number, readonly HistoryItem[]>,
  isFresh: (session: number, item: HistoryItem) => boolean,
): ReadonlyMap<number, readonly HistoryItem[]> {
  const placed = [...histories].flatMap(([session, history]) =>
    history.map((item) => ({ item, timeRange: { ...reachOf(item) }, isFresh: isFresh(session, item) })),
  );
  if (placed.some(({ item }) => item.cumulative !== undefined)) return histories;
  const items = new Map(placed.map((one) => [one.timeRange, one]));
  const kept = new Set<HistoryItem>();
  for (const { timeRanges } of windowsOf([...items.keys()])) {
    const inWindow = timeRanges.flatMap((timeRange) => items.get(timeRange) ?? []);
    if (inWindow.some(({ isFresh }) => isFresh)) for (const { item } of inWindow) kept.add(item);
  }
  return new Map([...histories].map(([session, history]) => [session, history.filter((item) => kept.has(item))]));
}

/** Of a session's entries most are of the same day and person as the one before. */
function newLinks(state: SessionState, entry: IncomingEntry): Link[] {
  const within = dayWithin(entry);
  if (entry.keys === undefined || (within === state.linked?.day && entry.keys === state.linked?.keys) || !isReconciled(entry)) return [];
  if (within !== undefined) state.linked = { day: within, keys: entry.keys };
  const links: Link[] = [];
  for (const day of daysOf(entry)) {
    for (const key of entry.keys.length === 0 ? [ANYBODY] : entry.keys) {
      const link = { session: state.session, isPool: isPool(state.sessionId), day, key };
      const name = nameOf(link);
      if (state.links.has(name)) continue;
      state.links.set(name, link);
      links.push(link);
    }
  }
  return links;
}
