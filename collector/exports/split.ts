/** One amount in parts that add up to it, to the last unit. */

/**
 * In proportion to the weights, which are not negative and not all zero; what rounding leaves goes to the part with the largest weight, the
 * first of equals.
 */
export function split(amount: bigint, weights: readonly bigint[]): readonly bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const parts = weights.map((weight) => (amount * weight) / total);
  const rest = parts.reduce((left, part) => left - part, amount);
  const largest = weights.reduce((best, weight, index) => (weight > (weights[best] ?? 0n) ? index : best), 0);
  return parts.map((part, index) => (index === largest ? part + rest : part));
}
