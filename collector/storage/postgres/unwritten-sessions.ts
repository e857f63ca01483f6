/**
 * Rows of sessions that were made beforehand, by a transaction that never committed: they are nobody's sessions (rev 0), and nobody comes for them
 * once their records are too old. One that is still wanted is made again by whoever finds it missing.
 */
import { HOUR_MS } from '../../core/duration.ts';
import { type Sql, statement } from './connection.ts';

/** In the index of sessions that have entries to remove: so old there is hardly anything else in it. One that is locked is being written. */
const REMOVE = statement(
  `DELETE FROM sessions WHERE slot = $1 AND rev = 0 AND session IN (
     SELECT session FROM sessions WHERE slot = $1 AND rev = 0 AND has_entries AND last_hour < $2 AND made_ms < $3 ORDER BY last_hour LIMIT $4
     FOR UPDATE SKIP LOCKED)`,
);

/** Answers how many went. */
export async function removeUnwritten(sql: Sql, slots: number, beforeMs: number, rowsMax: number): Promise<number> {
  let removed = 0;
  for (let slot = 0; slot < slots && removed < rowsMax; slot++) {
    removed += await sql.run(REMOVE, [slot, Math.floor(beforeMs / HOUR_MS), beforeMs, rowsMax - removed]);
  }
  return removed;
}
