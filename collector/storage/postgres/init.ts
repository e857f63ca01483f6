/** Makes or updates the tables of a shared ledger, as `ledgerline storage init` does before any replica starts. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { LedgerlineError } from '../../core/error.ts';
import { Database, type Sql } from './connection.ts';
import { CITUS_SLOTS, distribute } from './distribution.ts';
import { storeError } from './failure.ts';
import { openTables, SETUP } from './opening.ts';
import { readVersion, SCHEMA_VERSION } from './schema.ts';
import { readSlots } from './slots.ts';
import type { Target } from './target.ts';
import type { OnWaiting } from './updating.ts';

export interface TablesMade {
  /** Of the schema; before: 0 where there was none. */
  readonly version: { readonly before: number; readonly after: number };
  readonly slots: number;
  /** Tables that were distributed by this call. */
  readonly distributed: readonly string[];
}

export interface InitOptions extends CalendarOptions {
  readonly target: Target;
  /** On Citus: a ledger that is made gets its shards. */
  readonly isCitus: boolean;
  readonly onWaiting?: OnWaiting | undefined;
}

/** Rejects with a sentence. */
export async function initTables({ target, isCitus, onWaiting, ...calendar }: InitOptions): Promise<TablesMade> {
  const database = new Database(target, SETUP);
  try {
    const before = await readVersion(database);
    if (isCitus) await refuseOther(database, before);
    const slots = await openTables({ target, ...calendar }, { slots: isCitus ? CITUS_SLOTS : 1, onWaiting });
    // Of a ledger that has shards, also without being asked: a later version may have more tables.
    const distributed = slots === CITUS_SLOTS ? await distribute(database) : [];
    return { version: { before, after: SCHEMA_VERSION }, slots, distributed };
  } catch (error) {
    throw storeError(error);
  } finally {
    await database.close();
  }
}

async function refuseOther(sql: Sql, version: number): Promise<void> {
  const slots = version === 0 ? CITUS_SLOTS : await readSlots(sql);
  if (slots !== CITUS_SLOTS) {
    throw new LedgerlineError(
      'invalid',
      `This database has a ledger in ${slots} ${slots === 1 ? 'shard' : 'shards'}, and on Citus it has ${CITUS_SLOTS}.`,
      {
        hint: 'The number never changes. Use an empty database.',
      },
    );
  }
  const extension = await sql.rows(`SELECT 1 FROM pg_extension WHERE extname = 'citus'`);
  if (extension.length > 0) return;
  throw new LedgerlineError('invalid', 'The extension citus is not in this database.', {
    hint: 'Let an administrator run CREATE EXTENSION citus and add the workers, or leave out --citus for a single database.',
  });
}
