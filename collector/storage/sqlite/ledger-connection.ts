/** One read-only connection to the embedded ledger, which never delays the writer. Its answers are ready when it returns. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import { Calendar, type CalendarOptions } from '../../core/calendar.ts';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import { canonicalZone } from '../../core/time-zone.ts';
import { atOnce } from '../../core/turn.ts';
import type { ApiRequestsAnswer, ApiRequestsQuery } from '../../ledger/api-requests.ts';
import type { ClosedMonth, MovedQuery, MovedRow } from '../../ledger/closed-months.ts';
import type { LedgerStatus, MinuteRate, Person, Query, QueryResult, Row, RowsQuery, SequenceGaps } from '../../ledger/ledger.ts';
import type { AppliedRepricing } from '../../ledger/repricing-record.ts';
import type { CourseQuery, SessionCourse } from '../../ledger/session-course.ts';
import type {
  Sender,
  Session,
  SessionBand,
  SessionBandsQuery,
  SessionCountQuery,
  SessionSummary,
  SessionsQuery,
  SharedSessions,
  Within,
} from '../../ledger/sessions.ts';
import { spentInTime } from '../../ledger/spent-in-time.ts';
import type { UserMinute, UserMinutesQuery } from '../../ledger/user-minutes.ts';
import { apiRequestSteps } from './api-requests.ts';
import { damageOf } from './backup-check.ts';
import { movedSteps, readClosedMonths } from './closed-months.ts';
import { checkLedger } from './consistency-check.ts';
import { refuseForeignLog } from './generation.ts';
import { type Pace, QueryEngine } from './query-engine.ts';
import { readRepricings } from './repricings.ts';
import { refuseUnfinished } from './restore-journal.ts';
import { RowWalk, type WalkPace } from './row-walk.ts';
import { opening, refuseNewer, refuseOlder, userVersion } from './schema.ts';
import { readSharedSessions } from './session-places.ts';
import { Listing } from './session-queries.ts';
import { SessionReader } from './session-reader.ts';
import { userMinuteSteps } from './user-minutes.ts';

export interface ReaderOptions extends CalendarOptions {
  readonly file: string;
  readonly pace?: Pace & Partial<WalkPace>;
}

/** Throws LedgerlineError `not_found` when there is no ledger, `invalid` when this program cannot read it. */
export const openConnection = (options: ReaderOptions, calendarFor = calendarsOf(options)): LedgerConnection =>
  new LedgerConnection(openForReading(options.file), options, calendarFor);

function refuseAbsent(file: string): void {
  try {
    statSync(file);
  } catch (cause) {
    if (codeOf(cause) === 'EACCES')
      throw new LedgerlineError('invalid', `This user may not look for a ledger at ${file}.`, {
        cause,
        hint: 'Run the command as the user that the collector runs as, or ask the collector with --url.',
      });
    throw new LedgerlineError('not_found', `There is no ledger at ${file}.`, {
      hint: 'Start the collector once (npm run up), name its data folder with --data, or read the demo with --demo.',
    });
  }
}

/** Throws as openConnection. */
export function openForReading(file: string): DatabaseSync {
  refuseAbsent(file);
  refuseUnfinished(dirname(file));
  refuseForeignLog(file);
  const database = new DatabaseSync(file, { readOnly: true });
  refuseNewer(opening(file, () => userVersion(database)));
  opening(file, () => refuseOlder(database));
  return database;
}

/** Of other time zones than the ledger's own. A calendar remembers some megabytes of days at the most. */
const CALENDARS_MAX = 32;

type CalendarFor = (timeZone: string) => Calendar;

/** Remembered, and shared by the connections of a reader: making days of instants is slow. */
export function calendarsOf({ weekStart }: ReaderOptions): CalendarFor {
  const calendars = new LRUCache<string, Calendar>({ max: CALENDARS_MAX, memoMethod: (timeZone) => new Calendar({ timeZone, weekStart }) });
  return (timeZone) => calendars.memo(timeZone);
}

export class LedgerConnection {
  readonly #database: DatabaseSync;
  readonly #options: ReaderOptions;
  readonly #engine: QueryEngine;
  readonly #walk: RowWalk;
  readonly #listing: Listing;
  readonly #sessions: SessionReader;
  readonly #calendarFor: CalendarFor;

  constructor(database: DatabaseSync, options: ReaderOptions, calendarFor: CalendarFor) {
    this.#database = database;
    this.#options = options;
    this.#calendarFor = calendarFor;
    this.#listing = new Listing(database);
    this.#sessions = new SessionReader(database);
    this.#engine = new QueryEngine(database, calendarFor(canonicalZone(options.timeZone)), calendarFor, options.pace);
    this.#walk = new RowWalk(database, this.#engine, calendarFor, options.pace);
  }

  query(query: Query): QueryResult {
    return this.#consistently(() => atOnce(this.querySteps(query)));
  }

