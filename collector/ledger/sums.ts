/** The sums of one roll-up row while a batch is being added up, and their SQL. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MEASURE_NAMES, MEASURES, type MeasureName } from '../catalog/measures.ts';
import type { Posting } from './booking.ts';
import { BUCKET_COLUMNS, columnsOf, forEachBucket } from './latency-buckets.ts';

const INDEX = new Map<MeasureName, number>(MEASURE_NAMES.map((name, index) => [name, index]));
const indexOf = (name: MeasureName): number => INDEX.get(name) ?? -1;
const COST = indexOf('cost');
const COST_EVENTS = indexOf('cost_events');
const COST_METRICS = indexOf('cost_metrics');
const COST_LIST = indexOf('cost_list');
const ALL = MEASURE_NAMES.map((_, index) => index);
/** Buckets are written together: else each mixture of fast and slow requests would be a statement of its own. */
const IS_BUCKET = MEASURE_NAMES.map((name) => BUCKET_COLUMNS.has(name));
const BUCKETS = ALL.filter((index) => IS_BUCKET[index]);
const IS_MONEY = MEASURE_NAMES.map((name) => MEASURES[name].unit === 'usd');

/** Sums in catalogue order: bigint for money, number for the rest; undefined is zero. */
export class Vector {
  readonly values: (number | bigint | undefined)[] = new Array(MEASURE_NAMES.length);

  add(posting: Omit<Posting<unknown>, 'timeMs' | 'dims'>, sign: 1 | -1 = 1): void {
    this.#addMoney(COST, posting.cost, sign);
    this.#addMoney(COST_EVENTS, posting.costEvents, sign);
    this.#addMoney(COST_METRICS, posting.costMetrics, sign);
    this.#addMoney(COST_LIST, posting.costList, sign);
    for (const name in posting.amounts) this.addAmount(name as MeasureName, sign * (posting.amounts[name as MeasureName] ?? 0));
    forEachBucket(posting.amounts, (column) => this.addAmount(column, sign));
  }

  /** `amount` in the unit of its measure; of money, whole pico-dollars. */
  addAmount(name: MeasureName, amount: number): void {
    const index = indexOf(name);
    if (IS_MONEY[index]) this.#addMoney(index, BigInt(amount), 1);
    else this.values[index] = ((this.values[index] as number | undefined) ?? 0) + amount;
  }

  addVector(other: Vector): void {
    for (const index of ALL) {
      const value = other.values[index];
      if (value === undefined) continue;
      const own = this.values[index];
      if (own === undefined) this.values[index] = value;
      else this.values[index] = typeof value === 'bigint' ? (own as bigint) + value : (own as number) + value;
    }
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

/**
 * Adds vectors to a roll-up's rows: one prepared statement for each set of columns in use. An upsert would first make up the
 * whole row and check it, though almost always the row is there.
 */
export class RollupTable {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #updates = new Map<number, StatementSync>();
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync, table: string) {
    this.#database = database;
    this.#table = table;
    this.#insert = database.prepare(
      `INSERT INTO ${table} (bucket, dims, ${MEASURE_NAMES.join()}) VALUES (?, ?, ${MEASURE_NAMES.map(() => '?').join()})`,
    );
  }

  add(bucket: number, dims: number, vector: Vector): void {
    const amounts: (number | bigint)[] = [];
    // The sum of 2^index names the set of columns in use; a double holds 53 measures.
    let key = 0;
    const hasBuckets = BUCKETS.some((index) => vector.values[index]);
    for (const index of ALL) {
      const value = vector.values[index];
      if (!value && !(hasBuckets && IS_BUCKET[index])) continue;
      amounts.push(value ?? 0);
      key += 2 ** index;
    }
    if (key === 0) return;
    if (this.#update(key).run(...amounts, bucket, dims).changes > 0) return;
    this.#insert.run(bucket, dims, ...ALL.map((index) => vector.values[index] ?? 0));
  }

  #update(key: number): StatementSync {
    const known = this.#updates.get(key);
    if (known !== undefined) return known;
    const columns = MEASURE_NAMES.filter((_, index) => Math.floor(key / 2 ** index) % 2 === 1);
    const additions = columns.map((name) => `${name} = ${name} + ?`);
    const update = this.#database.prepare(`UPDATE ${this.#table} SET ${additions.join()} WHERE bucket = ? AND dims = ?`);
    this.#updates.set(key, update);
    return update;
  }
}
