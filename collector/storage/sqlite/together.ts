/** Transactions. Whoever else writes waits from the beginning, so that what is read within one still holds at its end. */
import type { DatabaseSync } from 'node:sqlite';

/** All that is written within it is taken back at its end: for trials. */
export function undone<Answer>(database: DatabaseSync, write: () => Answer): Answer {
  database.exec('BEGIN IMMEDIATE');
  try {
    return write();
  } finally {
    rollBack(database);
  }
}

/** All that is written within it, or nothing. */
export function together<Answer>(database: DatabaseSync, write: () => Answer): Answer {
  database.exec('BEGIN IMMEDIATE');
  try {
    const answer = write();
    database.exec('COMMIT');
    return answer;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** All that is written within it, or nothing; in a turn of turns.ts, since it waits within. */
export async function togetherLater<Answer>(database: DatabaseSync, write: () => Promise<Answer>): Promise<Answer> {
  database.exec('BEGIN IMMEDIATE');
  try {
    const answer = await write();
    database.exec('COMMIT');
    return answer;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** After some failures, as of a full disk, SQLite has done it itself, and would hide them behind its complaint. */
function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}
