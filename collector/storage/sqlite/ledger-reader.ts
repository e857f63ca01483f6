/** The reading contract over the embedded ledger: one connection for single questions, and one for each snapshot that is under way. */
import type { ApiRequestsAnswer, ApiRequestsQuery } from '../../ledger/api-requests.ts';
import type { MovedQuery, MovedRow } from '../../ledger/closed-months.ts';
import {
  EXPORT_MAX_MS,
  type LedgerReader,
  type LedgerSnapshot,
  type Query,
  type QueryResult,
  type Row,
  type RowsQuery,
  SNAPSHOT_MAX_MS,
  type SnapshotBound,
} from '../../ledger/ledger.ts';
import type { Within } from '../../ledger/sessions.ts';
import type { SnapshotLimits } from '../../ledger/snapshot-bounds.ts';
import { readWithin } from '../../ledger/snapshot-pages.ts';
import type { UserMinute, UserMinutesQuery } from '../../ledger/user-minutes.ts';
import { allCommitted } from './commit-signal.ts';
import { LedgerAnswers } from './ledger-answers.ts';
import { calendarsOf, type LedgerConnection, openConnection, type ReaderOptions } from './ledger-connection.ts';
import { SnapshotPool } from './snapshot-pool.ts';

export type { ReaderOptions } from './ledger-connection.ts';

/** They share a thread: more at once would only make each of them slower, and hold more of what was written meanwhile in the log. */
const SNAPSHOTS_MAX = 2;
/** Those with a bound of their own, which last longer. */
const LONG_SNAPSHOTS_MAX = 2;
/** So many single queries take turns: a small one is done between two steps of large ones. Beyond, they wait. */
const QUERIES_MAX = 24;

/** Throws LedgerlineError `not_found` when there is no ledger, `invalid` when this program cannot read it. */
export const openReader = (options: ReaderOptions, limits: Partial<SnapshotLimits> = {}): LedgerReader =>
  new SqliteReader(options, { snapshotsMax: SNAPSHOTS_MAX, snapshotMaxMs: SNAPSHOT_MAX_MS, ...limits });

class SqliteReader extends LedgerAnswers implements LedgerReader {
  readonly #connection: LedgerConnection;
  readonly #ready: () => Promise<unknown> | undefined;
  readonly #snapshots: SnapshotPool;
  readonly #longSnapshots: SnapshotPool;
  readonly #queries: SnapshotPool;

  constructor(options: ReaderOptions, limits: SnapshotLimits) {
    const calendarFor = calendarsOf(options);
    const connection = openConnection(options, calendarFor);
    const ready = () => allCommitted(options.file);
    super(() => ready()?.then(() => connection) ?? connection);
    this.#connection = connection;
    this.#ready = ready;
    const connections = { connect: () => openConnection(options, calendarFor), ready };
    this.#snapshots = new SnapshotPool(connections, limits);
    this.#longSnapshots = new SnapshotPool(connections, { ...limits, snapshotsMax: LONG_SNAPSHOTS_MAX });
    this.#queries = new SnapshotPool(connections, { ...limits, snapshotsMax: QUERIES_MAX });
  }

  override query(query: Query): Promise<QueryResult> {
    return this.#queries.run((ledger) => ledger.query(query));
  }

  override apiRequests(query: ApiRequestsQuery, within?: Within): Promise<ApiRequestsAnswer> {
    return this.#queries.run((ledger) => ledger.apiRequests(query, within));
  }

  override userMinutes(query: UserMinutesQuery): Promise<readonly UserMinute[] | undefined> {
    return this.#queries.run((ledger) => ledger.userMinutes(query));
  }

  override moved(query: MovedQuery): Promise<readonly MovedRow[]> {
    return this.#queries.run((ledger) => ledger.moved(query));
  }

  override rows(query: RowsQuery): AsyncGenerator<readonly Row[]> {
    return readWithin(this, (ledger) => ledger.rows(query), { maxMs: EXPORT_MAX_MS });
  }

  snapshot<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>, bound?: SnapshotBound): Promise<Answer> {
    return bound === undefined ? this.#snapshots.run(read) : this.#longSnapshots.run(read, bound.maxMs);
  }

  async check(): Promise<readonly string[]> {
    await this.#ready();
    return this.#connection.check();
  }

  async close(): Promise<void> {
    for (const pool of [this.#snapshots, this.#longSnapshots, this.#queries]) pool.close();
    this.#connection.close();
  }
}
