/**
 * Records that lost their session on the way are gathered in pools, by whom they are of and by day. The same money may be reported by
 * sessions that kept their id: those with whom a pool shares a key on a day are its neighbors. What neighbors report that may be in the
 * pool too (Shadow) is counted once, and booked by them. Where too many sessions come into question, or too many entries, the pool's
 * money is held back.
 */
import { hash } from 'node:crypto';
import { RECONCILED_MEASURES } from '../catalog/measures.ts';
import { DAY_MS } from '../core/duration.ts';
import { postAdjustment } from './adjustments.ts';
import { type BookingItem, heldBack, type Posting, SessionBook, type Shadow } from './booking.ts';
import { postAside } from './set-aside.ts';
import { SLACK_MS } from './windows.ts';

/** Begins the ids of pools. */
const POOL = 'no-session:';

/** `day`: of the year, as in 2026-11-20. */
export const poolId = (owner: string, day: string): string => `${POOL}${owner}:${day}`;
export const isPool = (sessionId: string): boolean => sessionId.startsWith(POOL);
export const poolOwner = (poolId: string): string => poolId.slice(POOL.length, poolId.lastIndexOf(':'));

const KEY_CHARACTERS = 12;

/** Of a name that a record gives its person: records that share one are joined. */
export const joinKeyOf = (name: string): string => hash('sha256', name, 'base64url').slice(0, KEY_CHARACTERS);

/** The key of records that do not say whose they are: they may be anybody's. */
export const ANYBODY = '';

/** Begins the keys of what rests on the word of a token, each realm's apart from all others. */
export const REALM_MARK = '*';
const isOfRealm = (key: string): boolean => key.startsWith(REALM_MARK);
export const keyIn = (realm: string, key: string): string => `${REALM_MARK}${realm}.${key}`;

/** A key without its realm: what joinKeyOf made of the name. */
export const nameKeyOf = (key: string): string => (isOfRealm(key) ? key.slice(key.indexOf('.') + 1) : key);

/** What stands for ANYBODY within a realm: `all` is of every session in it and of pools of nobody, `nobody` of every pool and of sessions of nobody. */
export const anybodyIn = (realm: string) => ({ all: keyIn(realm, REALM_MARK), nobody: keyIn(realm, '') });
const isAnybody = (key: string): boolean => key === ANYBODY || (isOfRealm(key) && key.endsWith(`.${REALM_MARK}`));

/** Under which of the keys of pools a session with this key meets them. */
export function keysMet(key: string, ofPools: Iterable<string>): Iterable<string> {
  if (key === ANYBODY) return [...ofPools].filter((one) => !isOfRealm(one));
  return isOfRealm(key) ? [key] : [key, ANYBODY];
}

/** Says that a session reported money or tokens on a UTC day, and whose it said they are. */
export interface Link {
  readonly session: number;
  readonly isPool: boolean;
  /** Days since the epoch. */
  readonly day: number;
  readonly key: string;
}

/** A link of a session to a pool: both have reported on the day, under keys that can be the same person's. */
export interface Meeting {
  readonly session: number;
  readonly day: number;
  readonly key: string;
  readonly poolKey: string;
}

/** Beside what a pool is booked. */
export interface Company {
  readonly shadows: readonly Shadow[];
  readonly isHeldBack: boolean;
}

export const NO_COMPANY: Company = { shadows: [], isHeldBack: false };
const HELD_BACK: Company = { shadows: [], isHeldBack: true };

/** Neighbors of a pool. With more it cannot be said any more whose money it is, and reading them all with every export would take too long. */
const NEIGHBOURS_MAX = 200;
/** The same for a pool of nobody, to which everybody is a neighbor: much fewer, since what is alike by chance must not be taken for the same. */
const NEIGHBOURS_OF_NOBODY_MAX = 50;

