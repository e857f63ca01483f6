import { expect, test } from '@jest/globals';
import { drawLive } from '../../collector/cli/live.ts';
import { LedgerlineError } from '../../collector/core/error.ts';

class Left extends Error {}

/** A screen of five rows that is left after so many drawings. */
function screenFor(drawings: number) {
  const drawn: string[] = [];
  const screen = {
    rows: () => 5,
    open: () => undefined,
    close: () => undefined,
    draw: (text: string) => {
      drawn.push(text);
      if (drawn.length === drawings) throw new Left();
    },
  };
  return { drawn, screen };
}

const frames = (...texts: (string | LedgerlineError)[]) => {
  let next = 0;
  return async (): Promise<string> => {
    const text = texts[next++];
    if (typeof text === 'string') return text;
    throw text;
  };
};

test('a view is drawn again, no higher than the screen, and goes on where an answer fails', async () => {
  const { drawn, screen } = screenFor(3);
  const failure = new LedgerlineError('unavailable', 'No collector responds.');
  await expect(drawLive(screen, { everyMs: 1, frame: frames('one\ntwo\nthree', failure, 'four') })).rejects.toThrow(Left);
  expect(drawn).toEqual([
    'one\ntwo\n\nPress Ctrl+C to leave.',
    'one\n\nAs it was before. No collector responds.\nPress Ctrl+C to leave.',
    'four\n\nPress Ctrl+C to leave.',
  ]);
});

test('what cannot be answered at first is an error', async () => {
  const { drawn, screen } = screenFor(1);
  await expect(drawLive(screen, { everyMs: 1, frame: frames(new LedgerlineError('invalid', 'Wrong.')) })).rejects.toThrow('Wrong.');
  expect(drawn).toEqual([]);
});
