/**
 * Which of several hosts is the primary. A former one that comes back after a failover says that it is one, too, until somebody makes a standby of
 * it: the one that was promoted has a later timeline, since each promotion begins the next.
 */
import { codeOf } from '../../core/error-code.ts';

type Ask = (text: string) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;

/** The timeline that it writes; 0 of an engine that has none. Undefined of a standby. */
export async function timelineOf(ask: Ask): Promise<number | undefined> {
  try {
    // The name of a file of the log begins with it, in hexadecimal.
    const asked = await ask(
      'SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline',
    );
    const [row] = asked.rows;
    return typeof row?.timeline === 'string' ? Number.parseInt(row.timeline, 16) : undefined;
  } catch (error) {
    if (!codeOf(error).startsWith('42')) throw error;
    const [row] = (await ask('SELECT pg_is_in_recovery() AS standby')).rows;
    return row?.standby === false ? 0 : undefined;
  }
}

/** Where the latest timeline is, the first of equal ones; undefined where all are standbys or away. */
export function newestOf(timelines: readonly (number | undefined)[]): number | undefined {
  const newest = Math.max(...timelines.map((timeline) => timeline ?? -1));
  return newest < 0 ? undefined : timelines.indexOf(newest);
}
