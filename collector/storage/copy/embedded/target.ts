/** The embedded ledger that is copied to. */
import { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES } from '../../../catalog/measures.ts';
import { ledgerFileOf } from '../../../config/data-folder.ts';
import { Calendar, type CalendarOptions, quarterOf } from '../../../core/calendar.ts';
import { DAY_MS, MINUTE_MS } from '../../../core/duration.ts';
import { LedgerlineError } from '../../../core/error.ts';
import type { LedgerReader } from '../../../ledger/ledger.ts';
import { Coarsening } from '../../../ledger/quarter-sums.ts';
import { FINEST, REMOVED_SESSIONS } from '../../../ledger/rollups.ts';
import { Vector } from '../../../ledger/sums.ts';
import { digestOf } from '../../dims-digest.ts';
import { ERASURE_KEY } from '../../erased-names.ts';
import { addCells } from '../../postgres/coarse-sums.ts';
import { StateTable } from '../../sqlite/counters.ts';
import { DimsTable } from '../../sqlite/dimension-sets.ts';
import { DimsIndex } from '../../sqlite/dims-index.ts';
import { openReader } from '../../sqlite/ledger-reader.ts';
import { SqliteStore } from '../../sqlite/ledger-store.ts';
import { rebuildCoarse } from '../../sqlite/rollup-rebuild.ts';
import { RollupTable } from '../../sqlite/rollup-table.ts';
import { migrate, transaction } from '../../sqlite/schema.ts';
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
import type { Say } from '../progress.ts';
import { BesideFiles } from './beside.ts';
import { replaceBesideFiles } from './beside-target.ts';
import { readFigures } from './figures.ts';
import { insertRows } from './insert.ts';
import { PROGRESS_TABLE, readMarks, writeMarks } from './progress.ts';
import { NO_COUNTERS } from './rows.ts';
import { readErasureKey, readSmall } from './small.ts';
import { type Staging, stage } from './staging.ts';

/** The name of the source, among the marks. */
const FROM = 'from';
const OF_DAY: Readonly<Record<DayTable, { readonly column: string; readonly size: number }>> = {
  minutes: { column: 'minute', size: DAY_MS / MINUTE_MS },
  api_requests: { column: 'day', size: 1 },
};

export class EmbeddedTarget implements CopyTarget {
  readonly beside: BesideFiles;
  readonly #data: string;
  readonly #staging: Staging;
  readonly #file: string;
  readonly #calendar: CalendarOptions;
  readonly #database: DatabaseSync;
  #lastSession: number;

