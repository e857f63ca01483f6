/**
 * Bytes of what was erased, out of the tables that hold names. They stay in the write-ahead log until it is recycled, and in backups, which are the
 * database's own: see docs/operations.md.
 */
import { codeOf } from '../../core/error-code.ts';
import type { Sql } from './connection.ts';
import { troubleOf } from './failure.ts';

export interface WipedTables {
  /** Written anew: small, and full of names. */
  readonly rewritten: readonly string[];
  /** Too large to be locked for so long: what is deleted is free to be overwritten. */
  readonly cleaned: readonly string[];
}

const OF_LEDGER: WipedTables = {
  rewritten: ['dims', 'dimension_values', 'repricings', 'erased', 'samples', 'sample_days'],
  cleaned: ['sessions', 'session_links', 'link_days'],
};

/** By the clock of the database. */
export async function nowOf(sql: Sql): Promise<string> {
  const [row] = await sql.rows('SELECT clock_timestamp()::text AS now');
  return String(row?.now);
}

/** False while somebody reads an older state, in which it is still there. `since`: when it had been erased, after its transaction. */
export async function wipe(sql: Sql, since: string, { rewritten, cleaned } = OF_LEDGER): Promise<boolean> {
  const [older] = await sql.rows(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL AND xact_start < $1::timestamptz`,
    [since],
  );
  if (older !== undefined) return false;
  try {
    // Statistics of the planner hold the most common values, too: they are made anew.
    for (const table of rewritten) await sql.run(`VACUUM (FULL, ANALYZE) ${table}`);
    for (const table of cleaned) await sql.run(`VACUUM (ANALYZE) ${table}`);
    return true;
  } catch (error) {
    // Somebody has a table locked.
    if (troubleOf(error) === 'conflict') return false;
    // A database that cleans up by itself alone.
    if (codeOf(error) === '42601' || codeOf(error) === '0A000') return true;
    throw error;
  }
}
