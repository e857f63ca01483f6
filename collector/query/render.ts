/** Ledger values to what the API says: money as decimal strings in USD, everything else as numbers in the unit of its measure. */
import type { FigureValue } from '../catalog/figure-values.ts';
import { type FigureName, type FigureUnit, figureUnit } from '../catalog/figures.ts';
import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import type { Row } from '../ledger/ledger.ts';
import { byName, largestFirst } from './totals.ts';

export type Amount = string | number;

/** The field a figure has in answers: money says its currency, as in cost_usd, cost_usd_events and cost_usd_per_session. */
export const fieldOf = (figure: FigureName): string => {
  if (figureUnit(figure) !== 'usd') return figure;
  return figure.startsWith('cost') ? figure.replace(/^cost/, 'cost_usd') : `${figure}_usd`;
};

/** Counts beyond 2^53 would lose digits as a JSON number, so they become strings, as money always is. */
export function renderExact(unit: FigureUnit, value: bigint): Amount {
  if (unit === 'usd') return formatUsd(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

export const renderAmount = (measure: MeasureName, value: bigint): Amount => renderExact(figureUnit(measure), value);

export function renderFigure(figure: FigureName, value: FigureValue): Amount | null {
  return typeof value === 'bigint' ? renderExact(figureUnit(figure), value) : value;
}

export function renderKey(by: readonly DimensionName[], key: readonly string[]): Record<string, string> {
  return Object.fromEntries(by.map((dimension, index) => [dimension, showValue(dimension, key[index] ?? '')]));
}

/** An instant as people and machines both read it; null when there is none, so that the field is always there. */
export function renderInstant(ms: number): string;
export function renderInstant(ms: number | undefined): string | null;
export function renderInstant(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** How old figures are. */
export interface Freshness {
  /** When the ledger last committed. */
  readonly as_of: string | null;
  /** Seconds since then. */
  readonly age_seconds: number | null;
}

export const freshnessOf = (asOfMs: number | undefined, nowMs: number): Freshness => ({
  as_of: renderInstant(asOfMs),
  age_seconds: asOfMs === undefined ? null : Math.max(0, Math.round((nowMs - asOfMs) / 1000)),
});

/** Oldest first; within a period the largest first, then by name, so that answers never depend on how the ledger walked. */
export function inReadingOrder(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort(
    (a, b) => (a.startMs ?? 0) - (b.startMs ?? 0) || largestFirst(a.values[0] ?? 0n, b.values[0] ?? 0n) || byName(a.key.join('\0'), b.key.join('\0')),
  );
}
