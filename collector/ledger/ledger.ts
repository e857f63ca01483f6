/**
 * The ledger's contract. Every store passes the suite in test/storage/contract/.
 *
 * An entry is one record of a client. Entries never change. The same entry again (same session and
 * identity) is a duplicate and has no effect; the same identity with other amounts or another model is a
 * conflict, counted and kept visible, never an overwrite. Totals are derived from entries alone, so they do not
 * depend on the order, the grouping or the number of deliveries.
 */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { Grain } from '../core/calendar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import type { LedgerlineError } from '../core/error.ts';
import type { ApiRequest, ApiRequestsAnswer, ApiRequestsOutcome, ApiRequestsQuery } from './api-requests.ts';
import type { ClosedMonth, MovedQuery, MovedRow } from './closed-months.ts';
import type { AppendOutcome, Batch } from './entry.ts';
import type { Erased, Erasure, Renamed, Renaming } from './erasure.ts';
import type { AppliedRepricing, NotedRepricing } from './repricing-record.ts';
import type { CourseQuery, SessionCourse } from './session-course.ts';
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
} from './sessions.ts';
import type { UserMinute, UserMinutesQuery } from './user-minutes.ts';

export interface LedgerWriter {
  /**
   * Resolves when the batch is durable. Rejects when nothing of it was committed: with `unavailable` or `internal` when a retry may
   * help, with `invalid` when the ledger can never hold it.
   */
  append(batch: Batch): Promise<AppendOutcome>;
  /** Keeps what the API itself counted, once for each request; books nothing. Resolves when it is durable. Rejects as `append` does. */
  appendApiRequests(requests: readonly ApiRequest[]): Promise<ApiRequestsOutcome>;
  /** Batches handed over and not yet durable. */
  readonly pending: number;
  /** Resolves when writing ended without being asked to: then nothing can be booked until the collector starts again. */
  readonly lost: Promise<LedgerlineError>;
  /** Can the ledger take batches? After a write that failed, this tries one. */
  isWritable(): Promise<boolean>;
  /**
   * Removes entries of sessions last seen before the horizon, a few with each transaction, so that exports hardly wait. What it has removed
   * stays removed when it is broken off, and the next call goes on from there. Roll-ups and what sessions came to stay. A session that
   * is resumed is booked from the horizon on; entries from before it are expired. Resolves to the number removed. `confirm` is asked
   * before each transaction, and ends it with what it rejects with.
   */
  prune(beforeMs: number, confirm?: () => Promise<void>): Promise<number>;
  /**
   * Closes a month of the ledger's calendar, as in 2026-10: from then on its sums, and all before it, stay as they are, and what would change
   * them is posted in the current quarter of an hour (closed-months.ts). Months that have ended, one after the other; there is no way back. Resolves to
   * what is noted, also of one that is closed already. Rejects with `invalid` where it cannot be closed.
   */
  closeMonth(month: string, nowMs: number): Promise<ClosedMonth>;
  /** Notes that a repricing was begun, or with its id how it ended. Resolves to its id. */
  noteRepricing(repricing: NotedRepricing): Promise<number>;
  /** How far a clock is ahead of the times of the newest sessions, in milliseconds: what to ask before removing anything by that clock. */
  clockLead(nowMs: number): Promise<number>;
  /**
   * Puts a pseudonym in the place of a person's names, in one transaction: no total moves, and what is asked for by another name is as it was.
   * Resolves when their bytes are gone from where the ledger is kept, except from backups. Broken off and done again, it goes on.
   */
  erase(erasure: Erasure): Promise<Erased>;
  /** Puts names of users in the place of others, in one transaction: no total moves but theirs. */
  rename(renaming: Renaming): Promise<Renamed>;
  /** A consistent copy while writing goes on. Rejects where the file is there already. */
  backup(file: string): Promise<void>;
  /** Finishes what was handed over. What comes later is rejected with `unavailable`. */
  close(): Promise<void>;
}

export interface Query {
  readonly measures: readonly MeasureName[];
  readonly by: readonly DimensionName[];
  /** Inclusive; a whole quarter of an hour. Omitted: since the beginning. */
  readonly fromMs?: number;
  /** Exclusive; a whole quarter of an hour. Omitted: without end. */
  readonly toMs?: number;
  readonly grain: Grain;
  /** IANA zone in which days, weeks and months are cut. */
  readonly timeZone: string;
  readonly where: readonly Filter[];
  /** None of these values. */
  readonly whereNot?: readonly Filter[];
  /** At most this many rows; more is an error that says so, never a silent cut. */
  readonly rowsMax: number;
  /** 'other': instead of the error the largest rows by the first measure, and of each period one more for all others (Row.groups). */
  readonly beyond?: 'error' | 'other';
  /**
   * Without what was posted for a closed month though it was spent before the period of its row (spent-in-time.ts). Only where neither
   * `whereNot` nor `beyond` is asked for; periods need both ends of the time.
   */
  readonly isInTime?: true;
}

