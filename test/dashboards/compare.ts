/** When two accounts of a panel say the same. */
import type { Figures } from './ledger-figures.ts';

/** A row of zero and no row are the same row. A single figure is there or not. */
export const withoutZeros = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).filter(([label, value]) => label === '' || Math.abs(value) > 1e-7));

/** Rows of a table, by label, all figures of which are zero: they say nothing, and no rendering has them. */
export function rowsOfZeros(figures: Figures): string[] {
  const rows = Map.groupBy(Object.entries(figures), ([key]) => key.slice(key.indexOf('|') + 1));
  return [...rows].filter(([, own]) => own.every(([, value]) => Math.abs(value) <= 1e-7)).map(([label]) => label);
}

/** A ten-thousandth of a cent, and as much of large counts as a float keeps. */
const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 + 1e-9 * Math.abs(b);

/** One sentence for each figure that is not the ledger's. */
export function differences(shown: Figures, right: Figures): string[] {
  const [left, wanted] = [withoutZeros(shown), withoutZeros(right)];
  return [...new Set([...Object.keys(left), ...Object.keys(wanted)])].sort().flatMap((label) => {
    const [is, must] = [left[label], wanted[label]];
    if (is !== undefined && must !== undefined && isSame(is, must)) return [];
    return [`${label === '' ? 'the figure' : label}: shows ${is ?? 'nothing'}, the ledger says ${must ?? 'nothing'}`];
  });
}
