/** The sums of one roll-up row while a batch is being added up, and their SQL. */
import { MEASURE_NAMES, MEASURES, type MeasureName } from '../catalog/measures.ts';
import { costBy, SOURCE_NAMES, type Source } from '../catalog/sources.ts';
import type { Posting } from './booking.ts';
import { columnsOf, forEachBucket } from './latency-buckets.ts';

const INDEX = new Map<MeasureName, number>(MEASURE_NAMES.map((name, index) => [name, index]));
const indexOf = (name: MeasureName): number => INDEX.get(name) ?? -1;
const COST = indexOf('cost');
const COST_BY = Object.fromEntries(SOURCE_NAMES.map((source) => [source, indexOf(costBy(source))])) as Record<Source, number>;
const COST_LIST = indexOf('cost_list');
const COST_ESTIMATED = indexOf('cost_estimated');
const COST_UNRECONCILED = indexOf('cost_unreconciled');
const COST_SET_ASIDE = indexOf('cost_set_aside');
export const ALL = MEASURE_NAMES.map((_, index) => index);
export const IS_MONEY = MEASURE_NAMES.map((name) => MEASURES[name].unit === 'usd');

/** Sums in catalog order: bigint for money, number for the rest while that is exact, bigint beyond; undefined is zero. */
export class Vector {
  readonly values: (number | bigint | undefined)[] = new Array(MEASURE_NAMES.length);

  add(posting: Omit<Posting<unknown>, 'timeMs' | 'dims'>, sign: 1 | -1 = 1): void {
    this.#addMoney(COST, posting.cost, sign);
    this.#addMoney(COST_BY[posting.source], posting.sourceCost, sign);
    this.#addMoney(COST_LIST, posting.costList, sign);
    this.#addMoney(COST_ESTIMATED, posting.costEstimated, sign);
    this.#addMoney(COST_UNRECONCILED, posting.costUnreconciled, sign);
    this.#addMoney(COST_SET_ASIDE, posting.costSetAside ?? 0n, sign);
    for (const name in posting.amounts) this.addAmount(name as MeasureName, sign * (posting.amounts[name as MeasureName] ?? 0));
    if (posting.isAdjustment !== true) forEachBucket(posting.amounts, (column) => this.addAmount(column, sign));
  }

  /** `amount` in the unit of its measure; of money, whole pico-dollars. */
  addAmount(name: MeasureName, amount: number): void {
    const index = indexOf(name);
    if (IS_MONEY[index]) this.#addMoney(index, BigInt(amount), 1);
    else this.values[index] = plus(this.values[index], amount);
  }

  addVector(other: Vector): void {
    for (const index of ALL) {
      const value = other.values[index];
      if (value !== undefined) this.values[index] = plus(this.values[index], value);
    }
  }

  get isNothing(): boolean {
    return this.values.every((value) => !value);
  }

  /** What a measure comes to. */
  total(name: MeasureName): bigint {
    return columnsOf(name).reduce((sum, column) => sum + BigInt(this.values[indexOf(column)] ?? 0), 0n);
  }

  #addMoney(index: number, amount: bigint, sign: 1 | -1): void {
    if (amount === 0n) return;
    this.values[index] = ((this.values[index] as bigint | undefined) ?? 0n) + (sign === 1 ? amount : -amount);
  }
}

/** Exact, however much: beyond 2^53 a sum of numbers becomes a bigint. */
export function plus(one: number | bigint | undefined, other: number | bigint): number | bigint {
  if (one === undefined) return other;
  if (typeof one === 'number' && typeof other === 'number') {
    const sum = one + other;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(one) + BigInt(other);
}
