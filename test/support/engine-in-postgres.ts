/** Replicas that run the engine over one PostgreSQL, without workers: each transaction is tried until it is committed. */
import { DIMENSION_NAMES, type DimensionName, MEASURE_NAMES } from '../../collector/catalog/measures.ts';
import { Calendar } from '../../collector/core/calendar.ts';
import type { DimensionSets } from '../../collector/ledger/dimension-sets.ts';
import { Engine } from '../../collector/ledger/engine.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { type Plan, runLater } from '../../collector/ledger/plan.ts';
import type { RebookingLimits } from '../../collector/ledger/session-booking.ts';
import type { IncomingBatch } from '../../collector/ledger/tables.ts';
import { Decoder, Encoder } from '../../collector/storage/batch-codec.ts';
import type { Database, Sql } from '../../collector/storage/postgres/connection.ts';
import { troubleOf } from '../../collector/storage/postgres/failure.ts';
import { KnownSessions } from '../../collector/storage/postgres/known-sessions.ts';
import { PostgresTables } from '../../collector/storage/postgres/ledger-tables.ts';
import { Lesson } from '../../collector/storage/postgres/lesson.ts';
import { naturalKey } from '../../collector/storage/postgres/natural-keys.ts';
import { Partitions } from '../../collector/storage/postgres/partitions.ts';
import { prepareSessions } from '../../collector/storage/postgres/sessions.ts';
import { int, numberArray, quotedName, textArray } from '../../collector/storage/postgres/sql-text.ts';
import { CALENDAR, rowText } from './engine-in-memory.ts';

const ATTEMPTS_MAX = 50;
const COLUMNS = ['id', 'digest', ...DIMENSION_NAMES].map(quotedName);

/** Combinations by the numbers that every replica gives them. */
class NaturalDims implements DimensionSets {
  readonly #rows = new Map<number, readonly string[]>();
  #unsaved = new Set<number>();

  idOf(values: readonly string[]): number {
    const id = naturalKey(JSON.stringify(values));
    if (!this.#rows.has(id)) this.#unsaved.add(id);
    this.#rows.set(id, values);
    return id;
  }

  value(dims: number, name: DimensionName): string {
    return this.#rows.get(dims)?.[DIMENSION_NAMES.indexOf(name)] ?? '';
  }

  project(dims: number, dimensions: readonly DimensionName[]): number {
    return this.idOf(DIMENSION_NAMES.map((name) => (dimensions.includes(name) ? this.value(dims, name) : '')));
  }

  async save(sql: Sql): Promise<void> {
    const ids = [...this.#unsaved].sort((a, b) => a - b);
    this.#unsaved = new Set();
    const columns = DIMENSION_NAMES.map((name) => textArray(ids.map((id) => this.value(id, name))));
    const types = ['int8', ...COLUMNS.slice(1).map(() => 'text')].map((type, index) => `$${index + 1}::${type}[]`);
    await sql.run(`INSERT INTO dims (${COLUMNS.join()}) SELECT * FROM unnest(${types.join()}) ON CONFLICT DO NOTHING`, [
      ...[numberArray(ids), textArray(ids.map(String))],
      ...columns,
    ]);
  }
}

export interface ReplicaOptions {
  readonly replica?: number;
  readonly slots?: number;
  readonly limits?: Partial<RebookingLimits>;
  /** Asked once for each transaction, before it is committed: true makes it fail, and it is tried again. */
  readonly fails?: () => boolean;
}

class Unlucky extends Error {}

export class EngineInPostgres {
  /** Transactions that others were in the way of. */
  conflicts = 0;
  readonly #database: Database;
  readonly #replica: number;
  readonly #slots: number;
  readonly #fails: () => boolean;
  readonly #dims = new NaturalDims();
  readonly #known = new KnownSessions();
  readonly #partitions: Partitions;
  readonly #engine: Engine;
  readonly #encoder = new Encoder();
  readonly #decoder = new Decoder();

  constructor(database: Database, { replica = 1, slots = 1, limits = {}, fails = () => false }: ReplicaOptions = {}) {
    this.#database = database;
    this.#replica = replica;
    this.#slots = slots;
    this.#fails = fails;
    this.#partitions = new Partitions(database, slots);
    this.#engine = new Engine(new Calendar(CALENDAR), this.#dims, limits);
  }

  /** Before the first one begins. */
  static async empty(database: Database): Promise<void> {
    const tables = ['sessions', 'entries', 'recent', 'session_links', 'link_days', 'session_places', 'people', 'minutes', 'state', 'removals'];
    for (const table of [...tables, 'removed_sessions', 'moved_postings', 'closed_months', 'replicas']) await database.run(`DELETE FROM ${table}`);
    await database.run(`INSERT INTO replicas SELECT replica, '', 0, 1, NULL, '' FROM generate_series(0, 9) AS r(replica)`);
  }

  async append(entries: readonly Entry[], receivedMs: number) {
    const job = this.#decoder.decode(this.#encoder.encode({ entries, receivedMs }));
    for (const entry of job.entries) {
      entry.dims = this.#dims.idOf(entry.ref.values);
      entry.keys = entry.ref.sentKeys;
      entry.model = this.#dims.value(entry.dims, 'model');
    }
    return await this.#run(() => this.#engine.append([job]), [job]);
  }

  async prune(beforeMs: number): Promise<void> {
    while (!(await this.#run(() => this.#engine.prune(beforeMs))).isDone);
  }

  async closeMonth(month: string, nowMs: number): Promise<void> {
    await this.#run(() => this.#engine.closeMonth(month, nowMs));
  }

  clockLead(nowMs: number): Promise<number> {
    return this.#run(() => this.#engine.clockLead(nowMs));
  }

  /** As after a restart. */
  forget(): void {
    this.#engine.undo();
    this.#known.undo();
  }

  /** What the quarters of an hour come to, by what is kept of them: see EngineInMemory.rows. */
  async rows(): Promise<string[]> {
    const sums = MEASURE_NAMES.map((name) => `sum(r.${name}) AS ${name}`).join();
    const rows = await this.#database.rows(
      `SELECT r.start_s, r.dims, d.model, d."user", ${sums} FROM recent r JOIN dims d ON d.id = r.dims GROUP BY r.start_s, r.dims, d.model, d."user"`,
    );
    return rows.flatMap((row) => rowText(int(row.start_s) * 1000, String(row.model), String(row.user), (name) => row[name])).sort();
  }

  async #run<Result>(plan: () => Plan<Result>, batches: readonly IncomingBatch[] = []): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#dims.save(this.#database);
        await this.#partitions.ensure([Date.now(), ...batches.map(({ receivedMs }) => receivedMs)]);
        await prepareSessions(this.#database, batches, this.#known, this.#slots);
        return await this.#database.transaction(
          async (sql) => {
            await sql.rows('SELECT generation FROM replicas WHERE replica = $1 FOR UPDATE', [this.#replica]);
            const tables = new PostgresTables(sql, { replica: this.#replica, slots: this.#slots, known: this.#known });
            const result = await runLater(plan(), tables);
            if (this.#fails()) throw new Unlucky();
            return result;
          },
          { attempts: 1 },
        );
      } catch (error) {
        this.forget();
        if (troubleOf(error) === 'conflict') this.conflicts++;
        else if (!(error instanceof Unlucky || error instanceof Lesson)) throw error;
        if (attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }
}
