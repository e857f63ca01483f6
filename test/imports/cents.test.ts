/** Cents with fractions as text, exactly. */
import { expect, test } from '@jest/globals';
import { parseCents } from '../../collector/imports/amounts.ts';
import { centsText } from '../support/imports/facts.ts';
import { seededRandom } from '../support/random.ts';

test.each([
  ['123.45', 1_234_500_000_000n],
  ['0', 0n],
  ['-0.01', -100_000_000n],
  ['0.0000000001', 1n],
  ['0.00000000005', 1n], // half up
  ['0.00000000004', 0n],
  [' 7 ', 70_000_000_000n],
  ['1e2', 1_000_000_000_000n],
  [1025, 10_250_000_000_000n],
  [1025.37, 10_253_700_000_000n],
  [1e-7, 1_000n],
])('%s cents', (cents, pico) => {
  expect(parseCents(cents)).toBe(pico);
});

test.each([
  [''],
  ['a lot'],
  ['1,5'],
  ['0x10'],
  ['1e999'],
  ['NaN'],
  ['--1'],
  ['1e'],
  ['1e2e3'],
  ['900000001e0'],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
])('%s is no amount of a line', (cents) => {
  expect(parseCents(cents)).toBeUndefined();
});

test('every amount comes back from its text', () => {
  const random = seededRandom('cents');
  for (let round = 0; round < 2_000; round++) {
    const size = 10n ** BigInt(random.below(18));
    const pico = (BigInt(random.below(2 ** 31)) * size) / BigInt(1 + random.below(1_000));
    const amount = (random.chance(0.3) ? -pico : pico) % (9_000_000n * 10n ** 12n);
    expect(parseCents(centsText(amount))).toBe(amount);
  }
});
