/** The sums of one roll-up row while a batch is being added up, and their SQL. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Posting } from '../booking.ts';
import { MEASURE_NAMES, MEASURES, type MeasureName } from '../measures.ts';

const INDEX = new Map<MeasureName, number>(MEASURE_NAMES.map((name, index) => [name, index]));
const indexOf = (name: MeasureName): number => INDEX.get(name) ?? -1;
const COST = indexOf('cost');
const COST_EVENTS = indexOf('cost_events');
const COST_METRICS = indexOf('cost_metrics');
const COST_LIST = indexOf('cost_list');
const ALL = MEASURE_NAMES.map((_, index) => index);
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

  #addMoney(index: number, amount: bigint, sign: 1 | -1): void {
    if (amount === 0n) return;
    this.values[index] = ((this.values[index] as bigint | undefined) ?? 0n) + (sign === 1 ? amount : -amount);
  }
}

/** Adds vectors to a roll-up's rows. One prepared statement for each set of columns in use; there are a few dozen. */
export class RollupTable {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #statements = new Map<number, StatementSync>();

  constructor(database: DatabaseSync, table: string) {
    this.#database = database;
    this.#table = table;
  }

  add(bucket: number, dims: number, vector: Vector): void {
    const parameters: (number | bigint)[] = [bucket, dims];
    // The sum of 2^index names the set of columns in use; a double holds 53 measures.
    let key = 0;
    for (const index of ALL) {
      const value = vector.values[index];
      if (!value) continue;
      parameters.push(value);
      key += 2 ** index;
    }
    if (key !== 0) this.#statement(key, vector).run(...parameters);
  }

  #statement(key: number, vector: Vector): StatementSync {
    const known = this.#statements.get(key);
    if (known !== undefined) return known;
    const columns = MEASURE_NAMES.filter((_, index) => Boolean(vector.values[index]));
    const statement = this.#database.prepare(
      `INSERT INTO ${this.#table} (bucket, dims, ${columns.join()}) VALUES (?, ?, ${columns.map(() => '?').join()})
       ON CONFLICT DO UPDATE SET ${columns.map((name) => `${name} = ${name} + excluded.${name}`).join()}`,
    );
    this.#statements.set(key, statement);
    return statement;
  }
}
