/**
 * Copies an embedded ledger to PostgreSQL while telemetry keeps arriving at the source: passes over what has changed, until nobody writes there any
 * more; then a last one, after which both are compared.
 */
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CalendarOptions } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { Database } from '../postgres/connection.ts';
import { storeError } from '../postgres/failure.ts';
import { openReader as openSharedReader } from '../postgres/ledger-reader.ts';
import { openTables, SETUP } from '../postgres/opening.ts';
import { hasReplicas } from '../postgres/replicas.ts';
import { readVersion } from '../postgres/schema.ts';
import type { Target } from '../postgres/target.ts';
import { beginCopy, endCopy, unfinishedCopy } from '../postgres/unfinished-copy.ts';
import { openReader } from '../sqlite/ledger-reader.ts';
import { lockLedger } from '../sqlite/lock.ts';
import { copyBeside, differencesBeside } from './beside-files.ts';
import { type CopyContext, contextOf, type Say } from './context.ts';
import { CopiedDims } from './copied-dims.ts';
import { CopiedSessions } from './copied-sessions.ts';
import { CopiedSums } from './copied-sums.ts';
import { CopiedTables } from './copied-tables.ts';
import { EmbeddedSource } from './embedded-source.ts';
import { PROGRESS_TABLE } from './progress.ts';
import { differences } from './verify.ts';

const BETWEEN_PASSES_MS = 5 * SECOND_MS;
/** Named; of the others it is said how many there are. */
const NAMED_MAX = 50;
/** A ledger that holds something has one of these. */
const HELD = ['sessions', 'dims', 'budget_entries', 'statement_versions', 'directory_resources', 'kept_files'];

export interface CopyOptions extends CalendarOptions {
  /** The embedded ledger. */
  readonly file: string;
  readonly target: Target;
  readonly say: Say;
  /** After each pass while a collector still writes at the source, with the number of parts that had changed. */
  readonly onPass: (changed: number) => Promise<void> | void;
  /** For tests. */
  readonly betweenMs?: number;
}

export interface Copied {
  /** Sentences; none when both are the same ledger. */
  readonly differences: readonly string[];
  readonly differencesMore: number;
}

/** Rejects with a sentence. Broken off and done again, it goes on where it was. */
export async function copyToShared(options: CopyOptions): Promise<Copied> {
  const { file, target, say, ...calendar } = options;
  const source = new EmbeddedSource(file);
  const database = new Database(target, { ...SETUP, name: 'copy', max: 2 });
  try {
    refuseOtherCalendar(source, calendar);
    const slots = await begin(database, options);
    const context = contextOf({ source, database, calendar, slots, say });
    return await inPasses(new Copy(context), options);
  } catch (error) {
    throw storeError(error);
  } finally {
    source.close();
    await database.close();
  }
}

async function inPasses(copy: Copy, { file, onPass, betweenMs = BETWEEN_PASSES_MS, ...options }: CopyOptions): Promise<Copied> {
  for (;;) {
    const lock = lockOf(file);
    try {
      const changed = await copy.pass();
      if (lock !== undefined) return await copy.finish({ file, ...options });
      await onPass(changed);
    } finally {
      lock?.release();
    }
    await delay(betweenMs);
  }
}

/** Undefined while a collector writes. */
function lockOf(file: string): { release(): void } | undefined {
  try {
    return lockLedger(file);
  } catch (error) {
    if (error instanceof LedgerlineError && error.code === 'unavailable') return undefined;
    throw error;
  }
}

class Copy {
  readonly #context: CopyContext;
  readonly #dims: CopiedDims;
  readonly #sessions: CopiedSessions;
  readonly #sums: CopiedSums;
  readonly #tables: CopiedTables;

  constructor(context: CopyContext) {
    this.#context = context;
    this.#dims = new CopiedDims(context);
    this.#sessions = new CopiedSessions(context, this.#dims);
    this.#sums = new CopiedSums(context, this.#dims);
    this.#tables = new CopiedTables(context, this.#dims);
  }

  /** All of one instant of the source. Answers how many parts had changed. */
  async pass(): Promise<number> {
    const { source } = this.#context;
    source.begin();
    try {
      await this.#dims.copy();
      return (await this.#sessions.copy()) + (await this.#sums.copy()) + (await this.#tables.copy());
    } finally {
      source.end();
    }
  }

  /** While nobody writes to either. */
  async finish({ file, target }: Pick<CopyOptions, 'file' | 'target'>): Promise<Copied> {
    const { calendar, database } = this.#context;
    await copyBeside(this.#context, dirname(file));
    const both = { from: openReader({ file, ...calendar }), to: openSharedReader({ target, ...calendar }) };
    const found: string[] = [];
    let more = 0;
    try {
      for (const comparison of [differences(this.#context, both), differencesBeside(this.#context, dirname(file))]) {
        for await (const difference of comparison) {
          if (found.length < NAMED_MAX) found.push(difference);
          else more++;
        }
      }
    } finally {
      await both.from.close();
      await both.to.close();
    }
    if (found.length === 0) {
      await database.transaction(async (sql) => {
        await endCopy(sql);
        await sql.run('DROP TABLE copied');
      });
    }
    return { differences: found, differencesMore: more };
  }
}

/** Makes the tables where they are missing, and notes that a copy is under way. Answers the number of slots. */
async function begin(database: Database, { file, target, timeZone, weekStart }: CopyOptions): Promise<number> {
  const isNew = (await readVersion(database)) === 0;
  if (!isNew) await refuseOther(database, file);
  const slots = await openTables({ target, timeZone, weekStart }, { isCopied: true });
  await database.transaction(async (sql) => {
    await sql.run(PROGRESS_TABLE);
    await beginCopy(sql, file);
  });
  return slots;
}

async function refuseOther(database: Database, file: string): Promise<void> {
  if (await hasReplicas(database)) {
    throw new LedgerlineError('unavailable', 'A collector runs on the database.', { hint: 'Stop it; one that was killed is gone after a minute.' });
  }
  const from = await unfinishedCopy(database);
  if (from === file) return;
  if (from !== undefined) {
    throw new LedgerlineError('invalid', `The database has a copy of ${from} that is not finished.`, {
      hint: 'Go on with that one, or use an empty database.',
    });
  }
  for (const table of HELD) {
    if ((await database.rows(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0) continue;
    throw new LedgerlineError('invalid', 'The database has a ledger already.', { hint: 'Use an empty database: two ledgers are never mixed.' });
  }
}

/** Closed months and days are cut as the source cuts them. */
function refuseOtherCalendar(source: EmbeddedSource, { timeZone, weekStart }: CalendarOptions): void {
  const [row] = source.rows(`SELECT value FROM state WHERE name = 'calendar'`);
  const here = `${timeZone} ${weekStart}`;
  if (row === undefined || row.value === here) return;
  throw new LedgerlineError(
    'invalid',
    `The source's days are cut in another calendar: "${String(row.value)}", and by this configuration it is "${here}".`,
    {
      hint: 'Name the configuration of its collector with --config.',
    },
  );
}
