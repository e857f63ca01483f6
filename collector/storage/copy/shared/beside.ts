/** What lies beside a ledger in its database. */
import type { Sql } from '../../postgres/connection.ts';
import { quotedName } from '../../postgres/sql-text.ts';
import type { BesideLedger, Cells } from '../ends.ts';
import { cellsOf, type SharedTables } from './tables.ts';

const ROWS_AT_ONCE = 5_000;

export class BesideTables implements BesideLedger {
  readonly #sql: Sql;
  readonly #tables: SharedTables;

  constructor(sql: Sql, tables: SharedTables) {
    this.#sql = sql;
    this.#tables = tables;
  }

  /** Where nobody writes: in the order in which they lie. */
  async *pages(table: string): AsyncGenerator<readonly Cells[], void> {
    const columns = await this.#tables.columns(this.#sql, table);
    const names = columns.map(({ name }) => quotedName(name)).join();
    const text = `SELECT ctid::text, ${names} FROM ${table} WHERE ctid > $1::tid ORDER BY ctid LIMIT ${ROWS_AT_ONCE}`;
    for (let last = '(0,0)'; ; ) {
      const rows = await this.#sql.arrays(text, [last]);
      yield rows.map(([, ...row]) => cellsOf(row, columns));
      if (rows.length < ROWS_AT_ONCE) return;
      last = String(rows.at(-1)?.[0]);
    }
  }

  async file(name: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#sql.rows('SELECT bytes FROM kept_files WHERE name = $1', [name]);
    return row?.bytes instanceof Uint8Array ? row.bytes : undefined;
  }
}
