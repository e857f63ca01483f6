/** The writing half of the ledger on PostgreSQL: runs the engine's plans, one transaction for as many exports as are waiting. */
import { Calendar } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import type { ApiRequest, ApiRequestsOutcome } from '../../ledger/api-requests.ts';
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import { Engine, type Removal } from '../../ledger/engine.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import type { Erased, Erasure, Renamed, Renaming } from '../../ledger/erasure.ts';
import { type Plan, runLater } from '../../ledger/plan.ts';
import type { NotedRepricing } from '../../ledger/repricing-record.ts';
import type { Counter } from '../../ledger/tables.ts';
import type { Job } from '../batch-codec.ts';
import { type Grouped, groupedOf, nameDims, withGrouped } from '../job-dims.ts';
import { AdmittedDims } from './admitted-dims.ts';
import { addApiRequests, removeApiRequestsBefore } from './api-requests.ts';
import { PATIENCE_MS, untilCommitted } from './attempts.ts';
import { refuseOtherCalendar } from './calendar.ts';
import { Database, type Sql, type Transaction } from './connection.ts';
import { count } from './counters.ts';
import { DimsTable, TakenNumber } from './dimension-sets.ts';
import { type Trouble, troubleOf } from './failure.ts';
import { Fold } from './fold.ts';
import { KnownRows } from './known-rows.ts';
import { KnownSessions } from './known-sessions.ts';
import { PostgresTables } from './ledger-tables.ts';
import { Lesson } from './lesson.ts';
import { openTables, type PostgresWriterOptions } from './opening.ts';
import { Partitions, truncateEmptied } from './partitions.ts';
import { erasePerson, renameUsers } from './person-erasure.ts';
import { LEASE_MS, NumberLost, Replica, raiseGeneration, Superseded } from './replicas.ts';
import { noteRepricing } from './repricings.ts';
import { prepareSessions } from './sessions.ts';
import { runEach } from './together.ts';
import { Tombstones } from './tombstones.ts';
import { removeUnwritten } from './unwritten-sessions.ts';
import type { OnWaiting } from './updating.ts';
import { nowOf, wipe } from './wipe.ts';

/** Bounds how long exports wait for it. */
const API_REQUESTS_REMOVED_AT_ONCE = 2_000;
const UNWRITTEN_REMOVED_AT_ONCE = 2_000;
/** A dozen attempts before the number is anybody's. */
const RENEW_MS = LEASE_MS / 12;
const WRITING = { name: 'writer', max: 3, wants: 'primary', statementMs: 5 * SECOND_MS, lockMs: 2 * SECOND_MS, idleMs: 5 * SECOND_MS } as const;
/** What is made beforehand: the ledger's own commit, which follows, makes it durable, too. */
const BEGIN_BEFORE = 'BEGIN; SET LOCAL synchronous_commit = off';
/** After these a transaction was certainly not committed, and the database is there as it was. */
const UNDONE: ReadonlySet<Trouble> = new Set(['conflict', 'full', 'sender']);
/** What changes the ledger as a whole takes as long as it takes, while the others wait. */
const ALONE = { name: 'writer alone', max: 1, wants: 'primary', statementMs: 0, lockMs: 5 * SECOND_MS, idleMs: 30 * SECOND_MS } as const;

export class PostgresStore {
  readonly #options: PostgresWriterOptions;
  readonly #slots: number;
  readonly #database: Database;
  readonly #patient: Database;
  readonly #replica: Replica;
  readonly #dims: DimsTable;
  readonly #admitted: AdmittedDims;
  readonly #known = new KnownSessions();
  readonly #partitions: Partitions;
  readonly #engine: Engine;
  readonly #tombstones = new Tombstones();
  readonly #fold: Fold | undefined;
  readonly #renewal: NodeJS.Timeout;
  /** Counts what makes numbers of dimensions void, and days. */
  #generation = 1;
  #isRegistered = false;
  /** What is remembered of the tables has to be read again. */
  #isStale = true;
  /** Of the database, when what is remembered was read. */
  #changes = 0;
  #erasedAt = '';

