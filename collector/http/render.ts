/** Ledger values to what the API says: money as decimal strings in USD, everything else as numbers in the unit of its measure. */
import type { Row } from '../ledger.ts';
import { type DimensionName, MEASURES, type MeasureName, showValue } from '../measures.ts';
import { formatUsd } from '../money.ts';

export type Amount = string | number;

/** The field a measure has in answers: money says its currency, as in cost_usd and cost_usd_events. */
export const fieldOf = (measure: MeasureName): string => (MEASURES[measure].unit === 'usd' ? measure.replace(/^cost/, 'cost_usd') : measure);

/** Counts beyond 2^53 would lose digits as a JSON number, so they become strings, as money always is. */
export function renderAmount(measure: MeasureName, value: bigint): Amount {
  if (MEASURES[measure].unit === 'usd') return formatUsd(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

export function renderAmounts(measures: readonly MeasureName[], values: readonly bigint[]): Record<string, Amount> {
  return Object.fromEntries(measures.map((measure, index) => [fieldOf(measure), renderAmount(measure, values[index] ?? 0n)]));
}

export function renderKey(by: readonly DimensionName[], key: readonly string[]): Record<string, string> {
  return Object.fromEntries(by.map((dimension, index) => [dimension, showValue(dimension, key[index] ?? '')]));
}

/** An instant as people and machines both read it; null when there is none, so that the field is always there. */
export const renderInstant = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** Oldest first; within a period the largest first, then by name, so that answers never depend on how the ledger walked. */
export function inReadingOrder(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort(
    (a, b) => (a.startMs ?? 0) - (b.startMs ?? 0) || compare(b.values[0] ?? 0n, a.values[0] ?? 0n) || compare(a.key.join('\0'), b.key.join('\0')),
  );
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
