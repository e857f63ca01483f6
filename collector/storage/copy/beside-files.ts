/** What lies beside the ledger: budgets, alerts, gateways, statements, the directory and small files. Copied whole, while nobody writes to them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KEPT_FILES } from '../../config/data-folder.ts';
import type { Sql } from '../postgres/connection.ts';
import { refuseNewer, userVersion } from '../sqlite/schema.ts';
import { BESIDE, FOLLOWING } from './beside-tables.ts';
import type { CopyContext } from './context.ts';
import { type Cells, markOf } from './target-tables.ts';

const ROWS_AT_ONCE = 5_000;
/** Columns that are 0 and 1 in a file. */
const BOOLEAN = 'is_complete';

/** All of it in one transaction. Throws where a file is of a newer version. */
export async function copyBeside({ say, tables, transaction }: CopyContext, folder: string): Promise<void> {
  say('budgets, alerts, statements and directory');
  const files = BESIDE.filter(({ fileOf }) => existsSync(fileOf({ data: folder })));
  await transaction(async (sql) => {
    for (const { fileOf, version, tables: names } of files) {
      const file = fileOf({ data: folder });
      const database = new DatabaseSync(file, { readOnly: true });
      try {
        refuseNewer(userVersion(database), version, file);
        for (const [from, to] of Object.entries(names)) {
          await sql.run(`DELETE FROM ${to}`);
          for (const rows of pagesOf(database, from)) await tables.insert(sql, to, rows);
        }
      } finally {
        database.close();
      }
    }
    for (const text of FOLLOWING) await sql.run(text);
    for (const name of Object.values(KEPT_FILES)) await copyFile(sql, folder, name);
  });
}

/** Where the copy has not as many rows as the file, or other small files: a sentence for each. */
export async function* differencesBeside({ database }: CopyContext, folder: string): AsyncGenerator<string, void> {
  for (const { fileOf, tables } of BESIDE) {
    const file = fileOf({ data: folder });
    if (!existsSync(file)) continue;
    const embedded = new DatabaseSync(file, { readOnly: true });
    try {
      for (const [from, to] of Object.entries(tables)) {
        // The database has rows of its own in there.
        if (to === 'statement_state' || !hasTable(embedded, from)) continue;
        const was = Number(embedded.prepare(`SELECT count(*) AS rows FROM ${from}`).get()?.rows);
        const is = Number((await database.rows(`SELECT count(*) AS rows FROM ${to}`))[0]?.rows);
        if (was !== is) yield `${to}: ${was} rows at the source, ${is} in the copy.`;
      }
    } finally {
      embedded.close();
    }
  }
  for (const name of Object.values(KEPT_FILES)) {
    const [row] = await database.rows('SELECT bytes FROM kept_files WHERE name = $1', [name]);
    const [was, is] = [bytesOf(folder, name), row?.bytes].map((bytes) =>
      bytes === undefined ? undefined : markOf([Buffer.from(bytes as Uint8Array).toString('hex')]),
    );
    if (was !== is) yield `${name}: not the same.`;
  }
}

const hasTable = (database: DatabaseSync, table: string): boolean =>
  database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table) !== undefined;

function* pagesOf(database: DatabaseSync, table: string): Generator<Cells[], void> {
  if (!hasTable(database, table)) return;
  const statement = database.prepare(`SELECT * FROM ${table} LIMIT ? OFFSET ?`);
  statement.setReadBigInts(true);
  for (let at = 0; ; at += ROWS_AT_ONCE) {
    const rows = statement.all(ROWS_AT_ONCE, at);
    yield rows.map((row) => ({ ...(row as Cells), ...(BOOLEAN in row && { [BOOLEAN]: row[BOOLEAN] === 1n }) }));
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

async function copyFile(sql: Sql, folder: string, name: string): Promise<void> {
  await sql.run('DELETE FROM kept_files WHERE name = $1', [name]);
  const bytes = bytesOf(folder, name);
  if (bytes !== undefined) await sql.run('INSERT INTO kept_files (name, bytes, changed_ms) VALUES ($1, $2, $3)', [name, bytes, Date.now()]);
}

function bytesOf(folder: string, name: string): Buffer | undefined {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file) : undefined;
}
