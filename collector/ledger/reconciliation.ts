/**
 * One measure of one window, as several sources report it. Requests (events) are booked as they are, under their own dimensions. Readings
 * of intervals (metrics) book only the excess: what they report beyond the requests. A request may be stamped a little after the reading that holds
 * it, so for a while the excess of a reading may still be explained by requests, and is taken back as they come; after that it stays.
 */
import { reportsRequests, type Source } from '../catalog/sources.ts';

/** A request may be stamped so long after the reading that holds it: by seconds as the client does it, by more where a hop cuts times to the minute. */
const LAG_MS = 60_000;

interface Reporting {
  readonly timeMs: number;
  readonly source: Source;
}

interface Excess<Item> {
  readonly item: Item;
  readonly untilMs: number;
  amount: bigint;
}

export interface Reconciled<Item> {
  /** What the record adds, at its time and under its dimensions. */
  readonly booked: bigint;
  /** What readings booked that this request explains: to be taken off again, at their time and under their dimensions. */
  readonly takenBack: readonly { readonly item: Item; readonly amount: bigint }[];
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const NOTHING_TAKEN_BACK: readonly never[] = [];

/** Takes records in the order of their time. What is booked depends on which there are, and never exceeds what they justify. */
export class Reconciliation<Item extends Reporting> {
  readonly #sums = new Map<Source, bigint>();
  /** The largest sum of a source of its kind. */
  #requests = 0n;
  #intervals = 0n;
  /** Booked elsewhere. */
  #elsewhere = 0n;
  /** Excess that no request can explain any more. */
  #kept = 0n;
  /** Excess of the last readings, oldest first. */
  #open: Excess<Item>[] = [];

  /** What another session reports and has booked of the same money. */
  seed(source: Source, amount: bigint): void {
    const sum = this.#addTo(source, amount);
    if (reportsRequests(source)) this.#requests = larger(this.#requests, sum);
    else this.#intervals = larger(this.#intervals, sum);
    this.#elsewhere += amount;
  }

  add(item: Item, amount: bigint): Reconciled<Item> {
    this.#settle(item.timeMs);
    const sum = this.#addTo(item.source, amount);
    return reportsRequests(item.source) ? this.#addRequest(sum) : this.#addReading(item, sum);
  }

  #addTo(source: Source, amount: bigint): bigint {
    const sum = (this.#sums.get(source) ?? 0n) + amount;
    this.#sums.set(source, sum);
    return sum;
  }

  #settle(nowMs: number): void {
    let past = 0;
    for (const { untilMs, amount } of this.#open) {
      if (untilMs >= nowMs) break;
      this.#kept += amount;
      past++;
    }
    if (past > 0) this.#open = this.#open.slice(past);
  }

  #addRequest(sum: bigint): Reconciled<Item> {
    const before = larger(this.#requests, this.#elsewhere);
    this.#requests = larger(this.#requests, sum);
    const booked = larger(this.#requests, this.#elsewhere) - before;
    return { booked, takenBack: booked > 0n && this.#open.length > 0 ? this.#takeBack() : NOTHING_TAKEN_BACK };
  }

  /** The oldest reading first: of each, no more may stay than it was ahead of the requests until its time is up. */
  #takeBack(): Reconciled<Item>['takenBack'] {
    const takenBack: { item: Item; amount: bigint }[] = [];
    let tooMuch = this.#openAmount() - larger(this.#unexplained(), 0n);
    for (const excess of this.#open) {
      if (tooMuch <= 0n) break;
      const amount = tooMuch < excess.amount ? tooMuch : excess.amount;
      takenBack.push({ item: excess.item, amount });
      excess.amount -= amount;
      tooMuch -= amount;
    }
    this.#open = this.#open.filter(({ amount }) => amount > 0n);
    return takenBack;
  }

  #addReading(item: Item, sum: bigint): Reconciled<Item> {
    this.#intervals = larger(this.#intervals, sum);
    const booked = larger(this.#unexplained() - this.#openAmount(), 0n);
    if (booked > 0n) this.#open.push({ item, untilMs: item.timeMs + LAG_MS, amount: booked });
    return { booked, takenBack: NOTHING_TAKEN_BACK };
  }

  #unexplained(): bigint {
    return this.#intervals - larger(this.#requests, this.#elsewhere) - this.#kept;
  }

  #openAmount(): bigint {
    let sum = 0n;
    for (const { amount } of this.#open) sum += amount;
    return sum;
  }
}
