/** Requests for more over REST: who may ask for what, who answers, and that hostile input changes nothing. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import type { BudgetAnswer } from '../../collector/query/budget-answers.ts';
import type { BudgetRequestsAnswer } from '../../collector/query/budget-requests.ts';
import type { MyBudgetAnswer } from '../../collector/query/my-budget.ts';
import type { RequestAnswer } from '../../collector/query/request-answers.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { jsonBody, startApi, type TestApi } from './support.ts';

const NOW = NOON + 60_000;
const BUDGETS = [
  { name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' },
  { name: 'each', scope: { team: 'platform' }, per: 'user', period: 'day', amount_usd: '10.00', hard_limit: true },
  { name: 'data', scope: { team: 'data' }, amount_usd: '50.00' },
];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const token = (name: string, role: string, more: object = {}) => ({ name, role, sha256: sha256(name), ...more });
const { auth } = configSchema.parse({
  auth: {
    tokens: [
      token('alice-laptop', 'ingest', { user: 'alice@example.com', team: 'platform' }),
      token('bob-laptop', 'ingest', { user: 'bob@example.com', team: 'data' }),
      token('nobody', 'ingest'),
      token('alice-reads', 'read', { user: 'alice@example.com', scope: 'self' }),
      token('data-lead', 'read', { scope: { teams: ['data'] } }),
      token('ops', 'admin'),
      token('boss', 'admin', { user: 'alice@example.com' }),
    ],
  },
});

interface Sent<Body> {
  readonly status: number;
  readonly body: Body;
  readonly detail: string;
}

async function send<Body = RequestAnswer>(
  api: TestApi,
  path: string,
  body: unknown,
  who?: string,
  method = 'POST',
  headers = {},
): Promise<Sent<Body>> {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(who !== undefined && { authorization: `Bearer ${who}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = jsonBody<Body & { readonly detail?: string }>(text);
  return { status: response.status, body: parsed, detail: parsed.detail ?? '' };
}

const ask = (api: TestApi, body: object, who?: string): Promise<Sent<RequestAnswer>> =>
  send(api, '/me/budget/requests', { by: '5', why: 'a release', ...body }, who);
const withdraw = (api: TestApi, id: number, who?: string) => send(api, `/me/budget/requests/${id}`, undefined, who, 'DELETE');
const bearer = (who: string) => ({ authorization: `Bearer ${who}` });

describe('with tokens', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ nowMs: NOW, config: { budgets: BUDGETS, auth }, authenticate: createAuthenticator(auth.tokens) });
    await api.append([event({ id: '1', cost: '12' }), event({ id: '2', cost: '3', user: 'bob@example.com', team: 'data', sessionId: 's2' })]);
  });
  afterAll(() => api.stop());

  const mine = async (who: string): Promise<MyBudgetAnswer> => (await api.get<MyBudgetAnswer>('/api/v1/me/budget', bearer(who))).body;
  const listed = async (who: string, state = 'open'): Promise<readonly number[]> =>
    (await api.get<BudgetRequestsAnswer>(`/api/v1/budget-requests?state=${state}`, bearer(who))).body.requests.map(({ id }) => id);

  test('one that only sends asks for its user, hears of the answer, and the audit has all of it', async () => {
    const { status, body } = await ask(api, { why: ' a release ' }, 'alice-laptop');
    expect([status, body]).toEqual([
      201,
      {
        ...{ id: body.id, key: 'each/alice@example.com', unit: 'usd', amount: '5.00', until: '2026-11-21T00:00:00.000Z', why: 'a release' },
        ...{ user: 'alice@example.com', who: 'alice-laptop', at: new Date(NOW).toISOString(), expires: '2026-11-21T00:00:00.000Z' },
        ...{ state: 'open', decision: null },
      },
    ]);
    expect((await mine('alice-laptop')).requests).toEqual([body]);
    expect([await listed('ops'), await listed('data-lead')]).toEqual([[body.id], []]);

    const approved = await send(api, `/budget-requests/${body.id}/approve`, { by: '7.50' }, 'ops');
    const decision = { who: 'ops', at: new Date(NOW).toISOString(), why: null, amount: '7.50' };
    expect([approved.status, approved.body]).toEqual([200, { ...body, state: 'approved', decision }]);
    expect(await mine('alice-laptop')).toMatchObject({
      requests: [{ id: body.id, state: 'approved' }],
      budgets: [{ limit: '17.50', raised: '7.50' }, {}],
      stopped: false,
    });
    const { body: budget } = await api.get<BudgetAnswer>('/api/v1/budgets/each%2Falice@example.com', bearer('ops'));
    expect(budget.audit).toMatchObject([
      { who: 'ops', what: 'budget_raised', after: { key: 'each/alice@example.com', amount: '7.50', request: body.id, why: 'a release' } },
      { who: 'alice-laptop', what: 'budget_requested', after: { amount: '5.00', user: 'alice@example.com', why: 'a release' } },
    ]);
    expect([await listed('ops'), await listed('ops', 'all')]).toEqual([[], [body.id]]);
  });

  test('a denial says why, and a withdrawal ends it', async () => {
    const first = (await ask(api, { budget: 'platform' }, 'alice-laptop')).body;
    const denied = await send(api, `/budget-requests/${first.id}/deny`, { why: 'next month' }, 'ops');
    expect(denied.body).toMatchObject({ state: 'denied', decision: { who: 'ops', why: 'next month', amount: null } });
    const second = (await ask(api, { budget: 'platform' }, 'alice-reads')).body;
    expect((await withdraw(api, second.id, 'bob-laptop')).status).toBe(404);
    expect((await withdraw(api, second.id, 'alice-laptop')).body.state).toBe('withdrawn');
    expect((await withdraw(api, second.id, 'alice-laptop')).status).toBe(400);
  });

  test('scoped readers see the requests of their scope', async () => {
    const { id } = (await ask(api, { budget: 'data' }, 'bob-laptop')).body;
    expect([await listed('data-lead'), await listed('alice-reads')]).toEqual([[id], []]);
    await withdraw(api, id, 'bob-laptop');
  });

  test.each([
    ['for a budget of others', { budget: 'data' }, 'alice-laptop', 403, 'No budget "data" binds alice@example.com.'],
    ['for the share of another', { budget: 'each/bob@example.com' }, 'alice-laptop', 403, 'No budget "each/bob@example.com" binds'],
    ['in the name of another', { user: 'bob@example.com' }, 'alice-laptop', 403, 'may only ask about its own user'],
    ['in the name of another, as an admin', { user: 'bob@example.com', budget: 'data' }, 'ops', 403, 'is made by its own user'],
    ['without a user', {}, 'nobody', 400, 'user= is missing'],
    ['without a token', {}, undefined, 401, 'A bearer token is required.'],
    ['with a wrong token', {}, 'guessed', 401, 'The bearer token is unknown.'],
    ['with a user that is no text', { user: {} }, 'alice-laptop', 400, 'user must be a name.'],
    ['for a budget that is no text', { budget: { $ne: 1 } }, 'alice-laptop', 403, 'No budget "[object Object]" binds'],
    ['for too much', { budget: 'platform', by: '1e9' }, 'alice-laptop', 400, 'by cannot be "1e9".'],
    ['at length', { budget: 'platform', why: 'x'.repeat(10_000) }, 'alice-laptop', 400, 'why cannot be'],
    ['with another key', { budget: 'platform', who: 'ops' }, 'alice-laptop', 400, 'who is not a key of this body.'],
  ] as const)('a request %s is refused', async (_, body, who, status, words) => {
    const refused = await ask(api, body, who);
    expect([refused.status, refused.detail]).toEqual([status, expect.stringContaining(words)]);
    expect(refused.detail.length).toBeLessThan(300);
  });

  test('only an admin answers, and only what there is', async () => {
    const { id } = (await ask(api, { budget: 'platform' }, 'alice-laptop')).body;
    for (const who of ['alice-laptop', 'alice-reads', 'data-lead', undefined, 'guessed']) {
      expect((await send(api, `/budget-requests/${id}/approve`, {}, who)).status).toBe(who === undefined || who === 'guessed' ? 401 : 403);
      expect((await send(api, `/budget-requests/${id}/deny`, { why: 'x' }, who)).status).toBe(who === undefined || who === 'guessed' ? 401 : 403);
    }
    for (const other of ['0', '-1', '1e3', '99999', 'x', '%00', '9'.repeat(30)])
      expect((await send(api, `/budget-requests/${other}/approve`, {}, 'ops')).status).toBe(404);
    expect((await send(api, `/budget-requests/${id}/approve`, { by: '5', until: '2030-01-01' }, 'ops')).detail).toBe(
      'until is not a key of this body.',
    );
    expect((await send(api, `/budget-requests/${id}/deny`, {}, 'ops')).detail).toBe('why is missing.');
    expect((await send(api, `/budget-requests/${id}/approve`, undefined, 'ops', 'GET')).status).toBe(404);
    expect((await send(api, `/budget-requests/${id}/approve`, undefined, 'ops', 'DELETE')).status).toBe(405);
    const both = await Promise.all([send(api, `/budget-requests/${id}/approve`, {}, 'ops'), send(api, `/budget-requests/${id}/approve`, {}, 'boss')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    const { body } = await api.get<BudgetAnswer>('/api/v1/budgets/platform', bearer('ops'));
    expect(body.raised).toBe('5.00');
  });

  test('hostile words are kept as they are, and are no markup anywhere', async () => {
    const why = '<script>alert(1)</script> <!channel> \u202e*x*\n\u0000';
    const { body } = await ask(api, { budget: 'platform', why }, 'alice-laptop');
    expect(body.why).toBe(why.trim());
    await withdraw(api, body.id, 'alice-laptop');
  });

  test('a flood is refused after a few', async () => {
    let taken = 0;
    for (let count = 0; count < 20; count++) {
      const { status, body, detail } = await ask(api, { budget: 'data' }, 'bob-laptop');
      if (status === 201) taken++;
      else expect([status, detail]).toEqual([429, expect.stringContaining('(budget_requests.per_user_per_day)')]);
      if (status === 201) await withdraw(api, body.id, 'bob-laptop');
    }
    // One was made above.
    expect(taken).toBe(9);
  });
});

describe('without tokens', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ nowMs: NOW, config: { budgets: BUDGETS } });
    await api.append([event({ id: '1', cost: '12' })]);
  });
  afterAll(() => api.stop());

  test('this machine asks for whom it names, and no page of another host does', async () => {
    expect((await ask(api, {})).status).toBe(400);
    const foreign = await send(api, '/me/budget/requests', { by: '5', why: 'x', user: 'alice@example.com' }, undefined, 'POST', {
      origin: 'http://evil.example',
    });
    expect([foreign.status, foreign.detail]).toEqual([403, 'A page from http://evil.example may not change anything.']);
    const form = await fetch(`${api.url}/api/v1/me/budget/requests`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"by":"5","why":"x"}',
    });
    expect(form.status).toBe(400);
    const { body } = await ask(api, { user: 'alice@example.com' });
    expect(body).toMatchObject({ user: 'alice@example.com', who: 'local', state: 'open' });
    expect((await send(api, `/budget-requests/${body.id}/approve`, {}, undefined, 'POST', { origin: 'http://evil.example' })).status).toBe(403);
    expect((await withdraw(api, body.id)).body.state).toBe('withdrawn');
  });
});
