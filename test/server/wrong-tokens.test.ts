import { describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../collector/core/error.ts';
import { WrongTokens } from '../../collector/server/wrong-tokens.ts';

const UNKNOWN = new LedgerlineError('unauthenticated', 'The bearer token is unknown.');
const ADDRESS = '10.0.0.7';

/** A clock and pauses that pass when they are let. */
function slowly() {
  const pauses: number[] = [];
  const waiting: (() => void)[] = [];
  let nowMs = 0;
  const wrong = new WrongTokens({
    now: () => nowMs,
    pause: (ms) => {
      pauses.push(ms);
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
  });
  const pass = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const fail = (address = ADDRESS, authorization = 'Bearer wrong'): Promise<unknown> => wrong.answerTo(UNKNOWN, authorization, address);
  const failNow = (address = ADDRESS): Promise<unknown> => {
    const answer = fail(address);
    pass();
    return answer;
  };
  return {
    ...{ wrong, pauses, pass, fail, failNow },
    later: (ms: number): void => {
      nowMs += ms;
    },
  };
}

const codeOf = (error: unknown): string => LedgerlineError.from(error).code;

describe('a wrong token', () => {
  test('is answered more slowly each time, up to some seconds', async () => {
    const { failNow, pauses } = slowly();
    for (let count = 0; count < 9; count++) expect(await failNow()).toBe(UNKNOWN);
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 4_000, 4_000, 4_000]);
  });

  test('is forgiven in time', async () => {
    const { failNow, pauses, later } = slowly();
    for (let count = 0; count < 4; count++) await failNow();
    later(20_000);
    await failNow();
    later(3_600_000);
    await failNow();
    expect(pauses).toEqual([100, 200, 400, 800, 400, 100]);
  });

  test('slows down its own address alone, of IPv6 its whole network', async () => {
    const { failNow, pauses } = slowly();
    await failNow('10.0.0.1');
    await failNow('10.0.0.2');
    await failNow('2001:db8::1');
    await failNow('2001:db8::2');
    expect(pauses).toEqual([100, 100, 100, 200]);
  });

  test('is refused at once when many of its address wait', async () => {
    const { fail, pass } = slowly();
    const waiting = Array.from({ length: 8 }, () => fail());
    expect(codeOf(await fail())).toBe('rate_limited');
    const other = fail('10.0.0.8');
    pass();
    expect((await Promise.all([...waiting, other])).map(codeOf)).toEqual(Array.from({ length: 9 }, () => 'unauthenticated'));
  });

  test('is refused at once when many of all addresses wait', async () => {
    const { fail, pass } = slowly();
    const waiting = Array.from({ length: 200 }, (_, index) => fail(`10.0.1.${index}`));
    expect(codeOf(await fail('10.0.2.1'))).toBe('rate_limited');
    pass();
    await Promise.all(waiting);
  });
});

test.each<[string, LedgerlineError, string | undefined]>([
  ['no token', UNKNOWN, undefined],
  ['another scheme', UNKNOWN, 'Basic eDp5'],
  ['a token for another role', new LedgerlineError('forbidden', 'no'), 'Bearer right'],
  ['another error', new LedgerlineError('internal', 'no'), 'Bearer right'],
])('%s is answered at once', async (_what, error, authorization) => {
  const { wrong, pauses } = slowly();
  expect(await wrong.answerTo(error, authorization, ADDRESS)).toBe(error);
  expect(pauses).toEqual([]);
});
