/** The database that is copied to. */
import { KEPT_FILES } from '../../../config/data-folder.ts';
import type { CalendarOptions } from '../../../core/calendar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import { VERSION } from '../../../core/version.ts';
import type { LedgerReader } from '../../../ledger/ledger.ts';
import { REMOVED_SESSIONS } from '../../../ledger/rollups.ts';
import { ERASURE_KEY } from '../../erased-names.ts';
import { PATIENCE_MS, untilCommitted } from '../../postgres/attempts.ts';
import { bySlot } from '../../postgres/by-slot.ts';
import { type Database, type Sql, statement, type Transaction } from '../../postgres/connection.ts';
import { DimsTable } from '../../postgres/dimension-sets.ts';
import { openReader } from '../../postgres/ledger-reader.ts';
import { naturalKey } from '../../postgres/natural-keys.ts';
import { makePartition } from '../../postgres/partitions.ts';
import { partOf } from '../../postgres/schema.ts';
import { numberArray, storable } from '../../postgres/sql-text.ts';
import type { Target } from '../../postgres/target.ts';
import { endCopy, lockCopy } from '../../postgres/unfinished-copy.ts';
import { BESIDE, FOLLOWING, isOwn } from '../beside-tables.ts';
import {
  type BesideLedger,
  type Cells,
  type Combination,
  type CopyTarget,
  type DayTable,
  type Figures,
  type LedgerFacts,
  type Place,
  type Quarter,
  type SmallTable,
  type SourceSession,
  type Sums,
  UNHURRIED_READER,
  type Writing,
} from '../ends.ts';
import { BesideTables } from './beside.ts';
import { readFigures } from './figures.ts';
import { readMarks, writeMarks } from './progress.ts';
import { readErasureKey, readSmall } from './small.ts';
import { SharedSums } from './sums.ts';
import { SharedTables } from './tables.ts';
import { UNHURRIED } from './unhurried.ts';

const NUMBERS = statement('SELECT session FROM sessions WHERE slot = $1 AND session = ANY($2::int8[])');
/** What is kept by replica is that of the first one to come. */
const REPLICA = 1;
const OF_DAY: Readonly<Record<DayTable, { readonly column: string; readonly size: number }>> = {
  minutes: { column: 'minute', size: DAY_MS / MINUTE_MS },
  api_requests: { column: 'day', size: 1 },
};

export interface SharedTargetOptions {
  readonly database: Database;
  readonly target: Target;
  readonly calendar: CalendarOptions;
  readonly slots: number;
  /** As it was begun by. */
  readonly run: string;
}

export class SharedTarget implements CopyTarget {
  readonly beside: BesideTables;
  readonly #options: SharedTargetOptions;
  readonly #tables = new SharedTables();
  readonly #dims = new DimsTable();
  readonly #sums: SharedSums;
  readonly #partitions = new Set<number>();

