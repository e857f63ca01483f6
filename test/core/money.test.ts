import { describe, expect, test } from '@jest/globals';
import { displayUsd, formatUsd, fromWire, parseUsd } from '../../collector/core/money.ts';

describe('money', () => {
  test.each([
    [0.005343, 5343000000n],
    ['0.005343', 5343000000n],
    [0.018600449999999998, 18600450000n],
    ['0.018600449999999998', 18600450000n],
    [0, 0n],
    [8999.125, 8999125000000000n],
    ['1e-6', 1000000n],
    [123456.789, 123456789000000000n],
  ])('%p from the wire is %p pico-dollars', (wire, pico) => expect(fromWire(wire)).toBe(pico));

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001, '', 'abc', '-0.1', '1e400', '1000000.01'])('%p is refused', (wire) => {
    expect(fromWire(wire)).toBeUndefined();
  });

  test('formats without exponent and reads back the same', () => {
    for (const amount of [0n, 1n, 5343000000n, 12n * 10n ** 12n, -1500000000000n, 10n ** 30n]) {
      expect(parseUsd(formatUsd(amount))).toBe(amount);
    }
    expect(formatUsd(5817750000n)).toBe('0.00581775');
    expect(formatUsd(12n * 10n ** 12n)).toBe('12.00');
  });

  test('displays cents, and more under a cent', () => {
    expect(displayUsd(1234567891234567n)).toBe('$1,234.57');
    expect(displayUsd(5817750000n)).toBe('$0.0058');
    expect(displayUsd(0n)).toBe('$0.00');
    expect(displayUsd(-2_500_000_000_000n)).toBe('-$2.50');
  });

  test('displays as nothing only what is nothing', () => {
    expect(displayUsd(60_000_000n)).toBe('$0.00006');
    expect(displayUsd(13_000_000n)).toBe('$0.00001');
    expect(displayUsd(-1n)).toBe('-$0.000000000001');
    expect(displayUsd(9_999_999_999n)).toBe('$0.0100');
    for (let amount = 1n; amount < 10n ** 13n; amount = amount * 2n + 1n) expect(displayUsd(amount)).toMatch(/[1-9]/);
  });
});
