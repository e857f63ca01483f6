/** The writing side of the embedded ledger: applies batches of entries, one transaction for as many exports as are waiting. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { Calendar, type CalendarOptions, quarterOf } from '../../core/calendar.ts';
import { type BookingItem, inTimeOrder, type Posting, SessionBook } from '../../ledger/booking.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import { LATE_MS } from '../../ledger/ledger.ts';
import { DELAYED, PROMPT, REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { inSequenceOrder, readSequences } from '../../ledger/sequence-gaps.ts';
import { type DimsRef, type EncodedEntry, type Job, recognisedOf, sourceOf } from './batch-codec.ts';
import { StateTable } from './counters.ts';
import { DimsTable } from './dimension-sets.ts';
import { MinutesTable } from './minute-rates.ts';
import { PeopleTable } from './people.ts';
import { rebuildCoarse, SliceReader } from './rollup-rebuild.ts';
import { RollupTable } from './rollup-table.ts';
import { MarkReader } from './rollup-watermark.ts';
import { Postings } from './rollup-writer.ts';
import { migrate, opening, transaction } from './schema.ts';
import { History, type HistoryItem, isNumbered, totalsByModel } from './session-entries.ts';
import { addCost, type SessionState, SessionsTable } from './sessions.ts';

/** Clients export every few seconds, or every minute: then nearly all of a quarter of an hour is here. */
const SETTLED_MS = 120_000;
/** Rows of the finest roll-up that one transaction adds to the delayed ones: bounds how long exports wait for it. */
const ROLLED_UP_AT_ONCE = 1_000;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export class SqliteStore {
  readonly #database: DatabaseSync;
  readonly #dims: DimsTable;
  readonly #sessions: SessionsTable;
  readonly #history: History;
  readonly #postings: Postings;
  readonly #delayed: Postings;
  readonly #slices: SliceReader;
  readonly #rolledUp: MarkReader;
  readonly #state: StateTable;
  readonly #minutes: MinutesTable;
  readonly #people: PeopleTable;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  /** Counts failed transactions: ids of dimensions handed out in one are void. */
  #generation = 1;

  constructor(file: string, options: CalendarOptions) {
    this.#database = opening(file, () => open(file));
    const created = opening(file, () => migrate(this.#database));
    const calendar = new Calendar(options);
    this.#state = new StateTable(this.#database);
    this.#dims = new DimsTable(this.#database, (dimension) => this.#state.count(`overflow:${dimension}`, 1));
    this.#sessions = new SessionsTable(this.#database);
    this.#minutes = new MinutesTable(this.#database, this.#dims);
    this.#people = new PeopleTable(this.#database, this.#dims);
    this.#history = new History(this.#database);
    this.#postings = new Postings(this.#database, this.#dims, calendar);
    this.#delayed = new Postings(this.#database, this.#dims, calendar, DELAYED);
    this.#slices = new SliceReader(this.#database);
    this.#rolledUp = new MarkReader(this.#database);
    this.#insert = this.#database.prepare(
      `INSERT INTO entries (session, identity, time_ms, flags, dims, cost, list_cost, amounts, series, start_ms, sequence)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#find = this.#database.prepare('SELECT * FROM entries WHERE session = ? AND identity = ?');
    this.#find.setReadBigInts(true);
    this.#followCalendar(options, created.length > 0, calendar);
    this.#removeOldMinutes();
  }

  /** Applies all jobs in one transaction. Throws when it did not commit; then nothing of them is in the ledger. */
  apply(jobs: readonly Job[]): AppendOutcome[] {
    try {
      return transaction(this.#database, () => {
        const outcomes = jobs.map((job) => this.#append(job));
        const receivedMs = Math.max(...jobs.map((job) => job.receivedMs));
        this.#postings.flush(this.#rolledUp.read());
        this.#rollUp(receivedMs);
        this.#sessions.flush();
        this.#minutes.flush();
        this.#people.flush();
        this.#state.flush();
        this.#state.set('as_of_ms', receivedMs);
        return outcomes;
      });
    } catch (error) {
      this.#forget();
      throw error;
    } finally {
      this.#sessions.trim();
    }
  }

  /** Adds the quarters that are over to the delayed roll-ups, some rows with each transaction. What still comes for them is added as it comes. */
  #rollUp(receivedMs: number): void {
    const mark = this.#rolledUp.read();
    const settled = quarterOf(receivedMs - SETTLED_MS);
    if (settled <= mark.bucket) return;
    const { quarters, next } = this.#slices.read(mark, { bucket: settled, dims: 0 }, ROLLED_UP_AT_ONCE);
    this.#delayed.addUp(quarters);
    this.#state.set('rolled_up_bucket', next.bucket);
    this.#state.set('rolled_up_dims', next.dims);
  }

  /** Whole sessions at a time, so that what is left can still recognise every duplicate. */
  prune(beforeMs: number): number {
    const ids = 'SELECT id FROM sessions WHERE last_ms < ? AND is_pruned = 0';
    try {
      return transaction(this.#database, () => {
        for (const { id } of this.#database.prepare(ids).all(beforeMs)) this.#keepTotals(Number(id));
        const { changes } = this.#database.prepare(`DELETE FROM entries WHERE session IN (${ids})`).run(beforeMs);
        this.#database.prepare(`UPDATE sessions SET is_pruned = 1 WHERE id IN (${ids})`).run(beforeMs);
        this.#state.count('pruned', Number(changes));
        this.#removeOldMinutes();
        this.#state.flush();
        return Number(changes);
      });
    } finally {
      this.#forget();
    }
  }

  /** Throws when nothing can be written now. */
  probe(): number {
    transaction(this.#database, () => this.#state.set('probed_ms', Date.now()));
    return 0;
  }

  #removeOldMinutes(): void {
    const asOfMs = this.#state.number('as_of_ms');
    if (asOfMs !== undefined) this.#minutes.removeOld(asOfMs);
  }

  /** What a session came to outlives its entries. */
  #keepTotals(session: number): void {
    const table = new RollupTable(this.#database, REMOVED_SESSIONS.table);
    const other = DIMENSION_NAMES.map(() => '');
    for (const [model, totals] of totalsByModel(this.#history.of(session))) {
      table.add(session, this.#dims.idOf(other.with(DIMENSION_NAMES.indexOf('model'), model)), totals);
    }
  }

  close(): void {
    this.#database.close();
  }

  #dimsOf(ref: DimsRef): number {
    if (ref.id === undefined || ref.generation !== this.#generation) {
      ref.id = this.#dims.idOf(ref.values);
      ref.generation = this.#generation;
    }
    return ref.id;
  }

  #append({ entries, receivedMs }: Job): AppendOutcome {
    const outcome: Mutable<AppendOutcome> = { appended: 0, duplicates: 0, conflicts: 0, expired: 0 };
    const fresh = new Map<SessionState, HistoryItem[]>();
    for (const entry of entries) {
      const dims = this.#dimsOf(entry.dims);
      const session = this.#session(entry, dims);
      if (session.isPruned) outcome.expired++;
      else if (this.#insertEntry(session, entry, dims)) {
        outcome.appended++;
        this.#note(entry, dims, receivedMs);
        fresh.getOrInsertComputed(session, () => []).push(this.#item(entry, dims));
      } else if (this.#isSame(session, entry, dims)) outcome.duplicates++;
      else outcome.conflicts++;
    }
    for (const [session, items] of fresh) this.#book(session, items.sort(inTimeOrder));
    for (const [counter, amount] of Object.entries(outcome)) this.#state.count(counter as keyof AppendOutcome, amount);
    return outcome;
  }

  /** What is kept about an entry beside its booking. */
  #note(entry: EncodedEntry, dims: number, receivedMs: number): void {
    if (entry.timeMs < receivedMs - LATE_MS) this.#state.count('late', 1);
    this.#minutes.count(entry, dims, receivedMs);
    this.#people.see(entry.timeMs, dims);
  }

  #session(entry: EncodedEntry, dims: number): SessionState {
    const known = this.#sessions.find(entry.sessionId);
    if (known !== undefined) return known;
    const mark = { timeMs: entry.timeMs, identity: entry.identity, dims };
    const created = this.#sessions.create(entry.sessionId, mark);
    this.#postings.addCount(mark, 'sessions', 1);
    this.#state.count('sessions', 1);
    return created;
  }

  #insertEntry(session: SessionState, entry: EncodedEntry, dims: number): boolean {
    const isCumulative = entry.series !== '';
    const { changes } = this.#insert.run(
      session.id,
      entry.identity,
      entry.timeMs,
      entry.flags,
      dims,
      entry.cost,
      entry.listCost,
      entry.storedAmounts,
      isCumulative ? entry.series : null,
      isCumulative ? entry.startMs : null,
      entry.sequence ?? null,
    );
    return changes !== 0;
  }

  /** Same amounts of the same model is the same entry; who it was booked to may have been told differently since. */
  #isSame(session: SessionState, entry: EncodedEntry, dims: number): boolean {
    const row = this.#find.get(session.id, entry.identity);
    if (row === undefined) return false;
    const sameModel = this.#dims.value(Number(row.dims), 'model') === this.#dims.value(dims, 'model');
    return sameModel && row.cost === entry.cost && row.amounts === entry.storedAmounts;
  }

  #item(entry: EncodedEntry, dims: number): HistoryItem {
    return {
      identity: entry.identity,
      timeMs: entry.timeMs,
      source: sourceOf(entry.flags),
      model: this.#dims.value(dims, 'model'),
      modelRecognised: recognisedOf(entry.flags),
      dims,
      cost: entry.cost,
      listCost: entry.listCost,
      amounts: entry.amounts,
      cumulative: entry.series === '' ? undefined : { series: entry.series, startMs: entry.startMs },
      sequence: entry.sequence,
    };
  }

  #book(session: SessionState, items: readonly HistoryItem[]): void {
    for (const item of items) this.#mark(session, item);
    this.#followSequences(session, items);
    this.#sessions.touch(session);
    session.book ??= this.#walked(session, items);
    const { book } = session;
    for (const [index, item] of items.entries()) {
      if (!book.isNext(item)) {
        this.#bookAgain(session, items.slice(index));
        return;
      }
      this.#post(session, book.bookNext(item));
    }
  }

  #followSequences(session: SessionState, items: readonly HistoryItem[]): void {
    const events = items.filter(isNumbered).sort(inSequenceOrder);
    const [first] = events;
    if (first === undefined) return;
    if (session.sequences?.isNext(first)) for (const event of events) session.sequences.add(event);
    else session.sequences = readSequences(this.#history.of(session.id).filter(isNumbered));
    session.numberedEvents = session.sequences.events;
    session.missingEvents = session.sequences.missing;
  }

  #walked(session: SessionState, except: readonly BookingItem<number>[]): SessionBook<number> {
    const book = new SessionBook<number>();
    const fresh = new Set(except.map((item) => item.identity));
    book.bookAll(this.#history.of(session.id).filter((item) => !fresh.has(item.identity)));
    return book;
  }

  /** Something came late: walks the session without it and with it, and posts the difference. */
  #bookAgain(session: SessionState, late: readonly BookingItem<number>[]): void {
    const isLate = new Set(late.map((item) => item.identity));
    const items = this.#history.of(session.id);
    const known = items.filter((item) => !isLate.has(item.identity));
    const postedBefore = new SessionBook<number>().bookAll(known);
    session.book = new SessionBook<number>();
    const posted = session.book.bookAll(items);
    const old = new Map(known.map((item, index) => [item.identity, postedBefore[index]]));
    for (const [index, item] of items.entries()) {
      const before = old.get(item.identity);
      const after = posted[index];
      if (before !== undefined) this.#post(session, before, -1);
      if (after !== undefined) this.#post(session, after);
    }
  }

  #post(session: SessionState, posting: Posting<number>, sign: 1 | -1 = 1): void {
    this.#postings.add(posting, sign);
    addCost(session, posting, sign === 1 ? 1n : -1n);
  }

  /** Keeps the first and the last record of a session, which depend on times alone, and counts the session where it began. */
  #mark(session: SessionState, item: BookingItem<number>): void {
    if (inTimeOrder(session.last, item) < 0) {
      session.last = item;
    }
    const begins = inTimeOrder(item, session.first) < 0;
    const isDashboard = session.isDashboard || this.#dims.value(item.dims, 'start_type') === 'agents_view';
    if (!begins && isDashboard === session.isDashboard) return;
    if (!session.isDashboard) this.#postings.addCount(session.first, 'sessions', -1);
    if (begins) session.first = item;
    session.isDashboard = isDashboard;
    if (!isDashboard) this.#postings.addCount(session.first, 'sessions', 1);
  }

  #forget(): void {
    this.#generation++;
    this.#dims.forget();
    this.#sessions.forget();
    this.#postings.clear();
    this.#minutes.clear();
    this.#people.forget();
    this.#state.forget();
  }

  /** Days, weeks and months belong to a zone; when the configured one changes, they are added up again from quarter hours. */
  #followCalendar(options: CalendarOptions, isNewTable: boolean, calendar: Calendar): void {
    const wanted = `${options.timeZone} ${options.weekStart}`;
    const found = this.#state.text('calendar');
    if (found === wanted && !isNewTable) return;
    transaction(this.#database, () => {
      rebuildCoarse(this.#database, new Postings(this.#database, this.#dims, calendar, PROMPT), PROMPT);
      rebuildCoarse(this.#database, this.#delayed, DELAYED, this.#rolledUp.read());
      this.#state.set('calendar', wanted);
    });
  }
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000');
  return database;
}