  /** `data`: an empty folder, or one with a copy from there that was broken off. Throws a sentence. */
  constructor(data: string, from: string, calendar: CalendarOptions) {
    this.#data = data;
    this.#staging = stage(data);
    this.#calendar = calendar;
    this.#file = ledgerFileOf({ data: this.#staging.folder });
    this.beside = new BesideFiles(this.#staging.folder);
    try {
      if (!this.#staging.isBegun) new SqliteStore(this.#file, calendar).close();
      this.#database = open(this.#file, from);
    } catch (error) {
      this.#staging.release();
      throw error;
    }
    this.#lastSession = Number(this.#database.prepare('SELECT max(id) AS id FROM sessions').get()?.id ?? 0);
  }

  async marks(what: string, numbers?: readonly number[]): Promise<Map<number, string>> {
    return readMarks(this.#database, what, numbers);
  }

  /** Nobody else writes, and nothing else is written meanwhile. */
  async transaction(run: (into: Writing) => Promise<void>): Promise<void> {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      await run(new EmbeddedWriting(this.#database));
      this.#database.exec('COMMIT');
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  async store(combinations: readonly Combination[]): Promise<Map<bigint, number>> {
    const index = new DimsIndex(this.#database);
    return transaction(this.#database, () => {
      const numbers = new Map(combinations.map(({ id, names }) => [id, index.numberOf(names, digestOf(names))]));
      index.settle();
      return numbers;
    });
  }

  async newPlaces(sessions: readonly SourceSession[]): Promise<Map<bigint, Place>> {
    return new Map(sessions.map(({ session }) => [session, { session: ++this.#lastSession, part: 0 }]));
  }

  async prepare(): Promise<void> {}

  async replaceSums(quarters: readonly Quarter[], what: string): Promise<void> {
    transaction(this.#database, () => {
      const remove = this.#database.prepare(`DELETE FROM ${FINEST.table} WHERE bucket = ?`);
      const removeCarries = this.#database.prepare('DELETE FROM carries WHERE rollup = ? AND bucket = ?');
      for (const { bucket } of quarters) {
        remove.run(bucket);
        removeCarries.run(FINEST.table, bucket);
      }
      addSums(
        this.#database,
        FINEST.table,
        quarters.flatMap(({ rows }) => rows),
      );
      writeMarks(this.#database, what, new Map(quarters.map(({ bucket, mark }) => [bucket, mark])));
    });
  }

  /** Coarser roll-ups, once: they follow from the finest. */
  async complete(): Promise<void> {
    const { timeZone, weekStart } = this.#calendar;
    const state = new StateTable(this.#database);
    const coarsening = new Coarsening(new Calendar(this.#calendar), new DimsTable(this.#database, () => undefined));
    transaction(this.#database, () => {
      rebuildCoarse(this.#database, coarsening, state.watermark());
      state.set('calendar', `${timeZone} ${weekStart}`);
    });
  }

  replaceBeside(source: BesideLedger): Promise<void> {
    return replaceBesideFiles(this.#staging.folder, source);
  }

  async figures(sessions: readonly number[]): Promise<ReadonlyMap<number, Figures>> {
    return readFigures(this.#database, sessions);
  }

  async small(table: SmallTable): Promise<Cells[]> {
    return readSmall(this.#database, table);
  }

  async erasureKey(): Promise<string | undefined> {
    return readErasureKey(this.#database);
  }

  reader(): LedgerReader {
    return openReader({ file: this.#file, ...this.#calendar }, UNHURRIED_READER);
  }

  /** What is done stays noted until all files are in their place: ended in between, the copy goes on. */
  async release(say: Say): Promise<void> {
    // A log that is left would not be put in place with its file.
    if (this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy !== 0) {
      throw new LedgerlineError('unavailable', `Somebody reads the copy: ${this.#file}.`, {
        hint: 'Run it again when nobody does; it goes on where it was.',
      });
    }
    this.#database.close();
    this.#staging.finish(say);
    const placed = new DatabaseSync(ledgerFileOf({ data: this.#data }));
    placed.exec('DROP TABLE copied');
    placed.close();
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    this.#staging.release();
  }
}

function open(file: string, from: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536');
    // It may have been begun by a former version.
    migrate(database);
    database.exec(PROGRESS_TABLE);
    refuseOther(database, from);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function refuseOther(database: DatabaseSync, from: string): void {
  const known = readMarks(database, FROM, undefined).get(0);
  if (known === undefined) writeMarks(database, FROM, new Map([[0, from]]));
  if (known === undefined || known === from) return;
  throw new LedgerlineError('invalid', `The folder has a copy of ${known} that is not finished.`, {
    hint: 'Go on with that one, or name an empty folder with --to.',
  });
}

function addSums(database: DatabaseSync, table: string, rows: readonly Sums<number>[]): void {
  const into = new RollupTable(database, table);
  for (const { bucket, dims, sums } of rows) {
    const vector = new Vector();
    addCells(
      vector,
      MEASURE_NAMES.map((name) => sums[name]),
    );
    into.add(bucket, dims, vector);
  }
}

class EmbeddedWriting implements Writing {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async mark(what: string, marks: ReadonlyMap<number, string>): Promise<void> {
    writeMarks(this.#database, what, marks);
  }

  async insert(table: string, rows: readonly Cells[]): Promise<void> {
    insertRows(this.#database, table, table === 'sessions' ? rows.map(({ session = null, ...row }) => ({ ...row, id: session })) : rows);
  }

  async removeSessions(sessions: readonly number[]): Promise<void> {
    const own = JSON.stringify(sessions);
    const among = 'IN (SELECT value FROM json_each(?))';
    for (const table of ['entries', 'session_places', 'removals', 'session_links']) {
      this.#database.prepare(`DELETE FROM ${table} WHERE session ${among}`).run(own);
    }
    this.#database.prepare(`DELETE FROM sessions WHERE id ${among}`).run(own);
    this.#database.prepare(`DELETE FROM ${REMOVED_SESSIONS.table} WHERE bucket ${among}`).run(own);
    this.#database.prepare(`DELETE FROM carries WHERE rollup = '${REMOVED_SESSIONS.table}' AND bucket ${among}`).run(own);
  }

  async insertRemoved(rows: readonly Sums<number>[]): Promise<void> {
    addSums(this.#database, REMOVED_SESSIONS.table, rows);
  }

  async clear(table: SmallTable): Promise<void> {
    const kept = table === 'state' ? ` WHERE name NOT IN (${NO_COUNTERS.map((name) => `'${name}'`).join()})` : '';
    this.#database.exec(`DELETE FROM ${table}${kept}`);
  }

  async clearDay(table: DayTable, day: number): Promise<void> {
    const { column, size } = OF_DAY[table];
    this.#database.prepare(`DELETE FROM ${table} WHERE ${column} >= ? AND ${column} < ?`).run(day * size, (day + 1) * size);
  }

  /** Delayed roll-ups get what is over by then, the rest as records come. */
  async setFacts({ asOfMs, latestMs, erasureKey }: LedgerFacts): Promise<void> {
    const state = new StateTable(this.#database);
    if (asOfMs !== undefined) state.setFacts({ asOfMs, rolledUp: { bucket: quarterOf(asOfMs), dims: 0 } });
    if (latestMs !== undefined) state.set('latest_ms', latestMs);
    if (erasureKey === undefined) return;
    this.#database
      .prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(ERASURE_KEY, erasureKey);
  }
}
