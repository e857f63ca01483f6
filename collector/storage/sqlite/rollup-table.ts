/** One roll-up table: adds sums to its rows. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { BUCKET_COLUMNS } from '../../ledger/latency-buckets.ts';
import { ALL, type Vector } from '../../ledger/sums.ts';

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

/** Buckets are written together: else each mixture of fast and slow requests would be a statement of its own. */
export const IS_BUCKET = MEASURE_NAMES.map((name) => BUCKET_COLUMNS.has(name));

export const BUCKETS = ALL.filter((index) => IS_BUCKET[index]);
