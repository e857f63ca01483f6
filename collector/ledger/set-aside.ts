/**
 * Entries of records that are dated outside the window (ingest_window): kept at the time of their arrival, so that repeats are recognized, and
 * booked apart from their session, as cost_set_aside and nothing else. Once the window is wider, the same record may come again and be booked:
 * then it is set aside no more.
 */
import type { BookingItem, Posting } from './booking.ts';
import { estimateOf } from './increments.ts';

const MARK = '!';
/** Characters of the record's identity that stay: 90 bits. */
const KEPT = 15;

/** Not the record's own identity: as the same record it could not be booked any more. As long as that. */
export const asideIdentity = (identity: string): string => MARK + identity.slice(0, KEPT);

/** What the identity of the record itself begins with. */
export const recordOf = (aside: string): string => aside.slice(MARK.length);

type Item = BookingItem<number>;

/** What is set aside of a session: the largest of what its sources report. Its total does not depend on the order of items. */
export class AsideAccount {
  readonly #sums = new Map<Item['source'], bigint>();
  /** How far each running total has come. */
  readonly #series = new Map<string, bigint>();
  #total = 0n;

  get size(): number {
    return this.#series.size;
  }

  add(item: Item): Posting<number> {
    const sum = (this.#sums.get(item.source) ?? 0n) + this.#growth(item);
    this.#sums.set(item.source, sum);
    const costSetAside = sum > this.#total ? sum - this.#total : 0n;
    this.#total += costSetAside;
    const { timeMs, dims, source } = item;
    return { ...{ timeMs, dims, source, costSetAside, amounts: {} }, ...NOTHING };
  }

  #growth(item: Item): bigint {
    const { cumulative, cost } = item;
    if (cumulative === undefined) return cost + estimateOf(item);
    const series = `${cumulative.series}@${cumulative.startMs}`;
    const reached = this.#series.get(series) ?? 0n;
    if (cost <= reached) return 0n;
    this.#series.set(series, cost);
    return cost - reached;
  }
}

const NOTHING = { cost: 0n, costEstimated: 0n, costUnreconciled: 0n, sourceCost: 0n, costList: 0n };

/** Of all that is set aside of a session, oldest first. */
export function postAside(items: readonly Item[]): Posting<number>[] {
  const account = new AsideAccount();
  return items.map((item) => account.add(item));
}
