/** What the inspector reads of a ledger: by the ledger's own reader, and what its tables hold of a session. */
import { DatabaseSync } from 'node:sqlite';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { readAmounts, sourceOf } from '../../collector/storage/batch-codec.ts';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { openReader as openSharedReader } from '../../collector/storage/postgres/ledger-reader.ts';
import type { Target } from '../../collector/storage/postgres/target.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { keyOf } from './truth.ts';

export interface OpenedLedger {
  readonly reader: LedgerReader;
  /** A key for each entry of the session, as keyOf makes it. */
  readonly keysOf: (session: string) => readonly string[] | Promise<readonly string[]>;
  /** What the database finds wrong with its own file, one sentence each. */
  readonly damage: () => readonly string[];
  close(): Promise<void>;
}

export type OpenLedger = () => OpenedLedger;

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const COLUMNS = 'e.time_ms, e.flags, e.cost, e.amounts, d.model';

export const ledgerInFile =
  (file: string): OpenLedger =>
  () => {
    const reader = openReader({ file, ...CALENDAR });
    const database = new DatabaseSync(file, { readOnly: true });
    const entries = database.prepare(
      `SELECT ${COLUMNS} FROM entries e JOIN sessions s ON s.id = e.session JOIN dims d ON d.id = e.dims WHERE s.session_id = ?`,
    );
    entries.setReadBigInts(true);
    return {
      reader,
      keysOf: (session) => entries.all(session).map(keyOfRow),
      damage: () => {
        const verdict = database.prepare('PRAGMA quick_check').all();
        return verdict.length === 1 && verdict[0]?.quick_check === 'ok' ? [] : [`quick_check: ${JSON.stringify(verdict)}`];
      },
      close: async () => {
        database.close();
        await reader.close();
      },
    };
  };

/** In whatever part: a record that is in two of them is there twice. */
const SHARED_ENTRIES = `SELECT ${COLUMNS} FROM sessions s JOIN entries e ON (e.slot, e.session) = (s.slot, s.session)
  JOIN dims d ON d.id = e.dims WHERE s.session_id = $1`;

export const ledgerOnPostgres =
  (target: Target): OpenLedger =>
  () => {
    const reader = openSharedReader({ target, ...CALENDAR });
    const database = new Database(target, { name: 'inspector', max: 1, wants: 'primary', statementMs: 0 });
    return {
      reader,
      keysOf: async (session) => (await database.rows(SHARED_ENTRIES, [session])).map(keyOfRow),
      damage: () => [],
      close: async () => {
        await database.close();
        await reader.close();
      },
    };
  };

const keyOfRow = (row: Record<string, unknown>): string =>
  keyOf({
    source: sourceOf(Number(row.flags)),
    timeMs: Number(row.time_ms),
    model: String(row.model),
    cost: BigInt(String(row.cost)),
    amounts: readAmounts(String(row.amounts)),
  });
