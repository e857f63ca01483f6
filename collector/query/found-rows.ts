/** Rows that contain a text in one of their names, as shown and in any capitals, with their own totals. Pure. */
import type { DimensionName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import type { QueryResult } from '../ledger/ledger.ts';

export function foundRows(result: QueryResult, by: readonly DimensionName[], search: string): QueryResult {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return result;
  const rows = result.rows.filter(({ key }) =>
    by.some((name, index) =>
      showValue(name, key[index] ?? '')
        .toLowerCase()
        .includes(wanted),
    ),
  );
  const totals = result.totals.map((_, index) => rows.reduce((sum, { values }) => sum + (values[index] ?? 0n), 0n));
  return { ...result, rows, totals };
}