  /** The same on a connection that is held, in steps of some milliseconds. */
  *querySteps(query: Query): Generator<undefined, QueryResult> {
    const found = yield* this.#engine.rows(query);
    const rows = query.isInTime === true ? yield* this.#inTime(query, found) : found;
    const totals = query.measures.map((_, index) => rows.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n));
    return { rows, totals, asOfMs: this.#asOf() };
  }

  *#inTime(query: Query, found: Row[]): Generator<undefined, Row[]> {
    const asking = spentInTime(query, found, this.#calendarFor(canonicalZone(query.timeZone)));
    let step = asking.next();
    while (!step.done) step = asking.next(yield* this.movedSteps(step.value));
    return step.value;
  }

  /** Pages, and undefined between steps. On a connection that is held. */
  rowSteps(query: RowsQuery): Generator<readonly Row[] | undefined, void> {
    return this.#walk.pages(query);
  }

  session(sessionId: string, within?: Within): Session | undefined {
    return this.#consistently(() => this.#sessions.session(sessionId, within));
  }

  sessionSummary(sessionId: string, within?: Within): SessionSummary | undefined {
    return this.#consistently(() => this.#sessions.summary(sessionId, within));
  }

  course(sessionId: string, query: CourseQuery): SessionCourse | undefined {
    return this.#consistently(() => this.#sessions.course(sessionId, query));
  }

  sessions(query: SessionsQuery): SessionSummary[] {
    return this.#consistently(() => this.#listing.sessions(query));
  }

  sessionCount(query: SessionCountQuery): number {
    return this.#listing.sessionCount(query);
  }

  sessionBands(query: SessionBandsQuery): SessionBand[] {
    return this.#consistently(() => this.#listing.sessionBands(query));
  }

  senders(sinceMs: number, within?: Within): Sender[] {
    return this.#listing.senders(sinceMs, within);
  }

  minutes(timeRange: { readonly fromMs: number; readonly toMs: number }, within?: Within): MinuteRate[] {
    return this.#listing.minutes(timeRange, within);
  }

  /** In steps of some milliseconds, on a connection that is held. */
  userMinuteSteps(query: UserMinutesQuery): Generator<undefined, UserMinute[] | undefined> {
    return userMinuteSteps(this.#database, query);
  }

  /** In steps of some milliseconds, on a connection that is held. */
  apiRequestSteps(query: ApiRequestsQuery): Generator<undefined, ApiRequestsAnswer> {
    return apiRequestSteps(this.#database, query);
  }

  repricings(): AppliedRepricing[] {
    return readRepricings(this.#database);
  }

  sharedSessions(max: number): SharedSessions[] {
    return readSharedSessions(this.#database, max);
  }

  closedMonths(): ClosedMonth[] {
    return readClosedMonths(this.#database);
  }

  /** In steps of some milliseconds, on a connection that is held. */
  movedSteps(query: MovedQuery): Generator<undefined, MovedRow[]> {
    return movedSteps(this.#database, query, this.#options.pace?.stepRows);
  }

  people(within?: Within): Person[] {
    return this.#listing.people(within);
  }

  gaps(sinceMs: number, within?: Within): SequenceGaps[] {
    return this.#listing.gaps(sinceMs, within);
  }

  status(): LedgerStatus {
    const state = new Map(
      this.#database
        .prepare('SELECT name, value FROM state')
        .all()
        .map((row) => [String(row.name), row.value]),
    );
    const number = (name: string) => Number(state.get(name) ?? 0);
    const overflow: Partial<Record<DimensionName, number>> = {};
    for (const name of DIMENSION_NAMES) if (state.has(`overflow:${name}`)) overflow[name] = number(`overflow:${name}`);
    return {
      asOfMs: this.#asOf(),
      entries: number('appended') - number('pruned'),
      sessions: number('sessions'),
      schemaVersion: userVersion(this.#database),
      counters: {
        appended: number('appended'),
        duplicates: number('duplicates'),
        conflicts: number('conflicts'),
        expired: number('expired'),
        late: number('late'),
      },
      heldBack: number('held_back'),
      overflow,
    };
  }

  check(): readonly string[] {
    return this.#consistently(() => {
      const found = opening(this.#options.file, () => damageOf(this.#database));
      if (found === undefined) return checkLedger(this.#database, this.#options);
      return [`${this.#options.file} is damaged: ${found}. Stop the collector and restore a backup with \`ledgerline restore\`.`];
    });
  }

  /** Every answer from now on is about this instant, until it is let go. */
  hold(): void {
    this.#database.exec('BEGIN');
    // SQLite fixes the instant with the first read.
    this.#asOf();
  }

  letGo(): void {
    this.#database.exec('COMMIT');
  }

  close(): void {
    this.#database.close();
  }

  /** All statements of one answer see the same state of the ledger; while it is held, all answers do. */
  #consistently<Result>(read: () => Result): Result {
    if (this.#database.isTransaction) return read();
    this.#database.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  #asOf(): number | undefined {
    const value = this.#database.prepare(`SELECT value FROM state WHERE name = 'as_of_ms'`).get()?.value;
    return typeof value === 'number' ? value : undefined;
  }
}
