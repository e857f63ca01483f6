/** Partitions of entries, one a month: made before they are needed, and emptied when the sessions of their month have lost all of theirs. */
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { codeOf } from '../../core/error-code.ts';
import type { Database, Sql } from './connection.ts';
import { troubleOf } from './failure.ts';
import { partOf } from './schema.ts';
import { int } from './sql-text.ts';

/** So long before its first entry a month has its partition, if nothing is in the way. */
const AHEAD_MS = 2 * DAY_MS;
/** Between two attempts to make one ahead: an export waits for each. */
const AGAIN_MS = 10 * MINUTE_MS;

const ATTACHED = `SELECT 1 FROM pg_inherits WHERE inhparent = to_regclass('entries') AND inhrelid = to_regclass($1)`;
/** Two who make one at once: to the second the server says that it is there, or that it is a partition already. */
const RACES: ReadonlySet<string> = new Set(['23505', '42P07', '42710', '42809']);
const NO_PARTITION = '23514';

/**
 * Outside of other transactions. Attached, it locks out nobody who reads or writes entries: CREATE … PARTITION OF would wait for the end of a dump or a
 * check, and all others would wait behind it. A distributed database gives shards to what is made as a partition.
 */
export async function makePartition(sql: Sql, part: number, slots: number): Promise<void> {
  const table = `entries_${part}`;
  const isThere = async (): Promise<boolean> => (await sql.rows(ATTACHED, [table])).length > 0;
  if (await isThere()) return;
  const values = `FOR VALUES IN (${part})`;
  const attached = `CREATE TABLE IF NOT EXISTS ${table} (LIKE entries INCLUDING DEFAULTS); ALTER TABLE entries ATTACH PARTITION ${table} ${values}`;
  try {
    // Two statements that are sent together are one transaction.
    await sql.run(slots === 1 ? attached : `CREATE TABLE IF NOT EXISTS ${table} PARTITION OF entries ${values}`);
  } catch (error) {
    if (!RACES.has(codeOf(error)) || !(await isThere())) throw error;
  }
}

/** Those that a writer knows of. */
export class Partitions {
  readonly #database: Database;
  readonly #slots: number;
  readonly #made = new Set<number>();
  #aheadMs = Number.NEGATIVE_INFINITY;

  constructor(database: Database, slots: number) {
    this.#database = database;
    this.#slots = slots;
  }

  /** Before entries that arrived at these instants are written. */
  async ensure(timesMs: readonly number[]): Promise<void> {
    for (const part of new Set(timesMs.map(partOf))) await this.#make(part);
    for (const part of new Set(timesMs.map((timeMs) => partOf(timeMs + AHEAD_MS)))) await this.#makeAhead(part);
  }

  /** After a transaction that failed. True when it lacked a partition that is there now. */
  async mend(error: unknown): Promise<boolean> {
    if (codeOf(error) !== NO_PARTITION || !(error instanceof Error && 'detail' in error)) return false;
    const [, part] = /\(part\) = \((\d{6})\)/.exec(String(error.detail)) ?? [];
    if (part === undefined) return false;
    this.#made.delete(int(part));
    await this.#make(int(part));
    return true;
  }

  forget(): void {
    this.#made.clear();
  }

  async #make(part: number): Promise<void> {
    if (this.#made.has(part)) return;
    await makePartition(this.#database, part, this.#slots);
    this.#made.add(part);
  }

  async #makeAhead(part: number): Promise<void> {
    if (this.#made.has(part) || performance.now() - this.#aheadMs < AGAIN_MS) return;
    try {
      await this.#make(part);
    } catch {
      // It is not needed yet.
      this.#aheadMs = performance.now();
    }
  }
}

const PARTITIONS = `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = to_regclass('entries') AND c.relname ~ '^entries_[0-9]{6}$' AND pg_total_relation_size(c.oid) > $1`;
/** An empty partition has some pages. */
const WORTH_BYTES = 1_000_000;

/** After entries of sessions last seen before then were removed. The tables stay, for sessions that go on; what they took is free at once. One that somebody reads or writes just now is left for the next time. */
export async function truncateEmptied(database: Database, beforeMs: number): Promise<void> {
  for (const { name } of await database.rows(PARTITIONS, [WORTH_BYTES])) {
    const table = String(name);
    if (int(table.slice('entries_'.length)) >= partOf(beforeMs)) continue;
    await database
      .transaction(
        async (sql) => {
          await sql.run(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
          const [left] = await sql.rows(`SELECT 1 FROM ${table} LIMIT 1`);
          if (left === undefined) await sql.run(`TRUNCATE ${table}`);
        },
        { attempts: 1 },
      )
      .catch((error: unknown) => {
        if (troubleOf(error) !== 'conflict' && troubleOf(error) !== 'full') throw error;
      });
  }
}
