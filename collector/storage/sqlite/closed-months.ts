/** Closed months, and what was posted elsewhere for them: see collector/ledger/closed-months.ts. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { QUARTER_MS, quarterOf } from '../../core/calendar.ts';
import type { ClosedMonth, MovedPosting, MovedQuery, MovedRow } from '../../ledger/closed-months.ts';
import { closedMonthDifferences, MovedRows } from '../../ledger/moved-rows.ts';
import { FINEST, MONTHS } from '../../ledger/rollups.ts';
import { readSums, sumsText, type Totals, totalsOf } from '../../ledger/sums-text.ts';
import { sumsOf } from './rollup-totals.ts';
import { WatermarkReader } from './rollup-watermark.ts';
import { valuesOf } from './session-rows.ts';

/** `totals` and `sums` are sums as text: see sumsText. */
export const CLOSED_MONTHS = `CREATE TABLE closed_months (
     month TEXT PRIMARY KEY, from_quarter INTEGER NOT NULL, to_quarter INTEGER NOT NULL, closed_ms INTEGER NOT NULL, totals TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE moved_postings (
     to_quarter INTEGER NOT NULL, from_quarter INTEGER NOT NULL, dims INTEGER NOT NULL, month TEXT NOT NULL, at_ms INTEGER NOT NULL, sums TEXT NOT NULL,
     PRIMARY KEY (to_quarter, from_quarter, dims)
   ) WITHOUT ROWID`;

const totalsBetween = (database: DatabaseSync, fromQuarter: number, toQuarter: number): Totals =>
  sumsOf(database, FINEST, `bucket >= ${fromQuarter} AND bucket < ${toQuarter}`);

const monthOf = (row: Record<string, unknown>): ClosedMonth => ({
  month: String(row.month),
  fromMs: Number(row.from_quarter) * QUARTER_MS,
  toMs: Number(row.to_quarter) * QUARTER_MS,
  closedMs: Number(row.closed_ms),
});

export const readClosedMonths = (database: DatabaseSync): ClosedMonth[] =>
  database.prepare('SELECT * FROM closed_months ORDER BY to_quarter').all().map(monthOf);

export class ClosedMonthsTable {
  readonly #database: DatabaseSync;
  readonly #watermark: WatermarkReader;
  readonly #find: StatementSync;
  readonly #write: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#watermark = new WatermarkReader(database);
    this.#find = database.prepare('SELECT sums, at_ms FROM moved_postings WHERE to_quarter = ? AND from_quarter = ? AND dims = ?');
    this.#write = database.prepare(
      `INSERT INTO moved_postings (to_quarter, from_quarter, dims, month, at_ms, sums) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, sums = excluded.sums`,
    );
  }

  /** See Tables.close. */
  close({ month, fromMs, toMs, closedMs }: ClosedMonth, period: number | undefined): void {
    const [from, to] = [quarterOf(fromMs), quarterOf(toMs)];
    const { bucket } = this.#watermark.read();
    // Where nothing came since, the roll-up of months may not have all of it yet.
    const isComplete = period !== undefined && bucket >= to;
    const totals = isComplete ? sumsOf(this.#database, MONTHS, `bucket = ${period}`) : totalsBetween(this.#database, from, to);
    const insert = this.#database.prepare('INSERT INTO closed_months (month, from_quarter, to_quarter, closed_ms, totals) VALUES (?, ?, ?, ?, ?)');
    insert.run(month, from, to, closedMs, sumsText(totals));
  }

  note(moved: readonly MovedPosting[], atMs: number): void {
    for (const posting of moved) this.#add(posting, atMs);
  }

  /** Of these combinations of dimensions, which have become others: see dims-merge.ts. */
  merge(merged: ReadonlyMap<number, number>): void {
    const rows = this.#database.prepare('SELECT * FROM moved_postings WHERE dims IN (SELECT old FROM temp.merged)').all();
    this.#database.exec('DELETE FROM moved_postings WHERE dims IN (SELECT old FROM temp.merged)');
    for (const row of rows) {
      const dims = merged.get(Number(row.dims));
      if (dims === undefined) continue;
      const [fromQuarter, toQuarter] = [Number(row.from_quarter), Number(row.to_quarter)];
      this.#add({ month: String(row.month), fromQuarter, toQuarter, dims, vector: readSums(String(row.sums)) }, Number(row.at_ms));
    }
  }

  #add({ month, fromQuarter, toQuarter, dims, vector }: MovedPosting, atMs: number): void {
    const known = this.#find.get(toQuarter, fromQuarter, dims);
    const sums = readSums(String(known?.sums ?? ''));
    sums.addVector(vector);
    this.#write.run(toQuarter, fromQuarter, dims, month, Math.max(atMs, Number(known?.at_ms ?? 0)), sumsText(totalsOf(sums)));
  }
}

/** A pause after so many postings takes less than reading their sums does. */
const STEP_POSTINGS = 500;

/** See LedgerSnapshot.moved. In steps of some milliseconds, on a connection that is held. */
export function* movedSteps(database: DatabaseSync, query: MovedQuery, stepRows = STEP_POSTINGS): Generator<undefined, MovedRow[]> {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, spentBeforeMs = Number.MAX_SAFE_INTEGER, by, within = [], rowsMax } = query;
  const inside = valuesOf(within, 'd');
  const names = by.map((name) => `, d.${name}`).join('');
  // Joined from the left, so that each step looks at no more than so many, however few of them are asked for.
  const page = database.prepare(`SELECT p.*, d.id AS inside${names}
    FROM (SELECT * FROM moved_postings WHERE (to_quarter, from_quarter, dims) > (?, ?, ?) AND to_quarter < ?
      ORDER BY to_quarter, from_quarter, dims LIMIT ${stepRows}) p
    LEFT JOIN dims d ON d.id = p.dims AND p.from_quarter < ? AND ${inside.sql} ORDER BY p.to_quarter, p.from_quarter, p.dims`);
  const moved = new MovedRows(query);
  let after: readonly [toQuarter: number, fromQuarter: number, dims: number] = [quarterOf(fromMs), -1, -1];
  for (;;) {
    const rows = page.all(...after, quarterOf(toMs), quarterOf(spentBeforeMs), ...inside.parameters);
    for (const row of rows) {
      if (row.inside === null) continue;
      moved.add({ month: String(row.month), key: by.map((name) => String(row[name])), sums: String(row.sums), atMs: Number(row.at_ms) });
    }
    const last = rows.at(-1);
    yield;
    if (last === undefined || rows.length < stepRows) return moved.rows(rowsMax);
    after = [Number(last.to_quarter), Number(last.from_quarter), Number(last.dims)];
  }
}

/** The columns of a closed month that do not come to what they were when it was closed, a sentence each. */
export function* checkClosedMonths(database: DatabaseSync): Iterable<string> {
  for (const row of database.prepare('SELECT * FROM closed_months ORDER BY to_quarter').all()) {
    const is = totalsBetween(database, Number(row.from_quarter), Number(row.to_quarter));
    yield* closedMonthDifferences(String(row.month), String(row.totals), is, FINEST.table);
  }
}
