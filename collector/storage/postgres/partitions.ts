/** Partitions of entries whose sessions have lost all of theirs. The tables stay, for sessions that go on; what they took is free at once. */
import type { Database } from './connection.ts';
import { troubleOf } from './failure.ts';
import { partOf } from './schema.ts';
import { int } from './sql-text.ts';

const PARTITIONS = `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = to_regclass('entries') AND c.relname ~ '^entries_[0-9]{6}$' AND pg_total_relation_size(c.oid) > $1`;
/** An empty partition has some pages. */
const WORTH_BYTES = 1_000_000;

/** After entries of sessions last seen before then were removed. One that somebody reads or writes just now is left for the next time. */
export async function truncateEmptied(database: Database, beforeMs: number): Promise<void> {
  for (const { name } of await database.rows(PARTITIONS, [WORTH_BYTES])) {
    const table = String(name);
    if (int(table.slice('entries_'.length)) >= partOf(beforeMs)) continue;
    await database
      .transaction(
        async (sql) => {
          await sql.run(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
          const [left] = await sql.rows(`SELECT 1 FROM ${table} LIMIT 1`);
          if (left === undefined) await sql.run(`TRUNCATE ${table}`);
        },
        { attempts: 1 },
      )
      .catch((error: unknown) => {
        if (troubleOf(error) !== 'conflict' && troubleOf(error) !== 'full') throw error;
      });
  }
}
