/** The reading contract over the embedded ledger: one connection for single questions, and one for each snapshot that is under way. */
import { type LedgerReader, type LedgerSnapshot, SNAPSHOT_MAX_MS } from '../../ledger/ledger.ts';
import { LedgerAnswers } from './ledger-answers.ts';
import { calendarsOf, type LedgerConnection, openConnection, type ReaderOptions } from './ledger-connection.ts';
import { type SnapshotLimits, SnapshotPool } from './snapshot-pool.ts';

export type { ReaderOptions } from './ledger-connection.ts';

/** They share a thread: more at once would only make each of them slower, and hold more of what was written meanwhile in the log. */
const SNAPSHOTS_MAX = 2;

/** Throws LedgerlineError `not_found` when there is no ledger, `invalid` when this program cannot read it. */
export const openReader = (options: ReaderOptions, limits: Partial<SnapshotLimits> = {}): LedgerReader =>
  new SqliteReader(options, { snapshotsMax: SNAPSHOTS_MAX, snapshotMaxMs: SNAPSHOT_MAX_MS, ...limits });

class SqliteReader extends LedgerAnswers implements LedgerReader {
  readonly #connection: LedgerConnection;
  readonly #snapshots: SnapshotPool;

  constructor(options: ReaderOptions, limits: SnapshotLimits) {
    const calendarFor = calendarsOf(options);
    const connection = openConnection(options, calendarFor);
    super(() => connection);
    this.#connection = connection;
    this.#snapshots = new SnapshotPool(() => openConnection(options, calendarFor), limits);
  }

  snapshot<Answer>(read: (ledger: LedgerSnapshot) => Promise<Answer>): Promise<Answer> {
    return this.#snapshots.run(read);
  }

  async check(): Promise<readonly string[]> {
    return this.#connection.check();
  }

  async close(): Promise<void> {
    this.#snapshots.close();
    this.#connection.close();
  }
}
