/** Snapshots of the ledger: transactions that only read, each on a connection of its own. */
import { LedgerlineError } from '../../core/error.ts';
import { wanted } from '../../core/wanted.ts';
import { CLOSED, Places, type SnapshotLimits, SnapshotTime } from '../../ledger/snapshot-bounds.ts';
import { Abandoned, type Database, READ_ONLY, type Transaction } from './connection.ts';
import { storeError, troubleOf } from './failure.ts';
import { int, intOrNone } from './sql-text.ts';

/** What a snapshot is asked with, while it lasts. */
export interface Held {
  readonly sql: Transaction;
  /** When the ledger last committed; undefined when it is empty. */
  readonly asOfMs: number | undefined;
  /** Throws once the snapshot is over. */
  readonly time: Pick<SnapshotTime, 'check'>;
}

type Read<Answer> = (held: Held) => Promise<Answer>;

/** Fixes the instant; every replica writes its own row. */
const BEGIN = 'SELECT max(as_of_ms) AS as_of_ms, pg_backend_pid() AS pid FROM replicas';
/** Of conflicts with what a standby replays, and of connections that broke. */
const ATTEMPTS = 3;

export class SnapshotPool {
  readonly #database: Database;
  readonly #maxMs: number;
  readonly #places: Places;
  readonly #running = new Set<SnapshotTime>();

  constructor(database: Database, { snapshotsMax, snapshotMaxMs }: SnapshotLimits) {
    this.#database = database;
    this.#maxMs = snapshotMaxMs;
    this.#places = new Places(snapshotsMax);
  }

  /** Rejects with what `read` rejects with, and with `unavailable` when there is no snapshot or it is over. */
  async run<Answer>(read: Read<Answer>, maxMs = this.#maxMs): Promise<Answer> {
    await this.#places.enter();
    const time = new SnapshotTime(maxMs);
    const signal = wanted();
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
  async ask<Answer>(read: Read<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.run(read);
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
    const reading = async (sql: Transaction): Promise<void> => {
      const [row] = await sql.rows(BEGIN);
      pid = int(row?.pid);
      try {
        time.check();
        const answer = await time.within(read({ sql, asOfMs: intOrNone(row?.as_of_ms), time }));
        outcome = () => answer;
      } catch (error) {
        outcome = () => {
          throw error;
        };
        if (time.isCutOff) throw new Abandoned('Nobody waits for this snapshot any more.');
        throw error;
      } finally {
        time.end();
      }
    };
    try {
      await this.#database.transaction(reading, { begin: beginOf(maxMs), attempts: 1 });
    } catch (error) {
      if (error instanceof Abandoned) await this.#cancel(pid);
      // How a transaction ends that only read changes nothing of what it answered.
      else if (outcome === undefined) throw error;
    }
    if (outcome === undefined) throw new LedgerlineError('internal', 'A snapshot ended without an answer.');
    return outcome();
  }

  /** Its connection is gone, and the statement would go on for nobody. */
  async #cancel(pid: number): Promise<void> {
    await this.#database.run('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
  }
}

const beginOf = (maxMs: number): string =>
  [READ_ONLY, `SET LOCAL statement_timeout = ${maxMs}`, `SET LOCAL idle_in_transaction_session_timeout = ${2 * maxMs}`, 'SET LOCAL jit = off'].join(
    '; ',
  );

const isPassing = (error: unknown): boolean => ['conflict', 'away'].includes(troubleOf(error));
