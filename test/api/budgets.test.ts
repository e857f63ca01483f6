import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDirectory } from '../../collector/directory/directory.ts';
import { ALWAYS } from '../../collector/directory/facts.ts';
import { usersOnly } from '../../collector/directory/users-only.ts';
import type { BudgetAnswer, BudgetListAnswer } from '../../collector/query/budget-answers.ts';
import type { MyBudgetAnswer } from '../../collector/query/my-budget.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { jsonBody, type Problem, startApi, type TestApi } from './support.ts';

const DAY_MS = 86_400_000;
const BUDGETS = [
  {
    name: 'platform',
    scope: { team: 'platform' },
    amount_usd: '1000.00',
    members: [
      { user: 'alice@example.com', amount_usd: '200.00' },
      { user: 'bob@example.com', amount_usd: '150.00' },
    ],
  },
  { name: 'each', scope: { team: 'platform' }, per: 'user', period: 'day', amount_usd: '10.00', hard_limit: true },
  { name: 'data', scope: { team: 'data' }, amount_usd: '50.00' },
];

const SPEND = [
  event({ id: '1', cost: '12' }),
  event({ id: '2', cost: '3', user: 'cleo@example.com' }),
  event({ id: '3', cost: '60', timeMs: NOON - 30 * DAY_MS }),
  // Nothing of what came before is unknown.
  event({ id: '0', cost: '0', team: 'other', user: '', timeMs: NOON - 90 * DAY_MS, sessionId: 'session-0' }),
  event({ id: '4', cost: '1', user: 'bob@example.com', timeMs: NOON - DAY_MS, sessionId: 'session-2' }),
];

