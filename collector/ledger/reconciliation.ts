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
  /** Excess of the last readings, oldest first; those before #from are done with. */
  #open: Excess<Item>[] = [];
  #from = 0;
  #openAmount = 0n;

  /** How many readings are open. */
  get size(): number {
    return this.#open.length - this.#from;
  }

  copy(): Reconciliation<Item> {
    const copy = new Reconciliation<Item>();
    for (const [source, sum] of this.#sums) copy.#sums.set(source, sum);
    copy.#requests = this.#requests;
    copy.#intervals = this.#intervals;
    copy.#elsewhere = this.#elsewhere;
    copy.#kept = this.#kept;
    copy.#open = this.#open.slice(this.#from).map((excess) => ({ ...excess }));
    copy.#openAmount = this.#openAmount;
    return copy;
  }

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
    for (let first = this.#open[this.#from]; first !== undefined && first.untilMs < nowMs; first = this.#open[this.#from]) {
      this.#kept += first.amount;
      this.#openAmount -= first.amount;
      this.#dropFirst();
    }
  }

  /** Moves the others together only now and then: there may be as many as somebody sends within a minute. */
  #dropFirst(): void {
    this.#from++;
    if (this.#from <= this.#open.length / 2) return;
    this.#open = this.#open.slice(this.#from);
    this.#from = 0;
  }

  #addRequest(sum: bigint): Reconciled<Item> {
    const before = larger(this.#requests, this.#elsewhere);
    this.#requests = larger(this.#requests, sum);
    const booked = larger(this.#requests, this.#elsewhere) - before;
    return { booked, takenBack: booked > 0n && this.size > 0 ? this.#takeBack() : NOTHING_TAKEN_BACK };
  }

  /** The oldest reading first: of each, no more may stay than it was ahead of the requests until its time is up. */
  #takeBack(): Reconciled<Item>['takenBack'] {
    const takenBack: { item: Item; amount: bigint }[] = [];
    let tooMuch = this.#openAmount - larger(this.#unexplained(), 0n);
    for (let first = this.#open[this.#from]; first !== undefined && tooMuch > 0n; first = this.#open[this.#from]) {
      const amount = tooMuch < first.amount ? tooMuch : first.amount;
      takenBack.push({ item: first.item, amount });
      first.amount -= amount;
      this.#openAmount -= amount;
      tooMuch -= amount;
      if (first.amount === 0n) this.#dropFirst();
    }
    return takenBack;
  }

  #addReading(item: Item, sum: bigint): Reconciled<Item> {
    this.#intervals = larger(this.#intervals, sum);
    const booked = larger(this.#unexplained() - this.#openAmount, 0n);
    if (booked > 0n) {
      this.#open.push({ item, untilMs: item.timeMs + LAG_MS, amount: booked });
      this.#openAmount += booked;
    }
    return { booked, takenBack: NOTHING_TAKEN_BACK };
  }

  #unexplained(): bigint {
    return this.#intervals - larger(this.#requests, this.#elsewhere) - this.#kept;
  }
}
