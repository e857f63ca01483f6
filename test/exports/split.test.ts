/** Parts add up to the whole, to the last unit, and none is further from its share than rounding makes it. */
import { expect, test } from '@jest/globals';
import { split } from '../../collector/exports/split.ts';
import { seededRandom } from '../support/random.ts';

test('what rounding leaves goes to the part with the largest weight, the first of equals', () => {
  expect(split(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
  expect(split(10n, [1n, 5n, 1n])).toEqual([1n, 8n, 1n]);
  expect(split(-10n, [1n, 1n, 1n])).toEqual([-4n, -3n, -3n]);
  expect(split(1n, [0n, 3n])).toEqual([0n, 1n]);
});

test('10,000 random amounts', () => {
  const random = seededRandom('split');
  for (let count = 0; count < 10_000; count++) {
    const amount = BigInt(random.below(2 ** 50)) * (random.chance(0.1) ? -1n : 1n);
    const weights = Array.from({ length: 1 + random.below(5) }, () => BigInt(random.below(2 ** 40)));
    const total = weights.reduce((sum, weight) => sum + weight, 0n);
    if (total === 0n) continue;
    const parts = split(amount, weights);
    expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount);
    const off = parts.map((part, index) => part * total - amount * (weights[index] ?? 0n)).map((rest) => (rest < 0n ? -rest : rest));
    expect(off.every((rest) => rest < total * BigInt(weights.length))).toBe(true);
  }
});