interface Written {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

async function write(api: TestApi, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Written> {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: jsonBody(text) };
}

describe('budgets over REST', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ nowMs: NOON + 60_000, config: { budgets: BUDGETS } });
    await api.append(SPEND);
  });
  afterAll(() => api.stop());

  test('the list has every status, with money as text and the age of the data', async () => {
    const { body } = await api.get<BudgetListAnswer>('/api/v1/budgets');
    expect(body.budgets.map(({ key, spent, limit, remaining }) => [key, spent, limit, remaining])).toEqual([
      ['platform', '16.00', '1000.00', '984.00'],
      ['platform/alice@example.com', '12.00', '200.00', '188.00'],
      ['platform/bob@example.com', '1.00', '150.00', '149.00'],
      ['each/alice@example.com', '12.00', '10.00', '-2.00'],
      ['each/cleo@example.com', '3.00', '10.00', '7.00'],
      ['data', '0.00', '50.00', '50.00'],
    ]);
    expect(body).toMatchObject({ as_of: new Date(NOON + 60_000).toISOString(), age_seconds: 0 });
    expect(body.budgets[0]).toMatchObject({ allocation: { allocated: '350.00', rest: '650.00', rest_spent: '3.00' }, team: 'platform' });
    expect(body.budgets[0]?.forecast).toHaveProperty('reason');
  });

  test('one that the ledger knows nothing of before has no change to speak of', async () => {
    const young = await startApi({ nowMs: NOON + 60_000, config: { budgets: BUDGETS } });
    await young.append(SPEND.slice(0, 2));
    const { body } = await young.get<BudgetAnswer>('/api/v1/budgets/platform');
    expect(body.contributors.map(({ value, previous }) => [value, previous]).slice(0, 2)).toEqual([
      ['alice@example.com', null],
      ['cleo@example.com', null],
    ]);
    await young.stop();
  });

  test('one has its members, largest contributors with their change, and its past', async () => {
    const { body } = await api.get<BudgetAnswer>('/api/v1/budgets/platform');
    expect(body.members.map(({ key }) => key)).toEqual(['platform/alice@example.com', 'platform/bob@example.com']);
    expect(body.contributors[0]).toEqual({ dimension: 'user', value: 'alice@example.com', spent: '12.00', share: 0.75, previous: '0.00' });
    expect(body.history).toEqual([
      {
        period_start: '2026-10-01T00:00:00.000Z',
        period_end: '2026-11-01T00:00:00.000Z',
        limit: '1000.00',
        spent: '60.00',
        used_ratio: 0.06,
      },
    ]);
    const member = await api.get<BudgetAnswer>(`/api/v1/budgets/${encodeURIComponent('each/cleo@example.com')}`);
    expect(member.body).toMatchObject({ key: 'each/cleo@example.com', scope: 'team=platform, user=cleo@example.com', spent: '3.00' });
  });

  test.each<[string, number, string]>([
    ['/api/v1/budgets/nope', 404, 'There is no budget "nope". Budgets: platform, each, data.'],
    ['/api/v1/budgets/each', 404, 'no status of its own. Members: each/alice@example.com, each/cleo@example.com.'],
    ['/api/v1/budgets?forecast=maybe', 400, 'forecast=maybe is not known. Allowed: true, false.'],
    ['/api/v1/me/budget', 400, 'user= is missing.'],
  ])('%s is answered %d: %s', async (path, status, part) => {
    const answer = await api.get<Problem>(path);
    expect(answer.status).toBe(status);
    expect(`${answer.body.error.message} ${answer.body.error.hint}`).toContain(part);
  });

  test('a developer sees the own amounts and the shared ones, and gets 304 while nothing changed', async () => {
    const { body, headers } = await api.get<MyBudgetAnswer>('/api/v1/me/budget?user=Alice@Example.com');
    expect(body.budgets.map(({ key, remaining, shared, stopped }) => [key, remaining, shared, stopped])).toEqual([
      ['platform/alice@example.com', '188.00', false, false],
      ['each/alice@example.com', '-2.00', false, true],
      ['platform', '984.00', true, false],
    ]);
    expect(body).toMatchObject({ user: 'alice@example.com', team: 'platform', stopped: true, age_seconds: 0 });
    const again = await api.get('/api/v1/me/budget?user=alice@example.com', { 'if-none-match': headers.get('etag') ?? '' });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('a developer who has not spent anything today still has the whole amount', async () => {
    const { body } = await api.get<MyBudgetAnswer>('/api/v1/me/budget?user=bob@example.com');
    expect(body.budgets.find(({ key }) => key === 'each/bob@example.com')).toMatchObject({ remaining: '10.00', spent: '0.00' });
  });
});

