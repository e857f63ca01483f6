/** Rows into tables of the database and out of them, by the names and types of their columns. */
import type { Sql } from '../../postgres/connection.ts';
import { quotedName, storable, textArray } from '../../postgres/sql-text.ts';
import type { Cell, Cells } from '../ends.ts';

const ROWS_AT_ONCE = 5_000;
const COLUMNS = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;
const INTEGERS = new Set(['smallint', 'integer', 'bigint', 'numeric']);

export interface Column {
  readonly name: string;
  readonly type: string;
}

export const int8 = (name: string): Column => ({ name, type: 'bigint' });
export const text = (name: string): Column => ({ name, type: 'text' });

export class SharedTables {
  readonly #columns = new Map<string, readonly Column[]>();

  /** All rows have the columns of the first. */
  async insert(sql: Sql, table: string, rows: readonly Cells[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    // A statement that writes by slot says so with its first column.
    const columns = (await this.columns(sql, table)).filter(({ name }) => name in first);
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

  /** In their order; none of a table that is not there. */
  async columns(sql: Sql, table: string): Promise<readonly Column[]> {
    const known = this.#columns.get(table);
    if (known !== undefined) return known;
    const rows = await sql.rows(COLUMNS, [table]);
    const columns = rows.map(({ name, type }) => ({ name: String(name), type: String(type) }));
    this.#columns.set(table, columns);
    return columns;
  }
}

const textOf = (cell: Cell | undefined): string | undefined => (cell === null || cell === undefined ? undefined : storable(String(cell)));

/** A row that was read as an array of these columns. */
export const cellsOf = (row: readonly unknown[], columns: readonly Column[]): Cells =>
  Object.fromEntries(columns.map(({ name, type }, index) => [name, cellOf(row[index], type)]));

function cellOf(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  return INTEGERS.has(type) ? BigInt(String(value)) : String(value);
}
