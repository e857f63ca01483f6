/** What was set at gateways, in a table of budgets.sqlite: it is backed up with the budgets, and a user is erased in it with them. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerlineError } from '../../core/error.ts';
import type { SpendLimit } from '../../gateway/limits.ts';
import type { GatewayRecords, LimitRecord } from '../../gateway/records.ts';
import { openBudgetDatabase } from './budget-store.ts';
import { makePrivateFile, makePrivateFolder } from './private-files.ts';

const TABLE = `CREATE TABLE IF NOT EXISTS gateway_limits (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, gateway TEXT NOT NULL, what TEXT NOT NULL, outcome TEXT NOT NULL, body TEXT NOT NULL
);`;

/** Opens the file, or makes it. */
export const openGatewayStore = (file: string): GatewayRecords => new GatewayStore(openBudgetDatabase(file));

/** For commands that only read: where there is no file, none is made. */
export const readGatewayStore = (file: string): Omit<GatewayRecords, 'append'> =>
  existsSync(file) ? openGatewayStore(file) : { records: () => [], close: () => undefined };

class GatewayStore implements GatewayRecords {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLE);
  }

  records(gateway?: string): readonly LimitRecord[] {
    const rows = this.#database.prepare('SELECT * FROM gateway_limits WHERE ?1 IS NULL OR gateway = ?1 ORDER BY id').all(gateway ?? null);
    return rows.map(recordOf);
  }

  append({ atMs, who, gateway, what, outcome, limitId, budgets, before, after, error }: LimitRecord): void {
    const body = JSON.stringify({ limitId, budgets, before: stored(before), after: stored(after), error });
    const statement = this.#database.prepare('INSERT INTO gateway_limits (at_ms, who, gateway, what, outcome, body) VALUES (?, ?, ?, ?, ?, ?)');
    statement.run(atMs, who, gateway, what, outcome, body);
  }

  close(): void {
    this.#database.close();
  }
}

/** JSON has no bigint. */
interface StoredLimit {
  readonly scope: SpendLimit['scope'];
  readonly period: string;
  readonly cents: string | null;
  readonly pool?: { readonly cents: string | null; readonly isPaused: boolean };
}

const textOf = (cents: bigint | null): string | null => (cents === null ? null : cents.toString());
const centsOf = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

function stored(limit: SpendLimit | undefined): StoredLimit | undefined {
  if (limit === undefined) return undefined;
  const { scope, period, cents, pool } = limit;
  return { scope, period, cents: textOf(cents), ...(pool !== undefined && { pool: { cents: textOf(pool.cents), isPaused: pool.isPaused } }) };
}

function restored(limit: StoredLimit | undefined): SpendLimit | undefined {
  if (limit === undefined) return undefined;
  const { scope, period, cents, pool } = limit;
  return { scope, period, cents: centsOf(cents), pool: pool && { cents: centsOf(pool.cents), isPaused: pool.isPaused } };
}

interface StoredBody extends Pick<LimitRecord, 'budgets'> {
  readonly limitId?: string;
  readonly before?: StoredLimit;
  readonly after?: StoredLimit;
  readonly error?: string;
}

function recordOf({ at_ms, who, gateway, what, outcome, body }: Record<string, unknown>): LimitRecord {
  // What append() wrote.
  const { limitId, budgets, before, after, error } = JSON.parse(String(body)) as StoredBody;
  return {
    ...{ atMs: Number(at_ms), who: String(who), gateway: String(gateway) },
    ...{ what: what as LimitRecord['what'], outcome: outcome as LimitRecord['outcome'] },
    ...{ limitId, budgets, before: restored(before), after: restored(after), error },
  };
}

/** One run at a time changes a gateway from here. The lock is the operating system's, so it is gone the moment its process is. */
export function lockGateway(file: string): { release(): void } {
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
  return { release: () => database.close() };
}