describe('changing budgets', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ nowMs: NOON + 60_000, config: { budgets: BUDGETS } });
    await api.append(SPEND);
  });
  afterAll(() => api.stop());
  const BUDGET = { scope: { team: 'platform' }, amount_usd: '20.00' };

  test('one is set, replaced, raised and removed, and the audit tells each step', async () => {
    expect((await write(api, 'PUT', '/api/v1/budgets/new', BUDGET)).status).toBe(200);
    const replaced = await write(api, 'PUT', '/api/v1/budgets/new', { ...BUDGET, amount_usd: '25.00' });
    expect(replaced.body).toMatchObject({ budget: { name: 'new', amount_usd: '25.00' }, status: [{ spent: '16.00', limit: '25.00' }] });
    const raise = await write(api, 'POST', '/api/v1/budgets/new/raises', { by: '5.00', until: '2026-11-30', why: 'release week' });
    expect([raise.status, raise.body]).toEqual([
      201,
      { key: 'new', amount: '5.00', from: '2026-11-20T12:01:00.000Z', until: '2026-12-01T00:00:00.000Z', why: 'release week', who: 'local' },
    ]);
    const { body } = await api.get<BudgetAnswer>('/api/v1/budgets/new');
    expect(body).toMatchObject({ origin: 'api', limit: '30.00', raised: '5.00', raises: [{ why: 'release week' }] });
    expect((await write(api, 'DELETE', '/api/v1/budgets/new')).status).toBe(204);
    expect((await api.get('/api/v1/budgets/new')).status).toBe(404);
    await write(api, 'PUT', '/api/v1/budgets/new', BUDGET);
    const again = await api.get<BudgetAnswer>('/api/v1/budgets/new');
    expect(again.body.raised).toBe('0.00');
    expect(again.body.audit.map(({ what, who }) => `${what} ${who}`)).toEqual([
      'budget_set local',
      'budget_removed local',
      'budget_raised local',
      'budget_set local',
      'budget_set local',
    ]);
    expect(again.body.audit[3]).toMatchObject({ before: { amount_usd: '20.00' }, after: { amount_usd: '25.00' } });
  });

  test('a member is raised alone', async () => {
    const path = `/api/v1/budgets/${encodeURIComponent('platform/bob@example.com')}/raises`;
    await write(api, 'POST', path, { by: '50', until: '2026-11-20', why: 'migration' });
    const { body } = await api.get<BudgetListAnswer>('/api/v1/budgets?forecast=false');
    expect(body.budgets.map(({ key, raised }) => [key, raised]).slice(0, 3)).toEqual([
      ['platform', '0.00'],
      ['platform/alice@example.com', '0.00'],
      ['platform/bob@example.com', '50.00'],
    ]);
  });

  test('a member with an @ that is no address is raised as it is spelt, and an address in any capitals', async () => {
    const repository = 'git@github.com:Acme/Web';
    await api.append([event({ id: 'r', cost: '1', team: 'repos', sessionId: 'r', dimensions: { repository } })]);
    await write(api, 'PUT', '/api/v1/budgets/repos', { scope: { team: 'repos' }, per: 'repository', amount_usd: '5.00' });
    const path = (key: string) => `/api/v1/budgets/${encodeURIComponent(key)}`;
    await write(api, 'POST', `${path(`repos/${repository}`)}/raises`, { by: '2', until: '2026-11-20', why: 'x' });
    expect((await api.get(path(`repos/${repository}`))).body).toMatchObject({ limit: '7.00', raised: '2.00' });
    await write(api, 'POST', `${path('each/Cleo@Example.COM')}/raises`, { by: '2', until: '2026-11-20', why: 'x' });
    expect((await api.get(path('each/CLEO@example.com'))).body).toMatchObject({ limit: '12.00', raised: '2.00' });
    await write(api, 'DELETE', '/api/v1/budgets/repos');
  });

  test('a member is raised by an alias, too', async () => {
    const directory = createDirectory({
      feeds: [usersOnly('hr', [{ user: 'cleo@example.com', aliases: [{ name: 'cleo-1', ...ALWAYS }], memberships: [] }])],
    });
    const named = await startApi({ nowMs: NOON, config: { budgets: BUDGETS }, directory: () => directory });
    await named.append(SPEND);
    const at = (key: string) => `/api/v1/budgets/${encodeURIComponent(key)}`;
    const { status, body } = await write(named, 'POST', `${at('each/cleo-1')}/raises`, { by: '2', until: '2026-11-20', why: 'x' });
    expect([status, body.key]).toEqual([201, 'each/cleo@example.com']);
    expect((await named.get(at('each/cleo@example.com'))).body).toMatchObject({ limit: '12.00', raised: '2.00' });
    const nobody = await write(named, 'POST', `${at('each/unallocated')}/raises`, { by: '2', until: '2026-11-20', why: 'x' });
    expect(nobody.body.key).toBe('each/unallocated');
    await named.stop();
  });

  test('of a budget that names its members no other is raised', async () => {
    const scope = { user: ['Alice@example.com', 'bob@example.com'] };
    await write(api, 'PUT', '/api/v1/budgets/named', { scope, per: 'user', amount_usd: '5.00' });
    const raise = (member: string) =>
      write(api, 'POST', `/api/v1/budgets/${encodeURIComponent(`named/${member}`)}/raises`, { by: '2', until: '2026-11-20', why: 'x' });
    const { status, body } = await raise('cleo@example.com');
    expect([status, body.detail, body.hint]).toEqual([
      404,
      '"cleo@example.com" is not a member of the budget "named".',
      'Members: alice@example.com, bob@example.com.',
    ]);
    expect((await raise('ALICE@example.com')).status).toBe(201);
    await write(api, 'DELETE', '/api/v1/budgets/named');
  });

  test.each<[string, string, unknown, number, string]>([
    ['PUT', 'platform', BUDGET, 403, 'The budget "platform" is in the configuration'],
    ['PUT', 'x', { ...BUDGET, perriod: 'day' }, 400, 'perriod: unknown key; did you mean "period"?'],
    ['PUT', 'x', { scope: {} }, 400, 'x.amount_usd: missing'],
    ['PUT', 'x', { ...BUDGET, amount_usd: '60', parent: 'data' }, 400, 'data.amount_usd: its parts x are 60.00 USD together'],
    ['PUT', 'x', { ...BUDGET, name: 'y' }, 400, 'The body names the budget "y", the path "x".'],
    ['PUT', 'x', [], 400, 'must be a budget as a JSON object'],
    ['PUT', 'x', '{', 400, 'The body is not JSON.'],
    ['PUT', 'X y', BUDGET, 400, 'name: must be lower-case letters'],
    ['DELETE', 'nope', undefined, 404, 'There is no budget "nope"'],
    ['DELETE', 'data', undefined, 403, 'is in the configuration'],
    ['POST', 'data/raises', { by: '0', until: '2026-11-30', why: 'x' }, 400, 'by cannot be "0".'],
    ['POST', 'data/raises', { by: '1000.01', until: '2026-11-30', why: 'x' }, 400, 'A raise of "data", which has 50.00 USD, is at most 1000.00 USD'],
    ['POST', 'platform/raises', { by: '20000', until: '2026-11-30', why: 'x' }, 400, 'which has 1000.00 USD, is at most 10000.00 USD'],
    ['POST', 'data/raises', { by: '5', until: '2026-11-19', why: 'x' }, 400, 'until cannot be "2026-11-19".'],
    ['POST', 'data/raises', { by: '5', until: '2026-11-30' }, 400, 'why is missing.'],
    ['POST', 'data/raises', { by: '5', until: '2026-11-30', why: 'x', who: 'me' }, 400, 'who is not a key of a raise.'],
    [
      'POST',
      `${encodeURIComponent('platform/zoe@example.com')}/raises`,
      { by: '5', until: '2026-11-30', why: 'x' },
      404,
      'is not a member of the budget',
    ],
    ['POST', 'data', { by: '5' }, 404, 'There is nothing at'],
  ])('%s %s with %j is refused with %d: %s', async (method, path, body, status, part) => {
    const before = (await api.get('/api/v1/budgets')).text;
    const answer = await write(api, method, `/api/v1/budgets/${path.includes('%') ? path : path.replace(' ', '%20')}`, body);
    expect([answer.status, answer.text.includes(JSON.stringify(part).slice(1, -1)) ? part : answer.text]).toEqual([status, part]);
    expect((await api.get('/api/v1/budgets')).text).toBe(before);
  });

  test('a parent that left the configuration holds up its own part alone', async () => {
    const orphaned = await startApi({ nowMs: NOON, config: { budgets: [{ name: 'whole', amount_usd: '100.00' }] } });
    await write(orphaned, 'PUT', '/api/v1/budgets/part', { ...BUDGET, parent: 'whole' });
    const later = await startApi({ nowMs: NOON, budgetsBeside: orphaned });
    expect((await write(later, 'PUT', '/api/v1/budgets/another', BUDGET)).status).toBe(200);
    const part = await write(later, 'PUT', '/api/v1/budgets/part', { ...BUDGET, parent: 'whole' });
    expect([part.status, part.text]).toEqual([400, expect.stringContaining('there is no budget \\"whole\\"')]);
    expect((await write(later, 'PUT', '/api/v1/budgets/part', BUDGET)).status).toBe(200);
    await later.stop();
    await orphaned.stop();
  });

  test('a body that no budget needs is refused by its size', async () => {
    const answer = await write(api, 'PUT', '/api/v1/budgets/x', { ...BUDGET, scope: { user: 'u'.repeat(70_000) } });
    expect([answer.status, answer.text]).toEqual([413, expect.stringContaining('The body has more than 65536 bytes.')]);
  });

  test('a page of somebody else cannot write, by JSON or as a form', async () => {
    const raise = { by: '5', until: '2026-11-30', why: 'x' };
    const foreign = await write(api, 'POST', '/api/v1/budgets/data/raises', raise, { origin: 'http://evil.example' });
    expect([foreign.status, foreign.text]).toEqual([403, expect.stringContaining('A page from http://evil.example may not change budgets.')]);
    const form = await write(api, 'POST', '/api/v1/budgets/data/raises', JSON.stringify(raise), { 'content-type': 'text/plain' });
    expect([form.status, form.text]).toEqual([400, expect.stringContaining('The body must be JSON.')]);
  });

  test('elsewhere nothing is written', async () => {
    expect((await write(api, 'POST', '/api/v1/spend', {})).status).toBe(405);
    expect((await write(api, 'PUT', '/api/v1/budgets', {})).status).toBe(405);
  });
});

