import { describe, expect, test } from '@jest/globals';
import { isSharedEdge, PUBLISHED_RATES, publishedRate } from '../../collector/catalog/published-rates.ts';

describe('the published rates', () => {
  test('should come to 4 M tokens per minute for 200 users at 20k each, as the page reckons', () => {
    const row = publishedRate(200);
    expect(row?.size).toBe('100-500');
    expect(200 * (row?.tokens[1] ?? 0)).toBe(4_000_000);
  });

  test.each([
    [1, '1-5'],
    [5, '1-5'],
    [6, '5-20'],
    [20, '5-20'],
    [21, '20-50'],
    [50, '20-50'],
    [51, '50-100'],
    [100, '50-100'],
    [101, '100-500'],
    [500, '100-500'],
    [501, '500+'],
    [50_000, '500+'],
  ])('should have for %i users the row %s: on an edge that of smaller teams', (users, size) => {
    expect(publishedRate(users)?.size).toBe(size);
  });

  test('should have none for nobody', () => {
    expect(publishedRate(0)).toBeUndefined();
  });

  test('should know its edges', () => {
    expect([1, 4, 5, 6, 20, 50, 100, 101, 500, 501].filter(isSharedEdge)).toEqual([5, 20, 50, 100, 500]);
  });

  test('should fall as teams grow, without a gap, and say from where and when it is', () => {
    const { rows, source, readOn } = PUBLISHED_RATES;
    for (const [index, row] of rows.entries()) {
      const next = rows[index + 1];
      if (next === undefined) break;
      expect(next.usersMin).toBe(row.usersMax);
      expect(next.tokens[1]).toBeLessThan(row.tokens[1]);
      expect(next.requests[1]).toBeLessThan(row.requests[1]);
    }
    expect(source).toMatch(/^https:/);
    expect(readOn).toMatch(/^20\d\d-\d\d-\d\d$/);
  });
});
