import { describe, expect, test } from '@jest/globals';
import { clientValue, labelText } from '../../collector/exposition/label-text.ts';

describe('a label value that a client sent', () => {
  test('is cut at 256 characters, and never between the halves of one', () => {
    const before = 'x'.repeat(255);
    expect(clientValue(`${before}yz`)).toBe(`${before}y`);
    const cut = ['😀', '🚀', '𝒳'].map((character) => clientValue(before + character));
    expect(new Set(cut)).toEqual(new Set([`${before}\ufffd`]));
  });

  test('has no control characters, and its quotes and backslashes are escaped', () => {
    expect(clientValue('a\nb\u0000c\u007fd')).toBe('a\ufffdb\ufffdc\ufffdd');
    expect(clientValue('"\\')).toBe('\\"\\\\');
    expect(clientValue('plain value, {with} = all the rest é')).toBe('plain value, {with} = all the rest é');
  });
});

test('labels from the configuration keep their line breaks, escaped', () => {
  expect(labelText({ budget: 'a\n"b"\\', scope: 'everything' })).toBe('budget="a\\n\\"b\\"\\\\",scope="everything"');
  expect(labelText({})).toBe('');
});
