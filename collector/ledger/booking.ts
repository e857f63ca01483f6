/**
 * One session, one cost. The same usage is reported by several sources, such as api_request events and metrics, and any of them may be
 * incomplete. A session falls into windows (windows.ts): within one, the sources report the same money, and it is booked once
 * (reconciliation.ts): requests as they are, readings of metrics by what they report beyond the requests. What is booked has the entry's own
 * time and dimensions, never exceeds what the reports justify, and depends only on which entries there are, not on the order they came in.
 * Why: docs/adr/0002-one-session-one-cost.md.
 *
 * Records that lost their session are gathered in pools (pools.ts). A pool is booked like a session, beside the shadows of the sessions
 * that may have reported the same money: what these booked for themselves is in its windows before anything of its own.
 */

import type { Source } from '../catalog/sources.ts';
import type { Amounts } from './entry.ts';
import { estimateOf, type HeldBack, type Increment, RECONCILED_COUNTS, RunningTotals } from './increments.ts';
import { Reconciliation } from './reconciliation.ts';
import { around, type TimeRange, timeRangeOf, touches, type Window, windowsOf } from './windows.ts';

/** An entry as booking sees it. `Dims` is whatever the store uses to refer to the entry's dimensions. */
export interface BookingItem<Dims> {
  readonly identity: string;
  readonly timeMs: number;
  /** Where the interval begins that a data point covers; undefined: not known. Of an event, its own time. */
  readonly startMs: number | undefined;
  /** The sender gave no believable time, so it may belong anywhere in the session. */
  readonly isTimeUncertain?: boolean | undefined;
  /** Dated outside the window, and booked apart: see set-aside.ts. */
  readonly isSetAside?: boolean | undefined;
  /** See Entry. */
  readonly isStandIn?: boolean | undefined;
  /** See Entry. */
  readonly isAdjustment?: boolean | undefined;
  readonly source: Source;
  readonly dims: Dims;
  /** As reported; 0n when the entry reports none. */
  readonly cost: bigint;
  readonly listCost: bigint;
  /** Its usage has a cost that it does not report. List price is booked for it, but only where no other source reports money. */
  readonly isCostMissing?: boolean | undefined;
  readonly amounts: Amounts;
  readonly cumulative?: { readonly series: string; readonly startMs: number } | undefined;
  /** Its session could not be booked again for it (session-booking.ts): it is booked by itself, and its cost is held back. */
  readonly heldBack?: HeldBack | undefined;
}

/** What an entry adds to the totals at its time and under its dimensions. */
export interface Posting<Dims> {
  readonly timeMs: number;
  readonly dims: Dims;
  readonly cost: bigint;
  /** The part of `cost` that is list price and not reported. */
  readonly costEstimated: bigint;
  /** Held back: not in `cost`, since nobody can say whether another session reports the same money. */
  readonly costUnreconciled: bigint;
  /** Not in `cost`: dated outside the window. */
  readonly costSetAside?: bigint;
  readonly source: Source;
  /** What it adds to its source's own account of the cost. */
  readonly sourceCost: bigint;
  readonly costList: bigint;
  readonly amounts: Amounts;
  /** Its amounts are as they are: a duration among them is no request's. */
  readonly isAdjustment?: boolean;
}

/** What a session booked for itself in a window where only one source reports: what the other reports of it may be in a pool. */
export interface Shadow {
  readonly timeRange: TimeRange;
  readonly source: Source;
  readonly cost: bigint;
  /** In the order of RECONCILED_COUNTS. */
  readonly counts: readonly bigint[];
}

/** What the sources report of one window. */
interface Account<Dims> {
  readonly cost: Reconciliation<BookingItem<Dims>>;
  /** In the order of RECONCILED_COUNTS. */
  readonly counts: readonly Reconciliation<BookingItem<Dims>>[];
  /** Does a source other than events report money? Then nothing of it is estimated. */
  hasOtherMoney: boolean;
  /** Has it stand-ins (stand-ins.ts)? They count for nothing where the cost of the window is reported. */
  hasStandIns: boolean;
  estimate: bigint;
}

type Position = { readonly timeMs: number; readonly identity: string };
/** Without the item itself: it would be kept for as long as the session is. */
const positionOf = ({ timeMs, identity }: Position): Position => ({ timeMs, identity });
const isBefore = (a: Position, b: Position) => a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.identity < b.identity);
export const inTimeOrder = (a: Position, b: Position) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);

const newAccount = <Dims>(): Account<Dims> => ({
  cost: new Reconciliation(),
  counts: RECONCILED_COUNTS.map(() => new Reconciliation()),
  hasOtherMoney: false,
  hasStandIns: false,
  estimate: 0n,
});

