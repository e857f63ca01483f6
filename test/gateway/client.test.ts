/** The client against a stand-in made from the documentation (stand-in.ts): pages, refusals, patience, and never the key. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeError, LedgerlineError } from '../../collector/core/error.ts';
import { type GatewayAccess, SpendLimitApi } from '../../collector/gateway/client.ts';
import type { SpendLimit } from '../../collector/gateway/limits.ts';
import { failure, KEY, StandIn } from './stand-in.ts';

let gateway: StandIn;
let pauses: number[];
beforeEach(async () => {
  pauses = [];
  gateway = await new StandIn().start();
});
afterEach(() => gateway.stop());

const api = (access: Partial<GatewayAccess> = {}): SpendLimitApi =>
  new SpendLimitApi({
    ...{ url: gateway.url, key: KEY, fetch, now: () => Date.parse('2026-11-20T12:00:00Z') },
    pause: async (ms) => void pauses.push(ms),
    ...access,
  });

const GROUP: SpendLimit = {
  ...{ scope: { type: 'rbac_group', id: 'grp_data' }, period: 'monthly', cents: 5_000n },
  pool: { cents: 9_007_199_254_740_993n, isPaused: false },
};

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    (answer) => new Error(`It succeeded: ${String(answer)}`),
    (thrown: unknown) => thrown,
  );
  const text = describeError(LedgerlineError.from(error));
  expect(text).not.toContain(KEY);
  return text;
};

describe('limits', () => {
  test('are read page by page, also by a cursor as in the API of Anthropic', async () => {
    for (let user = 0; user < 5; user++) gateway.put({ type: 'user', user_id: `u${user}` }, 'monthly', String(user));
    expect((await api().list()).limits.map(({ scope, cents }) => [scope.id, cents])).toEqual(
      [0, 1, 2, 3, 4].map((user) => [`u${user}`, BigInt(user)]),
    );
    expect(gateway.received.map(({ url }) => new URL(url, gateway.url).searchParams.get('after_id'))).toEqual([null, 'spl_2', 'spl_4']);
    const row = (id: string) => ({ id, scope: { type: 'user', user_id: id }, amount: '1', period: 'monthly' });
    gateway.interfere = ({ url }) => ({
      status: 200,
      body: url.includes('page=c2') ? { data: [row('b')], next_page: null } : { data: [row('a')], next_page: 'c2' },
    });
    expect((await api().list()).limits.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('keep every digit: amounts are strings both ways', async () => {
    const set = await api().set(GROUP, undefined);
    expect(set).toMatchObject({ cents: 5_000n, pool: { cents: 9_007_199_254_740_993n } });
    expect(gateway.posts()).toEqual([
      {
        ...{ scope: { type: 'rbac_group', rbac_group_id: 'grp_data' }, period: 'monthly', amount: '5000' },
        pooled_budget: { amount: '9007199254740993', paused: false },
      },
    ]);
  });

  test('a pool that somebody paused stays paused, and one that is no longer wanted is taken away', async () => {
    const paused = { ...GROUP, pool: { cents: 1n, isPaused: true } };
    await api().set(GROUP, paused);
    await api().set({ ...GROUP, pool: undefined }, paused);
    expect(gateway.posts().map(({ pooled_budget: pool }) => pool)).toEqual([{ amount: '9007199254740993', paused: true }, null]);
  });

  test('of kinds that are not known are listed apart from each other', async () => {
    gateway.put({ type: 'organization' }, 'monthly', null);
    gateway.limits.push({
      ...gateway.put({ type: 'user', user_id: 'x' }, 'monthly', '1'),
      id: 'spl_t',
      scope: { type: 'seat_tier', seat_tier: 'gold' } as never,
    });
    expect((await api().list()).limits.map(({ scope }) => scope)).toEqual([
      { type: 'organization', id: '' },
      { type: 'user', id: 'x' },
      { type: 'seat_tier', id: 'gold' },
    ]);
  });

  test('that are gone are removed', async () => {
    const { id } = gateway.put({ type: 'user', user_id: 'x' }, 'daily', '1');
    const [listed] = (await api().list()).limits;
    if (listed === undefined) throw new Error('nothing is listed');
    await api().remove(listed);
    await api().remove(listed);
    expect(gateway.received.filter(({ method }) => method === 'DELETE').map(({ url }) => url)).toEqual(
      Array(2).fill(`/v1/organizations/spend_limits/${id}`),
    );
  });
});

describe('a refusal says what to do, and never the key', () => {
  test.each([
    [400, /responded with 400 for the list of spend limits: no\. (.*request req_1)?/],
    [401, /responded with 401 [\s\S]*rejected the key in gateway\.key_file/],
    [403, /responded with 403 [\s\S]*may not change limits/],
    [404, /responded with 404 [\s\S]*does not know the group or user/],
    [409, /responded with 409 [\s\S]*run the command again/],
  ])('%d is not tried again', async (status, words) => {
    gateway.interfere = () => failure(status, `no. \u001b[31m ${KEY}`);
    const text = await refusal(api().list());
    expect(text).toMatch(words);
    expect(text).not.toContain('\u001b');
    expect(pauses).toEqual([]);
  });

  test('a key that is not known', async () => {
    expect(await refusal(api({ key: 'sk-another-secret-key' }).list())).not.toContain('sk-another-secret-key');
  });

  test.each([
    ['HTML', '<html>Sign in</html>'],
    ['a number for an amount', { data: [{ id: 'a', scope: { type: 'user' }, amount: 5, period: 'monthly' }] }],
    ['another currency', { data: [{ id: 'a', scope: { type: 'user' }, amount: '5', currency: 'EUR', period: 'monthly' }] }],
    ['no list', { data: null }],
  ])('rubbish: %s', async (_, body) => {
    gateway.interfere = () => ({ status: 200, body });
    expect(await refusal(api().list())).toMatch(/is no gateway with spend limits[\s\S]*Check gateway\.url/);
    expect(await refusal(api().set(GROUP, undefined))).toMatch(/is no gateway with spend limits/);
  });

  test('pages that go in circles', async () => {
    const { id } = gateway.put({ type: 'user', user_id: 'x' }, 'monthly', '1');
    gateway.interfere = () => ({ status: 200, body: { data: gateway.limits, has_more: true, last_id: id } });
    expect(await refusal(api().list())).toMatch(/a page of its list has nothing new/);
  });

  test('a redirect is not followed: the key would go with it', async () => {
    gateway.interfere = () => 'redirect';
    expect(await refusal(api().list())).toMatch(/responded with 302/);
  });
});

describe('what fails for a while is tried again, a bounded number of times', () => {
  test('as long as retry-after says, in seconds or as a date', async () => {
    const waits = ['3', 'Fri, 20 Nov 2026 12:00:09 GMT'];
    gateway.interfere = () => {
      const wait = waits.shift();
      return wait === undefined ? undefined : failure(429, 'slow down', { 'retry-after': wait });
    };
    expect((await api().list()).limits).toEqual([]);
    expect(pauses).toEqual([3_000, 9_000]);
  });

  test('longer each time without it, and not for ever', async () => {
    gateway.interfere = () => failure(503, 'database is away');
    expect(await refusal(api().list())).toMatch(/responded with 503 .*database is away[\s\S]*log of the gateway/);
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000]);
    expect(gateway.received).toHaveLength(5);
  });

  test('but not where the gateway says not to, or to wait for long', async () => {
    gateway.interfere = () => failure(429, 'spend limit reached', { 'x-should-retry': 'false' });
    expect(await refusal(api().list())).toMatch(/responded with 429/);
    gateway.interfere = () => failure(429, 'tomorrow', { 'retry-after': '86400' });
    expect(await refusal(api().list())).toMatch(/asked too often: run the command again later/);
    expect(pauses).toEqual([]);
  });

  test('one that is silent, or away', async () => {
    gateway.interfere = () => (gateway.received.length < 3 ? 'silent' : undefined);
    expect((await api({ answerMs: 500 }).list()).limits).toEqual([]);
    expect(pauses).toEqual([500, 1_000]);
    const away = new SpendLimitApi({ url: 'http://127.0.0.1:9', key: KEY, fetch, now: () => 0, pause: async () => undefined });
    expect(await refusal(away.list())).toMatch(/^No gateway responds at http:\/\/127\.0\.0\.1:9\./);
  });
});
