/** Amounts in words for people. */
import { expect, test } from '@jest/globals';
import { axisAmount, percent, shortAmount } from '../../../dashboards/web/format.ts';

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

test.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.0005, '0.1 %'],
  [0.0123, '1.2 %'],
  [0.1, '10 %'],
  [0.994, '99 %'],
  [0.995, '99.5 %'],
  [0.997, '99.7 %'],
  [0.9994, '99.9 %'],
  [0.9996, '>99.9 %'],
  [0.999999, '>99.9 %'],
  [1, '100 %'],
  [1.254, '125 %'],
])('should say of a share of %d that it is all or nothing only where it is', (share, text) => {
  expect(percent(share)).toBe(text);
});
