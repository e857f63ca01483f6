/** All that is written within it, or nothing. Whoever else writes waits from the beginning, so that what is read within it still holds at its end. */
import type { DatabaseSync } from 'node:sqlite';

export function together<Answer>(database: DatabaseSync, write: () => Answer): Answer {
  database.exec('BEGIN IMMEDIATE');
  try {
    const answer = write();
    database.exec('COMMIT');
    return answer;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
