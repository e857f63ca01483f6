/** What rows of the finest roll-up add to the coarser ones. */
import { MEASURE_NAMES, MEASURES } from '../../catalog/measures.ts';
import { Calendar, type CalendarOptions, QUARTER_MS } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { type Buckets, Coarsening } from '../../ledger/quarter-sums.ts';
import { FINEST, type Rollup } from '../../ledger/rollups.ts';
import { plus, type Vector } from '../../ledger/sums.ts';
import type { Sql } from './connection.ts';
import type { DimsTable } from './dimension-sets.ts';
import { rowsOf, SumTable } from './rollup-table.ts';
import { COARSER } from './schema.ts';
import { runEach } from './together.ts';

export const QUARTER_S = QUARTER_MS / SECOND_MS;

/** By roll-up: the sums to add to it, by the number of its periods. */
export type CoarseSums = ReadonlyMap<Rollup, Buckets>;

export class CoarseTables {
  readonly #calendar: Calendar;
  readonly #coarsening: Coarsening;
  readonly #tables = new Map([FINEST, ...COARSER].map((rollup) => [rollup, new SumTable(rollup.table, [], ['start_s', 'dims'])]));

  constructor(calendar: CalendarOptions, dims: DimsTable) {
    this.#calendar = new Calendar(calendar);
    this.#coarsening = new Coarsening(this.#calendar, dims);
  }

  /** Makes the combinations that are left of these; all of them have to be known. */
  of(quarters: Buckets): CoarseSums {
    return new Map(COARSER.map((rollup) => [rollup, this.#coarsening.of(rollup, quarters)]));
  }

  /** In one order of tables and rows, whoever writes. */
  async add(sql: Sql, sums: CoarseSums): Promise<void> {
    for (const [rollup, table] of this.#tables) {
      const rows = rowsOf(
        sums.get(rollup) ?? new Map(),
        (period) => this.#calendar.startOf(rollup.grain as Exclude<Rollup['grain'], 'session'>, period) / SECOND_MS,
      );
      await runEach(sql, table.add([], rows));
    }
  }
}

const IS_MONEY = MEASURE_NAMES.map((name) => MEASURES[name].unit === 'usd');

/** Adds a row's cells, numerics as text in catalog order. */
export function addCells(vector: Vector, cells: readonly unknown[]): void {
  for (const [index, cell] of cells.entries()) {
    if (cell === null || cell === undefined) continue;
    const sum = BigInt(String(cell));
    // As in every row of sums: money is always a bigint.
    vector.values[index] = IS_MONEY[index]
      ? BigInt(vector.values[index] ?? 0) + sum
      : plus(vector.values[index], Number.isSafeInteger(Number(sum)) ? Number(sum) : sum);
  }
}
