/** The engine over a real database in memory, without a worker: quick enough for thousands of histories. */
import { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES, type MeasureName } from '../../collector/catalog/measures.ts';
import { Calendar, QUARTER_MS, quarterOf } from '../../collector/core/calendar.ts';
import { Engine } from '../../collector/ledger/engine.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { type Plan, run } from '../../collector/ledger/plan.ts';
import { bookBeside } from '../../collector/ledger/pools.ts';
import type { RebookingLimits } from '../../collector/ledger/session-booking.ts';
import { Vector } from '../../collector/ledger/sums.ts';
import { Decoder, Encoder } from '../../collector/storage/batch-codec.ts';
import { checkLedger } from '../../collector/storage/sqlite/consistency-check.ts';
import { StateTable } from '../../collector/storage/sqlite/counters.ts';
import { DimsTable } from '../../collector/storage/sqlite/dimension-sets.ts';
import { SqliteTables } from '../../collector/storage/sqlite/ledger-tables.ts';
import { migrate } from '../../collector/storage/sqlite/schema.ts';
import { History } from '../../collector/storage/sqlite/session-entries.ts';
import { CompanyReader } from '../../collector/storage/sqlite/session-links.ts';

export const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
export class EngineInMemory {
  /** Entries that were read for the last delivery. */
  walked = 0;
  static #shared: DatabaseSync | undefined;
  readonly #database: DatabaseSync;
  readonly #encoder = new Encoder();
  readonly #decoder = new Decoder();
  readonly #dims: DimsTable;
  readonly #tables: SqliteTables;
  readonly #engine: Engine;

  constructor(limits: Partial<RebookingLimits> = {}) {
    this.#database = EngineInMemory.#empty();
    this.#database.exec('BEGIN');
    this.#dims = new DimsTable(this.#database, () => undefined, {});
    this.#tables = new SqliteTables(this.#database, new StateTable(this.#database));
    this.#countReads();
    this.#engine = new Engine(new Calendar(CALENDAR), this.#dims, limits);
  }

  append(entries: readonly Entry[], receivedMs: number) {
    this.walked = 0;
    this.#dims.begin(receivedMs);
    const job = this.#decoder.decode(this.#encoder.encode({ entries, receivedMs }));
    for (const entry of job.entries) {
      const { values, sentKeys } = entry.ref;
      entry.dims = this.#dims.idOf(values, { sender: job.sender, spends: entry.cost > 0n });
      entry.keys = sentKeys;
      entry.model = this.#dims.value(entry.dims, 'model');
    }
    return this.#run(this.#engine.append([job]));
  }

  prune(beforeMs: number): void {
    while (!this.#run(this.#engine.prune(beforeMs)).isDone);
  }

  closeMonth(month: string, nowMs: number): void {
    this.#run(this.#engine.closeMonth(month, nowMs));
  }

  /** As after a restart. */
  forget(): void {
    this.#engine.forget();
  }

  check(): readonly string[] {
    return checkLedger(this.#database, CALENDAR);
  }

  /** What the quarters of an hour come to, by what is kept of them. */
  rows(): string[] {
    const rows = this.#database.prepare('SELECT * FROM rollup_quarter_hour').all();
    return rows.flatMap((row) => this.#textOf(Number(row.bucket), Number(row.dims), (name) => row[name])).sort();
  }

  /** The same, by a booking of everything from the entries. */
  rebooked(): string[] {
    const history = new History(this.#database);
    const companies = new CompanyReader(this.#database);
    const sums = new Map<string, { readonly bucket: number; readonly dims: number; readonly vector: Vector }>();
    for (const { id } of this.#database.prepare('SELECT id FROM sessions').all()) {
      const items = [...history.of(Number(id)), ...history.adjustments(Number(id))];
      for (const posting of bookBeside(items, companies.of(Number(id)))) {
        const [bucket, { dims }] = [quarterOf(posting.timeMs), posting];
        sums.getOrInsertComputed(`${bucket} ${dims}`, () => ({ bucket, dims, vector: new Vector() })).vector.add(posting);
      }
    }
    return [...sums.values()]
      .flatMap(({ bucket, dims, vector }) => this.#textOf(bucket, dims, (name) => vector.values[MEASURE_NAMES.indexOf(name)]))
      .sort();
  }

  /** How many sessions are counted for each user. */
  sessionsByUser(): Record<string, number> {
    const counted: Record<string, number> = {};
    for (const { dims, sessions } of this.#database.prepare('SELECT dims, sessions FROM rollup_quarter_hour WHERE sessions <> 0').all()) {
      const user = this.#dims.value(Number(dims), 'user');
      counted[user] = (counted[user] ?? 0) + Number(sessions);
    }
    return counted;
  }

  /** By session, the identities of what it begins and ends with. */
  sessionEnds(): Record<string, readonly [first: string, last: string]> {
    const rows = this.#database.prepare('SELECT session_id, first_identity, last_identity FROM sessions').all();
    return Object.fromEntries(rows.map((row) => [String(row.session_id), [String(row.first_identity), String(row.last_identity)]]));
  }

  /** Before the next one is made. */
  close(): void {
    this.#database.exec('ROLLBACK');
  }

  #countReads(): void {
    const tables = this.#tables;
    const { histories, later } = tables;
    type Take = Parameters<typeof later>[1];
    const counted =
      (take: Take): Take =>
      (session, history) => {
        this.walked += history.length;
        take(session, history);
      };
    tables.histories = (sessions, take, range) => histories.call(tables, sessions, counted(take), range);
    tables.later = (sessions, take) => later.call(tables, sessions, counted(take));
  }

  #textOf(bucket: number, dims: number, amountOf: (name: MeasureName) => unknown): string[] {
    return rowText(bucket * QUARTER_MS, this.#dims.value(dims, 'model'), this.#dims.value(dims, 'user'), amountOf);
  }

  #run<Result>(plan: Plan<Result>): Result {
    return run(plan, this.#tables);
  }

  /** One for all, since making it takes long: each leaves it as it was. */
  static #empty(): DatabaseSync {
    if (EngineInMemory.#shared === undefined) {
      EngineInMemory.#shared = new DatabaseSync(':memory:');
      migrate(EngineInMemory.#shared);
    }
    return EngineInMemory.#shared;
  }
}

/** These depend on when and where a session begins, or on the order in which what is set aside came. */
const NOT_POSTED = ['sessions', 'cost_set_aside'];

/** What is kept of a quarter of an hour; nothing where that is zero. */
export function rowText(startMs: number, model: string, user: string, amountOf: (name: MeasureName) => unknown): string[] {
  const values = MEASURE_NAMES.flatMap((name) => {
    const value = Number(amountOf(name) ?? 0);
    return value === 0 || NOT_POSTED.includes(name) ? [] : [`${name}=${value}`];
  });
  return values.length === 0 ? [] : [`${new Date(startMs).toISOString()} ${model} ${user} ${values.join(' ')}`];
}
