/**
 * Bytes of what was erased, out of the tables that hold names. They stay in the write-ahead log until it is recycled, and in backups, which are the
 * database's own: see docs/operations.md.
 */
import type { Database, Sql } from './connection.ts';
import { codeOf, troubleOf } from './failure.ts';

/** Written anew: small, and full of names. */
const REWRITTEN = ['dims', 'dimension_values', 'repricings', 'erased'];
/** Too large to be locked for so long: what is deleted is free to be overwritten. */
const CLEANED = ['sessions', 'session_links', 'link_days'];

/** By the clock of the database. */
export async function nowOf(sql: Sql): Promise<string> {
  const [row] = await sql.rows('SELECT clock_timestamp()::text AS now');
  return String(row?.now);
}

/** False while somebody reads an older state, in which it is still there. `since`: when it was erased. */
export async function wipe(database: Database, since: string): Promise<boolean> {
  const [older] = await database.rows(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL AND xact_start < $1::timestamptz`,
    [since],
  );
  if (older !== undefined) return false;
  try {
    for (const table of REWRITTEN) await database.run(`VACUUM FULL ${table}`);
    for (const table of CLEANED) await database.run(`VACUUM ${table}`);
    return true;
  } catch (error) {
    // Somebody has a table locked.
    if (troubleOf(error) === 'conflict') return false;
    // A database that cleans up by itself alone.
    if (codeOf(error) === '42601' || codeOf(error) === '0A000') return true;
    throw error;
  }
}
