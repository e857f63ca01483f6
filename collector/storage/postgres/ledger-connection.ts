/** The ledger at one instant: what can be asked in one snapshot of the database. Errors are as the driver has them. */
import { LRUCache } from 'lru-cache';
import { Calendar, type CalendarOptions } from '../../core/calendar.ts';
import { canonicalZone } from '../../core/time-zone.ts';
import type { ApiRequestsAnswer, ApiRequestsQuery } from '../../ledger/api-requests.ts';
import type { ClosedMonth, MovedQuery, MovedRow } from '../../ledger/closed-months.ts';
import type { LedgerSnapshot, LedgerStatus, MinuteRate, Person, Query, QueryResult, Row, RowsQuery, SequenceGaps } from '../../ledger/ledger.ts';
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
import { readApiRequests } from './api-requests-read.ts';
import { checkLedger } from './consistency-check.ts';
import { readStatus } from './ledger-status.ts';
import { readClosedMonths, readMoved } from './moved-postings.ts';
import { QueryEngine } from './query-engine.ts';
import { readRepricings } from './repricings-read.ts';
import { Listing } from './session-queries.ts';
import { SessionReader } from './session-reader.ts';
import { readSharedSessions } from './session-shares.ts';
import type { Held } from './snapshot-pool.ts';
import { userMinutes } from './user-minutes.ts';

/** Of other time zones than the ledger's own. A calendar remembers some megabytes of days at the most. */
const CALENDARS_MAX = 32;

export interface ConnectionOptions extends CalendarOptions {
  /** Rows of a large answer that come at once. */
  readonly pageRows?: number | undefined;
}

/** Makes what is asked in a snapshot; calendars are remembered from one to the next. */
export function connections(options: ConnectionOptions): (held: Held) => LedgerConnection {
  const { timeZone, weekStart, pageRows } = options;
  const calendars = new LRUCache<string, Calendar>({ max: CALENDARS_MAX, memoMethod: (zone) => new Calendar({ timeZone: zone, weekStart }) });
  const calendarFor = (zone: string): Calendar => calendars.memo(zone);
  const engine = new QueryEngine(calendarFor(canonicalZone(timeZone)), calendarFor, pageRows);
  return (held) => new LedgerConnection(held, engine, options, calendarFor);
}

export class LedgerConnection implements LedgerSnapshot {
  readonly #held: Held;
  readonly #engine: QueryEngine;
  readonly #options: ConnectionOptions;
  readonly #listing: Listing;
  readonly #sessions: SessionReader;
  readonly #calendarFor: (timeZone: string) => Calendar;

  constructor(held: Held, engine: QueryEngine, options: ConnectionOptions, calendarFor: (timeZone: string) => Calendar) {
    this.#held = held;
    this.#engine = engine;
    this.#options = options;
    this.#calendarFor = calendarFor;
    this.#listing = new Listing(held.sql);
    this.#sessions = new SessionReader(held.sql, held.slots);
  }

  async query(query: Query): Promise<QueryResult> {
    const found = await this.#engine.rows(this.#held.sql, query);
    const rows = query.isInTime === true ? await this.#inTime(query, found) : found;
    const totals = query.measures.map((_, index) => rows.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n));
    return { rows, totals, asOfMs: this.#held.asOfMs };
  }

  async #inTime(query: Query, found: Row[]): Promise<Row[]> {
    const asking = spentInTime(query, found, this.#calendarFor(canonicalZone(query.timeZone)));
    let step = asking.next();
    while (!step.done) step = asking.next(await this.moved(step.value));
    return step.value;
  }

  rows(query: RowsQuery): AsyncGenerator<readonly Row[], void> {
    return this.#engine.pages(this.#held.sql, query);
  }

  session(sessionId: string, within?: Within): Promise<Session | undefined> {
    return this.#sessions.session(sessionId, within);
  }

  sessionSummary(sessionId: string, within?: Within): Promise<SessionSummary | undefined> {
    return this.#sessions.summary(sessionId, within);
  }

  course(sessionId: string, query: CourseQuery): Promise<SessionCourse | undefined> {
    return this.#sessions.course(sessionId, query);
  }

  sessions(query: SessionsQuery): Promise<readonly SessionSummary[]> {
    return this.#listing.sessions(query);
  }

  sessionCount(query: SessionCountQuery): Promise<number> {
    return this.#listing.sessionCount(query);
  }

  sessionBands(query: SessionBandsQuery): Promise<readonly SessionBand[]> {
    return this.#listing.sessionBands(query);
  }

  senders(sinceMs: number, within?: Within): Promise<readonly Sender[]> {
    return this.#listing.senders(sinceMs, within);
  }

  minutes(timeRange: { readonly fromMs: number; readonly toMs: number }, within?: Within): Promise<readonly MinuteRate[]> {
    return this.#listing.minutes(timeRange, within);
  }

  userMinutes(query: UserMinutesQuery): Promise<readonly UserMinute[] | undefined> {
    return userMinutes(this.#held.sql, query);
  }

  people(within?: Within): Promise<readonly Person[]> {
    return this.#listing.people(within);
  }

  async apiRequests(query: ApiRequestsQuery, within: Within = []): Promise<ApiRequestsAnswer> {
    return within.length > 0 ? { sums: [], uncounted: [] } : readApiRequests(this.#held.sql, query);
  }

  gaps(sinceMs: number, within?: Within): Promise<readonly SequenceGaps[]> {
    return this.#listing.gaps(sinceMs, within);
  }

  sharedSessions(max: number): Promise<readonly SharedSessions[]> {
    return readSharedSessions(this.#held.sql, max);
  }

  closedMonths(): Promise<readonly ClosedMonth[]> {
    return readClosedMonths(this.#held.sql);
  }

  moved(query: MovedQuery): Promise<readonly MovedRow[]> {
    return readMoved(this.#held.sql, query);
  }

  repricings(): Promise<readonly AppliedRepricing[]> {
    return readRepricings(this.#held.sql);
  }

  status(): Promise<LedgerStatus> {
    return readStatus(this.#held.sql, this.#held.asOfMs);
  }

  check(): Promise<readonly string[]> {
    const { timeZone, weekStart } = this.#options;
    const { sql, slots, asOfMs } = this.#held;
    return checkLedger(sql, { calendar: { timeZone, weekStart }, slots, asOfMs });
  }
}
