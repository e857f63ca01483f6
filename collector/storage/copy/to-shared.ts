/** From files to a database. */
import { randomUUID } from 'node:crypto';
import { LedgerlineError } from '../../core/error.ts';
import { Database, type Sql } from '../postgres/connection.ts';
import { openTables, SETUP } from '../postgres/opening.ts';
import { isRunning } from '../postgres/running.ts';
import { readVersion } from '../postgres/schema.ts';
import type { Target } from '../postgres/target.ts';
import { beginCopy, unfinishedCopy } from '../postgres/unfinished-copy.ts';
import { type Copied, type CopyOptions, copyLedger } from './copy.ts';
import { EmbeddedSource } from './embedded/source.ts';
import { copyError } from './failure.ts';
import { PROGRESS_TABLE } from './shared/progress.ts';
import { SharedTarget } from './shared/target.ts';

/** A ledger that holds something has one of these. */
const HELD = ['sessions', 'dims', 'budget_entries', 'statement_versions', 'directory_resources', 'kept_files'];

export interface CopyToSharedOptions extends CopyOptions {
  /** The embedded ledger. */
  readonly file: string;
  /** An empty database, or one with a copy from there that was broken off. */
  readonly target: Target;
}

/** See copyLedger. */
export async function copyToShared({ file, target, ...options }: CopyToSharedOptions): Promise<Copied> {
  const { timeZone, weekStart } = options;
  const calendar = { timeZone, weekStart };
  const source = new EmbeddedSource(file, calendar);
  const database = new Database(target, { ...SETUP, name: 'copy', max: 2 });
  const run = randomUUID();
  try {
    const slots = await begin(database, { file, target, run, ...calendar });
    return await copyLedger(source, new SharedTarget({ database, target, calendar, slots, run }), options);
  } catch (error) {
    throw copyError(error);
  } finally {
    await source.close();
    await database.close();
  }
}

interface Beginning extends Pick<CopyToSharedOptions, 'file' | 'target' | 'timeZone' | 'weekStart'> {
  readonly run: string;
}

/** Makes the tables where they are missing, and notes that a copy is under way, and by which run. Answers the number of slots. */
async function begin(database: Database, { file, target, timeZone, weekStart, run }: Beginning): Promise<number> {
  const isNew = (await readVersion(database)) === 0;
  if (!isNew) await refuseOther(database, file);
  const slots = await openTables({ target, timeZone, weekStart }, { isCopied: true });
  await database.transaction(async (sql) => {
    await sql.run(PROGRESS_TABLE);
    // Another run may just have finished it.
    if (await beginCopy(sql, file, run)) await refuseHeld(sql);
  });
  return slots;
}

async function refuseOther(database: Database, file: string): Promise<void> {
  if (await isRunning(database)) {
    throw new LedgerlineError('unavailable', 'A collector runs on the database.', { hint: 'Stop it; one that was killed is gone after a minute.' });
  }
  const from = await unfinishedCopy(database);
  if (from === file) return;
  if (from !== undefined) {
    throw new LedgerlineError('invalid', `The database has a copy of ${from} that is not finished.`, {
      hint: 'Go on with that one, or use an empty database.',
    });
  }
  await refuseHeld(database);
}

async function refuseHeld(sql: Sql): Promise<void> {
  for (const table of HELD) {
    if ((await sql.rows(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0) continue;
    throw new LedgerlineError('invalid', 'The database has a ledger already.', {
      hint: 'It may be this copy, finished: `ledgerline check` with its storage.url says what it has. Else use an empty database: two ledgers are never mixed.',
    });
  }
}
