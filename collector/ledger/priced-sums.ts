/** What a price decides of a group of requests, added up: booked cost as far as it is estimated, list price and the amounts beside it. */
import { MEASURE_NAMES, type MeasureName } from '../catalog/measures.ts';
import type { PicoUsd } from '../core/money.ts';
import type { Posting } from './booking.ts';
import type { Amounts } from './entry.ts';

/** What an adjustment says. */
export interface Part {
  readonly cost: PicoUsd;
  readonly listCost: PicoUsd;
  readonly amounts: Amounts;
}

export class Sums {
  cost = 0n;
  listCost = 0n;
  /** Of whole numbers, and pico-dollars for money. */
  readonly amounts = new Map<MeasureName, bigint>();

  get isNothing(): boolean {
    return this.cost === 0n && this.listCost === 0n && [...this.amounts.values()].every((amount) => amount === 0n);
  }

  add({ cost, listCost, amounts }: Part, factor = 1n): void {
    this.cost += factor * cost;
    this.listCost += factor * listCost;
    this.#addAmounts(amounts, factor);
  }

  addSums({ cost, listCost, amounts }: Sums): void {
    this.cost += cost;
    this.listCost += listCost;
    for (const [name, amount] of amounts) this.#plus(name, amount);
  }

  /** Of entries whose booked cost does not follow from their price. */
  addDifference(was: Pick<Part, 'listCost' | 'amounts'>, is: Pick<Part, 'listCost' | 'amounts'>): void {
    this.listCost += is.listCost - was.listCost;
    this.#addAmounts(is.amounts, 1n);
    this.#addAmounts(was.amounts, -1n);
  }

  addPostings(was: Posting<number>, is: Posting<number>): void {
    this.cost += is.cost - was.cost;
    this.listCost += is.costList - was.costList;
    this.#plus('cost_estimated', is.costEstimated - was.costEstimated);
    this.#plus('cost_unreconciled', is.costUnreconciled - was.costUnreconciled);
    this.#addAmounts(is.amounts, 1n);
    this.#addAmounts(was.amounts, -1n);
  }

  /** The same in parts whose amounts are at most so large either way; one part almost always. */
  inParts(amountMax: bigint): Part[] {
    const parts: Part[] = [];
    const left = new Map(this.amounts);
    do {
      const amounts: Amounts = {};
      for (const name of MEASURE_NAMES) {
        const amount = left.get(name) ?? 0n;
        if (amount === 0n) continue;
        const now = amount > amountMax ? amountMax : amount < -amountMax ? -amountMax : amount;
        amounts[name] = Number(now);
        left.set(name, amount - now);
      }
      const isFirst = parts.length === 0;
      parts.push({ cost: isFirst ? this.cost : 0n, listCost: isFirst ? this.listCost : 0n, amounts });
    } while ([...left.values()].some((amount) => amount !== 0n));
    return parts;
  }

  #addAmounts(amounts: Amounts, factor: bigint): void {
    for (const name in amounts) this.#plus(name as MeasureName, factor * BigInt(amounts[name as MeasureName] ?? 0));
  }

  #plus(name: MeasureName, amount: bigint): void {
    if (amount !== 0n) this.amounts.set(name, (this.amounts.get(name) ?? 0n) + amount);
  }
}

export function sumsOf(part?: Part): Sums {
  const sums = new Sums();
  if (part !== undefined) sums.add(part);
  return sums;
}
