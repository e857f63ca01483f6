/** The writing half of the embedded ledger: runs the engine's plans, one transaction for as many exports as are waiting, or for more of them. */
import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { DimensionName } from '../../catalog/measures.ts';
import { Calendar, type CalendarOptions } from '../../core/calendar.ts';
import type { ApiRequest, ApiRequestsOutcome } from '../../ledger/api-requests.ts';
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import { Engine, type Removal } from '../../ledger/engine.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import type { Erased, Erasure, Renamed, Renaming } from '../../ledger/erasure.ts';
import { type Plan, run } from '../../ledger/plan.ts';
import { Coarsening } from '../../ledger/quarter-sums.ts';
import type { NotedRepricing } from '../../ledger/repricing-record.ts';
import { Decoder, type Job } from '../batch-codec.ts';
import { type Grouped, groupedOf, nameDims, withGrouped } from '../job-dims.ts';
import type { WriterOptions } from '../writer-messages.ts';
import { ApiRequestsTable } from './api-requests.ts';
import { StateTable } from './counters.ts';
import { DimsTable } from './dimension-sets.ts';
import { beginGeneration, refuseForeignLog } from './generation.ts';
import { SqliteTables } from './ledger-tables.ts';
import { erasePerson, renameUsers } from './person-erasure.ts';
import { makePrivateFile } from './private-files.ts';
import { RedoLog, redoFileOf } from './redo-log.ts';
import { messagesOf, recordOf } from './redo-record.ts';
import { noteRepricing } from './repricings.ts';
import { rebuildCoarse } from './rollup-rebuild.ts';
import { migrate, opening, transaction } from './schema.ts';
import { fillPlaces } from './session-places-fill.ts';
import { Tombstones } from './tombstones.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

/** Bounds how long exports wait for it. */
const API_REQUESTS_REMOVED_AT_ONCE = 2_000;

export interface Applying {
  /** True: they are durable in the redo log, and in the file with the next commit. */
  readonly isDeferred?: boolean;
}

export class SqliteStore {
  readonly #database: DatabaseSync;
  readonly #dims: DimsTable;
  readonly #state: StateTable;
  readonly #tables: SqliteTables;
  readonly #engine: Engine;
  /** Dimensions of values that are not kept apart, since they were last looked at. */
  #refused: DimensionName[] = [];
  readonly #tombstones: Tombstones;
  readonly #coarsening: Coarsening;
  readonly #apiRequests: ApiRequestsTable;
  readonly #redo: RedoLog;
  /** Is something in the redo log that was acknowledged and then could not be committed? It comes before all else. */
  #isOwing = false;
  /** Counts failed transactions, whose numbers of dimensions are void, and days. */
  #generation = 1;

