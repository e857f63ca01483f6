/** A database that is being filled by `ledgerline storage copy`: until that is done nobody else writes to it. */
import { SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import { Database, type Sql, statement } from './connection.ts';
import { storeError } from './failure.ts';
import type { Target } from './target.ts';

const NAME = 'copy';
/** Which run of the command writes: the one that was begun last. */
const RUN = 'copy_run';
const LOCK = statement('SELECT value FROM meta WHERE name = $1 FOR UPDATE');
const NO_TABLE = '42P01';
const TAKE_OVER = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';

/** Where it comes from; undefined of a database that nobody copies to. */
export async function unfinishedCopy(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.rows('SELECT value FROM meta WHERE name = $1', [NAME]);
  return row === undefined ? undefined : String(row.value);
}

/**
 * Within a transaction. From its end on only this run writes; what an earlier one is writing now is waited for. False where a copy goes on that
 * was begun before.
 */
export async function beginCopy(sql: Sql, from: string, run: string): Promise<boolean> {
  const made = await sql.run('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [NAME, from]);
  await sql.rows(LOCK, [NAME]);
  await sql.run(TAKE_OVER, [RUN, run]);
  return made > 0;
}

/** Within a transaction of the copy. Throws when another run has finished it, or goes on with it. */
export async function lockCopy(sql: Sql, run: string): Promise<void> {
  if ((await sql.rows(LOCK, [NAME])).length === 0) throw new LedgerlineError('invalid', 'Another run has finished this copy.');
  const [row] = await sql.rows(LOCK, [RUN]);
  if (row?.value === run) return;
  throw new LedgerlineError('invalid', 'Another run has taken over this copy.', { hint: 'It goes on there; this one has written nothing since.' });
}

export async function endCopy(sql: Sql): Promise<void> {
  for (const name of [NAME, RUN]) await sql.run('DELETE FROM meta WHERE name = $1', [name]);
}

/** Throws a sentence. */
export async function refuseUnfinishedCopy(sql: Sql): Promise<void> {
  const from = await unfinishedCopy(sql);
  if (from === undefined) return;
  throw new LedgerlineError('invalid', `A copy of the ledger in ${from} to this database is not finished.`, {
    hint: 'Run the same `ledgerline storage copy` again: it goes on where it was.',
  });
}

/** For who reads: nothing is there that anybody could rely on. A database without tables has no copy. Rejects with a sentence. */
export async function refuseUnfinishedCopyAt(target: Target): Promise<void> {
  const database = new Database(target, { name: 'start', max: 1, wants: 'primary', statementMs: 10 * SECOND_MS });
  try {
    await refuseUnfinishedCopy(database);
  } catch (error) {
    if (codeOf(error) !== NO_TABLE) throw storeError(error);
  } finally {
    await database.close();
  }
}
