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

import { type MeasureName, RECONCILED_MEASURES } from '../catalog/measures.ts';
import type { Source } from '../catalog/sources.ts';
import type { Amounts } from './entry.ts';
import { Reconciliation } from './reconciliation.ts';
import { type TimeRange, timeRangeOf, touches, windowsOf } from './windows.ts';

/** Token measures that several sources report. Cost is the fifth, kept apart because it is money. */
const RECONCILED_COUNTS = RECONCILED_MEASURES.filter((name) => name !== 'cost');

/** An entry as booking sees it. `Dims` is whatever the store uses to refer to the entry's dimensions. */
export interface BookingItem<Dims> {
  readonly identity: string;
  readonly timeMs: number;
  /** Where the interval begins that a data point covers; undefined: not known. Of an event, its own time. */
  readonly startMs: number | undefined;
  /** The sender gave no believable time, so it may belong anywhere in the session. */
  readonly isTimeUncertain?: boolean | undefined;
  readonly source: Source;
  readonly dims: Dims;
  /** As reported; 0n when the entry reports none. */
  readonly cost: bigint;
  readonly listCost: bigint;
  /** Its usage has a cost that it does not report. List price is booked for it, but only where no other source reports money. */
  readonly isCostMissing?: boolean | undefined;
  readonly amounts: Amounts;
  readonly cumulative?: { readonly series: string; readonly startMs: number } | undefined;
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
  readonly source: Source;
  /** What it adds to its source's own account of the cost. */
  readonly sourceCost: bigint;
  readonly costList: bigint;
  readonly amounts: Amounts;
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
  estimate: bigint;
}

interface Stream {
  lastMs: number;
  cost: bigint;
  amounts: Amounts;
}

/** An item with what it adds to the one before it in its series. */
interface Increment<Dims> {
  readonly item: BookingItem<Dims>;
  readonly cost: bigint;
  readonly amounts: Amounts;
  /** Undefined for what no other source reports too. */
  readonly timeRange: TimeRange | undefined;
}

type Position = { readonly timeMs: number; readonly identity: string };
const isBefore = (a: Position, b: Position) => a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.identity < b.identity);
export const inTimeOrder = (a: Position, b: Position) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);

const estimateOf = ({ isCostMissing, listCost }: BookingItem<unknown>): bigint => (isCostMissing === true ? listCost : 0n);
const newAccount = <Dims>(): Account<Dims> => ({
  cost: new Reconciliation(),
  counts: RECONCILED_COUNTS.map(() => new Reconciliation()),
  hasOtherMoney: false,
  estimate: 0n,
});

/** The running state of one session. Cheap to keep; can be built again from the session's entries at any time. */
export class SessionBook<Dims> {
  readonly #streams = new Map<string, Stream>();
  #last: Position = { timeMs: Number.NEGATIVE_INFINITY, identity: '' };
  /** The last window, the only one that what comes next can belong to, and where the one before it ends. */
  #timeRange: TimeRange | undefined;
  #account = newAccount<Dims>();
  #beforeMs = Number.NEGATIVE_INFINITY;

  /** Books a whole history. Returns what each item comes to, in the order of `items`. With shadows there is no going on from it. */
  bookAll(items: readonly BookingItem<Dims>[], shadows: readonly Shadow[] = []): Posting<Dims>[] {
    const increments = this.#incrementsOf(items);
    const windows = windowsOf([...timeRangesOf(increments), ...timeRangesOf(shadows)]);
    const accounts = new Map(windows.map((window) => [window, newAccount<Dims>()]));
    const accountOf = new Map(
      windows.flatMap((window) => window.timeRanges.map((timeRange) => [timeRange, accounts.get(window) ?? newAccount<Dims>()] as const)),
    );
    for (const shadow of shadows) cast(shadow, accountOf.get(shadow.timeRange));
    for (const increment of increments) noteMoney(increment, increment.timeRange && accountOf.get(increment.timeRange));
    const postings = new Map<BookingItem<Dims>, MutablePosting<Dims>>();
    for (const increment of increments) {
      const [own, ...corrections] = post(increment, increment.timeRange && accountOf.get(increment.timeRange));
      postings.set(increment.item, own);
      for (const correction of corrections) addTo(postings.get(correction.item), correction);
    }
    const last = windows.at(-1);
    this.#timeRange = last;
    this.#account = (last && accounts.get(last)) ?? newAccount<Dims>();
    this.#beforeMs = windows.at(-2)?.toMs ?? Number.NEGATIVE_INFINITY;
    const lastItem = increments.at(-1)?.item;
    if (lastItem !== undefined) this.#last = lastItem;
    return items.map((item) => postings.get(item) ?? nothing(item));
  }