export interface Row {
  /** Start of the row's period, epoch milliseconds; undefined for grain total. */
  readonly startMs: number | undefined;
  /** Stored values, in the order of Query.by. */
  readonly key: readonly string[];
  /** Set on the row of the others, with the key "(other)" throughout: about how many they are. */
  readonly groups?: number;
  /** In the order of Query.measures: bigint pico-dollars for money, bigint integers for the rest. */
  readonly values: readonly bigint[];
}

/** Rows without a limit, for exports. */
export type RowsQuery = Omit<Query, 'rowsMax' | 'beyond' | 'isInTime'>;

export interface QueryResult {
  readonly rows: readonly Row[];
  /** Sum over all rows, in the order of Query.measures. */
  readonly totals: readonly bigint[];
  /** When the ledger last committed, epoch milliseconds; undefined when it is empty. */
  readonly asOfMs: number | undefined;
}

/** What one team asked of the API in one minute, for sizing rate limits. Values as stored. */
export interface MinuteRate {
  /** Start of the minute, epoch milliseconds. */
  readonly startMs: number;
  readonly organization: string;
  readonly team: string;
  /** Successful requests (api_request events). */
  readonly requests: number;
  /** Input, output and cache creation; cache reads do not count against rate limits. */
  readonly tokens: number;
}

