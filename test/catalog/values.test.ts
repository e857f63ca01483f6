import { describe, expect, test } from '@jest/globals';
import { apartFromOther, OTHER, showValue, storedValue } from '../../collector/catalog/values.ts';

describe('the value of a dimension', () => {
  test.each([
    ['team', '', 'unallocated'],
    ['team', 'unallocated', "'unallocated'"],
    ['team', "'unallocated'", "''unallocated''"],
    ['team', 'none', 'none'],
    ['skill', 'none', "'none'"],
    ['model', 'unknown', "'unknown'"],
    ['team', "'", "'"],
    ['team', "'web'", "'web'"],
    ['user', 'unallocated', "'unallocated'"],
    ['team', OTHER, '(other)'],
    ['team', apartFromOther('(other)'), "'(other)'"],
    ['team', apartFromOther("'(other)'"), "''(other)''"],
  ] as const)('of %s, stored as "%s", should be shown as %s and found by it', (dimension, stored, shown) => {
    expect(showValue(dimension, stored)).toBe(shown);
    expect(storedValue(dimension, shown)).toBe(stored);
  });

  test('that only resembles ours should be left as it is', () => {
    for (const value of ['other', '(others)', "'(other)", "'", "''", '']) expect(apartFromOther(value)).toBe(value);
  });
});
