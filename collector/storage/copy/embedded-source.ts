/** The embedded ledger that is copied, as rows: one instant of it at a time, while its collector goes on. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { SOURCE_COSTS } from '../../catalog/sources.ts';
import { openForReading } from '../sqlite/ledger-connection.ts';
import { highOf, UNIT, wideOf } from '../sqlite/wide.ts';

/** Integers are BigInts. */
export type SourceRow = Readonly<Record<string, unknown>>;

export const COSTS = ['cost', ...SOURCE_COSTS] as const;

/** The costs of a session, or of a part of one, whole. */
export const costsOf = (row: SourceRow): Record<string, bigint> => Object.fromEntries(COSTS.map((name) => [name, wideOf(row, name)]));

/** A row without the columns that hold what is beyond 64 bits. */
export const withoutHighs = (row: SourceRow): SourceRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !COSTS.some((cost) => highOf(cost) === name)));

export class EmbeddedSource {
  readonly #database: DatabaseSync;

  /** Throws as openForReading. */
  constructor(file: string) {
    this.#database = openForReading(file);
  }

  /** From now on all rows are of this instant, until `end`. */
  begin(): void {
    this.#database.exec('BEGIN');
    // SQLite fixes the instant with the first read.
    this.#database.prepare('SELECT count(*) FROM state').get();
  }

  end(): void {
    if (this.#database.isTransaction) this.#database.exec('COMMIT');
  }

  rows(sql: string, ...values: readonly SQLInputValue[]): SourceRow[] {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...values);
  }

  /** Of rows that need not be in memory together. Nothing else may be asked before its end. */
  *each(sql: string, ...values: readonly SQLInputValue[]): Generator<SourceRow, void> {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    yield* statement.iterate(...values);
  }

  /** Units that were carried out of sums, by the rest of their key; hardly any ledger has one. */
  carries(rollup: string, fromBucket: number | bigint, untilBucket: number | bigint): Map<string, bigint> {
    const rows = this.rows(
      'SELECT bucket, dims, measure, units FROM carries WHERE rollup = ? AND bucket >= ? AND bucket < ?',
      rollup,
      fromBucket,
      untilBucket,
    );
    return new Map(rows.map(({ bucket, dims, measure, units }) => [`${bucket} ${dims} ${measure}`, (units as bigint) * UNIT]));
  }

  close(): void {
    this.end();
    this.#database.close();
  }
}
