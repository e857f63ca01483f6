/** Books what is set aside, and takes back what is booked now. Most transactions have neither, and most sessions nothing set aside. */
import type { HistoryItem } from './history.ts';
import { ask, type Plan } from './plan.ts';
import type { QuarterSums } from './quarter-sums.ts';
import type { SessionState } from './session-memory.ts';
import { AsideAccount, postAside } from './set-aside.ts';
import type { IncomingEntry } from './tables.ts';

/** Running totals that are remembered of a session; beyond, what is set aside of it is read again each time. */
const SERIES_MAX = 10_000;

/** New entries of one session. */
interface Offer {
  readonly state: SessionState;
  readonly fresh: readonly IncomingEntry[];
}

/** Answers how many entries are gone, since their records are booked. */
export function* bookAside(offers: readonly Offer[], sums: QuarterSums): Plan<number> {
  const booked = offers.flatMap(({ state: { session }, fresh }) => {
    const entries = fresh.filter(({ isSetAside }) => isSetAside !== true);
    return entries.length === 0 ? [] : [{ session, entries }];
  });
  const released = booked.length === 0 ? new Map<number, readonly HistoryItem[]>() : yield* ask((tables) => tables.release(booked));
  for (const { state, fresh } of offers) {
    const gone = released.get(state.session) ?? [];
    const left = new Set(gone.map(({ identity }) => identity));
    const set = fresh.filter(({ identity, isSetAside }) => isSetAside === true && !left.has(identity));
    if (gone.length > 0) state.aside = undefined;
    if (set.length > 0 || gone.length > 0) yield* bookOne(state, set, before(fresh, gone), sums);
  }
  return [...released.values()].reduce((sum, { length }) => sum + length, 0);
}

/** Those that were set aside before this transaction. */
function before(fresh: readonly IncomingEntry[], gone: readonly HistoryItem[]): readonly HistoryItem[] {
  const isFresh = new Set(fresh.map(({ identity }) => identity));
  return gone.filter(({ identity }) => !isFresh.has(identity));
}

function* bookOne(state: SessionState, set: readonly IncomingEntry[], gone: readonly HistoryItem[], sums: QuarterSums): Plan<void> {
  const account = state.aside ?? (yield* readAccount(state, set, gone, sums));
  for (const item of set) sums.add(account.add(item), 1);
  state.aside = account.size > SERIES_MAX ? undefined : account;
}

function* readAccount(state: SessionState, set: readonly IncomingEntry[], gone: readonly HistoryItem[], sums: QuarterSums): Plan<AsideAccount> {
  const isNew = new Set(set.map(({ identity }) => identity));
  const there = yield* ask((tables) => tables.setAside([state.session]));
  const known = (there.get(state.session) ?? []).filter(({ identity }) => !isNew.has(identity));
  if (gone.length > 0) {
    for (const posting of postAside([...known, ...gone].toSorted((a, b) => a.timeMs - b.timeMs))) sums.add(posting, -1);
    for (const posting of postAside(known)) sums.add(posting, 1);
  }
  const account = new AsideAccount();
  for (const item of known) account.add(item);
  return account;
}
