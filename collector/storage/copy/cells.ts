/** Rows of either store, as a copy compares them and adds them up. */
import { hash } from 'node:crypto';
import { storable } from '../postgres/sql-text.ts';
import type { Cell, Cells } from './ends.ts';

/** Fingerprint of rows, in their order. */
export const markOf = (rows: readonly unknown[]): string => hash('sha256', JSON.stringify(rows, textOfBigint), 'base64url').slice(0, 22);

const textOfBigint = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/**
 * The same for rows that are the same, whatever store they are of: a column that one lacks is empty in the other, which may have a number where the
 * first has its text.
 */
export const plainText = (row: Cells): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([, cell]) => cell !== null)
      .map(([name, cell]) => [name, storable(String(cell))])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );

/** Without those that the target cannot tell apart. */
export const distinct = (rows: readonly Cells[]): Cells[] => [...new Map(rows.map((row) => [plainText(row), row])).values()];

/** One row for each key: names that the target cannot tell apart were several at the source. Of what else there is only sums differ. */
export function addedUp(rows: readonly Cells[], key: readonly string[]): Cells[] {
  const sums = new Map<string, Cells>();
  for (const row of rows) {
    const name = key.map((column) => row[column]).join(' ');
    const known = sums.get(name);
    sums.set(
      name,
      known === undefined
        ? row
        : Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, key.includes(column) ? cell : sumOf(known[column], cell)])),
    );
  }
  return [...sums.values()];
}

const sumOf = (one: Cell | undefined, other: Cell): Cell =>
  one === null || one === undefined ? other : typeof one === 'bigint' && typeof other === 'bigint' ? one + other : one;
