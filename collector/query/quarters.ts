/** Sums by month, added up to quarters of the year: the ledger cuts no wider than months. */
import { periodStart } from '../core/time-range.ts';
import type { QueryResult, Row } from '../ledger/ledger.ts';
import { addTo } from './totals.ts';

export function byQuarter(result: QueryResult, timeZone: string): QueryResult {
  const quarters = new Map<string, Row & { readonly values: bigint[] }>();
  for (const { startMs = 0, key, values } of result.rows) {
    const quarterMs = periodStart('quarter', startMs, { timeZone, weekStart: 'monday' });
    const id = JSON.stringify([quarterMs, key]);
    const known = quarters.get(id);
    if (known === undefined) quarters.set(id, { startMs: quarterMs, key, values: [...values] });
    else addTo(known.values, values);
  }
  return { ...result, rows: [...quarters.values()] };
}
