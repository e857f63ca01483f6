/** Rows of a ledger's answer, added up again. */
import type { Sum } from '../catalog/figure-values.ts';
import type { MeasureName } from '../catalog/measures.ts';
import { HOUR_MS } from '../core/duration.ts';
import type { Row } from '../ledger/ledger.ts';

/** Sums in the order of the measures that were asked for, by name; zero for others. */
export const sumIn = (measures: readonly MeasureName[], values: readonly bigint[]): Sum => {
  const indexes = new Map(measures.map((measure, index) => [measure, index]));
  return (measure) => values[indexes.get(measure) ?? -1] ?? 0n;
};

/** Adds up the rows by what `keyOf` makes of their key. */
export function totalsBy(rows: readonly Row[], keyOf: (key: readonly string[]) => string): Map<string, bigint[]> {
  const totals = new Map<string, bigint[]>();
  for (const { key, values } of rows) {
    const name = keyOf(key);
    const known = totals.get(name);
    if (known === undefined) totals.set(name, [...values]);
    else addTo(known, values);
  }
  return totals;
}

export function addTo(sums: bigint[], values: readonly bigint[]): void {
  for (const [index, value] of values.entries()) sums[index] = (sums[index] ?? 0n) + value;
}

export const total = (values: Iterable<bigint>): bigint => {
  let sum = 0n;
  for (const value of values) sum += value;
  return sum;
};

/** A part of the whole, such as 0.25; null when there is nothing to have a part of. Six decimals, cut. */
export function shareOf(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1e6;
}

/** What was spent in so much time, for an hour; cut to whole units. */
export const perHour = (amount: bigint, elapsedMs: number): bigint => (amount * BigInt(HOUR_MS)) / BigInt(elapsedMs);

/** By how much of what was there before, such as 0.25 for a quarter more; null where there was nothing, or corrections of more than there was. */
export const changeRatio = (now: bigint, before: bigint): number | null => (before > 0n ? shareOf(now - before, before) : null);

export const largestFirst = (a: bigint, b: bigint): number => (a < b ? 1 : a > b ? -1 : 0);
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
