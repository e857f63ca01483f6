/** Rows of an embedded ledger as both ends of a copy have them: sums whole instead of in two columns, what is yes or no a boolean. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { SOURCE_COSTS } from '../../../catalog/sources.ts';
import { ERASURE_KEY } from '../../erased-names.ts';
import { highOf, partsOf, wideOf } from '../../sqlite/wide.ts';
import type { Cells } from '../ends.ts';

export type EmbeddedRow = Readonly<Record<string, unknown>>;

export const COSTS = ['cost', ...SOURCE_COSTS] as const;
/** Of an embedded ledger alone, or facts of another kind. */
export const NO_COUNTERS = [
  'as_of_ms',
  'calendar',
  'dims_indexed',
  'latest_ms',
  'probed_ms',
  'redone',
  'rolled_up_bucket',
  'rolled_up_dims',
  ERASURE_KEY,
];
/** Columns that are 0 and 1 in a file. */
const YES_OR_NO = ['is_dashboard', 'is_shared', 'is_pool', 'has_spend', 'is_complete'];

/** Integers are BigInts. */
export function rowsOf(database: DatabaseSync, sql: string, ...values: readonly SQLInputValue[]): EmbeddedRow[] {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...values);
}

export const cellsOf = (row: EmbeddedRow): Cells => {
  const cells = { ...(row as Cells), ...(highOf('cost') in row && costsOf(row)) };
  return Object.fromEntries(
    Object.entries(cells)
      .filter(([name]) => !COSTS.some((cost) => highOf(cost) === name))
      .map(([name, cell]) => [name, YES_OR_NO.includes(name) ? cell === 1n : cell]),
  );
};

/** The costs of a session, or of a part of one, whole. */
export const costsOf = (row: EmbeddedRow): Record<string, bigint> => Object.fromEntries(COSTS.map((name) => [name, wideOf(row, name)]));

/** As the columns of a file have them. */
export function valuesOf(cells: Cells, columns: readonly string[]): SQLInputValue[] {
  const isWide = columns.includes(highOf('cost'));
  const parts = isWide ? Object.fromEntries(COSTS.flatMap((name) => partOf(name, BigInt(cells[name] ?? 0)))) : {};
  return columns.map((name) => plain(parts[name] ?? cells[name] ?? null));
}

function partOf(name: string, cost: bigint): [string, bigint][] {
  const { low, units } = partsOf(cost);
  return [
    [name, low],
    [highOf(name), units],
  ];
}

const plain = (cell: Cells[string]): SQLInputValue => (typeof cell === 'boolean' ? (cell ? 1 : 0) : cell);

/** Columns that a file fills from others: beside a cost its units. */
export const isGiven = (name: string, cells: Cells): boolean => name in cells || COSTS.some((cost) => highOf(cost) === name && cost in cells);
