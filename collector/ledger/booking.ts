/**
 * One session, one cost. The same usage is reported by several sources, such as api_request events and metrics, and any of them
 * may be incomplete. What is booked for a session and model up to any instant is the largest of their running
 * sums, never more than one. Each entry is given the part by which it raises that largest sum, so what is booked has the
 * entry's own time and dimensions, is never negative, adds up to the largest total, and depends only on
 * which entries there are, not on the order they came in. Why: docs/adr/0002-one-session-one-cost.md.
 */

import { type MeasureName, RECONCILED_MEASURES } from '../catalog/measures.ts';
import type { Source } from '../catalog/sources.ts';
import type { Amounts } from './entry.ts';

/** Token measures that several sources report. Cost is the fifth, kept apart because it is money. */
const RECONCILED_COUNTS = RECONCILED_MEASURES.filter((name) => name !== 'cost');

/** An entry as booking sees it. `Dims` is whatever the store uses to refer to the entry's dimensions. */
export interface BookingItem<Dims> {
  readonly identity: string;
  readonly timeMs: number;
  readonly source: Source;
  readonly model: string;
  readonly modelRecognised: boolean;
  readonly dims: Dims;
  readonly cost: bigint;
  readonly listCost: bigint;
  readonly amounts: Amounts;
  readonly cumulative?: { readonly series: string; readonly startMs: number } | undefined;
}

/** What an entry adds to the totals at its time and under its dimensions. */
export interface Posting<Dims> {
  readonly timeMs: number;
  readonly dims: Dims;
  readonly cost: bigint;
  readonly source: Source;
  /** What it adds to its source's own account of the cost. */
  readonly sourceCost: bigint;
  readonly costList: bigint;
  readonly amounts: Amounts;
}

interface SourceSums {
  readonly source: Source;
  cost: bigint;
  readonly counts: number[];
}

interface Account {
  last: { timeMs: number; identity: string };
  /** Of the sources that reported anything. */
  readonly sums: SourceSums[];
}

interface Stream {
  lastMs: number;
  cost: bigint;
  amounts: Amounts;
}

const newSums = (source: Source): SourceSums => ({ source, cost: 0n, counts: RECONCILED_COUNTS.map(() => 0) });
const BEGINNING = { timeMs: Number.NEGATIVE_INFINITY, identity: '' };

type Position = { readonly timeMs: number; readonly identity: string };
const isBefore = (a: Position, b: Position) => a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.identity < b.identity);
export const inTimeOrder = (a: Position, b: Position) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);

/** The running state of one session. Cheap to keep; can be built again from the session's entries at any time. */
export class SessionBook<Dims> {
  readonly #accounts = new Map<string, Account>();
  readonly #streams = new Map<string, Stream>();
  /**
   * A name such as an inference-profile ARN is spelt differently by different sources, so per-model sums would
   * count it twice. Once a session holds such a name, its models are reconciled as one.
   */
  #modelsAreOne = false;

  /** Books a whole history, oldest first. Returns each item's posting in the order of `sorted`. */
  bookAll(sorted: readonly BookingItem<Dims>[]): Posting<Dims>[] {
    this.#modelsAreOne = sorted.some((item) => isOpaque(item));
    return sorted.map((item) => this.#book(item));
  }

  /** Can the item be booked on top of what is here, or must the session be walked again from its entries? */
  isNext(item: BookingItem<Dims>): boolean {
    if (isOpaque(item) && !this.#modelsAreOne && this.#accounts.size > 0) return false;
    const stream = item.cumulative && this.#streams.get(streamKey(item.cumulative));
    if (stream !== undefined && item.timeMs <= stream.lastMs) return false;
    const account = this.#accounts.get(this.#accountKey(item));
    return account === undefined || isBefore(account.last, item);
  }

  /** Books an item for which isNext holds. */
  bookNext(item: BookingItem<Dims>): Posting<Dims> {
    if (isOpaque(item)) this.#modelsAreOne = true;
    return this.#book(item);
  }

  #accountKey(item: BookingItem<Dims>): string {
    return this.#modelsAreOne ? '' : item.model;
  }

  #book(item: BookingItem<Dims>): Posting<Dims> {
    const { cost, amounts } = item.cumulative === undefined ? item : this.#increment(item, item.cumulative);
    if (!isReconciled(cost, amounts)) return unreconciled(item, amounts);
    const account = this.#account(item);
    const { sums } = account;
    const own = ownSums(sums, item.source);
    account.last = item;
    return {
      timeMs: item.timeMs,
      dims: item.dims,
      cost: raiseCost(own, sums, cost),
      source: item.source,
      sourceCost: cost,
      costList: item.listCost,
      amounts: raiseCounts(own, sums, amounts),
    };
  }