const copyOf = <Dims>({ cost, counts, hasOtherMoney, hasStandIns, estimate }: Account<Dims>): Account<Dims> => ({
  cost: cost.copy(),
  counts: counts.map((count) => count.copy()),
  hasOtherMoney,
  hasStandIns,
  estimate,
});

/** The running state of one session. Cheap to keep; can be built again from the session's entries at any time. */
export class SessionBook<Dims> {
  #totals = new RunningTotals<BookingItem<Dims>>();
  #last: Position = { timeMs: Number.NEGATIVE_INFINITY, identity: '' };
  /** The last window, the only one that what comes next can belong to, and where the one before it ends. */
  #timeRange: TimeRange | undefined;
  #account = newAccount<Dims>();
  #beforeMs = Number.NEGATIVE_INFINITY;

  get lastMs(): number {
    return this.#last.timeMs;
  }

  /** What a copy of it takes. */
  get size(): number {
    return this.#totals.size + this.#account.cost.size + this.#account.counts.reduce((sum, { size }) => sum + size, 0);
  }

  /** How many running totals it follows. */
  get series(): number {
    return this.#totals.size;
  }

  follows(item: BookingItem<Dims>): boolean {
    return item.cumulative === undefined || this.#totals.lastMs(item) !== undefined;
  }

  copy(): SessionBook<Dims> {
    const copy = new SessionBook<Dims>();
    copy.#totals = this.#totals.copy();
    copy.#last = this.#last;
    copy.#timeRange = this.#timeRange;
    copy.#account = copyOf(this.#account);
    copy.#beforeMs = this.#beforeMs;
    return copy;
  }

  /** Books a whole history. Returns what each item comes to, in the order of `items`. With shadows there is no going on from it. */
  bookAll(items: readonly BookingItem<Dims>[], shadows: readonly Shadow[] = []): Posting<Dims>[] {
    return this.bookTogether(items, shadows).own;
  }

