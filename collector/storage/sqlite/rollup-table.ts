/** One roll-up table: adds sums to its rows. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { BUCKET_COLUMNS } from '../../ledger/latency-buckets.ts';
import type { Buckets } from '../../ledger/quarter-sums.ts';
import type { Vector } from '../../ledger/sums.ts';
import { isBeyond64Bits } from './failure.ts';
import { partsOf } from './wide.ts';

/** Sets of columns as paths: the path of a set goes through its columns in their order, and its end holds the set's statement. */
interface Path {
  readonly next: (Path | undefined)[];
  update: StatementSync | undefined;
}

const BUCKETS: ReadonlySet<string> = BUCKET_COLUMNS;
const newPath = (): Path => ({ next: [], update: undefined });

/**
 * Adds vectors to a roll-up's rows: one prepared statement for each set of columns in use. An upsert would first make up the
 * whole row and check it, though almost always the row is there.
 */
export class RollupTable {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #columns: readonly string[];
  readonly #isBucket: readonly boolean[];
  readonly #buckets: readonly number[];
  readonly #updates = newPath();
  readonly #insert: StatementSync;

  /** `columns`: the table's measures, in the order of the vectors' values. */
  constructor(database: DatabaseSync, table: string, columns: readonly string[] = MEASURE_NAMES) {
    this.#database = database;
    this.#table = table;
    this.#columns = columns;
    this.#isBucket = columns.map((name) => BUCKETS.has(name));
    this.#buckets = [...columns.keys()].filter((index) => this.#isBucket[index]);
    this.#insert = database.prepare(`INSERT INTO ${table} (bucket, dims, ${columns.join()}) VALUES (?, ?, ${columns.map(() => '?').join()})`);
  }

  add(bucket: number, dims: number, { values }: Pick<Vector, 'values'>): void {
    const amounts: (number | bigint)[] = [];
    let path = this.#updates;
    // Buckets are written together: else each mixture of fast and slow requests would be a statement of its own.
    const hasBuckets = this.#buckets.some((index) => values[index]);
    for (let index = 0; index < this.#columns.length; index++) {
      const value = values[index];
      if (!value && !(hasBuckets && this.#isBucket[index])) continue;
      amounts.push(value ?? 0);
      path = path.next[index] ??= newPath();
    }
    if (amounts.length === 0) return;
    path.update ??= this.#prepareUpdate(values, hasBuckets);
    try {
      if (path.update.run(...amounts, bucket, dims).changes > 0) return;
      this.#insert.run(bucket, dims, ...this.#columns.map((_, index) => values[index] ?? 0));
    } catch (error) {
      // The statement changed nothing, and the transaction goes on.
      if (!isBeyond64Bits(error)) throw error;
      this.#carry(bucket, dims, values);
    }
  }

  /** Adds to a row whose sums leave 64 bits. Hardly ever needed, so it may be slow. */
  #carry(bucket: number, dims: number, values: Vector['values']): void {
    const select = this.#database.prepare(`SELECT ${this.#columns.join()} FROM ${this.#table} WHERE bucket = ? AND dims = ?`);
    select.setReadBigInts(true);
    const row = select.get(bucket, dims);
    const cells = this.#columns.map((name, index) => partsOf(BigInt((row?.[name] as bigint | undefined) ?? 0) + BigInt(values[index] ?? 0)));
    const columns = `bucket, dims, ${this.#columns.join()}`;
    const places = this.#columns.map(() => '?').join();
    this.#database
      .prepare(`INSERT OR REPLACE INTO ${this.#table} (${columns}) VALUES (?, ?, ${places})`)
      .run(bucket, dims, ...cells.map(({ low }) => low));
    const carry = this.#database.prepare(
      'INSERT INTO carries (rollup, bucket, dims, measure, units) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET units = units + excluded.units',
    );
    for (const [index, { units }] of cells.entries()) {
      if (units !== 0n) carry.run(this.#table, bucket, dims, this.#columns[index] ?? '', units);
    }
  }

  #prepareUpdate(values: Vector['values'], hasBuckets: boolean): StatementSync {
    const columns = this.#columns.filter((_, index) => values[index] || (hasBuckets && this.#isBucket[index]));
    // A number is bound as a float, which would make the sum one.
    const additions = columns.map((name) => `${name} = ${name} + CAST(? AS INTEGER)`);
    return this.#database.prepare(`UPDATE ${this.#table} SET ${additions.join()} WHERE bucket = ? AND dims = ?`);
  }
}

export function addRows(table: RollupTable | undefined, rows: Buckets): void {
  for (const [bucket, byDims] of rows) for (const [dims, vector] of byDims) table?.add(bucket, dims, vector);
}
