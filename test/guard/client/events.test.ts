/** Every event that the client has, in every shell of this machine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Cache, hook, SHELLS } from './hook.ts';
import { EVENTS, inputOf, SESSION } from './samples.ts';
import { ALLOW, BLOCK, STOP, type StandIn, standIn } from './stand-in.ts';

const STOPPED_BY: Readonly<Record<string, string | undefined>> = {
  UserPromptSubmit: STOP.body,
  PreToolUse: STOP.body,
  PostToolUse: STOP.body,
  PostToolBatch: STOP.body,
  PreCompact: BLOCK.body,
  PreModelSwitch: BLOCK.body,
  SessionStart: '{"systemMessage":"Resuming rebuilds the cache."}',
};

let collector: StandIn;
beforeAll(async () => {
  collector = await standIn();
});
afterAll(() => collector.stop());
let cache: Cache;
beforeEach(() => {
  cache = new Cache();
});
afterEach(() => cache.remove());

const env = (): Record<string, string> => ({
  LEDGERLINE_URL: collector.url,
  LEDGERLINE_TOKEN: 'll_secret-of-the-test',
  LEDGERLINE_CACHE_DIR: cache.folder,
});

test('there are samples of all 34 events', () => expect(EVENTS).toHaveLength(34));

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('in %s', (_, shell) => {
  test.each(EVENTS)('%s gets what the collector answers, or nothing', async (event) => {
    const before = collector.requests.length;
    const answer = STOPPED_BY[event];
    collector.reply = { body: answer ?? STOP.body ?? '' };
    const first = await hook(inputOf(event), { env: env(), shell });
    const again = await hook(inputOf(event), { env: env(), shell });
    const out = answer === undefined ? '' : `${answer}\n`;
    expect(first).toEqual({ out, err: '', code: 0 });
    // A warning is not repeated.
    expect(again).toEqual({ out: event === 'SessionStart' ? '' : out, err: '', code: 0 });
    expect(collector.requests.length - before).toBe(answer === undefined ? 0 : 1);
  });

  test('sends ids, the event, the estimate of a cold cache and the token: nothing else', async () => {
    collector.reply = ALLOW;
    const asked = async (event: string, more = {}): Promise<string | undefined> => {
      await hook(inputOf(event, more), { env: env(), shell });
      return collector.requests.at(-1)?.url;
    };
    const path = (event: string, rest = ''): string => `/api/v1/me/guard?session=${SESSION}&event=${event}&format=hook${rest}`;
    expect(await asked('UserPromptSubmit', { prompt: 'the secret plan' })).toBe(path('UserPromptSubmit'));
    expect(await asked('PreModelSwitch')).toBe(path('PreModelSwitch', '&estimate_usd=0.0809'));
    const resumed = { source: 'resume', context_tokens: 90_000, prompt_cache_likely_expired: true, estimated_cache_write_usd: 1.2e-7 };
    expect(await asked('SessionStart', resumed)).toBe(path('SessionStart', '&estimate_usd=1.2e-7'));
    const { headers, method } = collector.requests.at(-1) ?? {};
    expect(method).toBe('GET');
    expect(headers).toEqual({
      accept: '*/*',
      authorization: 'Bearer ll_secret-of-the-test',
      host: collector.url.slice('http://'.length),
      'user-agent': expect.stringMatching(/^curl\//),
    });
  });
});
