/** Of a table all rows that contain a text, in the order of any of its columns, and of those one page. Pure. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { parseUsd } from '../../core/money.ts';
import { suggest } from '../../core/suggest.ts';
import { badParameter } from '../parameters.ts';
import { renderExact } from '../render.ts';
import type { Figure, PanelUnit, TableColumn, TableData, TableRow } from './panel-data.ts';

export const SORT_ORDERS = ['asc', 'desc'] as const;

export interface Arrangement {
  /** A part of any label, in any capitals. */
  readonly search: string | undefined;
  /** Key of a column; undefined: the order of the panel. */
  readonly sort: string | undefined;
  /** Undefined: names upwards, figures downwards. */
  readonly order: (typeof SORT_ORDERS)[number] | undefined;
}

const names = new Intl.Collator('en', { numeric: true });

/** What is found, in order. The rest stays last, and figures that are not known come after those that are, whichever way the others go. */
export function arranged(whole: TableData, { search = '', sort, order }: Arrangement): TableData {
  const table = search.trim() === '' ? whole : containing(search, whole);
  if (sort === undefined && order === undefined) return table;
  const index = columnIndex(table.columns, sort);
  const isLabel = table.columns[index]?.unit === 'label';
  const way = (order ?? (isLabel ? 'asc' : 'desc')) === 'asc' ? 1 : -1;
  const compare = isLabel ? compareNames : compareFigures;
  const rows = table.rows.toSorted((a, b) => {
    const [x = null, y = null] = [a.cells[index], b.cells[index]];
    const isLast = Number(a.rest !== undefined) - Number(b.rest !== undefined) || Number(x === null) - Number(y === null);
    return isLast !== 0 || x === null || y === null ? isLast : way * compare(x, y);
  });
  return { ...table, rows };
}

/** Throws `invalid` for a column that there is not. A table that knows no figure of what was chosen has no columns, and nothing to sort. */
function columnIndex(columns: readonly TableColumn[], sort: string | undefined): number {
  if (sort === undefined) return columns.findIndex(({ unit }) => unit !== 'label');
  const keys = columns.map(({ key }) => key);
  const index = keys.indexOf(sort);
  if (index === -1 && keys.length > 0) throw badParameter('sort', sort, 'is no column here', `Columns: ${keys.join(', ')}.`, suggest(sort, keys));
  return index;
}

function containing(search: string, table: TableData): TableData {
  const { columns, rows } = table;
  const wanted = search.trim().toLowerCase();
  const labels = columns.flatMap(({ unit }, index) => (unit === 'label' ? [index] : []));
  const isFound = ({ cells, rest }: TableRow): boolean =>
    rest === undefined && labels.some((index) => String(cells[index]).toLowerCase().includes(wanted));
  const found = rows.filter(isFound);
  return { ...table, rows: found, found: { of: countRows(rows), totals: columns.map((_, index) => foundTotal(table, found, index)) } };
}

/** Of a column that adds up, as far as it is known. */
function foundTotal({ columns, totals }: TableData, found: readonly TableRow[], index: number): Figure {
  const column = columns[index];
  if (column?.isSum !== true || column.unit === 'label' || (totals[index] ?? null) === null) return null;
  return totalOf(
    column.unit,
    found.map(({ cells }) => cells[index] ?? null).filter((cell) => cell !== null),
  );
}

/** Of amounts as answers have them: exact, but for what the collector counts of itself in parts. */
function totalOf(unit: PanelUnit, amounts: readonly Known[]): Figure {
  if (amounts.some((amount) => typeof amount === 'number' && !Number.isInteger(amount)))
    return amounts.reduce<number>((sum, amount) => sum + Number(amount), 0);
  const exact = (amount: Known): bigint => (unit === 'usd' ? (parseUsd(String(amount)) ?? 0n) : BigInt(amount));
  return renderExact(
    unit === 'usd' ? 'usd' : 'count',
    amounts.reduce((sum, amount) => sum + exact(amount), 0n),
  );
}

type Known = NonNullable<Figure>;

/** Names that read alike keep an order, so that pages do. */
const compareNames = (a: Known, b: Known): number => names.compare(String(a), String(b)) || (String(a) < String(b) ? -1 : Number(a !== b));

/** Money is text: exact, where a float is not. So are counts beyond 2^53, which stand beside numbers below it. */
function compareFigures(a: Known, b: Known): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  const [left, right] = [parseUsd(a) ?? 0n, parseUsd(b) ?? 0n];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Of the last row of a page: its number, and a hash of its labels. */
export const placeSchema = z.tuple([z.number().int().min(1).max(1e9), z.string().max(20)]);
export type Place = z.infer<typeof placeSchema>;

export interface Page {
  readonly rows: readonly TableRow[];
  /** Number of the first row, from 1; 0 where there is none. */
  readonly first: number;
  /** Of all rows, and of those that the rest stands for. */
  readonly count: number;
  /** Undefined on the last page. */
  readonly last: Place | undefined;
}

export const countRows = (rows: readonly TableRow[]): number => rows.reduce((sum, { rest = 1 }) => sum + rest, 0);

/** After the very row; where that is gone, as many rows on. */
export function pageOf({ columns, rows }: TableData, limit: number, after: Place | undefined): Page {
  const from = after === undefined ? 0 : firstAfter(columns, rows, after);
  const shown = rows.slice(from, from + limit);
  const last = shown.at(-1);
  return {
    rows: shown,
    first: shown.length === 0 ? 0 : from + 1,
    count: countRows(rows),
    last: last !== undefined && from + limit < rows.length ? [from + shown.length, keyOf(columns, last)] : undefined,
  };
}

function firstAfter(columns: readonly TableColumn[], rows: readonly TableRow[], [number, key]: Place): number {
  const isThere = (index: number): boolean => {
    const row = rows[index];
    return row !== undefined && keyOf(columns, row) === key;
  };
  if (isThere(number - 1)) return number;
  const index = rows.findIndex((_, candidate) => isThere(candidate));
  return index === -1 ? Math.min(number, rows.length) : index + 1;
}

function keyOf(columns: readonly TableColumn[], { cells, rest }: TableRow): string {
  const labels = cells.filter((_, index) => columns[index]?.unit === 'label');
  return hash('sha256', JSON.stringify([rest !== undefined, labels]), 'base64url').slice(0, 12);
}
