/** Rows into tables of the database, by the names and types of their columns. */
import { hash } from 'node:crypto';
import type { Sql } from '../postgres/connection.ts';
import { quotedName, storable, textArray } from '../postgres/sql-text.ts';

/** By column; null where there is none. Columns that the table does not have are left out. */
export type Cells = Readonly<Record<string, string | number | bigint | boolean | null>>;

const ROWS_AT_ONCE = 5_000;
const COLUMNS = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/** Fingerprint of rows, in their order. */
export const markOf = (rows: readonly unknown[]): string => hash('sha256', JSON.stringify(rows, textOfBigint), 'base64url').slice(0, 22);

const textOfBigint = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** One row for each key: names that the database cannot tell apart were several at the source. Of what else there is only sums differ. */
export function addedUp(rows: readonly Cells[], key: readonly string[]): Cells[] {
  const sums = new Map<string, Cells>();
  for (const row of rows) {
    const name = key.map((column) => row[column]).join(' ');
    const known = sums.get(name);
    sums.set(
      name,
      known === undefined
        ? row
        : Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, key.includes(column) ? cell : sumOf(known[column], cell)])),
    );
  }
  return [...sums.values()];
}

const sumOf = (one: Cells[string] | undefined, other: Cells[string]): Cells[string] =>
  one === null || one === undefined ? other : typeof one === 'bigint' && typeof other === 'bigint' ? one + other : one;

export class TargetTables {
  readonly #columns = new Map<string, readonly { readonly name: string; readonly type: string }[]>();

  /** All rows have the columns of the first. */
  async insert(sql: Sql, table: string, rows: readonly Cells[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    // A statement that writes by slot says so with its first column.
    const columns = (await this.#columnsOf(sql, table)).filter(({ name }) => name in first);
    const names = columns.map(({ name }) => quotedName(name)).join();
    const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join();
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const some = rows.slice(at, at + ROWS_AT_ONCE);
      await sql.run(
        `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`,
        columns.map(({ name }) => textArray(some.map((row) => textOf(row[name])))),
      );
    }
  }

  async #columnsOf(sql: Sql, table: string) {
    const known = this.#columns.get(table);
    if (known !== undefined) return known;
    const rows = await sql.rows(COLUMNS, [table]);
    const columns = rows.map(({ name, type }) => ({ name: String(name), type: String(type) }));
    this.#columns.set(table, columns);
    return columns;
  }
}

const textOf = (cell: Cells[string] | undefined): string | undefined => (cell === null || cell === undefined ? undefined : storable(String(cell)));
