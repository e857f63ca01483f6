/**
 * How tables lie on a distributed database (Citus), as data. Sessions and what belongs to them are kept by slot, so that a transaction's statements name
 * one shard each; roll-ups by the number of their dimensions; combinations of dimensions everywhere. All other tables stay in one place.
 */
import { REMOVED_SESSIONS, ROLLUPS } from '../../ledger/rollups.ts';
import type { Sql } from './connection.ts';

/** Of a distributed database. A property of it that never changes. */
export const CITUS_SLOTS = 32;

export interface Distribution {
  readonly table: string;
  /** By which rows are kept; undefined of a table that every machine has. */
  readonly column: 'slot' | 'dims' | undefined;
  /** Its rows lie beside those of this one. */
  readonly beside?: string;
}

const BY_SLOT = ['sessions', 'entries', 'recent', 'state', 'session_places', 'removals'];
const BY_DIMS = ROLLUPS.filter((rollup) => rollup !== REMOVED_SESSIONS).map(({ table }) => table);

/** The first is in a group of its own, and the others join it. */
const together = (tables: readonly string[], column: 'slot' | 'dims'): Distribution[] =>
  tables.map((table, index) => ({ table, column, ...(index > 0 && { beside: tables[0] ?? table }) }));

/** In the order in which they are made. */
export const DISTRIBUTION: readonly Distribution[] = [
  { table: 'dims', column: undefined },
  ...together(BY_SLOT, 'slot'),
  ...together(BY_DIMS, 'dims'),
];

export function statementOf({ table, column, beside }: Distribution): string {
  if (column === undefined) return `SELECT create_reference_table('${table}')`;
  const where = beside === undefined ? `shard_count => ${CITUS_SLOTS}, colocate_with => 'none'` : `colocate_with => '${beside}'`;
  return `SELECT create_distributed_table('${table}', '${column}', ${where})`;
}

const THERE = 'SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass($1)';

/** Distributes what is not yet, each in a transaction of its own: broken off and done again, it goes on. Answers which tables. */
export async function distribute(sql: Sql): Promise<string[]> {
  const made: string[] = [];
  for (const one of DISTRIBUTION) {
    if ((await sql.rows(THERE, [one.table])).length > 0) continue;
    await sql.run(statementOf(one));
    made.push(one.table);
  }
  return made;
}
