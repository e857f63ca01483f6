/** Statements of the tables, after which the combinations of dimensions that they answered are known. */
import type { Sql, Statement } from './connection.ts';
import type { DimsTable } from './dimension-sets.ts';
import type { Row } from './sql-text.ts';

/** Columns that name a combination. */
const NAMING = ['dims', 'first_dims', 'last_dims'];

export class KnownRows implements Sql {
  readonly #sql: Sql;
  readonly #dims: DimsTable;

  constructor(sql: Sql, dims: DimsTable) {
    this.#sql = sql;
    this.#dims = dims;
  }

  async rows(asked: Statement | string, values?: readonly unknown[]): Promise<Row[]> {
    const rows = await this.#sql.rows(asked, values);
    const [first] = rows;
    if (first === undefined) return rows;
    const naming = NAMING.filter((name) => name in first);
    if (naming.length > 0) await this.#dims.load(this.#sql, idsIn(rows, naming));
    return rows;
  }

  arrays(asked: Statement | string, values?: readonly unknown[]): Promise<(readonly unknown[])[]> {
    return this.#sql.arrays(asked, values);
  }

  run(asked: Statement | string, values?: readonly unknown[]): Promise<number> {
    return this.#sql.run(asked, values);
  }
}

function idsIn(rows: readonly Row[], naming: readonly string[]): Set<number> {
  const ids = new Set<number>();
  for (const row of rows) {
    for (const name of naming) {
      const id = row[name];
      if (id !== null && id !== undefined) ids.add(Number(id));
    }
  }
  return ids;
}