/** Somebody who sent anything, in one team of one organization. Values as stored. */
export interface Person {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  /** Whole minutes, epoch milliseconds, rounded down. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** How many numbers are missing among those that clients gave their events (Entry.sequence). Values as stored. */
export interface SequenceGaps {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly clientVersion: string;
  /** Sessions that sent numbered events. */
  readonly sessions: number;
  /** Numbered events received. */
  readonly events: number;
  /** Numbers between those received that never came. What was lost before the first or after the last cannot be seen. */
  readonly missing: number;
}

/** Lifetime counts of what the ledger was offered. */
export interface LedgerCounters {
  readonly appended: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly expired: number;
  /** Appended entries whose time was more than an hour before they were received. */
  readonly late: number;
}

/** An entry is late when it was received this long after its time. */
export const LATE_MS = HOUR_MS;
/** How long requests and tokens by the minute are kept. */
export const MINUTES_KEPT_MS = 8 * DAY_MS;

export interface LedgerStatus {
  readonly asOfMs: number | undefined;
  readonly entries: number;
  readonly sessions: number;
  readonly schemaVersion: number;
  readonly counters: LedgerCounters;
  /** Entries that came so late into so long a session that their cost is held back. */
  readonly heldBack: number;
  /** Values beyond a dimension's limit, booked under "(other)". */
  readonly overflow: Readonly<Partial<Record<DimensionName, number>>>;
}

/**
 * What can be asked of a ledger at one instant. Every answer is a promise: a store may be on another thread or another machine. Errors:
 * `unavailable` when the store cannot answer now and asking again helps, `invalid` when the question cannot be answered at all.
 */
export interface LedgerSnapshot {
  /**
   * Sums of measures. What it costs is decided by `by`, `where`, `whereNot`, `grain` and the time together:
   *
   * - Cheap, thousands of rows at most: all dimensions in one coarse roll-up (rollups.ts), the ledger's own time zone or grain total, and a
   *   time that begins and ends with that roll-up's periods or is without edges. Where it begins or ends within a day, the whole days are
   *   read from the coarse roll-up and the two rests from the finest.
   * - Expensive, every row of the time: days, weeks and months of another time zone, grain hour by more than organization, team and model,
   *   grain quarter_hour, or dimensions that no coarse roll-up has together (such as user and tool). They scan the finest roll-up: all
   *   dimensions by quarter hour, millions of rows a year at a large organization. Narrow the time; filters save rows of the answer, not
   *   of the scan.
   *
   * More measures of the same rows cost little: ask for them together. Rejects with `invalid` beyond `rowsMax` rows, unless `beyond` says otherwise.
   */
  query(query: Query): Promise<QueryResult>;
  /**
   * All rows of a query by period, then by key (compareKeys), a page of at most some thousands at a time: their sums are the query's totals.
   * Memory is that of some ten thousand rows and of all names, however many rows there are. Costs what the query costs, once; a period with more rows
   * than that is read several times. All pages are about the instant of the first.
   */
  rows(query: RowsQuery): AsyncIterable<readonly Row[]>;
  /**
   * By its full id, or by the id that its client gave it: then the one with the largest cost of those called so. Cheap: as much as the
   * session has entries. With filters what of it is inside, undefined when nothing is; when it began and ended is the whole session's.
   */
  session(sessionId: string, within?: Within): Promise<Session | undefined>;
  /** Called as for `session`: what it came to and where it is, by one look into an index, however many entries it has. */
  sessionSummary(sessionId: string, within?: Within): Promise<SessionSummary | undefined>;
  /** Called as for `session`. Undefined where there is none, or nothing within what is asked. Costs as much as the session has entries. */
  course(sessionId: string, query: CourseQuery): Promise<SessionCourse | undefined>;
  /**
   * Ties go to the one seen last, then to the lower session id (by its bytes). Costs as much as the time has sessions; the newest alone are
   * cheap, and so are those after a place among the newest.
   */
  sessions(query: SessionsQuery): Promise<readonly SessionSummary[]>;
  /** How many `sessions` would list without a limit. Costs as much as the time has sessions. */
  sessionCount(query: SessionCountQuery): Promise<number>;
  /** Bands without a session are left out. Costs as much as the time has sessions. */
  sessionBands(query: SessionBandsQuery): Promise<readonly SessionBand[]>;
  /** Last seen since then, and inside at last, the newest first. Costs as much as the time has sessions. */
  senders(sinceMs: number, within?: Within): Promise<readonly Sender[]>;
  /**
   * Minutes that hold a request, oldest first, from the last eight days (MINUTES_KEPT_MS): one row for each team and minute. They are counted
   * by organization and team alone, so within filters over anything else there are none.
   */
  minutes(timeRange: { readonly fromMs: number; readonly toMs: number }, within?: Within): Promise<readonly MinuteRate[]>;
  /**
   * The same by user, with input and output apart and within any filter, oldest first. Undefined beyond `rowsMax`. Costs as much as the sessions
   * seen since then have entries.
   */
  userMinutes(query: UserMinutesQuery): Promise<readonly UserMinute[] | undefined>;
  /**
   * One row for each organization, team and user that ever sent anything; a user who changed team has several. It is not known when they
   * were seen where, so within filters over workspaces or repositories there are none.
   */
  people(within?: Within): Promise<readonly Person[]>;
  /**
   * What the API counted, beside what clients reported of the same requests. Costs as much as the days have requests. Spans say nothing of
   * teams and users, so within filters there are none.
   */
  apiRequests(query: ApiRequestsQuery, within?: Within): Promise<ApiRequestsAnswer>;
  /** Over sessions last seen since then that sent numbered events, and were inside at last. Costs as much as the time has sessions. */
  gaps(sinceMs: number, within?: Within): Promise<readonly SequenceGaps[]>;
  /**
   * Users who had a part of the same session, the most sessions first, at most `max` pairs; sessions of more than SHARERS_MAX users are left out. Costs
   * as much as there are sessions of several places.
   */
  sharedSessions(max: number): Promise<readonly SharedSessions[]>;
  /** In their order. Always cheap. */
  closedMonths(): Promise<readonly ClosedMonth[]>;
  /**
   * What was posted in a time and belongs to a month that was closed before, by closed month and then by key: the adjustments of an open month.
   * Costs as much as was moved. Rejects with `invalid` beyond `rowsMax` rows.
   */
  moved(query: MovedQuery): Promise<readonly MovedRow[]>;
  /** Repricings that were applied, the newest first. Their sums are of the whole ledger, so within a scope there are none. Always cheap. */
  repricings(): Promise<readonly AppliedRepricing[]>;
  /** Always cheap. */
  status(): Promise<LedgerStatus>;
}

/** Each question is answered about the instant at which it is asked; `snapshot` is for those whose answers must agree. */
export interface LedgerReader extends LedgerSnapshot {
  /**
   * Every answer within `read` is about one instant. Writers and other readers go on meanwhile, and see what is newer. A store bounds
   * how many snapshots there are at once (others wait, in turn) and how long one lasts: after `maxMs` it rejects with `unavailable`, and
   * so does whatever is still asked in it. Rejects with what `read` rejects with. Those with a bound of their own take no place of the others.
   */
  snapshot<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>, bound?: SnapshotBound): Promise<Answer>;
  /** The pair assertion: recomputes every roll-up from entries, which takes minutes. Resolves to one sentence for each difference. */
  check(): Promise<readonly string[]>;
  /** Nothing is answered any more afterwards. */
  close(): Promise<void>;
}

/**
 * While a snapshot lasts, what is written cannot be merged into the ledger's tables for good, and stays in the log beside them: one that
 * never ends must not last.
 */
export const SNAPSHOT_MAX_MS = 120_000;
/** Of one that reads rows for an export: the log then grows by all that is written in that time, and is used again afterwards. */
export const EXPORT_MAX_MS = 15 * MINUTE_MS;

export interface SnapshotBound {
  /** Default: SNAPSHOT_MAX_MS. */
  readonly maxMs: number;
}
