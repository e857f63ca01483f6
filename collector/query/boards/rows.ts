/** What the panels of every source have in common before they are drawn: rows of figures, with what each row is about. */
import type { FigureValue } from '../../catalog/figure-values.ts';
import { DIMENSIONS, isDimension } from '../../catalog/measures.ts';
import { formatUsd, parseUsd } from '../../core/money.ts';
import { renderExact } from '../render.ts';
import type { Figure, PanelUnit, RowFilter, RowLabel } from './panel-data.ts';

export interface FigureColumn {
  readonly key: string;
  readonly title: string;
  readonly unit: PanelUnit;
  /** Is the whole the sum of the rows? */
  readonly isSum: boolean;
  readonly isChange?: true;
}

export interface LabelColumn {
  readonly key: string;
  readonly title: string;
  /** Need no record have its values? */
  readonly isUnbooked?: true;
}

export interface PanelRow {
  /** As shown, in the order of PanelRows.labels; ["other"] for the rest. */
  readonly labels: readonly string[];
  readonly values: readonly FigureValue[];
  readonly rest?: number;
}

export interface PanelRows {
  readonly labels: readonly LabelColumn[];
  readonly figures: readonly FigureColumn[];
  /** Largest first figure first, the rest last. */
  readonly rows: readonly PanelRow[];
  /** Of all rows together; null where that means nothing. */
  readonly totals: readonly FigureValue[];
}

export const REST = 'other';
/** Rows of a drawing that shows all: with more a page takes minutes to draw. The others are its rest. */
export const PANEL_ROWS_MAX = 5_000;

/** A timestamp, a ratio, a mean: plain numbers. Money from a gauge is a float already and is shown with the digits it has. */
export function renderValue(unit: PanelUnit, value: FigureValue): Figure {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return null;
  if (typeof value === 'bigint') return unit === 'timestamp' ? Number(value) : renderExact(unit, value);
  if (unit !== 'usd') return value;
  const amount = parseUsd(String(value));
  return amount === undefined ? null : formatUsd(amount);
}

/** A part of the whole, 0 to 1; null when there is nothing to have a part of, and beside corrections, which make a part less than nothing or more than all. */
export function shareOf(part: FigureValue, whole: FigureValue): number | null {
  if (part === null || whole === null || Number(whole) === 0) return null;
  const share = Number(part) / Number(whole);
  return share < 0 || share > 1 ? null : share;
}

/** Larger first; what is not known comes last. */
export function byValue(a: FigureValue | undefined, b: FigureValue | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return a < b ? 1 : -1;
}

/** Equal rows stand in the order of their names, so that answers never depend on how the ledger walked. */
export const inOrder = (a: PanelRow, b: PanelRow): number => byValue(a.values[0], b.values[0]) || compareLabels(a.labels, b.labels);

export const compareLabels = (a: readonly string[], b: readonly string[]): number => {
  const [left, right] = [a.join('\0'), b.join('\0')];
  return left === right ? 0 : left < right ? -1 : 1;
};

export const isNothing = ({ values }: Pick<PanelRow, 'values'>): boolean => values.every((value) => value === null || Number(value) === 0);

export function labelOf(row: Pick<PanelRow, 'labels' | 'rest'>, columns: readonly LabelColumn[]): RowLabel {
  if (row.rest !== undefined) return { label: REST, filters: [], rest: row.rest, absent: false };
  const filters = columns.flatMap(({ key }, index): RowFilter[] => {
    const value = row.labels[index] ?? '';
    // An empty label stands for no value at all, not for one that is not known.
    return isDimension(key) && value !== '' ? [{ dimension: key, value }] : [];
  });
  const session = row.labels[columns.findIndex(({ key }) => key === 'session_id')];
  return {
    label: row.labels.join(' · '),
    filters,
    absent: filters.length === 1 && filters.every(({ dimension, value }) => DIMENSIONS[dimension].absent === value),
    ...(session !== undefined && session !== '' && { session }),
    ...(columns.some(({ isUnbooked }) => isUnbooked === true) && { unbooked: true as const }),
  };
}
