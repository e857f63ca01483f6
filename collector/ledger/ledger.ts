/**
 * The ledger's contract. Every store passes the suite in test/contract/.
 *
 * An entry is one record of a client. Entries never change. The same entry again (same session and
 * identity) is a duplicate and has no effect; the same identity with other amounts or another model is a
 * conflict, counted and kept visible, never an overwrite. Totals are derived from entries alone, so they do not
 * depend on the order, the grouping or the number of deliveries.
 */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { Grain } from '../core/calendar.ts';
import { DAY_MS, HOUR_MS } from '../core/duration.ts';
import type { AppendOutcome, Batch } from './entry.ts';
import type { Sender, Session, SessionBand, SessionBandsQuery, SessionSummary, SessionsQuery } from './sessions.ts';

export interface LedgerWriter {
  /** Resolves when the batch is durable. Rejects with `unavailable` when nothing was committed and a retry helps. */
  append(batch: Batch): Promise<AppendOutcome>;
  /** Removes entries of sessions last seen before the horizon. Roll-ups stay. Resolves to the number removed. */
  prune(beforeMs: number): Promise<number>;
  /** A consistent copy while writing goes on. */
  backup(file: string): Promise<void>;
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
}

export interface Row {
  /** Start of the row's period, epoch milliseconds; undefined for grain total. */
  readonly startMs: number | undefined;
  /** Stored values, in the order of Query.by. */
  readonly key: readonly string[];
  /** In the order of Query.measures: bigint pico-dollars for money, bigint integers for the rest. */
  readonly values: readonly bigint[];
}

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
  readonly organisation: string;
  readonly team: string;
  /** Successful requests (api_request events). */
  readonly requests: number;
  /** Input, output and cache creation; cache reads do not count against rate limits. */
  readonly tokens: number;
}

/** Somebody who sent anything, in one team of one organisation. Values as stored. */
export interface Person {
  readonly organisation: string;
  readonly team: string;
  readonly user: string;
  /** Whole minutes, epoch milliseconds, rounded down. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** How many numbers are missing among those that clients gave their events (Entry.sequence). Values as stored. */
export interface SequenceGaps {
  readonly organisation: string;
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
  /** Values beyond a dimension's limit, booked under "(other)". */
  readonly overflow: Readonly<Partial<Record<DimensionName, number>>>;
}

export interface LedgerReader {
  query(query: Query): QueryResult;
  session(sessionId: string): Session | undefined;
  /** Ties go to the one seen last, then to the lower session id. */
  sessions(query: SessionsQuery): readonly SessionSummary[];
  /** Bands without a session are left out. */
  sessionBands(query: SessionBandsQuery): readonly SessionBand[];
  senders(sinceMs: number): readonly Sender[];
  /** Minutes that hold a request, oldest first, from the last eight days (MINUTES_KEPT_MS). */
  minutes(span: { readonly fromMs: number; readonly toMs: number }): readonly MinuteRate[];
  /** One row for each organisation, team and user that ever sent anything; a person who changed team has several. */
  people(): readonly Person[];
  /** Over sessions last seen since then that sent numbered events. */
  gaps(sinceMs: number): readonly SequenceGaps[];
  status(): LedgerStatus;
  /** The pair assertion: recomputes every roll-up from entries. Returns one sentence for each difference. */
  check(): readonly string[];
  /**
   * Every answer from now on is about this instant, until the returned function is called. For seconds at most: what is written
   * meanwhile cannot be folded into the ledger's file.
   */
  hold(): () => void;
  close(): void;
}
