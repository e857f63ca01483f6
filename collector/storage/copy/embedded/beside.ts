/** Files beside an embedded ledger: budgets, statements, the directory, keys. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { refuseNewer, userVersion } from '../../sqlite/schema.ts';
import { BESIDE } from '../beside-tables.ts';
import type { BesideLedger, Cells } from '../ends.ts';
import { cellsOf } from './rows.ts';

const ROWS_AT_ONCE = 5_000;

export class BesideFiles implements BesideLedger {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects where the file is of a newer version. */
  async *pages(table: string): AsyncGenerator<readonly Cells[], void> {
    for (const { fileOf, version, tables } of BESIDE) {
      const name = Object.keys(tables).find((own) => tables[own] === table);
      const file = fileOf({ data: this.#folder });
      if (name === undefined || !existsSync(file)) continue;
      const database = new DatabaseSync(file, { readOnly: true });
      try {
        refuseNewer(userVersion(database), version, file);
        if (hasTable(database, name)) yield* pagesOf(database, name);
      } finally {
        database.close();
      }
    }
  }

  async file(name: string): Promise<Uint8Array | undefined> {
    const file = join(this.#folder, name);
    return existsSync(file) ? readFileSync(file) : undefined;
  }
}

const hasTable = (database: DatabaseSync, table: string): boolean =>
  database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table) !== undefined;

function* pagesOf(database: DatabaseSync, table: string): Generator<Cells[], void> {
  const statement = database.prepare(`SELECT * FROM ${table} LIMIT ? OFFSET ?`);
  statement.setReadBigInts(true);
  for (let at = 0; ; at += ROWS_AT_ONCE) {
    const rows = statement.all(ROWS_AT_ONCE, at);
    yield rows.map(cellsOf);
    if (rows.length < ROWS_AT_ONCE) return;
  }
}
