/** What was set at gateways, in a table of budgets.sqlite: it is backed up with the budgets, and a user is erased in it with them. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerlineError } from '../../core/error.ts';
import type { GatewayLock, GatewayRecords, LimitRecord } from '../../gateway/records.ts';
import { limitBody, limitRecordOf } from '../gateway-rows.ts';
import { openBudgetDatabase } from './budget-store.ts';
import { makePrivateFile, makePrivateFolder } from './private-files.ts';
import { type TakeTurn, turnsOn } from './turns.ts';

export const GATEWAY_TABLE = `CREATE TABLE IF NOT EXISTS gateway_limits (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, gateway TEXT NOT NULL, what TEXT NOT NULL, outcome TEXT NOT NULL, body TEXT NOT NULL
);`;

/** Opens the file, or makes it. */
export const openGatewayStore = (file: string): GatewayRecords => new GatewayStore(openBudgetDatabase(file), turnsOn(file));

/** For commands that only read: where there is no file, none is made. */
export const readGatewayStore = (file: string): Omit<GatewayRecords, 'append'> =>
  existsSync(file) ? openGatewayStore(file) : { records: async () => [], close: async () => undefined };

class GatewayStore implements GatewayRecords {
  readonly #database: DatabaseSync;
  readonly #take: TakeTurn;

  constructor(database: DatabaseSync, take: TakeTurn) {
    this.#database = database;
    this.#take = take;
    database.exec(GATEWAY_TABLE);
  }

  async records(gateway?: string): Promise<readonly LimitRecord[]> {
    const rows = this.#database.prepare('SELECT * FROM gateway_limits WHERE ?1 IS NULL OR gateway = ?1 ORDER BY id').all(gateway ?? null);
    return rows.map(limitRecordOf);
  }

  async append(record: LimitRecord): Promise<void> {
    const { atMs, who, gateway, what, outcome } = record;
    const statement = this.#database.prepare('INSERT INTO gateway_limits (at_ms, who, gateway, what, outcome, body) VALUES (?, ?, ?, ?, ?, ?)');
    await this.#take(() => statement.run(atMs, who, gateway, what, outcome, limitBody(record)));
  }

  async close(): Promise<void> {
    await this.#take(() => this.#database.close());
  }
}

/** One run at a time changes a gateway from here. The lock is the operating system's, so it is gone the moment its process is. */
export async function lockGateway(file: string): Promise<GatewayLock> {
  makePrivateFolder(dirname(file));
  makePrivateFile(`${file}.gateway-lock`);
  const database = new DatabaseSync(`${file}.gateway-lock`, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new LedgerlineError('unavailable', 'Limits are being pushed from this folder by another run.', {
      hint: 'Wait until it is done, then run the command again.',
      cause,
    });
  }
  return { confirm: async () => undefined, release: async () => database.close() };
}
