/** Does a collector run on the ledger? By what each of them leases: a number to write under, or work that one does for all. */
import { SECOND_MS } from '../../core/duration.ts';
import { Database, type Sql, statement } from './connection.ts';
import { storeError } from './failure.ts';
import { hasReplicas } from './replicas.ts';
import type { Target } from './target.ts';

const LEASED = statement('SELECT 1 FROM lease WHERE until_ms >= (extract(epoch FROM clock_timestamp()) * 1000)::int8 LIMIT 1');

/** One that was killed is gone after a minute. One that only reads, and has no work for all, is not seen. */
export const isRunning = async (sql: Sql): Promise<boolean> => (await hasReplicas(sql)) || (await sql.rows(LEASED)).length > 0;

/** Rejects with a sentence. */
export async function readRunning(target: Target): Promise<boolean | undefined> {
  const database = new Database(target, { name: 'running', max: 1, wants: 'primary', statementMs: 5 * SECOND_MS });
  try {
    return await isRunning(database);
  } catch (error) {
    throw storeError(error);
  } finally {
    await database.close();
  }
}
