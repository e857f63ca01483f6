/** Keys at a question, as a terminal sends them. */
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { askOn, Interrupted } from '../../collector/cli/ask.ts';

function asked(keys: string): Promise<string> {
  const input = new PassThrough();
  const answer = askOn(input, Object.assign(new PassThrough().resume(), { isTTY: true }), 'Type yes: ');
  input.write(keys);
  return answer;
}

test('a line is the answer', async () => {
  expect(await asked('yes\r')).toBe('yes');
});

test('Ctrl+D is no answer', async () => {
  expect(await asked('\u0004')).toBe('');
});

test('Ctrl+C ends the command, and is no defect of it', async () => {
  await expect(asked('\u0003')).rejects.toThrow(Interrupted);
  await expect(asked('yes\u0003')).rejects.toThrow(Interrupted);
});
