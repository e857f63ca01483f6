/** Coarse roll-ups made anew from the finest one. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { type Buckets, type Coarsening, vectorAt } from '../../ledger/quarter-sums.ts';
import { COARSE, FINEST, type Rollup } from '../../ledger/rollups.ts';
import { ALL, IS_MONEY, Vector } from '../../ledger/sums.ts';
import { BEGINNING, type Watermark } from '../../ledger/watermark.ts';
import { addRows, RollupTable } from './rollup-table.ts';
import { addCarry, CarryReader } from './wide.ts';

/** Bounds the memory a rebuild of years needs. */
const ROWS_AT_ONCE = 20_000;
const END: Watermark = { bucket: Number.MAX_SAFE_INTEGER, dims: 0 };

/** Empties them and fills them with the rows before `until`. */
export function rebuildCoarse(database: DatabaseSync, coarsening: Coarsening, until = END): void {
  for (const { table } of COARSE) database.exec(`DELETE FROM ${table}; DELETE FROM carries WHERE rollup = '${table}'`);
  addCoarse(database, coarsening, COARSE, BEGINNING, until);
}

/** Adds the rows from one watermark to another. */
export function addCoarse(database: DatabaseSync, coarsening: Coarsening, rollups: readonly Rollup[], beginning: Watermark, until: Watermark): void {
  const tables = rollups.map((rollup) => ({ rollup, table: new RollupTable(database, rollup.table) }));
  const slices = new SliceReader(database);
  for (let from = beginning; from !== until; ) {
    const { quarters, next } = slices.read(from, until, ROWS_AT_ONCE);
    for (const { rollup, table } of tables) addRows(table, coarsening.of(rollup, quarters));
    from = next;
  }
}

export class SliceReader {
  readonly #rows: StatementSync;
  readonly #carries: CarryReader;

  constructor(database: DatabaseSync) {
    this.#carries = new CarryReader(database);
    this.#rows = database.prepare(
      `SELECT bucket, dims, ${MEASURE_NAMES.join()} FROM ${FINEST.table} WHERE (bucket, dims) >= (?, ?) AND (bucket, dims) < (?, ?) ORDER BY bucket, dims LIMIT ?`,
    );
    this.#rows.setReadBigInts(true);
    // Objects of fifty properties take longer to make than their sums to add up.
    this.#rows.setReturnArrays(true);
  }

  /** At most `rowsMax` rows of the finest roll-up from one watermark to another; `next` is `until` itself when these were all. */
  read(from: Watermark, until: Watermark, rowsMax: number): { readonly quarters: Buckets; readonly next: Watermark } {
    const quarters: Buckets = new Map();
    let rows = 0;
    let last = from;
    // Declared as objects, rows are arrays since setReturnArrays.
    const found = this.#rows.iterate(from.bucket, from.dims, until.bucket, until.dims, rowsMax) as unknown as Iterable<bigint[]>;
    for (const cells of found) {
      last = { bucket: Number(cells[0]), dims: Number(cells[1]) };
      quarters.getOrInsertComputed(last.bucket, () => new Map<number, Vector>()).set(last.dims, vectorOf(cells, 2));
      rows++;
    }
    const next = rows < rowsMax ? until : { bucket: last.bucket, dims: last.dims + 1 };
    for (const carry of this.#carries.between(FINEST.table, from, next)) addCarry(vectorAt(quarters, carry.bucket, carry.dims), carry);
    return { quarters, next };
  }
}

/** The sums of a roll-up row in catalog order, read with BigInts; they begin `at` some place of the row. */
export function vectorOf(cells: readonly unknown[], at = 0): Vector {
  const vector = new Vector();
  for (const index of ALL) {
    const value = cells[at + index];
    if (typeof value !== 'bigint' || value === 0n) continue;
    const number = Number(value);
    vector.values[index] = IS_MONEY[index] || !Number.isSafeInteger(number) ? value : number;
  }
  return vector;
}
