/** Snapshots of the ledger: transactions that only read, each on a connection of its own. */
import { LedgerlineError } from '../../core/error.ts';
import { wanted } from '../../core/wanted.ts';
import { CLOSED, Places, type SnapshotLimits, SnapshotTime } from '../../ledger/snapshot-bounds.ts';
import { Abandoned, type Database, READ_ONLY, type Sql, statement, type Transaction, waitedInVain } from './connection.ts';
import { Busy, storeError, troubleOf } from './failure.ts';
import { betweenMoves } from './move-epoch.ts';
import { AS_OF } from './replicas.ts';
import { checkSchema } from './schema.ts';
import { readSlots } from './slots.ts';
import { int, intOrNone } from './sql-text.ts';

/** What a snapshot is asked with, while it lasts. */
export interface Held {
  readonly sql: Transaction;
  /** When the ledger last committed; undefined when it is empty. */
  readonly asOfMs: number | undefined;
  /** In how many shards the database keeps sessions. */
  readonly slots: number;
  /** Throws once the snapshot is over. */
  readonly time: Pick<SnapshotTime, 'check'>;
}

type Read<Answer> = (held: Held) => Promise<Answer>;

/** Fixes the instant; every replica writes its own row. */
const INSTANT = statement(`SELECT ${AS_OF} AS as_of_ms, pg_backend_pid() AS pid FROM replicas`);
/** Begins the snapshot of each: over one connection to each machine. */
const ALL_SHARDS = statement('SELECT max(start_s) FROM recent WHERE start_s < 0');
const ONE_CONNECTION = 'SET LOCAL citus.max_adaptive_executor_pool_size = 1';
/** Of conflicts with what a standby replays, and of connections that broke. */
const ATTEMPTS = 3;

/** What is asked once, with the first question. */
export class KnownTables {
  #slots: number | undefined;

  /** In how many shards sessions are kept. Rejects where there is no ledger, or one that this program cannot read. */
  async slots(sql: Sql): Promise<number> {
    if (this.#slots !== undefined) return this.#slots;
    await checkSchema(sql);
    this.#slots = await readSlots(sql);
    return this.#slots;
  }
}

export class SnapshotPool {
  readonly #database: Database;
  readonly #tables: KnownTables;
  readonly #maxMs: number;
  readonly #places: Places;
  readonly #running = new Set<SnapshotTime>();

  constructor(database: Database, tables: KnownTables, { snapshotsMax, snapshotMaxMs }: SnapshotLimits) {
    this.#database = database;
    this.#tables = tables;
    this.#maxMs = snapshotMaxMs;
    this.#places = new Places(snapshotsMax);
  }

  /** Rejects with what `read` rejects with, and with `unavailable` when there is no snapshot or it is over. */
  async run<Answer>(read: Read<Answer>, maxMs = this.#maxMs): Promise<Answer> {
    const signal = wanted();
    signal?.throwIfAborted();
    await this.#places.enter();
    if (signal?.aborted === true) {
      this.#places.leave();
      throw LedgerlineError.from(signal.reason);
    }
    const time = new SnapshotTime(maxMs);
    const leave = (): void => time.cutOff(LedgerlineError.from(signal?.reason));
    signal?.addEventListener('abort', leave);
    this.#running.add(time);
    const held = this.#hold(read, time, maxMs).finally(() => {
      signal?.removeEventListener('abort', leave);
      this.#running.delete(time);
      this.#places.leave();
    });
    return time.within(held);
  }

  /** One question, which may be asked again. */
  async ask<Answer>(read: Read<Answer>, maxMs = this.#maxMs): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.run(read, maxMs);
      } catch (error) {
        if (attempt >= ATTEMPTS || !isPassing(error)) throw storeError(error);
      }
    }
  }

  close(): void {
    this.#places.close();
    for (const time of this.#running) time.cutOff(CLOSED);
  }

  async #hold<Answer>(read: Read<Answer>, time: SnapshotTime, maxMs: number): Promise<Answer> {
    let pid = 0;
    let outcome: (() => Answer) | undefined;
    const reading = async (sql: Transaction, slots: number, isBegun: () => Promise<void>): Promise<void> => {
      const [row] = await sql.rows(INSTANT);
      pid = int(row?.pid);
      await isBegun();
      try {
        time.check();
        const answer = await time.within(read({ sql, asOfMs: intOrNone(row?.as_of_ms), slots, time }));
        outcome = () => answer;
      } catch (error) {
        outcome = () => {
          throw error;
        };
        throw time.isCutOff ? new Abandoned('Nobody waits for this snapshot any more.') : error;
      } finally {
        time.end();
      }
    };
    try {
      await this.#begin(reading, maxMs);
    } catch (error) {
      // How a transaction ends that only read changes nothing of what it answered.
      if (outcome === undefined) throw storeError(error);
      if (error instanceof Abandoned) await this.#cancel(pid);
    }
    if (outcome === undefined) throw new LedgerlineError('internal', 'A snapshot ended without an answer.');
    return outcome();
  }

  async #begin(read: (sql: Transaction, slots: number, isBegun: () => Promise<void>) => Promise<void>, maxMs: number): Promise<void> {
    const slots = await this.#tables.slots(this.#database);
    const options = { begin: beginOf(maxMs, slots), attempts: 1, statementMs: maxMs };
    if (slots === 1) return this.#database.transaction((sql) => read(sql, slots, () => Promise.resolve()), options);
    return betweenMoves(this.#database, (isBegun) =>
      this.#database.transaction((sql) => {
        const begun = async (): Promise<void> => {
          await sql.run(ALL_SHARDS);
          await isBegun();
        };
        return read(sql, slots, begun);
      }, options),
    );
  }

  /** Its connection is gone, and the statement would go on for nobody. */
  async #cancel(pid: number): Promise<void> {
    await this.#database.run('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
  }
}

/** Compiling a statement at the server takes longer than running it. */
function beginOf(maxMs: number, slots: number): string {
  const bounds = [`SET LOCAL statement_timeout = ${maxMs}`, `SET LOCAL idle_in_transaction_session_timeout = ${2 * maxMs}`, 'SET LOCAL jit = off'];
  return [READ_ONLY, ...bounds, ...(slots === 1 ? [] : [ONE_CONNECTION])].join('; ');
}

/** Another connection, or another instant, may answer it. */
function isPassing(error: unknown): boolean {
  const cause = error instanceof LedgerlineError ? error.cause : error;
  const trouble = troubleOf(cause);
  if (waitedInVain(cause)) return false;
  return trouble === 'conflict' || trouble === 'away' || cause instanceof Busy;
}
