/** Tables as this program needs them, before anything is written. */
import { SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Appended, WriterOptions, WriterProtocol } from '../writer-messages.ts';
import { PATIENCE_MS } from './attempts.ts';
import { compareCalendar, noteCalendar, refuseOtherCalendar } from './calendar.ts';
import { Database, type Sql } from './connection.ts';
import { followReadSchema } from './read-schema.ts';
import { lockAll, raiseGeneration } from './replicas.ts';
import { rebuildCoarse } from './rollup-rebuild.ts';
import { isRunning } from './running.ts';
import { migrate, type SchemaOptions } from './schema.ts';
import { int } from './sql-text.ts';
import type { Target } from './target.ts';
import { refuseUnfinishedCopy } from './unfinished-copy.ts';
import { updating } from './updating.ts';

export interface PostgresWriterOptions extends WriterOptions {
  readonly target: Target;
  /** What to do where the ledger's days, weeks and months are cut in another calendar. All replicas have to be stopped for a rebuild. Default: 'refuse'. */
  readonly otherCalendar?: 'refuse' | 'rebuild' | undefined;
  /** For tests: how many combinations of dimensions are remembered. */
  readonly rememberedMax?: number | undefined;
  /** For tests: 'fold' moves all sums into the roll-ups after each transaction. */
  readonly afterEach?: 'fold' | undefined;
}

/** While it opens, the writer also says what it waits for. */
export type PostgresWriterProtocol = Omit<WriterProtocol<PostgresWriterOptions>, 'toParent'> & {
  readonly toParent: Appended | { readonly waiting: string };
};

interface OpeningOptions extends SchemaOptions {
  /** By the copy that fills them. */
  readonly isCopied?: boolean;
}

export const SETUP = { name: 'setup', max: 1, wants: 'primary', statementMs: 0, lockMs: 30 * SECOND_MS, failoverMs: PATIENCE_MS } as const;

/** Answers the number of slots. Rejects with what the driver says, or with a sentence. */
export async function openTables(options: PostgresWriterOptions, { isCopied = false, ...schema }: OpeningOptions = {}): Promise<number> {
  const database = new Database(options.target, SETUP);
  try {
    await migrate(database, schema);
    if (!isCopied) await refuseUnfinishedCopy(database);
    await database.transaction((sql) => followCalendar(sql, options));
    await updating(database, (sql) => followReadSchema(sql, options), schema.onWaiting);
    const [row] = await database.rows(`SELECT value FROM meta WHERE name = 'slots'`);
    return int(row?.value);
  } finally {
    await database.close();
  }
}

async function followCalendar(sql: Sql, options: PostgresWriterOptions): Promise<void> {
  if ((await compareCalendar(sql, options)) === 'same') return;
  await lockAll(sql);
  // Another replica may have been first.
  const found = await compareCalendar(sql, options);
  if (found === 'same') return;
  if (found === 'other' && options.otherCalendar !== 'rebuild') await refuseOtherCalendar(sql, options);
  if (found === 'other' && (await isRunning(sql))) throw collectorsRun();
  await noteCalendar(sql, options);
  if (found === 'none') return;
  await rebuildCoarse(sql, options);
  await raiseGeneration(sql);
}

const collectorsRun = (): LedgerlineError =>
  new LedgerlineError('invalid', 'Collectors run on this ledger, and would go on with another calendar than its days are cut in.', {
    hint: 'Stop all of them, wait a minute, run this again, and start them with the new time zone or start of the week.',
  });
