/** What tests of the stores beside the ledger share: places in databases of their own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import type { RunningPostgres } from '../../support/postgres-server.ts';

export const connect = (target: Target): Database => new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 60_000 });

/** Names of tables with a row that matches, and of the database's files whose bytes do: those that no log keeps. */
export async function holding(server: RunningPostgres, target: Target, pattern: RegExp): Promise<readonly string[]> {
  const database = connect(target);
  try {
    const tables = await database.rows(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`);
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await database.rows(`SELECT t::text AS text FROM ${String(name)} t`);
      if (rows.some(({ text }) => pattern.test(String(text)))) found.push(String(name));
    }
    await database.run('CHECKPOINT');
    const [row] = await database.rows('SELECT oid FROM pg_database WHERE datname = current_database()');
    const folder = join(server.folder, 'data/base', String(row?.oid));
    return [...found, ...readdirSync(folder).filter((file) => pattern.test(readFileSync(join(folder, file), 'latin1')))];
  } finally {
    await database.close();
  }
}