  /** Makes or updates the tables where needed. Rejects with what the driver says, or with a sentence. */
  static async open(options: PostgresWriterOptions, onWaiting?: OnWaiting): Promise<PostgresStore> {
    const slots = await openTables(options, { onWaiting });
    const store = new PostgresStore(options, slots);
    try {
      await store.#run(() => store.#engine.open());
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private constructor(options: PostgresWriterOptions, slots: number) {
    const { target, limits = {}, afterEach } = options;
    this.#options = options;
    this.#slots = slots;
    this.#database = new Database(target, WRITING);
    this.#patient = new Database(target, ALONE);
    this.#replica = new Replica(this.#database);
    this.#partitions = new Partitions(this.#database, slots);
    this.#dims = new DimsTable(options.rememberedMax);
    this.#admitted = new AdmittedDims(this.#dims, limits);
    this.#engine = new Engine(new Calendar(options), this.#dims, limits);
    this.#fold = afterEach === 'fold' ? new Fold({ database: this.#database, calendar: options, slots }) : undefined;
    this.#renewal = setInterval(() => void this.#replica.renew().catch(() => undefined), RENEW_MS);
    this.#renewal.unref();
  }

  /** Applies all jobs in one transaction. Rejects when it did not commit; then nothing of them is in the ledger. `untilMs`: see Patience. */
  async apply(jobs: readonly Job[], untilMs?: number): Promise<readonly AppendOutcome[]> {
    let grouped: readonly Grouped[] = [];
    let overflow: ReadonlyMap<Counter, number> = new Map();
    let named = 0;
    const outcomes = await this.#untilCommitted(async () => {
      await this.#begin();
      // Once: a value that becomes "(other)" is counted the first time.
      if (named !== this.#generation) {
        grouped = jobs.map((job) => this.#nameDims(job));
        overflow = overflowOf(grouped);
        named = this.#generation;
      }
      // In one look: asked for one by one, what fell out of memory would each time cost a transaction.
      await this.#dims.load(
        this.#database,
        jobs.flatMap(({ entries }) => entries.map(({ dims }) => dims)),
      );
      const kept = await this.#prepare(jobs);
      const appended = await this.#transact(
        () => this.#engine.append(jobs),
        (sql) => (overflow.size === 0 ? nothing() : runEach(sql, [count(overflow, 0, this.#replica.number)])),
      );
      kept();
      return appended;
    }, untilMs);
    return outcomes.map((outcome, index) => withGrouped(outcome, grouped[index]));
  }

  /** See LedgerWriter.appendApiRequests. */
  addApiRequests(requests: readonly ApiRequest[]): Promise<ApiRequestsOutcome> {
    return this.#untilCommitted(() => this.#database.transaction((sql) => addApiRequests(sql, requests), { attempts: 1 }));
  }

  /** One step of LedgerWriter.prune. */
  async prune(beforeMs: number): Promise<Removal> {
    const { removed, isDone } = await this.#run(() => this.#engine.prune(beforeMs));
    if (!isDone) return { removed, isDone };
    const gone = await this.#untilCommitted(() => removeApiRequestsBefore(this.#database, beforeMs, API_REQUESTS_REMOVED_AT_ONCE));
    if (gone === API_REQUESTS_REMOVED_AT_ONCE) return { removed, isDone: false };
    const unwritten = await this.#untilCommitted(() => removeUnwritten(this.#database, this.#slots, beforeMs, UNWRITTEN_REMOVED_AT_ONCE));
    if (unwritten === UNWRITTEN_REMOVED_AT_ONCE) return { removed, isDone: false };
    await this.#untilCommitted(() => truncateEmptied(this.#database, beforeMs));
    return { removed, isDone: true };
  }

  /** See LedgerWriter.closeMonth. */
  closeMonth(month: string, nowMs: number): Promise<ClosedMonth> {
    return this.#alone((sql) => this.#plan(sql, () => this.#engine.closeMonth(month, nowMs)));
  }

  /** See LedgerWriter.noteRepricing. */
  noteRepricing(repricing: NotedRepricing): Promise<number> {
    return this.#alone((sql) => noteRepricing(sql, repricing));
  }

  /** See LedgerWriter.clockLead. */
  clockLead(nowMs: number): Promise<number> {
    return this.#run(() => this.#engine.clockLead(nowMs));
  }

  /** See LedgerWriter.erase. The bytes are gone after wipe(). */
  async erase(erasure: Erasure): Promise<Erased> {
    const erased = await this.#alone((sql) => erasePerson(sql, this.#tombstones, erasure, this.#slots), erasure.isTrial);
    this.#erasedAt = await this.#untilCommitted(() => nowOf(this.#database));
    return erased;
  }

  /** See LedgerWriter.rename. */
  rename({ names, isTrial }: Renaming): Promise<Renamed> {
    return this.#alone((sql) => renameUsers(sql, names, this.#slots), isTrial);
  }

  /** Takes the bytes of what was erased out of the tables. False while somebody reads an older state. */
  wipe(): Promise<boolean> {
    return wipe(this.#patient, this.#erasedAt);
  }

  /** Rejects when nothing can be written now. */
  async probe(): Promise<void> {
    if (this.#isRegistered && this.#isStale) await this.#reread();
    await this.#replica.renew();
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#replica.leave().catch(() => undefined);
    await this.#database.close();
    await this.#patient.close();
  }

  /** A plan in a transaction of its own. */
  async #run<Result>(plan: () => Plan<Result>): Promise<Result> {
    return this.#untilCommitted(async () => {
      await this.#begin();
      return this.#transact(plan);
    });
  }

  async #transact<Result>(plan: () => Plan<Result>, before: (sql: Sql) => Promise<void> = nothing): Promise<Result> {
    const transaction = this.#database.transaction(
      async (sql) => {
        await this.#gate(sql);
        await before(sql);
        return this.#plan(sql, plan);
      },
      { attempts: 1 },
    );
    const result = await transaction.catch(async (error: unknown) => {
      throw (await this.#partitions.mend(error)) ? new Lesson('A partition of entries was missing.', { cause: error }) : error;
    });
    this.#dims.kept();
    await this.#fold?.before(Number.MAX_SAFE_INTEGER);
    return result;
  }

  /** What has the ledger for itself; what all remember of it is void afterwards. A trial changes nothing. */
  async #alone<Result>(change: (sql: Transaction) => Promise<Result>, isTrial = false): Promise<Result> {
    return this.#untilCommitted(async () => {
      await this.#begin();
      const undone: Result[] = [];
      const changed = this.#patient.transaction(
        async (sql) => {
          await this.#replica.gateOfAll(sql);
          this.#refuseChanged();
          const result = await change(sql);
          await raiseGeneration(sql);
          if (isTrial) {
            undone.push(result);
            throw new Undone();
          }
          return result;
        },
        { attempts: 1 },
      );
      return changed.catch((error: unknown) => {
        // What it has made known was taken back.
        this.#isStale = true;
        const [result] = undone;
        if (!(error instanceof Undone) || result === undefined) throw error;
        this.#forget(error);
        return result;
      });
    });
  }

  async #plan<Result>(sql: Sql, plan: () => Plan<Result>): Promise<Result> {
    const known = new KnownRows(sql, this.#dims);
    const result = await runLater(plan(), new PostgresTables(known, { replica: this.#replica.number, slots: this.#slots, known: this.#known }));
    // Most was made beforehand.
    await this.#dims.store(sql);
    return result;
  }

  #untilCommitted<Result>(act: () => Promise<Result>, untilMs = performance.now() + PATIENCE_MS): Promise<Result> {
    return untilCommitted(act, { untilMs, forget: (error) => this.#forget(error) });
  }

  /** Before each transaction. */
  async #begin(): Promise<void> {
    if (!this.#isRegistered) {
      await this.#replica.register();
      this.#isRegistered = true;
      this.#isStale = true;
    }
    const { changes } = this.#database;
    if (changes !== this.#changes) this.#isStale = true;
    this.#changes = changes;
    if (this.#isStale) await this.#reread();
    await this.#dims.begin(this.#database);
    if (await this.#admitted.begin(this.#database, Date.now())) this.#generation++;
  }

  /** First of all in a transaction that writes. */
  async #gate(sql: Sql): Promise<void> {
    await this.#replica.gate(sql);
    this.#refuseChanged();
  }

  /** The database became another one since #begin, where no statement failed of it. */
  #refuseChanged(): void {
    if (this.#database.changes !== this.#changes) throw new Lesson('The database may have lost what was committed last.');
  }

  async #reread(): Promise<void> {
    this.#generation++;
    this.#admitted.reread();
    this.#known.forget();
    this.#partitions.forget();
    this.#engine.forget();
    await refuseOtherCalendar(this.#database, this.#options, 'unavailable');
    await this.#tombstones.read(this.#database);
    this.#isStale = false;
  }

  /** After a transaction that failed. */
  #forget(error: unknown): void {
    // Where others are in the way again and again, remembering nothing would make each attempt slower than the one before.
    const isUndone = error instanceof Lesson || UNDONE.has(troubleOf(error));
    if (isUndone) this.#engine.undo();
    else this.#engine.forget();
    if (isUndone) this.#known.undo();
    else this.#known.forget();
    this.#dims.forget();
    if (error instanceof NumberLost) this.#isRegistered = false;
    if (error instanceof Superseded) this.#isStale = true;
    if (error instanceof TakenNumber) {
      this.#admitted.renumber();
      this.#generation++;
    }
  }

  /**
   * Makes what is new beside entries in a transaction of its own, so that nobody who makes the same waits for a long one. A database that fails may
   * lose it until the transaction that follows is durable: answers what to call then, and without that it is made again.
   */
  async #prepare(jobs: readonly Job[]): Promise<() => void> {
    await this.#partitions.ensure([Date.now(), ...jobs.map(({ receivedMs }) => receivedMs)]);
    if (!this.#admitted.hasFresh && !this.#hasNewSessions(jobs)) return () => undefined;
    return this.#database.transaction(
      async (sql) => {
        await this.#gate(sql);
        const stored = await this.#admitted.store(sql);
        await prepareSessions(sql, jobs, this.#known, this.#slots);
        return stored;
      },
      { attempts: 1, begin: this.#slots === 1 ? BEGIN_BEFORE : 'BEGIN' },
    );
  }

  #hasNewSessions(jobs: readonly Job[]): boolean {
    const ids = new Set(jobs.flatMap(({ entries }) => entries.map(({ sessionId }) => sessionId)));
    return [...ids].some((id) => this.#known.get(this.#known.numberOf(id)) === undefined);
  }

  /** Answers how many new values became "(other)". */
  #nameDims(job: Job): Grouped {
    nameDims(job, { dims: this.#admitted, names: this.#tombstones.names, generation: this.#generation });
    return groupedOf(this.#admitted.takeRefused());
  }
}

/** A trial is over. */
class Undone extends Error {}

function overflowOf(grouped: readonly Grouped[]): Map<Counter, number> {
  const counts = new Map<Counter, number>();
  for (const one of grouped) {
    for (const [name, amount] of Object.entries(one ?? {})) counts.set(`overflow:${name}`, (counts.get(`overflow:${name}`) ?? 0) + amount);
  }
  return counts;
}

const nothing = (): Promise<void> => Promise.resolve();
