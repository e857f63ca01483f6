/** What is kept beside the ledger in the same database, by whoever asks: with a few connections of its own, made when they are first needed. */
import { MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import { PATIENCE_MS } from './attempts.ts';
import { Database, type DatabaseOptions, READ_ONLY, type Sql, type Transaction } from './connection.ts';
import { CommitUnknown, storeError, troubleOf } from './failure.ts';
import { migrate, readVersion, SCHEMA_VERSION } from './schema.ts';
import type { Target } from './target.ts';
import { refuseUnfinishedCopy } from './unfinished-copy.ts';

const CONNECTIONS = 2;
/** A large day of statements, or the directory of a large organization. */
const STATEMENT_MS = 60 * SECOND_MS;
/** Whoever else writes is done within that time. */
const LOCK_MS = 20 * SECOND_MS;
const IDLE_MS = 30 * SECOND_MS;
/** Together they stay within the integers that a number holds. */
const REVISIONS_MAX = 2 ** 32;
const CHANGES_APART = 2 ** 20;

/** SQLSTATE of a table that is not there. */
const NO_TABLE = '42P01';

type BesideOptions = Partial<Pick<DatabaseOptions, 'statementMs' | 'lockMs'>>;

/** Of who erases: tables are written anew, which takes as long as copying them; who reads them is waited for a moment, and then again. */
export const ERASING: BesideOptions = { statementMs: 30 * MINUTE_MS, lockMs: 2 * SECOND_MS };

export class BesideLedger {
  readonly #database: Database;
  #made: Promise<void> | undefined;
  /** Of the database, when the first revision was asked. */
  #changesAtFirst: number | undefined;

  /** `name`: as the server lists its connections. */
  constructor(target: Target, name: string, options: BesideOptions = {}) {
    this.#database = new Database(target, {
      ...{ name, max: CONNECTIONS, wants: 'primary', statementMs: STATEMENT_MS, lockMs: LOCK_MS, idleMs: IDLE_MS, failoverMs: PATIENCE_MS },
      ...options,
    });
  }

  /** In a database that nobody has written to yet there is nothing: then it answers `none`. */
  read<Answer>(none: Answer, ask: (sql: Sql) => Promise<Answer>): Promise<Answer> {
    return this.#orNone(none, () => ask(this.#database));
  }

  /** The same in one snapshot. */
  snapshot<Answer>(none: Answer, ask: (sql: Transaction) => Promise<Answer>): Promise<Answer> {
    return this.#orNone(none, () => this.#database.transaction(ask, { begin: READ_ONLY }));
  }

  /** Another number also where the database may have lost the change that had this one, and given it to another. After the question that answered it. */
  revisionOf(counted: number): number {
    const { changes } = this.#database;
    this.#changesAtFirst ??= changes;
    return ((changes - this.#changesAtFirst) % CHANGES_APART) * REVISIONS_MAX + counted;
  }

  /** In one transaction, which is run again from its beginning when another one is in the way. */
  write<Answer>(change: (sql: Transaction) => Promise<Answer>): Promise<Answer> {
    return this.#answer(async () => {
      await this.#tables();
      return this.#database.transaction(change);
    });
  }

  /** The same, and then all of it is taken back. */
  async undone<Answer>(change: (sql: Transaction) => Promise<Answer>): Promise<Answer> {
    try {
      return await this.write(async (sql) => {
        throw new Undone(await change(sql));
      });
    } catch (error) {
      // What was thrown above.
      if (error instanceof Undone) return error.answer as Answer;
      throw error;
    }
  }

  /** Statements that run outside of transactions. */
  alone<Answer>(run: (sql: Sql) => Promise<Answer>): Promise<Answer> {
    return this.#answer(async () => {
      await this.#tables();
      return run(this.#database);
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #tables(): Promise<void> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /**
   * Tables of a later version have all that this one needs: it goes on beside it until it is updated, too. A copy that goes on replaces what is
   * written beside it.
   */
  async #make(): Promise<void> {
    if ((await readVersion(this.#database)) < SCHEMA_VERSION) await migrate(this.#database);
    await refuseUnfinishedCopy(this.#database);
  }

  #orNone<Answer>(none: Answer, ask: () => Promise<Answer>): Promise<Answer> {
    return this.#answer(() =>
      ask().catch((error: unknown) => {
        if (codeOf(error) === NO_TABLE) return none;
        throw error;
      }),
    );
  }

  async #answer<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof CommitUnknown)
        throw new LedgerlineError('unavailable', 'The database went away before it said whether the change was made.', {
          hint: 'Look whether it was, and else try again.',
          cause: error,
        });
      // What a change throws itself is its own.
      throw troubleOf(error) === 'unknown' ? error : storeError(error);
    }
  }
}

class Undone extends Error {
  readonly answer: unknown;

  constructor(answer: unknown) {
    super('a trial changes nothing');
    this.answer = answer;
  }
}