  /** Can the item be booked on top of what is here, or must the session be walked again from its entries? */
  isNext(item: BookingItem<Dims>): boolean {
    if (!isBefore(this.#last, item)) return false;
    const stream = item.cumulative && this.#streams.get(streamKey(item.cumulative));
    if (stream !== undefined && item.timeMs <= stream.lastMs) return false;
    const timeRange = timeRangeOf(item, stream?.lastMs);
    if (this.#beforeMs !== Number.NEGATIVE_INFINITY && timeRange.fromMs <= this.#beforeMs) return false;
    // What was booked as an estimate has to be taken back.
    const isFirstMoney = item.source !== 'events' && item.cost > 0n && !this.#account.hasOtherMoney;
    return !(isFirstMoney && this.#account.estimate > 0n && this.#timeRange !== undefined && touches(this.#timeRange, timeRange));
  }

  /** Books an item for which isNext holds. Returns its posting, then what that takes back of others. */
  bookNext(item: BookingItem<Dims>): readonly Posting<Dims>[] {
    const increment = this.#increment(item);
    this.#last = item;
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
    const increments = new SessionBook<unknown>().#incrementsOf(items);
    return windowsOf(timeRangesOf(increments)).flatMap(({ timeRanges }) => {
      const own = new Set(timeRanges);
      return shadowsIn(increments.filter(({ timeRange }) => timeRange !== undefined && own.has(timeRange)));
    });
  }

  #incrementsOf(items: readonly BookingItem<Dims>[]): Increment<Dims>[] {
    return items.toSorted(inTimeOrder).map((item) => this.#increment(item));
  }

  /**
   * What a running total adds over the point before it. With a known start it can only grow, so a lower value is
   * an older reading; without one (startMs 0) a lower value is the series beginning again.
   */
  #increment(item: BookingItem<Dims>): Increment<Dims> {
    const { cumulative } = item;
    if (cumulative === undefined)
      return { item, cost: item.cost, amounts: item.amounts, timeRange: spanned(item, item.cost, item.amounts, undefined) };
    const key = streamKey(cumulative);
    const before = this.#streams.get(key) ?? { lastMs: Number.NEGATIVE_INFINITY, cost: 0n, amounts: {} };
    // Of readings at one instant the lower is the older one, and no new beginning.
    const restartable = cumulative.startMs === 0 && item.timeMs > before.lastMs;
    const cost = growth(item.cost, before.cost, restartable);
    const amounts: Amounts = {};
    const reached: Amounts = {};
    for (const name of Object.keys(item.amounts) as MeasureName[]) {
      const value = item.amounts[name] ?? 0;
      const previous = before.amounts[name] ?? 0;
      const grown = value >= previous ? value - previous : restartable ? value : 0;
      if (grown !== 0) amounts[name] = grown;
      reached[name] = restartable ? value : Math.max(value, previous);
    }
    const reachedCost = restartable || item.cost > before.cost ? item.cost : before.cost;
    this.#streams.set(key, { lastMs: item.timeMs, cost: reachedCost, amounts: reached });
    return { item, cost, amounts, timeRange: spanned(item, cost, amounts, before.lastMs) };
  }
}

const streamKey = (cumulative: { series: string; startMs: number }) => `${cumulative.series}@${cumulative.startMs}`;

function growth(value: bigint, previous: bigint, restartable: boolean): bigint {
  if (value >= previous) return value - previous;
  return restartable ? value : 0n;
}

/** Only money and tokens open a window or widen it: a record without them moves nothing. */
function spanned(item: BookingItem<unknown>, cost: bigint, amounts: Amounts, beforeMs: number | undefined): TimeRange | undefined {
  const isReconciled = cost !== 0n || estimateOf(item) !== 0n || RECONCILED_COUNTS.some((name) => amounts[name] !== undefined);
  return isReconciled ? timeRangeOf(item, beforeMs) : undefined;
}

const timeRangesOf = (spanned: readonly { readonly timeRange: TimeRange | undefined }[]): TimeRange[] =>
  spanned.flatMap(({ timeRange }) => (timeRange === undefined ? [] : [timeRange]));

/** Of one window: what only one source reports, measure by measure. */
function shadowsIn(increments: readonly Increment<unknown>[]): Shadow[] {
  const hasOtherMoney = increments.some(({ item, cost }) => item.source !== 'events' && cost > 0n);
  const costOf = ({ item, cost }: Increment<unknown>): bigint => cost + (hasOtherMoney ? 0n : estimateOf(item));
  const isAlone = (amountOf: (increment: Increment<unknown>) => bigint | number) =>
    new Set(increments.filter((one) => amountOf(one) > 0).map(({ item }) => item.source)).size === 1;
  const isCostAlone = isAlone(costOf);
  const areAlone = RECONCILED_COUNTS.map((name) => isAlone(({ amounts }) => amounts[name] ?? 0));
  if (!isCostAlone && !areAlone.includes(true)) return [];
  return increments.flatMap((one) => {
    const counts = RECONCILED_COUNTS.map((name, index) => (areAlone[index] ? BigInt(one.amounts[name] ?? 0) : 0n));
    return one.timeRange === undefined ? [] : [{ timeRange: one.timeRange, source: one.item.source, cost: isCostAlone ? costOf(one) : 0n, counts }];
  });
}

function cast<Dims>({ source, cost, counts }: Shadow, account: Account<Dims> | undefined): void {
  if (account === undefined) return;
  account.cost.seed(source, cost);
  for (const [index, count] of counts.entries()) account.counts[index]?.seed(source, count);
  if (source !== 'events' && cost > 0n) account.hasOtherMoney = true;
}

function noteMoney<Dims>({ item, cost }: Increment<Dims>, account: Account<Dims> | undefined): void {
  if (account !== undefined && item.source !== 'events' && cost > 0n) account.hasOtherMoney = true;
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

function post<Dims>({ item, cost, amounts }: Increment<Dims>, account: Account<Dims> | undefined): Postings<Dims> {
  if (account === undefined) return [{ ...nothing(item), amounts }];
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

/** What of a posting is held back, and what is not: facts that no other session can have reported too. */
export function heldBack<Dims>(posting: Posting<Dims>): Posting<Dims> {
  const amounts = { ...posting.amounts };
  for (const name of RECONCILED_COUNTS) delete amounts[name];
  return { ...posting, cost: 0n, costEstimated: 0n, costUnreconciled: posting.cost, amounts };
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
