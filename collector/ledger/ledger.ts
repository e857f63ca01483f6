/**
 * The ledger's contract. Every store passes the suite in test/contract/.
 *
 * An entry is one record of a client. Entries never change. The same entry again (same session and
 * identity) is a duplicate and has no effect; the same identity with other amounts or another model is a
 * conflict, counted and kept visible, never an overwrite. Totals are derived from entries alone, so they do not
 * depend on the order, the grouping or the number of deliveries.
 */
import type { DimensionName, Dimensions, MeasureName } from '../catalog/measures.ts';
import type { PicoUsd } from '../core/money.ts';

/** Which of the client's two accounts of the same usage a record belongs to. */
export type Signal = 'events' | 'metrics';

export type Amounts = Partial<Record<MeasureName, number>>;

export interface Entry {
  /** session.id, or a stand-in such as "no-session:<user>:<day>" for clients that leave it out. */
  readonly sessionId: string;
  /** What makes a repeated delivery recognisable, unique within the session: 16 characters. */
  readonly identity: string;
  readonly timeMs: number;
  readonly signal: Signal;
  /** Cost as the client reports it. */
  readonly cost: PicoUsd;
  /** Cost at list price; 0n when the entry carries no tokens of its own to price. */
  readonly listCost: PicoUsd;
  /** All other amounts: integers below 2^53 in the unit of their measure; pico-dollars for money. */
  readonly amounts: Amounts;
  readonly dimensions: Dimensions;
  /** Is the model's name one that both signals spell alike? See booking.ts. */
  readonly modelRecognised: boolean;
  /** Set for a point of a cumulative series: amounts then are the series' running value since startMs. */
  readonly cumulative?: { readonly series: string; readonly startMs: number };
  /** The client's own number of an event: each process counts from 0. See sequence-gaps.ts. */
  readonly sequence?: number;
}

/** One export's worth, appended whole or not at all. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly receivedMs: number;
}

export interface AppendOutcome {
  readonly appended: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Entries older than the retention horizon: they could not be recognised as duplicates any more. */
  readonly expired: number;
}

export interface LedgerWriter {
  /** Resolves when the batch is durable. Rejects with `unavailable` when nothing was committed and a retry helps. */
  append(batch: Batch): Promise<AppendOutcome>;
  /** Removes entries of sessions last seen before the horizon. Roll-ups stay. Resolves to the number removed. */
  prune(beforeMs: number): Promise<number>;
  /** A consistent copy while writing goes on. */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}

export type Grain = 'total' | 'quarter_hour' | 'hour' | 'day' | 'week' | 'month';
export const GRAINS: readonly Grain[] = ['total', 'quarter_hour', 'hour', 'day', 'week', 'month'];

export interface Filter {
  readonly dimension: DimensionName;
  /** Any of these stored values ('' is "not known"). */
  readonly values: readonly string[];
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

export interface SessionSummary {
  readonly sessionId: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly organisation: string;
  readonly team: string;
  readonly user: string;
  readonly workspace: string;
  readonly repository: string;
  readonly clientVersion: string;
  readonly terminal: string;
  readonly cost: PicoUsd;
  readonly costEvents: PicoUsd;
  readonly costMetrics: PicoUsd;
}

export interface Session extends SessionSummary {
  /** Every measure, summed over the session. */
  readonly totals: Readonly<Record<MeasureName, bigint>>;
  readonly models: readonly { readonly model: string; readonly totals: Readonly<Record<MeasureName, bigint>> }[];
}

/** Who sends, as `doctor` and the Trust view ask it. */
export interface Sender {
  readonly user: string;
  readonly team: string;
  readonly clientVersion: string;
  readonly sessions: number;
  readonly lastSeenMs: number;
}

export type SessionOrder = 'last_seen' | 'cost' | 'duration';
/** By what a list of sessions can be filtered: whose a session was when it was last seen. */
export type SessionDimension = Extract<DimensionName, 'organisation' | 'team' | 'user' | 'workspace' | 'repository'>;
export const SESSION_DIMENSIONS: readonly SessionDimension[] = ['organisation', 'team', 'user', 'workspace', 'repository'];

export interface SessionsQuery {
  /** Last seen at or after; omitted: since the beginning. */
  readonly fromMs?: number | undefined;
  /** Last seen before; omitted: without end. */
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** Largest first: the newest, the dearest (booked cost), the longest from first to last record. Omitted: last_seen. */
  readonly order?: SessionOrder | undefined;
  readonly where?: readonly { readonly dimension: SessionDimension; readonly values: readonly string[] }[] | undefined;
}

export interface SessionBandsQuery extends Pick<SessionsQuery, 'where'> {
  /** Last seen at or after. */
  readonly fromMs: number;
  /** Booked costs, ascending, at which the next band begins. */
  readonly edges: readonly PicoUsd[];
}

/** Sessions of one organisation that cost alike. Values as stored. */
export interface SessionBand {
  readonly organisation: string;
  /** How many of the edges their booked cost reaches. */
  readonly band: number;
  readonly sessions: number;
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
export const LATE_MS = 3_600_000;
/** How long requests and tokens by the minute are kept. */
export const MINUTES_KEPT_MS = 8 * 24 * 3_600_000;

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
