/** What would be obeyed in the text of strangers is shown by its code, or left out. */
import { expect, test } from '@jest/globals';
import { oneLine, visible } from '../../collector/core/visible.ts';

test.each([
  ['a control character', 'a\u001bb', 'a\\u001bb'],
  ['a turn of direction', 'a\u202eb', 'a\\u202eb'],
  ['a letter that only programs read', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
])('%s is seen', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(oneLine(text)).toBe('a b');
});

test('what people write stays as it is', () => {
  for (const text of ['Zoë 漢字', '😀', '👩‍💻', '\u{e0100}']) expect([visible(text), oneLine(text)]).toEqual([text, text]);
});
