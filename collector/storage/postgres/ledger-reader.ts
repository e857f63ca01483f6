/** The reading contract over PostgreSQL. Each question by itself is a snapshot of its own, too, and is asked again where that helps. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { turnWhileWanted } from '../../core/wanted.ts';
import {
  EXPORT_MAX_MS,
  type LedgerReader,
  type LedgerSnapshot,
  type Row,
  type RowsQuery,
  SNAPSHOT_MAX_MS,
  type SnapshotBound,
} from '../../ledger/ledger.ts';
import type { SnapshotLimits } from '../../ledger/snapshot-bounds.ts';
import { readWithin } from '../../ledger/snapshot-pages.ts';
import { PATIENCE_MS } from './attempts.ts';
import { Database, type DatabaseOptions } from './connection.ts';
import { storeError } from './failure.ts';
import { type Ask, LedgerAnswers } from './ledger-answers.ts';
import { connections, type LedgerConnection } from './ledger-connection.ts';
import { type Held, KnownTables, SnapshotPool } from './snapshot-pool.ts';
import type { Target } from './target.ts';

export interface ReaderOptions extends CalendarOptions, Partial<Pick<DatabaseOptions, 'wants' | 'onStatement'>> {
  readonly target: Target;
  /** For single questions; those of snapshots come besides. Default: CONNECTIONS. */
  readonly connections?: number;
  readonly pageRows?: number;
}

const CONNECTIONS = 4;
/** Snapshots at once: a board, or what the alerts are decided by. */
const SNAPSHOTS_MAX = 2;
/** Those with a bound of their own, which last longer. */
const LONG_SNAPSHOTS_MAX = 2;
const CHECK_MAX_MS = 2 * HOUR_MS;

/** Connects when it is asked for the first time. Questions reject with `not_found` when there is no ledger, `invalid` when this program cannot read it. */
export const openReader = (options: ReaderOptions, limits: Partial<SnapshotLimits> = {}): LedgerReader =>
  new PostgresReader(options, { snapshotsMax: SNAPSHOTS_MAX, snapshotMaxMs: SNAPSHOT_MAX_MS, ...limits });

class PostgresReader extends LedgerAnswers implements LedgerReader {
  readonly #database: Database;
  readonly #connect: (held: Held) => LedgerConnection;
  readonly #snapshots: SnapshotPool;
  readonly #longSnapshots: SnapshotPool;
  readonly #queries: SnapshotPool;

  constructor(options: ReaderOptions, limits: SnapshotLimits) {
    const { target, connections: queriesMax = CONNECTIONS, wants = 'primary', onStatement } = options;
    const max = queriesMax + limits.snapshotsMax + LONG_SNAPSHOTS_MAX;
    const database = new Database(target, {
      name: 'reads',
      max,
      wants,
      statementMs: limits.snapshotMaxMs,
      failoverMs: PATIENCE_MS,
      ...(onStatement !== undefined && { onStatement }),
    });
    const connect = connections(options);
    const tables = new KnownTables();
    const queries = new SnapshotPool(database, tables, { ...limits, snapshotsMax: queriesMax });
    super((question) => queries.ask((held) => question(connect(held))));
    this.#database = database;
    this.#connect = connect;
    this.#snapshots = new SnapshotPool(database, tables, limits);
    this.#longSnapshots = new SnapshotPool(database, tables, { ...limits, snapshotsMax: LONG_SNAPSHOTS_MAX });
    this.#queries = queries;
  }

  override rows(query: RowsQuery): AsyncGenerator<readonly Row[], void> {
    return readWithin(this, (ledger) => ledger.rows(query), { maxMs: EXPORT_MAX_MS });
  }

  snapshot<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>, bound?: SnapshotBound): Promise<Answer> {
    const within = (held: Held): Promise<Answer> => read(new LedgerAnswers(askOf(held, this.#connect(held))));
    return bound === undefined ? this.#snapshots.run(within) : this.#longSnapshots.run(within, bound.maxMs);
  }

  check(): Promise<readonly string[]> {
    return this.#longSnapshots.ask((held) => this.#connect(held).check(), CHECK_MAX_MS);
  }

  async close(): Promise<void> {
    for (const pool of [this.#snapshots, this.#longSnapshots, this.#queries]) pool.close();
    await this.#database.close();
  }
}

/** Asks as long as the snapshot lasts and somebody waits for the answer. */
function askOf({ time }: Held, connection: LedgerConnection): Ask {
  return async (question) => {
    time.check();
    try {
      const answer = await question(connection);
      await turnWhileWanted();
      return answer;
    } catch (error) {
      throw storeError(error);
    }
  };
}
