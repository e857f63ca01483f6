import { expect, test } from '@jest/globals';
import { compareKeys } from '../../collector/ledger/row-order.ts';

const TEXTS = ['', 'a', 'ab', 'B', 'é', '\ud7ff', '\ue000', '\uffee', '\u{10000}', '\u{1f600}', '\u{1f600}a', '\u{1f601}', '\u{10ffff}'];

test('keys stand in the order of the bytes of their UTF-8, value by value', () => {
  for (const one of TEXTS) {
    for (const other of TEXTS) {
      const order = Buffer.compare(Buffer.from(one), Buffer.from(other));
      expect([one, other, Math.sign(compareKeys([one], [other]))]).toEqual([one, other, order]);
      expect(Math.sign(compareKeys(['same', one, 'x'], ['same', other, 'y']))).toBe(order === 0 ? -1 : order);
    }
  }
});
