/** An amount split by weights, exactly: the parts add up to it, to the last pico-dollar. */

/** In proportion, rounded down; what is left goes one by one to the largest remainders, equal ones by name. Nothing where no weight is positive. */
export function splitByWeight(amount: bigint, weights: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
  const positive = [...weights].filter(([, weight]) => weight > 0n);
  const whole = positive.reduce((sum, [, weight]) => sum + weight, 0n);
  if (whole === 0n) return new Map();
  const [size, sign] = amount < 0n ? [-amount, -1n] : [amount, 1n];
  const parts = positive.map(([name, weight]) => ({ name, part: (size * weight) / whole, rest: (size * weight) % whole }));
  const left = Number(size - parts.reduce((sum, { part }) => sum + part, 0n));
  const order = parts.toSorted((one, other) => (one.rest === other.rest ? (one.name < other.name ? -1 : 1) : one.rest > other.rest ? -1 : 1));
  return new Map(order.map(({ name, part }, index) => [name, sign * (part + (index < left ? 1n : 0n))]));
}