/** Sessions that meet a pool; undefined when they are too many. */
export function neighborsOf(meetings: readonly Meeting[]): ReadonlySet<number> | undefined {
  const sessions = new Set(meetings.map(({ session }) => session));
  const isOfNobody = meetings.some(({ poolKey }) => isAnybody(poolKey));
  return sessions.size <= (isOfNobody ? NEIGHBOURS_OF_NOBODY_MAX : NEIGHBOURS_MAX) ? sessions : undefined;
}

/** Entries of a pool and of its neighbors together. One that comes near may have all of them walked again: about a tenth of a second. */
const ENTRIES_MAX = 10_000;
/** So many entries of one session say all there is to know, also without those that are `fresh`. */
export const entriesCounted = (fresh: number): number => ENTRIES_MAX + 1 + fresh;

/** Says how many entries a session has. */
export type EntriesOf = (session: number) => number;

/** The neighbors of a pool, with which it can be walked together; undefined when they are too many, or have too much. */
export function walkable(pool: number, neighbors: ReadonlySet<number> | undefined, entriesOf: EntriesOf): ReadonlySet<number> | undefined {
  if (neighbors === undefined || neighbors.size === 0) return neighbors;
  return [pool, ...neighbors].reduce((sum, session) => sum + entriesOf(session), 0) <= ENTRIES_MAX ? neighbors : undefined;
}

/** A session shows a handful of keys on a day. */
const KEYS_MAX = 8;
/** So many meetings of one link of a pool say all there is to know: that there are too many, also without `fresh` sessions. */
export const meetingsMax = (fresh: number): number => KEYS_MAX * (NEIGHBOURS_MAX + 1 + fresh);

/** `neighbors`: see walkable. */
export function companyOf(neighbors: ReadonlySet<number> | undefined, historyOf: (session: number) => readonly BookingItem<unknown>[]): Company {
  if (neighbors === undefined) return HELD_BACK;
  return neighbors.size === 0
    ? NO_COMPANY
    : { shadows: [...neighbors].flatMap((session) => SessionBook.shadowsOf(historyOf(session))), isHeldBack: false };
}

export function bookBeside(items: readonly BookingItem<number>[], { shadows, isHeldBack }: Company = NO_COMPANY): Posting<number>[] {
  const dated = items.filter(isDated);
  const postings = new SessionBook<number>().bookAll(dated, shadows);
  const booked = isHeldBack ? postings.map(heldBack) : postings;
  if (dated.length === items.length) return booked;
  const aside = items.filter(({ isSetAside }) => isSetAside === true);
  const asidePostings = postAside(aside);
  const byItem = new Map([
    ...dated.map((item, index) => [item, booked[index]] as const),
    ...aside.map((item, index) => [item, asidePostings[index]] as const),
    ...items.filter(({ isAdjustment }) => isAdjustment === true).map((item) => [item, postAdjustment(item)] as const),
  ]);
  return items.flatMap((item) => byItem.get(item) ?? []);
}

const isDated = ({ isSetAside, isAdjustment }: BookingItem<unknown>): boolean => isSetAside !== true && isAdjustment !== true;

/** Can another session report the same? */
export const isReconciled = ({ cost, isCostMissing, amounts }: BookingItem<unknown>): boolean =>
  cost !== 0n || isCostMissing === true || RECONCILED_MEASURES.some((name) => amounts[name] !== undefined);

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

/** The day on which a record meets others; undefined where it is at the edge of one, or covers several. */
export function dayWithin({ timeMs, startMs = timeMs }: BookingItem<unknown>): number | undefined {
  const first = dayOf(Math.min(startMs, timeMs) - SLACK_MS);
  return first === dayOf(timeMs + SLACK_MS) ? first : undefined;
}

/** All of them. */
export function daysOf(item: BookingItem<unknown>): readonly number[] {
  const day = dayWithin(item);
  if (day !== undefined) return [day];
  const { timeMs, startMs = timeMs } = item;
  return [...new Set([dayOf(Math.min(startMs, timeMs) - SLACK_MS), dayOf(startMs), dayOf(timeMs), dayOf(timeMs + SLACK_MS)])];
}
