/** Does a collector run on the ledger? By what each of them leases: a number to write under, or work that one does for all. */
import { type Sql, statement } from './connection.ts';
import { hasReplicas } from './replicas.ts';

const LEASED = statement('SELECT 1 FROM lease WHERE until_ms >= (extract(epoch FROM clock_timestamp()) * 1000)::int8 LIMIT 1');

/** One that was killed is gone after a minute. One that only reads, and has no work for all, is not seen. */
export const isRunning = async (sql: Sql): Promise<boolean> => (await hasReplicas(sql)) || (await sql.rows(LEASED)).length > 0;