  /** Can what is all later be booked together on top of what is here? False also where only that is not certain. */
  takes(items: readonly BookingItem<Dims>[]): boolean {
    const increments = incrementsOf(items, this.#totals.copy());
    const takesEstimatesBack = hasGuesses(this.#account) && increments.some(isOtherMoney);
    return !takesEstimatesBack && timeRangesOf(increments).every(({ fromMs }) => this.#isSettledBefore(fromMs));
  }

  /** As bookAll, on top of what is here. `earlier`: what that takes back of items that are not among these. */
  bookTogether(items: readonly BookingItem<Dims>[], shadows: readonly Shadow[] = []): { own: Posting<Dims>[]; earlier: Posting<Dims>[] } {
    const increments = incrementsOf(items, this.#totals);
    const running = this.#timeRange;
    const windows = windowsOf([...(running === undefined ? [] : [running]), ...timeRangesOf(increments), ...timeRangesOf(shadows)]);
    const isRunning = ({ timeRanges }: Window) => running !== undefined && timeRanges.includes(running);
    const accounts = new Map(windows.map((window) => [window, isRunning(window) ? this.#account : newAccount<Dims>()]));
    const accountOf = new Map(
      windows.flatMap((window) => window.timeRanges.map((timeRange) => [timeRange, accounts.get(window) ?? newAccount<Dims>()] as const)),
    );
    for (const shadow of shadows) cast(shadow, accountOf.get(shadow.timeRange));
    for (const increment of increments) noteMoney(increment, increment.timeRange && accountOf.get(increment.timeRange));
    const postings = new Map<BookingItem<Dims>, MutablePosting<Dims>>();
    const earlier: Posting<Dims>[] = [];
    for (const increment of increments) {
      const [own, ...corrections] = post(increment, increment.timeRange && accountOf.get(increment.timeRange));
      postings.set(increment.item, own);
      for (const correction of corrections) {
        const corrected = postings.get(correction.item);
        if (corrected === undefined) earlier.push(correction);
        else addTo(corrected, correction);
      }
    }
    const last = windows.at(-1);
    // Not the window itself: it holds the one before it, and so on to the session's beginning.
    this.#timeRange = last && { fromMs: last.fromMs, toMs: last.toMs };
    this.#account = (last && accounts.get(last)) ?? newAccount<Dims>();
    this.#beforeMs = windows.at(-2)?.toMs ?? this.#beforeMs;
    const lastItem = increments.findLast(({ item }) => item.heldBack !== 'late')?.item;
    if (lastItem !== undefined) this.#last = positionOf(lastItem);
    return { own: items.map((item) => postings.get(item) ?? nothing(item)), earlier };
  }

  #isSettledBefore(fromMs: number): boolean {
    return this.#beforeMs === Number.NEGATIVE_INFINITY || fromMs > this.#beforeMs;
  }

  /** Can the item be booked on top of what is here, or must the session be walked again from its entries? */
  isNext(item: BookingItem<Dims>): boolean {
    if (!isBefore(this.#last, item)) return false;
    const readMs = this.#totals.lastMs(item);
    if (readMs !== undefined && item.timeMs <= readMs) return false;
    if (item.heldBack === 'reach') return true;
    const timeRange = timeRangeOf(item, readMs);
    if (!this.#isSettledBefore(timeRange.fromMs)) return false;
    // What was booked as an estimate has to be taken back.
    const isFirstMoney = item.source !== 'events' && item.cost > 0n && !this.#account.hasOtherMoney;
    return !(isFirstMoney && hasGuesses(this.#account) && this.#timeRange !== undefined && touches(this.#timeRange, timeRange));
  }

  /** Books an item for which isNext holds. Returns its posting, then what that takes back of others. */
  bookNext(item: BookingItem<Dims>): readonly Posting<Dims>[] {
    const increment = this.#totals.increment(item);
    this.#last = positionOf(item);
    const { timeRange } = increment;
    if (timeRange === undefined) return post(increment, undefined);
    if (this.#timeRange === undefined || !touches(this.#timeRange, timeRange)) {
      this.#beforeMs = this.#timeRange?.toMs ?? Number.NEGATIVE_INFINITY;
      this.#timeRange = timeRange;
      this.#account = newAccount<Dims>();
    } else this.#timeRange = { fromMs: Math.min(this.#timeRange.fromMs, timeRange.fromMs), toMs: Math.max(this.#timeRange.toMs, timeRange.toMs) };
    noteMoney(increment, this.#account);
    return post(increment, this.#account);
  }

  /** What a session that these items are may have in common with a pool. */
  static shadowsOf(items: readonly BookingItem<unknown>[]): Shadow[] {
    const increments = incrementsOf(items, new RunningTotals<BookingItem<unknown>>());
    const windows = windowsOf(timeRangesOf(increments));
    // Looked up and not searched for: a session of many events has nearly as many windows as events.
    const windowOf = new Map(windows.flatMap((window) => window.timeRanges.map((timeRange) => [timeRange, window] as const)));
    const inWindows = Map.groupBy(increments, ({ timeRange }) => timeRange && windowOf.get(timeRange));
    return windows.flatMap((window) => shadowsIn(inWindows.get(window) ?? []));
  }
}

const incrementsOf = <Dims>(items: readonly BookingItem<Dims>[], totals: RunningTotals<BookingItem<Dims>>): Increment<BookingItem<Dims>>[] =>
  items.toSorted(inTimeOrder).map((item) => totals.increment(item));

const timeRangesOf = (spanned: readonly { readonly timeRange: TimeRange | undefined }[]): TimeRange[] =>
  spanned.flatMap(({ timeRange }) => (timeRange === undefined ? [] : [timeRange]));

/** Of one window: what only one source reports, measure by measure. */
function shadowsIn(all: readonly Increment<BookingItem<unknown>>[]): Shadow[] {
  const hasOtherMoney = all.some(isOtherMoney);
  const increments = hasOtherMoney ? all.filter(({ item }) => item.isStandIn !== true) : all;
  const costOf = ({ item, cost }: Increment<BookingItem<unknown>>): bigint => cost + (hasOtherMoney ? 0n : estimateOf(item));
  const isAlone = (amountOf: (increment: Increment<BookingItem<unknown>>) => bigint | number) =>
    new Set(increments.filter((one) => amountOf(one) > 0).map(({ item }) => item.source)).size === 1;
  const isCostAlone = isAlone(costOf);
  const areAlone = RECONCILED_COUNTS.map((name) => isAlone(({ amounts }) => amounts[name] ?? 0));
  if (!isCostAlone && !areAlone.includes(true)) return [];
  return increments.flatMap((one) => {
    const counts = RECONCILED_COUNTS.map((name, index) => (areAlone[index] ? BigInt(one.amounts[name] ?? 0) : 0n));
    return one.timeRange === undefined ? [] : [{ ...accountOf(one.item, one.timeRange), cost: isCostAlone ? costOf(one) : 0n, counts }];
  });
}

/** A request of the pool may be the one that a stand-in is about: so that shadow is that of a reading around it, beyond which the pool books. */
const accountOf = ({ isStandIn, source, timeMs }: BookingItem<unknown>, timeRange: TimeRange): Pick<Shadow, 'timeRange' | 'source'> =>
  isStandIn === true ? { timeRange: around(timeMs), source: 'metrics' } : { timeRange, source };

function cast<Dims>({ source, cost, counts }: Shadow, account: Account<Dims> | undefined): void {
  if (account === undefined) return;
  account.cost.seed(source, cost);
  for (const [index, count] of counts.entries()) account.counts[index]?.seed(source, count);
  if (source !== 'events' && cost > 0n) account.hasOtherMoney = true;
}

/** Does it have what is taken back once another source reports money? */
const hasGuesses = ({ estimate, hasStandIns }: Account<unknown>): boolean => estimate > 0n || hasStandIns;

const isOtherMoney = ({ item, cost }: Increment<BookingItem<unknown>>): boolean => item.source !== 'events' && cost > 0n;

function noteMoney<Dims>(increment: Increment<BookingItem<Dims>>, account: Account<Dims> | undefined): void {
  if (account !== undefined && isOtherMoney(increment)) account.hasOtherMoney = true;
}

type MutablePosting<Dims> = { -readonly [Key in keyof Posting<Dims>]: Posting<Dims>[Key] };
/** The first is the item's own; the others take back what earlier items booked, at their time and under their dimensions. */
type Postings<Dims> = [MutablePosting<Dims>, ...Correction<Dims>[]];
interface Correction<Dims> extends Posting<Dims> {
  readonly item: BookingItem<Dims>;
}

const nothing = <Dims>({ timeMs, dims, source, listCost, amounts }: BookingItem<Dims>): MutablePosting<Dims> => ({
  ...{ timeMs, dims, source, amounts },
  ...{ cost: 0n, costEstimated: 0n, costUnreconciled: 0n, sourceCost: 0n, costList: listCost },
});

const correctionOf = <Dims>(item: BookingItem<Dims>, cost: bigint, amounts: Amounts): Correction<Dims> => ({
  ...nothing(item),
  ...{ item, cost, amounts, costList: 0n },
});

function post<Dims>({ item, cost, amounts }: Increment<BookingItem<Dims>>, account: Account<Dims> | undefined): Postings<Dims> {
  if (item.heldBack !== undefined) return [heldBack({ ...nothing(item), cost: cost + estimateOf(item), sourceCost: cost, amounts })];
  if (account === undefined) return [{ ...nothing(item), amounts }];
  if (item.isStandIn === true) {
    account.hasStandIns = true;
    if (account.hasOtherMoney) return [{ ...nothing(item), costList: 0n, amounts: {} }];
  }
  const estimated = account.hasOtherMoney ? 0n : estimateOf(item);
  account.estimate += estimated;
  const { booked, takenBack } = account.cost.add(item, cost);
  const corrections = takenBack.map(({ item: earlier, amount }) => correctionOf(earlier, -amount, {}));
  const own = { ...nothing(item), cost: booked + estimated, costEstimated: estimated, sourceCost: cost, amounts: { ...amounts } };
  for (const [index, name] of RECONCILED_COUNTS.entries()) {
    const amount = amounts[name];
    const counted = amount === undefined ? undefined : account.counts[index]?.add(item, BigInt(amount));
    if (counted === undefined) continue;
    own.amounts[name] = Number(counted.booked);
    for (const { item: earlier, amount: less } of counted.takenBack) corrections.push(correctionOf(earlier, 0n, { [name]: -Number(less) }));
  }
  return [own, ...corrections];
}

/** What comes of an item that is not booked in its place. Of a running total the next reading says it again. */
export function postAlone<Dims>(item: BookingItem<Dims>): Posting<Dims> {
  return post(new RunningTotals<BookingItem<Dims>>().increment({ ...item, heldBack: 'late' }), undefined)[0];
}

/** What of a posting is held back, and what is not: facts that no other session can have reported too. */
export function heldBack<Dims>(posting: Posting<Dims>): MutablePosting<Dims> {
  const amounts = { ...posting.amounts };
  for (const name of RECONCILED_COUNTS) delete amounts[name];
  return { ...posting, cost: 0n, costEstimated: 0n, costUnreconciled: posting.costUnreconciled + posting.cost, amounts };
}

function addTo<Dims>(posting: MutablePosting<Dims> | undefined, { cost, amounts }: Correction<Dims>): void {
  if (posting === undefined) return;
  posting.cost += cost;
  const sums = { ...posting.amounts };
  for (const name of RECONCILED_COUNTS) {
    const amount = amounts[name];
    if (amount !== undefined) sums[name] = (sums[name] ?? 0) + amount;
  }
  posting.amounts = sums;
}
