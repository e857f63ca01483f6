/** One roll-up table: adds sums to its rows. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MEASURE_NAMES, type MeasureName } from '../../catalog/measures.ts';
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

const newPath = (): Path => ({ next: [], update: undefined });

/**
 * Written together where one of them is: records bring them together, and each mixture of them would be a statement of its own, which takes
 * 25 kB and as long to prepare as twenty rows to write.
 */
const TOGETHER: readonly ReadonlySet<string>[] = [
  BUCKET_COLUMNS,
  new Set<MeasureName>([
    ...(['requests', 'api_duration_ms', 'ttft_ms', 'ttft_requests', 'cost_list', 'cost_list_uncached'] as const),
    ...(['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens', 'cache_creation_1h_tokens'] as const),
  ]),
  new Set<MeasureName>(['tool_calls', 'tool_failures', 'tool_duration_ms']),
  new Set<MeasureName>(['lines_added', 'lines_removed', 'edits_accepted', 'edits_rejected']),
  new Set<MeasureName>(['active_user_ms', 'active_cli_ms']),
  new Set<MeasureName>(['errors', 'retries_exhausted', 'refusals']),
];
const ALONE = -1;
/** Of a table; what is mixed otherwise is written with all columns. */
const STATEMENTS_MAX = 200;

/**
 * Adds vectors to a roll-up's rows: one prepared statement for each set of columns in use. An upsert would first make up the
 * whole row and check it, though almost always the row is there.
 */
export class RollupTable {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #columns: readonly string[];
  /** By column: which of TOGETHER it is in. */
  readonly #groups: readonly number[];
  readonly #updates = newPath();
  #statements = 0;
  #updateAll: StatementSync | undefined;
  readonly #insert: StatementSync;

  /** `columns`: the table's measures, in the order of the vectors' values. */
  constructor(database: DatabaseSync, table: string, columns: readonly string[] = MEASURE_NAMES) {
    this.#database = database;
    this.#table = table;
    this.#columns = columns;
    this.#groups = columns.map((name) => TOGETHER.findIndex((group) => group.has(name)));
    this.#insert = database.prepare(`INSERT INTO ${table} (bucket, dims, ${columns.join()}) VALUES (?, ?, ${columns.map(() => '?').join()})`);
  }

  add(bucket: number, dims: number, { values }: Pick<Vector, 'values'>): void {
    const amounts: (number | bigint)[] = [];
    const update = this.#updateOf(values, amounts);
    if (update === undefined) return;
    try {
      if (update.run(...amounts, bucket, dims).changes > 0) return;
      this.#insert.run(bucket, dims, ...this.#columns.map((_, index) => values[index] ?? 0));
    } catch (error) {
      // The statement changed nothing, and the transaction goes on.
      if (!isBeyond64Bits(error)) throw error;
      this.#carry(bucket, dims, values);
    }
  }

  /** Undefined where there is nothing to add. `amounts` gets what to bind. */
  #updateOf(values: Vector['values'], amounts: (number | bigint)[]): StatementSync | undefined {
    const written = this.#writtenGroups(values);
    let path: Path | undefined = this.#updates;
    for (let index = 0; index < this.#columns.length; index++) {
      const value = values[index];
      if (!value && !isIn(written, this.#groups[index])) continue;
      amounts.push(value ?? 0);
      path = path.next[index] ?? this.#grow(path, index);
      if (path === undefined) return this.#updateOfAll(values, amounts);
    }
    if (amounts.length === 0) return undefined;
    if (path.update === undefined && this.#statements >= STATEMENTS_MAX) return this.#updateOfAll(values, amounts);
    path.update ??= this.#prepareUpdate(this.#columns.filter((_, index) => values[index] || isIn(written, this.#groups[index])));
    return path.update;
  }

  #grow(path: Path, index: number): Path | undefined {
    if (this.#statements >= STATEMENTS_MAX) return undefined;
    const next = newPath();
    path.next[index] = next;
    return next;
  }

  /** Of TOGETHER, as bits. */
  #writtenGroups(values: Vector['values']): number {
    let written = 0;
    for (let index = 0; index < this.#columns.length; index++) {
      const group = this.#groups[index] ?? ALONE;
      if (group !== ALONE && values[index]) written |= 1 << group;
    }
    return written;
  }

  #updateOfAll(values: Vector['values'], amounts: (number | bigint)[]): StatementSync {
    amounts.length = 0;
    for (let index = 0; index < this.#columns.length; index++) amounts.push(values[index] ?? 0);
    this.#updateAll ??= this.#prepareUpdate(this.#columns);
    return this.#updateAll;
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

  #prepareUpdate(columns: readonly string[]): StatementSync {
    this.#statements++;
    // A number is bound as a float, which would make the sum one.
    const additions = columns.map((name) => `${name} = ${name} + CAST(? AS INTEGER)`);
    return this.#database.prepare(`UPDATE ${this.#table} SET ${additions.join()} WHERE bucket = ? AND dims = ?`);
  }
}

const isIn = (groups: number, group = ALONE): boolean => group !== ALONE && (groups & (1 << group)) !== 0;

export function addRows(table: RollupTable | undefined, rows: Buckets): void {
  for (const [bucket, byDims] of rows) for (const [dims, vector] of byDims) table?.add(bucket, dims, vector);
}
