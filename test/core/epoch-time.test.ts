import { expect, test } from '@jest/globals';
import { parseEpochMs, toEpochMs } from '../../collector/core/epoch-time.ts';

const TIME_MS = 1_795_183_200_123;

test.each([
  [TIME_MS * 1e6, TIME_MS],
  [TIME_MS * 1e3, TIME_MS],
  [TIME_MS, TIME_MS],
  [1_795_183_200.123, TIME_MS],
  [99_999_999, 0],
  [0, 0],
  [-1, 0],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, 0],
])('%p should be %p ms since the epoch', (value, timeMs) => {
  expect(Math.abs(toEpochMs(value) - timeMs)).toBeLessThanOrEqual(value > 2 ** 53 ? 1 : 0);
});

test.each([
  [`${TIME_MS}999999`, TIME_MS],
  [`0${TIME_MS}000000`, TIME_MS],
  [`${TIME_MS}`, TIME_MS],
  ['1795183200.5', 1_795_183_200_500],
  ['1.795183200123e18', TIME_MS],
  ['0', 0],
  ['', undefined],
  ['soon', undefined],
  ['-5', undefined],
])('the digits %p should be %p ms since the epoch', (text, timeMs) => {
  expect(parseEpochMs(text)).toBe(timeMs);
});
