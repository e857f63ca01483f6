import { describe, expect, test } from '@jest/globals';
import { naturalKey } from '../../../collector/storage/postgres/natural-keys.ts';
import { bigint, numberArray, storable, textArray } from '../../../collector/storage/postgres/sql-text.ts';

describe('values for PostgreSQL', () => {
  test('texts are escaped within arrays, and none is absent by its name', () => {
    expect(textArray(['a', '', 'NULL', undefined, 'say "x", \\ and {}'])).toBe('{"a","","NULL",NULL,"say \\"x\\", \\\\ and {}"}');
  });

  test('integers beyond 53 bits keep every digit', () => {
    expect(numberArray([1, 9_007_199_254_740_993n, undefined])).toBe('{1,9007199254740993,NULL}');
    expect(bigint('9007199254740993')).toBe(9_007_199_254_740_993n);
    expect(bigint(null)).toBe(0n);
  });

  test('what PostgreSQL cannot hold is replaced', () => {
    expect(storable('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
    expect(storable('Jürgen 😀')).toBe('Jürgen 😀');
  });

  test('keys are whole numbers that differ by text and by attempt', () => {
    const keys = ['a', 'b', ''].flatMap((text) => [0, 1, 2].map((attempt) => naturalKey(text, attempt)));
    expect(new Set(keys).size).toBe(9);
    for (const key of keys) expect(Number.isSafeInteger(key) && key >= 0).toBe(true);
    expect(naturalKey('a')).toBe(naturalKey('a'));
  });
});
