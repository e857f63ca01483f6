/** A database that is being filled by `ledgerline storage copy`: until that is done nobody else writes to it. */
import { LedgerlineError } from '../../core/error.ts';
import type { Sql } from './connection.ts';

const NAME = 'copy';

/** Where it comes from; undefined of a database that nobody copies to. */
export async function unfinishedCopy(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.rows('SELECT value FROM meta WHERE name = $1', [NAME]);
  return row === undefined ? undefined : String(row.value);
}

export async function beginCopy(sql: Sql, from: string): Promise<void> {
  await sql.run('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [NAME, from]);
}

/** Within a transaction of the copy. Throws when another run has finished it. */
export async function lockCopy(sql: Sql): Promise<void> {
  const rows = await sql.rows('SELECT 1 FROM meta WHERE name = $1 FOR UPDATE', [NAME]);
  if (rows.length === 0) throw new LedgerlineError('invalid', 'Another run has finished this copy.');
}

export async function endCopy(sql: Sql): Promise<void> {
  await sql.run('DELETE FROM meta WHERE name = $1', [NAME]);
}

/** Throws a sentence. */
export async function refuseUnfinishedCopy(sql: Sql): Promise<void> {
  const from = await unfinishedCopy(sql);
  if (from === undefined) return;
  throw new LedgerlineError('invalid', `A copy of the ledger in ${from} to this database is not finished.`, {
    hint: 'Run the same `ledgerline storage copy` again: it goes on where it was.',
  });
}
