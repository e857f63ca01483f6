/** Coarse roll-ups made anew from the finest one. What is in `recent` comes when it is moved. */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { type Buckets, vectorAt } from '../../ledger/quarter-sums.ts';
import { FINEST } from '../../ledger/rollups.ts';
import { addCells, CoarseTables, QUARTER_S } from './coarse-sums.ts';
import { type Sql, statement } from './connection.ts';
import { DimsTable } from './dimension-sets.ts';
import { COARSER } from './schema.ts';
import { int, quotedName } from './sql-text.ts';

/** Bounds the memory a rebuild of years needs. */
const ROWS_AT_ONCE = 20_000;

const SLICE = statement(`SELECT start_s, dims, ${MEASURE_NAMES.map(quotedName).join()} FROM ${FINEST.table}
  WHERE (start_s, dims) > ($1, $2) ORDER BY start_s, dims LIMIT $3`);

/** Within a transaction that has the ledger for itself. */
export async function rebuildCoarse(sql: Sql, calendar: CalendarOptions): Promise<void> {
  const dims = new DimsTable();
  const tables = new CoarseTables(calendar, dims);
  for (const { table } of COARSER) await sql.run(`DELETE FROM ${table}`);
  for (let [startS, after, isDone] = [Number.MIN_SAFE_INTEGER, 0, false]; !isDone; ) {
    const rows = await sql.arrays(SLICE, [startS, after, ROWS_AT_ONCE]);
    await dims.begin(sql);
    await dims.load(
      sql,
      rows.map(([, id]) => int(id)),
    );
    const quarters: Buckets = new Map();
    for (const [start, id, ...cells] of rows) addCells(vectorAt(quarters, int(start) / QUARTER_S, int(id)), cells);
    await tables.add(sql, tables.of(quarters));
    await dims.store(sql);
    dims.kept();
    const last = rows.at(-1);
    [startS, after, isDone] = [int(last?.[0]), int(last?.[1]), rows.length < ROWS_AT_ONCE];
  }
}