describe('with tokens', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const tokens = [
    { name: 'ops', role: 'admin', sha256: sha256('admin') },
    { name: 'grafana', role: 'read', sha256: sha256('reader') },
    { name: 'alice-laptop', role: 'ingest', user: 'alice@example.com', sha256: sha256('alice') },
  ];
  const start = async (given: typeof tokens) => {
    const config = { budgets: BUDGETS, auth: { tokens: given } };
    const { configSchema } = await import('../../collector/config/config.ts');
    const api = await startApi({ nowMs: NOON + 60_000, config, authenticate: createAuthenticator(configSchema.parse(config).auth.tokens) });
    await api.append(SPEND);
    return api;
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test('only an admin writes, and the audit has the name of the token', async () => {
    const api = await start(tokens);
    try {
      const put = (headers: Record<string, string>) => write(api, 'PUT', '/api/v1/budgets/x', { amount_usd: '1' }, headers);
      expect((await put({})).status).toBe(401);
      expect((await put(bearer('reader'))).status).toBe(403);
      expect((await put(bearer('alice'))).status).toBe(403);
      expect((await put(bearer('admin'))).status).toBe(200);
      const { body } = await api.get<BudgetAnswer>('/api/v1/budgets/x', bearer('reader'));
      expect(body.audit).toMatchObject([{ who: 'ops', what: 'budget_set' }]);
    } finally {
      await api.stop();
    }
  });

  test('without one of the role admin nobody writes', async () => {
    const api = await start(tokens.slice(1));
    try {
      const refused = await write(api, 'PUT', '/api/v1/budgets/x', { amount_usd: '1' }, bearer('reader'));
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('needs a token with the role admin')]);
    } finally {
      await api.stop();
    }
  });

  test("a developer's own token shows what that developer has left, and nothing of others", async () => {
    const api = await start(tokens);
    try {
      const own = await api.get<MyBudgetAnswer>('/api/v1/me/budget', bearer('alice'));
      expect([own.status, own.body.user, own.body.budgets.length]).toEqual([200, 'alice@example.com', 3]);
      expect((await api.get('/api/v1/me/budget?user=bob@example.com', bearer('alice'))).status).toBe(403);
      expect((await api.get<MyBudgetAnswer>('/api/v1/me/budget?user=bob@example.com', bearer('reader'))).body.user).toBe('bob@example.com');
      expect((await api.get('/api/v1/me/budget?user=bob@example.com')).status).toBe(401);
      expect((await api.get('/api/v1/budgets', bearer('alice'))).status).toBe(403);
    } finally {
      await api.stop();
    }
  });
});
