import { expect, test } from '@jest/globals';
import { framed } from '../../collector/core/framed.ts';

const join = (...texts: readonly string[]): string => texts.map(framed).join('');

test.each([
  [['a', 'b'], ['ab']],
  [
    ['a', ''],
    ['', 'a'],
  ],
  [['a\u0000b'], ['a', 'b']],
  [['\u0001b'], ['', 'b']],
  [['x'.repeat(254)], ['x'.repeat(255)]],
  [[`${'x'.repeat(300)}y`], ['x'.repeat(300), 'y']],
])('framed texts %j should not join to the same as %j', (left, right) => {
  expect(join(...left)).not.toBe(join(...right));
});
