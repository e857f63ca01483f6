/**
 * The replicas that write: each has a number, leased from the database, and a row. Whoever writes locks its own row first, which nobody else
 * wants. What must have the ledger for itself locks all rows, and raises the generation, by which the others know that what they remember
 * of it may not hold any more.
 */
import { randomUUID } from 'node:crypto';
import { VERSION } from '../../core/version.ts';
import { type Database, type Sql, statement } from './connection.ts';
import { Lesson } from './lesson.ts';
import { int, type Row } from './sql-text.ts';

/** So long a replica keeps its number without being heard of. */
export const LEASE_MS = 60_000;
/** Nobody's: locked by who registers, adds up or has the ledger for itself. */
const NOBODY = 0;

/** By the clock of the database, which is the same for all. */
export const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::int8';
/**
 * When the ledger last committed, of rows of `replicas`. Each replica says so by its own clock: one that was far ahead must not say it for ever, so
 * nothing is later than now, nor than the lease of a replica that has gone.
 */
export const AS_OF = `max(least(as_of_ms, nullif(until_ms, 0), ${NOW})) FILTER (WHERE as_of_ms IS NOT NULL)`;
const GATE = statement('SELECT generation FROM replicas WHERE replica = $1 AND owner = $2 FOR UPDATE');
const SHARED = statement(`SELECT generation FROM replicas WHERE replica = ${NOBODY} FOR SHARE`);
const FIRST = statement(`SELECT generation FROM replicas WHERE replica = ${NOBODY} FOR UPDATE`);
const ALL = statement(`SELECT replica, owner, generation FROM replicas WHERE replica <> ${NOBODY} ORDER BY replica FOR UPDATE`);
const RAISE = statement('UPDATE replicas SET generation = generation + 1');
const RENEW = statement(`UPDATE replicas SET until_ms = ${NOW} + $3 WHERE replica = $1 AND owner = $2`);
/** One that is locked still writes. */
const FREE = statement(
  `SELECT replica FROM replicas WHERE replica <> ${NOBODY} AND until_ms < ${NOW} ORDER BY replica LIMIT 1 FOR UPDATE SKIP LOCKED`,
);
const NEXT = statement('SELECT max(replica) + 1 AS replica FROM replicas');
const TAKE = statement(`INSERT INTO replicas AS r (replica, owner, until_ms, generation, version) VALUES ($1, $2, ${NOW} + $3, $4, $5)
  ON CONFLICT (replica) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms, generation = excluded.generation, version = excluded.version`);
const LEAVE = statement(
  `UPDATE replicas SET until_ms = 0, as_of_ms = CASE WHEN as_of_ms > ${NOW} THEN ${NOW} ELSE as_of_ms END WHERE replica = $1 AND owner = $2`,
);
/** Of replicas that left before these said it themselves. */
const SETTLE = statement(`UPDATE replicas SET as_of_ms = ${NOW} WHERE until_ms = 0 AND as_of_ms > ${NOW}`);

/** Another replica has this one's number, since it was not heard of for too long. */
export class NumberLost extends Lesson {
  override readonly name = 'NumberLost';
}

/** Somebody has had the ledger for itself: what is remembered of it has to be read again. */
export class Superseded extends Lesson {
  override readonly name = 'Superseded';
}

const PRESENT = statement(`SELECT 1 FROM replicas WHERE replica <> ${NOBODY} AND until_ms >= ${NOW} LIMIT 1`);

/** Does one of them run, by its lease? */
export const hasReplicas = async (sql: Sql): Promise<boolean> => (await sql.rows(PRESENT)).length > 0;

export class Replica {
  readonly #database: Database;
  readonly #owner = randomUUID();
  #number = NOBODY;
  #generation = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Changes when its lease was lost. */
  get number(): number {
    return this.#number;
  }

  /** Leases a number: that of one that has gone, or the next. */
  async register(): Promise<void> {
    const [number, generation] = await this.#database.transaction(async (sql) => {
      const [first] = await sql.rows(FIRST);
      await sql.run(SETTLE);
      const [free] = await sql.rows(FREE);
      const [row] = free === undefined ? await sql.rows(NEXT) : [free];
      await sql.run(TAKE, [int(row?.replica), this.#owner, LEASE_MS, int(first?.generation), VERSION]);
      return [int(row?.replica), int(first?.generation)];
    });
    this.#number = number ?? NOBODY;
    this.#generation = generation ?? 0;
  }

  /** First of all in a transaction that writes. Rejects with NumberLost and Superseded. */
  async gate(sql: Sql): Promise<void> {
    const [row] = await sql.rows(GATE, [this.#number, this.#owner]);
    if (row === undefined) throw new NumberLost(`Replica ${this.#number} was not heard of for too long.`);
    this.#check(int(row.generation));
  }

  /**
   * Instead of the gate, where nobody else may write until the transaction ends. What it changes of what others remember, it says by `raiseGeneration`.
   * Rejects as the gate does.
   */
  async gateOfAll(sql: Sql): Promise<void> {
    const own = (await lockAll(sql)).find(({ replica, owner }) => int(replica) === this.#number && owner === this.#owner);
    if (own === undefined) throw new NumberLost(`Replica ${this.#number} was not heard of for too long.`);
    this.#check(int(own.generation));
  }

  /** Where the number is lost, the next transaction finds out. */
  async renew(sql: Sql = this.#database): Promise<void> {
    await sql.run(RENEW, [this.#number, this.#owner, LEASE_MS]);
  }

  /** The number is free for others at once. */
  async leave(): Promise<void> {
    await this.#database.run(LEAVE, [this.#number, this.#owner]);
  }

  #check(generation: number): void {
    if (generation === this.#generation) return;
    // Only once: what is read again after this is of that generation or a later one.
    this.#generation = generation;
    throw new Superseded('The ledger was changed as a whole.');
  }
}

/** Nobody else writes until the transaction ends. */
export async function lockAll(sql: Sql): Promise<Row[]> {
  await sql.rows(FIRST);
  return sql.rows(ALL);
}

/** What others remember does not hold any more. Where all rows are locked. */
export async function raiseGeneration(sql: Sql): Promise<void> {
  await sql.run(RAISE);
}

/** For who writes beside the replicas, and only moves what they wrote. Answers the generation. */
export async function sharedGate(sql: Sql): Promise<number> {
  const [row] = await sql.rows(SHARED);
  return int(row?.generation);
}
