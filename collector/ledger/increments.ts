/** What entries of one session add to those before them: of a running total, what it grew by. */
import { type MeasureName, RECONCILED_MEASURES } from '../catalog/measures.ts';
import type { Amounts } from './entry.ts';
import { type Covering, type TimeRange, timeRangeOf } from './windows.ts';

/** Token measures that several sources report. Cost is the fifth, kept apart because it is money. */
export const RECONCILED_COUNTS = RECONCILED_MEASURES.filter((name) => name !== 'cost');

/** Why an entry is booked by itself: it came too late to be booked in its place, or covers more than could be walked. */
export type HeldBack = 'late' | 'reach';

/** What of an entry says what it adds; see BookingItem. */
export interface Reported extends Covering {
  readonly cost: bigint;
  readonly listCost: bigint;
  readonly isCostMissing?: boolean | undefined;
  readonly amounts: Amounts;
  readonly cumulative?: { readonly series: string; readonly startMs: number } | undefined;
  readonly heldBack?: HeldBack | undefined;
}

const UNDER_WAY = '>';

/**
 * Names a series by its beginning where what lies before is booked elsewhere: its first reading here only says how far it had come. (Records
 * without a session are gathered by day.)
 */
export const underWay = ({ series, startMs }: { readonly series: string; readonly startMs: number }): string => `${UNDER_WAY}${series}@${startMs}`;

/** An item with what it adds to the one before it in its series. */
export interface Increment<Item extends Reported> {
  readonly item: Item;
  readonly cost: bigint;
  readonly amounts: Amounts;
  /** Undefined for what no other source reports too. */
  readonly timeRange: TimeRange | undefined;
}

interface Stream {
  lastMs: number;
  cost: bigint;
  amounts: Amounts;
}

export const estimateOf = ({ isCostMissing, listCost }: Reported): bigint => (isCostMissing === true ? listCost : 0n);

/** The running totals of one session, and how far each has come. */
export class RunningTotals<Item extends Reported> {
  #streams = new Map<string, Stream>();

  get size(): number {
    return this.#streams.size;
  }

  copy(): RunningTotals<Item> {
    const copy = new RunningTotals<Item>();
    copy.#streams = new Map(this.#streams);
    return copy;
  }

  /** When the series of a point was read last; undefined for a new series, and for what is none. */
  lastMs({ cumulative }: Item): number | undefined {
    return cumulative && this.#streams.get(streamKey(cumulative))?.lastMs;
  }

  /**
   * What a running total adds over the point before it. With a known start it can only grow, so a lower value is
   * an older reading; without one (startMs 0) a lower value is the series beginning again.
   */
  increment(item: Item): Increment<Item> {
    const { cumulative } = item;
    if (cumulative === undefined)
      return { item, cost: item.cost, amounts: item.amounts, timeRange: spanned(item, item.cost, item.amounts, undefined) };
    // What it adds is in what the next reading adds.
    if (item.heldBack === 'late') return { item, cost: 0n, amounts: {}, timeRange: undefined };
    const key = streamKey(cumulative);
    const before = this.#streams.get(key) ?? beginningOf(item, cumulative);
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

function beginningOf({ cost, amounts }: Reported, { series }: { readonly series: string }): Stream {
  const lastMs = Number.NEGATIVE_INFINITY;
  return series.startsWith(UNDER_WAY) ? { lastMs, cost, amounts } : { lastMs, cost: 0n, amounts: {} };
}

const streamKey = (cumulative: { series: string; startMs: number }) => `${cumulative.series}@${cumulative.startMs}`;

function growth(value: bigint, previous: bigint, restartable: boolean): bigint {
  if (value >= previous) return value - previous;
  return restartable ? value : 0n;
}

/** Only money and tokens open a window or widen it: a record without them moves nothing. */
function spanned(item: Reported, cost: bigint, amounts: Amounts, beforeMs: number | undefined): TimeRange | undefined {
  if (item.heldBack !== undefined) return undefined;
  const isReconciled = cost !== 0n || estimateOf(item) !== 0n || RECONCILED_COUNTS.some((name) => amounts[name] !== undefined);
  return isReconciled ? timeRangeOf(item, beforeMs) : undefined;
}
