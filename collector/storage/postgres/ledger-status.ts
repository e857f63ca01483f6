/** What a ledger holds, by the counters of all replicas. */
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import type { LedgerStatus } from '../../ledger/ledger.ts';
import type { Sql } from './connection.ts';
import { int } from './sql-text.ts';

export async function readStatus(sql: Sql, asOfMs: number | undefined): Promise<LedgerStatus> {
  const counted = await sql.rows('SELECT name, sum(value) AS value FROM state GROUP BY name');
  const [schema] = await sql.rows('SELECT version FROM schema_version');
  const state = new Map(counted.map(({ name, value }) => [String(name), int(value)]));
  const number = (name: string): number => state.get(name) ?? 0;
  const overflow: Partial<Record<DimensionName, number>> = {};
  for (const name of DIMENSION_NAMES) if (state.has(`overflow:${name}`)) overflow[name] = number(`overflow:${name}`);
  return {
    asOfMs,
    entries: number('appended') - number('pruned'),
    sessions: number('sessions'),
    schemaVersion: int(schema?.version),
    counters: {
      appended: number('appended'),
      duplicates: number('duplicates'),
      conflicts: number('conflicts'),
      expired: number('expired'),
      late: number('late'),
    },
    heldBack: number('held_back'),
    overflow,
  };
}
