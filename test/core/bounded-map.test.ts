import { expect, test } from '@jest/globals';
import { BoundedMap } from '../../collector/core/bounded-map.ts';

test('forgets everything before it would hold more than it may', () => {
  const map = new BoundedMap<string, number>(2);
  expect(map.set('a', 1)).toBe(1);
  map.set('b', 2);
  expect([map.get('a'), map.get('b')]).toEqual([1, 2]);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, undefined, 3]);
});

test('is empty when cleared', () => {
  const map = new BoundedMap<number, number>(2);
  map.set(1, 1);
  map.clear();
  expect(map.get(1)).toBeUndefined();
});
