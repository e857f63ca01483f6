/** What all rows of a roll-up come to, column by column: buckets of latencies are apart. */
import type { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES, type MeasureName } from '../../catalog/measures.ts';
import type { Rollup } from '../../ledger/rollups.ts';
import type { Totals } from '../../ledger/sums-text.ts';
import { UNIT } from './wide.ts';

/** In two halves, since a total over everything may not fit 64 bits. `condition`: over bucket and dims. */
export function sumsOf(database: DatabaseSync, rollup: Rollup, condition = '1'): Totals {
  const columns = MEASURE_NAMES.flatMap((name) => [`SUM(${name} / 1000000) AS ${name}_high`, `SUM(${name} % 1000000) AS ${name}_low`]);
  const statement = database.prepare(`SELECT ${columns.join()} FROM ${rollup.table} WHERE ${condition}`);
  statement.setReadBigInts(true);
  const row = statement.get() ?? {};
  const half = (name: string) => (row[name] as bigint | null) ?? 0n;
  const sums = new Map(MEASURE_NAMES.map((name) => [name, half(`${name}_high`) * 1_000_000n + half(`${name}_low`)]));
  const carries = database.prepare(`SELECT measure, SUM(units) AS units FROM carries WHERE rollup = ? AND ${condition} GROUP BY measure`);
  carries.setReadBigInts(true);
  for (const { measure, units } of carries.all(rollup.table)) {
    const name = String(measure) as MeasureName;
    sums.set(name, (sums.get(name) ?? 0n) + (units as bigint) * UNIT);
  }
  return sums;
}