  constructor(file: string, options: CalendarOptions, limits: WriterOptions['limits'] = {}) {
    this.#database = opening(file, () => open(file));
    opening(file, () => migrate(this.#database));
    beginGeneration(this.#database, file);
    const calendar = new Calendar(options);
    this.#state = new StateTable(this.#database);
    this.#dims = new DimsTable(this.#database, (dimension) => this.#refused.push(dimension), limits);
    this.#tables = new SqliteTables(this.#database, this.#state);
    this.#engine = new Engine(calendar, this.#dims, limits);
    this.#tombstones = new Tombstones(this.#database);
    this.#coarsening = new Coarsening(calendar, this.#dims);
    this.#apiRequests = new ApiRequestsTable(this.#database);
    transaction(this.#database, () => fillPlaces(this.#database, this.#dims));
    this.#followCalendar(options);
    this.#redo = new RedoLog(redoFileOf(file));
    this.#applyAgain();
    this.#run(() => this.#engine.open());
  }

  /** Is something deferred? */
  get isOpen(): boolean {
    return this.#redo.size > 0;
  }

  /** Bytes of what was deferred since the last commit. */
  get deferredBytes(): number {
    return this.#redo.size;
  }

  /** Applies all jobs together. Throws when they could not be made durable; then nothing of them is in the ledger. */
  apply(jobs: readonly Job[], { isDeferred = false }: Applying = {}): readonly AppendOutcome[] {
    this.#applyOwed();
    if (!this.#database.isTransaction) this.#begin();
    try {
      const outcomes = this.#append(jobs);
      if (isDeferred) this.#redo.append(recordOf(jobs));
      else this.#commit();
      return outcomes;
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /** All that was deferred is in the file then. Throws when it could not be committed; it is tried again before whatever comes next. */
  commit(): void {
    this.#applyOwed();
    if (!this.#database.isTransaction) return;
    try {
      this.#commit();
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /** See LedgerWriter.appendApiRequests. */
  addApiRequests(requests: readonly ApiRequest[]): ApiRequestsOutcome {
    this.commit();
    return transaction(this.#database, () => this.#apiRequests.add(requests));
  }

  /** One step of LedgerWriter.prune. */
  prune(beforeMs: number): Removal {
    const { removed, isDone } = this.#run(() => this.#engine.prune(beforeMs));
    if (!isDone) return { removed, isDone };
    return { removed, isDone: this.#apiRequests.removeBefore(beforeMs, API_REQUESTS_REMOVED_AT_ONCE) < API_REQUESTS_REMOVED_AT_ONCE };
  }

  /** See LedgerWriter.closeMonth. */
  closeMonth(month: string, nowMs: number): ClosedMonth {
    return this.#run(() => this.#engine.closeMonth(month, nowMs));
  }

  /** See LedgerWriter.noteRepricing. */
  noteRepricing(repricing: NotedRepricing): number {
    this.commit();
    return transaction(this.#database, () => noteRepricing(this.#database, repricing));
  }

  /** See LedgerWriter.clockLead. */
  clockLead(nowMs: number): number {
    return this.#run(() => this.#engine.clockLead(nowMs));
  }

  /** See LedgerWriter.erase. The bytes are gone after wipe(). */
  erase(erasure: Erasure): Erased {
    overwriteDeleted(this.#database);
    return this.#change(() => erasePerson(this.#database, this.#tombstones, erasure), erasure);
  }

  /** See LedgerWriter.rename. */
  rename(renaming: Renaming): Renamed {
    return this.#change(() => renameUsers(this.#database, renaming.names), renaming);
  }

  /** Names in what is stored, in one transaction. */
  #change<Changed>(
    change: () => Changed & { readonly isStraddling: boolean },
    { isTrial }: { readonly isTrial: boolean },
  ): Omit<Changed, 'isStraddling'> {
    this.commit();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const { isStraddling, ...changed } = change();
      this.#reread();
      if (isStraddling && !isTrial) rebuildCoarse(this.#database, this.#coarsening, this.#state.watermark());
      this.#database.exec(isTrial ? 'ROLLBACK' : 'COMMIT');
      return changed;
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#reread();
    }
  }

  /** Takes the bytes of what was erased out of the file: rewrites it, then empties its log. False while somebody reads an older state. */
  wipe(isRewritten: boolean): boolean {
    this.commit();
    this.#redo.clear();
    return (isRewritten || rewrite(this.#database)) && emptyLog(this.#database);
  }

  /** Throws when nothing can be written now. */
  probe(): number {
    this.commit();
    transaction(this.#database, () => this.#state.set('probed_ms', Date.now()));
    return 0;
  }

  /** Throws where something that was acknowledged could not be committed: the redo log keeps it for the next start. */
  close(): void {
    try {
      this.commit();
      this.#redo.remove();
    } finally {
      this.#redo.close();
      this.#database.close();
    }
  }

  /** In a transaction of its own. */
  #run<Result>(plan: () => Plan<Result>): Result {
    this.commit();
    this.#begin();
    try {
      const result = run(plan(), this.#tables);
      this.#commit();
      return result;
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  #begin(): void {
    if (this.#dims.begin(Date.now())) this.#generation++;
    this.#database.exec('BEGIN IMMEDIATE');
  }

  #append(jobs: readonly Job[]): readonly AppendOutcome[] {
    const grouped = jobs.map((job) => this.#nameDims(job));
    return run(this.#engine.append(jobs), this.#tables).map((outcome, index) => withGrouped(outcome, grouped[index]));
  }

  /** All that is in the redo log is in the open transaction, too. */
  #commit(): void {
    if (this.#redo.size > 0) this.#state.set('redone', this.#redo.last);
    this.#database.exec('COMMIT');
    this.#redo.reuse(this.#redo.last);
  }

  /** The whole open transaction: nobody knows what a failure left of it. What was acknowledged in it is applied again. */
  #takeBack(): void {
    this.#rollBack();
    this.#isOwing = this.#redo.size > 0;
    try {
      this.#applyOwed();
    } catch {
      // Tried again before whatever comes next.
    }
  }

  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#generation++;
    this.#dims.forget();
    this.#engine.forget();
  }

  #applyOwed(): void {
    if (this.#isOwing) this.#applyAgain();
  }

  /** What the redo log has and the file has not. */
  #applyAgain(): void {
    const done = this.#state.number('redone');
    const records = this.#redo.after(done);
    if (records.length > 0) {
      this.#begin();
      try {
        for (const { bytes } of records) {
          const decoder = new Decoder();
          this.#append(messagesOf(bytes).map((message) => decoder.decode(message)));
        }
        this.#state.set('redone', this.#redo.last);
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    }
    this.#redo.reuse(Math.max(done, this.#redo.last));
    this.#isOwing = false;
  }

  /** Nothing that was remembered of the tables holds any more. */
  #reread(): void {
    this.#generation++;
    this.#dims.reread();
    this.#engine.forget();
    this.#tombstones.read();
  }

  /** Answers how many new values became "(other)". */
  #nameDims(job: Job): Grouped {
    this.#refused = [];
    nameDims(job, { dims: this.#dims, names: this.#tombstones.names, generation: this.#generation });
    for (const name of this.#refused) this.#state.count(`overflow:${name}`, 1);
    return groupedOf(this.#refused);
  }

  /** Days, weeks and months belong to a zone; when the configured one changes, or some are new, they are added up again from quarter hours. */
  #followCalendar(options: CalendarOptions): void {
    const wanted = `${options.timeZone} ${options.weekStart}`;
    const found = this.#state.text('calendar');
    if (found === wanted) return;
    transaction(this.#database, () => {
      rebuildCoarse(this.#database, this.#coarsening, this.#state.watermark());
      this.#state.set('calendar', wanted);
    });
  }
}

function open(file: string): DatabaseSync {
  refuseForeignLog(file);
  // Of a ledger that was removed, as its write-ahead log, which SQLite removes.
  if (!existsSync(file)) rmSync(redoFileOf(file), { force: true });
  makePrivateFile(file);
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000');
  return database;
}
