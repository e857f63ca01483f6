/** Changes of tables beside all who use them: whoever waits for a lock on a table makes everybody else wait behind it. */
import { setTimeout as pause } from 'node:timers/promises';
import { MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Database, Sql } from './connection.ts';
import { troubleOf } from './failure.ts';

/** A sentence each time a table is in use. */
export type OnWaiting = (sentence: string) => void;

/** Longer than deadlock_timeout (1 s), after which the server calls off an autovacuum that is in the way. */
const LOCK_MS = 1_500;
const PAUSE_MS = 5 * SECOND_MS;
/** A dump takes its time. */
const PATIENCE_MS = 60 * MINUTE_MS;

/** One who updates at a time. */
const TURN = 'SELECT 1 FROM schema_version FOR UPDATE';
/** The longest transaction that uses tables. Those of the server have lower numbers. */
const HOLDER = `SELECT a.pid, a.usename AS "user", a.application_name AS program, date_trunc('second', a.xact_start)::text AS since
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'relation' AND l.relation >= 16384 AND l.granted AND a.datname = current_database() AND a.pid <> pg_backend_pid()
  ORDER BY a.xact_start LIMIT 1`;

/** In a transaction, again and again until no table is in use. Rejects with what the driver says, and after an hour with who is in the way. */
export async function updating<Result>(database: Database, change: (sql: Sql) => Promise<Result>, onWaiting?: OnWaiting): Promise<Result> {
  for (const untilMs = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await database.transaction(
        async (sql) => {
          await sql.rows(TURN);
          await sql.run(`SET LOCAL lock_timeout = ${LOCK_MS}`);
          return change(sql);
        },
        { attempts: 1 },
      );
    } catch (error) {
      if (troubleOf(error) !== 'conflict') throw error;
      const sentence = await waitingFor(database);
      if (performance.now() > untilMs)
        throw new LedgerlineError('unavailable', sentence, { hint: 'End that, or update when it has ended.', cause: error });
      onWaiting?.(sentence);
      await pause(PAUSE_MS);
    }
  }
}

async function waitingFor(sql: Sql): Promise<string> {
  const [holder] = await sql.rows(HOLDER);
  const waits = 'The tables of the ledger have to be updated, and are in use';
  if (holder === undefined) return `${waits}.`;
  const { pid, user, program, since } = holder;
  return `${waits} by process ${pid} of the database (${program || 'no name'}, user ${user}${since === null ? '' : `, since ${since}`}).`;
}