  #account(item: BookingItem<Dims>): Account {
    const key = this.#accountKey(item);
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const account: Account = { last: BEGINNING, sums: [] };
    this.#accounts.set(key, account);
    return account;
  }

  /**
   * What a running total adds over the point before it. With a known start it can only grow, so a lower value is
   * an older reading; without one (startMs 0) a lower value is the series beginning again.
   */
  #increment(item: BookingItem<Dims>, cumulative: { series: string; startMs: number }): { cost: bigint; amounts: Amounts } {
    const key = streamKey(cumulative);
    const before = this.#streams.get(key) ?? { lastMs: Number.NEGATIVE_INFINITY, cost: 0n, amounts: {} };
    const restartable = cumulative.startMs === 0;
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
    return { cost, amounts };
  }
}

/** Money or tokens without a model are as unlike another source's as those of a model it spells otherwise. */
const isOpaque = (item: BookingItem<unknown>) => !item.modelRecognised && (item.model !== '' || isReconciled(item.cost, item.amounts));
const streamKey = (cumulative: { series: string; startMs: number }) => `${cumulative.series}@${cumulative.startMs}`;
const larger = <Value extends bigint | number>(a: Value, b: Value): Value => (a > b ? a : b);

function growth(value: bigint, previous: bigint, restartable: boolean): bigint {
  if (value >= previous) return value - previous;
  return restartable ? value : 0n;
}

function isReconciled(cost: bigint, amounts: Amounts): boolean {
  return cost !== 0n || RECONCILED_COUNTS.some((name) => amounts[name] !== undefined);
}

function unreconciled<Dims>(item: BookingItem<Dims>, amounts: Amounts): Posting<Dims> {
  const { timeMs, dims, source, listCost } = item;
  return { timeMs, dims, cost: 0n, source, sourceCost: 0n, costList: listCost, amounts };
}

function ownSums(sums: SourceSums[], source: Source): SourceSums {
  for (const known of sums) if (known.source === source) return known;
  const own = newSums(source);
  sums.push(own);
  return own;
}

function raiseCost(own: SourceSums, all: readonly SourceSums[], cost: bigint): bigint {
  let others = 0n;
  for (const sums of all) if (sums !== own) others = larger(others, sums.cost);
  const before = larger(own.cost, others);
  own.cost += cost;
  return larger(own.cost, others) - before;
}

function raiseCounts(own: SourceSums, all: readonly SourceSums[], amounts: Amounts): Amounts {
  const posted = { ...amounts };
  for (let index = 0; index < RECONCILED_COUNTS.length; index++) {
    const name = RECONCILED_COUNTS[index];
    const amount = name && amounts[name];
    if (name === undefined || amount === undefined) continue;
    let others = 0;
    for (const sums of all) if (sums !== own) others = larger(others, sums.counts[index] ?? 0);
    const ownSum = own.counts[index] ?? 0;
    own.counts[index] = ownSum + amount;
    posted[name] = larger(ownSum + amount, others) - larger(ownSum, others);
  }
  return posted;
}
