/** Combinations of dimensions that have become the same: what refers to one refers to the other from then on, and sums are added up. */
import type { DatabaseSync } from 'node:sqlite';
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { FINEST, ROLLUPS } from '../../ledger/rollups.ts';
import type { Watermark } from '../../ledger/watermark.ts';
import { ClosedMonthsTable } from './closed-months.ts';
import { vectorOf } from './rollup-rebuild.ts';
import { RollupTable } from './rollup-table.ts';
import { costOf, SessionPlacesTable } from './session-places.ts';

const OLD = '(SELECT old FROM temp.merged)';
const newOf = (column: string): string => `(SELECT new FROM temp.merged WHERE old = ${column})`;

/** `merged`: from number to number. True when the coarse roll-ups have to be made anew, since rows moved across the watermark. */
export function mergeDims(database: DatabaseSync, merged: ReadonlyMap<number, number>, { bucket, dims }: Watermark): boolean {
  database.exec('CREATE TEMP TABLE IF NOT EXISTS merged (old INTEGER PRIMARY KEY, new INTEGER NOT NULL); DELETE FROM temp.merged');
  const insert = database.prepare('INSERT INTO temp.merged (old, new) VALUES (?, ?)');
  for (const [old, kept] of merged) insert.run(old, kept);
  const straddling = `SELECT 1 FROM ${FINEST.table} WHERE bucket = ? AND dims IN ${OLD} LIMIT 1`;
  const isStraddling = dims !== 0 && database.prepare(straddling).get(bucket) !== undefined;
  for (const column of ['entries.dims', 'sessions.first_dims', 'sessions.last_dims']) {
    const [table = '', name = ''] = column.split('.');
    database.exec(`UPDATE ${table} SET ${name} = ${newOf(name)} WHERE ${name} IN ${OLD}`);
  }
  database.exec(`INSERT INTO minutes SELECT minute, ${newOf('dims')}, requests, tokens FROM minutes WHERE dims IN ${OLD}
      ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens;
    DELETE FROM minutes WHERE dims IN ${OLD};
    INSERT INTO people SELECT ${newOf('dims')}, first_minute, last_minute FROM people WHERE dims IN ${OLD}
      ON CONFLICT DO UPDATE SET first_minute = min(first_minute, excluded.first_minute), last_minute = max(last_minute, excluded.last_minute);
    DELETE FROM people WHERE dims IN ${OLD};
    INSERT INTO carries SELECT rollup, bucket, ${newOf('dims')}, measure, units FROM carries WHERE dims IN ${OLD}
      ON CONFLICT DO UPDATE SET units = units + excluded.units;
    DELETE FROM carries WHERE dims IN ${OLD}`);
  for (const { table } of ROLLUPS) mergeRollup(database, table, merged);
  mergePlaces(database);
  new ClosedMonthsTable(database).merge(merged);
  database.exec(`DELETE FROM dims WHERE id IN ${OLD}; DELETE FROM temp.merged`);
  return isStraddling;
}

function mergePlaces(database: DatabaseSync): void {
  const select = database.prepare(`SELECT o.*, m.new FROM session_places o JOIN temp.merged m ON m.old = o.dims`);
  select.setReadBigInts(true);
  const rows = select.all();
  database.exec(`DELETE FROM session_places WHERE dims IN ${OLD}`);
  const places = new SessionPlacesTable(database);
  for (const row of rows) places.add(new Map([[Number(row.session), new Map([[Number(row.new), costOf(row)]])]]));
}

function mergeRollup(database: DatabaseSync, table: string, merged: ReadonlyMap<number, number>): void {
  const select = database.prepare(`SELECT bucket, dims, ${MEASURE_NAMES.join()} FROM ${table} WHERE dims IN ${OLD}`);
  select.setReadBigInts(true);
  const rows = select.all();
  database.exec(`DELETE FROM ${table} WHERE dims IN ${OLD}`);
  const sums = new RollupTable(database, table);
  for (const { bucket, dims, ...cells } of rows) {
    const kept = merged.get(Number(dims));
    if (kept !== undefined) sums.add(Number(bucket), kept, vectorOf(MEASURE_NAMES.map((name) => cells[name])));
  }
}
