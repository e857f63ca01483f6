/** Percentiles, and which of them to read where few users were measured. */

/** The smallest value that at least this share of all does not exceed; undefined of nothing. */
export function nearestRank<Value>(ascending: ArrayLike<Value>, share: number): Value | undefined {
  // Products of decimals such as 0.9 * 10 may end a hair above a whole number.
  return ascending[Math.max(0, Math.ceil(ascending.length * share - 1e-9) - 1)];
}

/** Of the normal distribution at 0.9. */
const Z = 1.2815515655446004;

/**
 * The share of futures to read as the 90th percentile. Drawing again from few users shows too little of what other users would do; the expanded
 * percentile makes up for it, as Student's t does for the mean: 0.957 for five users, 0.913 for twenty, 0.9 in the limit. Above one user.
 */
export const expandedNinetieth = (users: number): number => normalShare(Math.sqrt(users / (users - 1)) * studentNinetieth(users - 1));

/** Student's t at 0.9, as an expansion about the normal distribution: right to three decimals from four degrees of freedom on. */
export function studentNinetieth(degrees: number): number {
  const [z3, z5, z7] = [Z ** 3, Z ** 5, Z ** 7];
  return (
    Z + (z3 + Z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * Z) / (96 * degrees ** 2) + (3 * z7 + 19 * z5 + 17 * z3 - 15 * Z) / (384 * degrees ** 3)
  );
}

/** The share of a normal distribution below a positive z, to seven decimals (Abramowitz and Stegun, 26.2.17). */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