  constructor(options: SharedTargetOptions) {
    this.#options = options;
    this.beside = new BesideTables(options.database, this.#tables);
    this.#sums = new SharedSums(options.calendar, this.#dims);
  }

  marks(what: string, numbers?: readonly number[]): Promise<Map<number, string>> {
    return readMarks(this.#options.database, what, numbers);
  }

  transaction(run: (into: Writing) => Promise<void>): Promise<void> {
    return this.#committed((sql) => run(new SharedWriting(sql, this.#tables, this.#options.slots)));
  }

  async store(combinations: readonly Combination[]): Promise<Map<bigint, number>> {
    const numbers = new Map<bigint, number>();
    await this.#dims.begin(this.#options.database);
    await this.#committed(
      async (sql) => {
        for (const { id, names } of combinations) numbers.set(id, this.#dims.numberOf(names.map(storable)));
        await this.#dims.store(sql);
      },
      () => this.#dims.forget(),
    );
    this.#dims.kept();
    return numbers;
  }

  /** Under the numbers that collectors would give them. */
  async newPlaces(sessions: readonly SourceSession[]): Promise<Map<bigint, Place>> {
    const places = new Map<bigint, Place>();
    const given = new Set<number>();
    let without = sessions;
    for (let attempt = 0; without.length > 0; attempt++) {
      const numbers = new Map(without.map(({ session, sessionId }) => [session, naturalKey(storable(sessionId), attempt)]));
      const taken = await this.#taken([...numbers.values()]);
      without = without.filter(({ session, madeMs }) => {
        const number = numbers.get(session);
        if (number === undefined || given.has(number) || taken.has(number)) return true;
        given.add(number);
        places.set(session, { session: number, part: partOf(madeMs) });
        return false;
      });
    }
    return places;
  }

  async prepare(places: readonly Place[]): Promise<void> {
    for (const part of new Set(places.map((place) => place.part))) {
      if (!this.#partitions.has(part)) await makePartition(this.#options.database, part, this.#options.slots);
      this.#partitions.add(part);
    }
  }

  async replaceSums(quarters: readonly Quarter[], what: string): Promise<void> {
    await this.#committed(
      async (sql) => {
        await this.#dims.begin(this.#options.database);
        await this.#sums.replace(sql, quarters);
        await writeMarks(sql, what, new Map(quarters.map(({ bucket, mark }) => [bucket, mark])));
      },
      () => this.#dims.forget(),
    );
    this.#dims.kept();
  }

  async complete(): Promise<void> {}

  async replaceBeside(source: BesideLedger): Promise<void> {
    await this.#committed(async (sql) => {
      for (const table of BESIDE.flatMap(({ tables }) => Object.values(tables))) {
        await sql.run(`DELETE FROM ${table}`);
        for await (const rows of source.pages(table)) {
          await this.#tables.insert(
            sql,
            table,
            rows.filter((row) => !isOwn(table, row)),
          );
        }
      }
      for (const text of FOLLOWING) await sql.run(text);
      for (const name of Object.values(KEPT_FILES)) await copyFile(sql, name, await source.file(name));
    });
  }

  figures(sessions: readonly number[]): Promise<ReadonlyMap<number, Figures>> {
    return readFigures(this.#options.database, sessions, this.#options.slots);
  }

  small(table: SmallTable): Promise<Cells[]> {
    return readSmall(this.#options.database, table);
  }

  erasureKey(): Promise<string | undefined> {
    return readErasureKey(this.#options.database);
  }

  reader(): LedgerReader {
    return openReader({ target: this.#options.target, ...this.#options.calendar }, UNHURRIED_READER);
  }

  async release(): Promise<void> {
    await this.#options.database.transaction(async (sql) => {
      await lockCopy(sql, this.#options.run);
      await endCopy(sql);
      await sql.run('DROP TABLE copied');
    });
  }

  close(): Promise<void> {
    return this.#options.database.close();
  }

  /** Which of these are numbers of sessions that are there, of this run or an earlier one. */
  async #taken(numbers: readonly number[]): Promise<Set<number>> {
    const taken = new Set<number>();
    for (const { slot, items } of bySlot(numbers, this.#options.slots, (number) => number)) {
      for (const { session } of await this.#options.database.rows(NUMBERS, [slot, numberArray(items)])) taken.add(Number(session));
    }
    return taken;
  }

  /** What it does must have no effect the second time, or none at all without its commit. */
  #committed(run: (sql: Transaction) => Promise<void>, forget: () => void = () => undefined): Promise<void> {
    const once = () => this.#options.database.transaction((sql) => this.#alone(sql, run), { begin: UNHURRIED, attempts: 1 });
    return untilCommitted(once, { untilMs: performance.now() + PATIENCE_MS, forget });
  }

  /** Of two runs that somebody started, the later one goes on: an earlier one may still copy an older instant. */
  async #alone(sql: Transaction, run: (sql: Transaction) => Promise<void>): Promise<void> {
    await lockCopy(sql, this.#options.run);
    await run(sql);
  }
}

async function copyFile(sql: Sql, name: string, bytes: Uint8Array | undefined): Promise<void> {
  await sql.run('DELETE FROM kept_files WHERE name = $1', [name]);
  if (bytes === undefined) return;
  await sql.run('INSERT INTO kept_files (name, bytes, changed_ms) VALUES ($1, $2, $3)', [name, Buffer.from(bytes), Date.now()]);
}

class SharedWriting implements Writing {
  readonly #sql: Transaction;
  readonly #tables: SharedTables;
  readonly #slots: number;

  constructor(sql: Transaction, tables: SharedTables, slots: number) {
    this.#sql = sql;
    this.#tables = tables;
    this.#slots = slots;
  }

  mark(what: string, marks: ReadonlyMap<number, string>): Promise<void> {
    return writeMarks(this.#sql, what, marks);
  }

  async insert(table: string, rows: readonly Cells[]): Promise<void> {
    const columns = (await this.#tables.columns(this.#sql, table)).map(({ name }) => name);
    const whole = rows.map((row) => ({
      ...row,
      ...(table === 'sessions' && derivedOf(row)),
      ...(columns.includes('replica') && { replica: REPLICA }),
    }));
    if (!columns.includes('slot')) return this.#tables.insert(this.#sql, table, whole);
    if (!columns.includes('session')) {
      return this.#tables.insert(
        this.#sql,
        table,
        whole.map((row) => ({ ...row, slot: 0 })),
      );
    }
    for (const { slot, items } of bySlot(whole, this.#slots, sessionOf)) {
      await this.#tables.insert(
        this.#sql,
        table,
        items.map((row) => ({ ...row, slot })),
      );
    }
  }

  async removeSessions(sessions: readonly number[]): Promise<void> {
    for (const { slot, items } of bySlot(sessions, this.#slots, (session) => session)) {
      const own = numberArray(items);
      for (const table of ['entries', 'session_places', 'removals', 'sessions']) {
        await this.#sql.run(`DELETE FROM ${table} WHERE slot = $1 AND session = ANY($2::int8[])`, [slot, own]);
      }
    }
    for (const table of ['session_links', REMOVED_SESSIONS.table]) {
      await this.#sql.run(`DELETE FROM ${table} WHERE session = ANY($1::int8[])`, [numberArray(sessions)]);
    }
  }

  insertRemoved(rows: readonly Sums<number>[]): Promise<void> {
    const cells = rows.map(({ bucket, dims, sums }) => ({ session: bucket, dims, ...sums }));
    return this.#tables.insert(this.#sql, REMOVED_SESSIONS.table, cells as Cells[]);
  }

  async clear(table: SmallTable): Promise<void> {
    await this.#sql.run(`DELETE FROM ${table}`);
  }

  async clearDay(table: DayTable, day: number): Promise<void> {
    const { column, size } = OF_DAY[table];
    await this.#sql.run(`DELETE FROM ${table} WHERE ${column} >= $1 AND ${column} < $2`, [day * size, (day + 1) * size]);
  }

  async setFacts({ asOfMs, latestMs, erasureKey }: LedgerFacts): Promise<void> {
    await this.#sql.run(
      `INSERT INTO replicas (replica, owner, until_ms, generation, as_of_ms, version, latest_ms) SELECT $1, '', 0, generation, $2, $3, $4 FROM replicas WHERE replica = 0
       ON CONFLICT (replica) DO UPDATE SET as_of_ms = excluded.as_of_ms, latest_ms = excluded.latest_ms`,
      [REPLICA, asOfMs ?? null, VERSION, latestMs ?? null],
    );
    if (erasureKey === undefined) return;
    const write = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
    await this.#sql.run(write, [ERASURE_KEY, erasureKey]);
  }
}

const sessionOf = (row: Cells): number => Number(row.session);

/** What only a database keeps of a session. */
const derivedOf = (row: Cells): Cells => ({
  rev: 1,
  last_hour: Math.floor(Number(row.last_ms) / HOUR_MS),
  has_entries: Number(row.last_ms) >= Number(row.removed_before_ms),
});
