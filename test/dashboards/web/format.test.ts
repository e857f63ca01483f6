/** Amounts in words for people. */
import { expect, test } from '@jest/globals';
import { axisAmount, shortAmount } from '../../../dashboards/web/format.ts';

const HOUR_MS = 3_600_000;

test('should give time that adds up over users in hours, and time that passed in days', () => {
  expect(shortAmount(34.75 * HOUR_MS, 'ms')).toBe('34 h 45 min');
  expect(shortAmount(1_117 * HOUR_MS, 'ms')).toBe('1,117 h');
  expect(shortAmount((117 * HOUR_MS) / 1000, 'seconds')).toBe('4 days 21 h');
});

test.each([
  [0, '$0'],
  [0.002, '$0.0020'],
  [0.4, '$0.40'],
  [2.5, '$2.50'],
  [15, '$15'],
  [1_500, '$1.5K'],
])('should mark %d on an axis of money as people write it', (value, text) => {
  expect(axisAmount(value, 'usd')).toBe(text);
});
