/** Robust figures: a few wild days do not move them, as they would move an average. */

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** The value that a share of the others lie below; 0n of nothing. */
export function quantile(values: readonly bigint[], share: number): bigint {
  const sorted = [...values].sort(ascending);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0n;
}

/** The middle one, of an even number the mean of the two. */
export function median(values: readonly bigint[]): bigint {
  const sorted = [...values].sort(ascending);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0n;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
  return (upper + lower) / 2n;
}

/** Median distance from the median, times 1.4826: for a bell curve, its standard deviation. */
export function spread(values: readonly bigint[]): bigint {
  const middle = median(values);
  return (median(values.map((value) => (value < middle ? middle - value : value - middle))) * 14_826n) / 10_000n;
}

/** 0.345 as "35 %". */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** a / b as a number with two decimals; 0 when there is no b. */
export const times = (a: bigint, b: bigint): number => (b === 0n ? 0 : Number((a * 100n) / b) / 100);
