/** GET /api/v1/me/statusline: the figures of GET /api/v1/spend and /me/budget, in the form in which a status line needs them. */
import { hash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { storedSessionId } from '../../collector/catalog/session-ids.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import { createRealms } from '../../collector/ingest/attribution/realm.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { MyBudgetAnswer } from '../../collector/query/my-budget.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import type { StatuslineAnswer } from '../../collector/query/statusline.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { type Answer, startApi, type TestApi } from './support.ts';

const HOUR_MS = 3_600_000;
const ALICE = 'alice@example.com';
const token = (name: string, more: object): Config['auth']['tokens'][number] =>
  ({ name, role: 'ingest', sha256: hash('sha256', name), ...more }) as Config['auth']['tokens'][number];
const TOKENS = [
  token('alice', { user: ALICE }),
  token('nobody', {}),
  token('data', { team: 'data' }),
  token('reader', { role: 'read', scope: 'all' }),
  token('lead', { role: 'read', scope: { teams: ['data'] } }),
];

const realmOf = createRealms({ attribution: configSchema.parse({}).attribution, pseudonymize: undefined });

let api: TestApi;
afterEach(() => api.stop());

const EACH = { name: 'each', per: 'user', period: 'day', amount_usd: '20.00' };
const PLATFORM = { name: 'platform', scope: { team: 'platform' }, amount_usd: '100.00' };

let count = 0;
type More = Partial<Pick<Entry, 'timeMs' | 'dimensions' | 'sessionId'>> & { readonly team?: string };
const spent = (user: string, cost: string, more: More = {}): Entry => event({ id: String(count++), user, cost, ...more });

async function start(entries: readonly Entry[], { budgets = [EACH, PLATFORM] as object[], timezone = 'UTC', nowMs = NOON } = {}): Promise<void> {
  api = await startApi({ nowMs, config: { budgets, timezone }, authenticate: createAuthenticator(TOKENS, { exposed: true }) });
  if (entries.length > 0) await api.append(entries);
}

const ask = <Body = StatuslineAnswer>(path = '', name = 'alice'): Promise<Answer<Body>> =>
  api.get<Body>(path.startsWith('/') ? path : `/api/v1/me/statusline${path}`, { authorization: `Bearer ${name}` });

test('has what the user spent today, and the budget of which the largest part is used', async () => {
  await start([spent(ALICE, '4.5'), spent(ALICE, '30', { timeMs: NOON - 24 * HOUR_MS }), spent('bob@example.com', '40')]);
  const { body } = await ask();
  expect(body).toEqual({
    ...{ user: ALICE, team: 'platform', today_usd: '4.50', today_ends_in: 12 * 3600, evaluated_seconds_ago: 0 },
    budget: {
      ...{ key: 'platform', shared: true, unit: 'usd', limit: '100.00', spent: '74.50', remaining: '25.50', used_ratio: 0.745, stopped: false },
      ends_in: expect.any(Number),
    },
    ...{ as_of: expect.any(String), age_seconds: 0 },
  });
  const spend = await ask<SpendAnswer>(`/api/v1/spend?period=today&where=user:${encodeURIComponent(ALICE)}`, 'reader');
  expect(spend.body.totals.cost_usd).toBe(body.today_usd);
  const mine = await ask<MyBudgetAnswer>('/api/v1/me/budget');
  const same = mine.body.budgets.find(({ key }) => key === body.budget?.key);
  expect(same).toMatchObject({ spent: body.budget?.spent, remaining: body.budget?.remaining, used_ratio: body.budget?.used_ratio });
  const endMs = Date.parse(same?.period_end ?? '');
  expect(body.budget?.ends_in).toBe((endMs - NOON) / 1000);
});

test.each<[string, object[], string]>([
  [
    'an amount of nothing, of which anything is more than all',
    [
      { ...EACH, amount_usd: '0' },
      { ...PLATFORM, amount_usd: '1' },
    ],
    `each/${ALICE}`,
  ],
  [
    'one that stops work, though another is used up further',
    [
      { ...EACH, hard_limit: true, amount_usd: '4' },
      { ...PLATFORM, amount_usd: '1' },
    ],
    `each/${ALICE}`,
  ],
  [
    'of two that are used alike, the one with longer to go',
    [
      { ...EACH, amount_usd: '5' },
      { ...PLATFORM, amount_usd: '5' },
    ],
    'platform',
  ],
  ['not one that has ended', [EACH, { ...PLATFORM, period: { from: '2026-10-01', to: '2026-11-01' }, amount_usd: '1' }], `each/${ALICE}`],
  ['one in tokens', [{ name: 'tokens', per: 'user', tokens: { amount: 1, classes: ['output'] } }, EACH], `tokens/${ALICE}`],
])('the tightest is %s', async (_, budgets, key) => {
  await start([spent(ALICE, '4.5')], { budgets });
  expect((await ask()).body.budget?.key).toBe(key);
});

test('without a budget there is none, and without a record nobody knows what was spent', async () => {
  await start([spent('bob@example.com', '4.5')], { budgets: [] });
  expect((await ask()).body).toMatchObject({ user: ALICE, team: null, today_usd: null, budget: null });
});

test('who spent nothing today spent nothing', async () => {
  await start([spent(ALICE, '4.5', { timeMs: NOON - 48 * HOUR_MS })]);
  expect((await ask()).body.today_usd).toBe('0.00');
});

test("today is a day of the ledger's time zone", async () => {
  const nowMs = Date.parse('2026-11-20T03:00:00Z');
  await start([spent(ALICE, '1', { timeMs: nowMs - HOUR_MS }), spent(ALICE, '2', { timeMs: nowMs - 23 * HOUR_MS })], {
    timezone: 'America/New_York',
    nowMs,
  });
  expect((await ask()).body).toMatchObject({ today_usd: '1.00', today_ends_in: 2 * 3600 });
});

describe('with a token that has no user', () => {
  const sent = (name: string, sessionId: string): string => {
    const { team } = TOKENS.find((one) => one.name === name) ?? {};
    return storedSessionId(sessionId, realmOf(team === undefined ? {} : { team }));
  };

  test('the session says who it is', async () => {
    await start([
      spent(ALICE, '4.5', { sessionId: sent('nobody', 'session-a') }),
      spent('dora@example.com', '2', { team: 'data', sessionId: sent('data', 'session-d') }),
    ]);
    expect((await ask('?session=session-a', 'nobody')).body).toMatchObject({
      user: ALICE,
      team: 'platform',
      today_usd: '4.50',
      budget: { key: `each/${ALICE}` },
    });
    expect((await ask('?session=session-d', 'data')).body).toMatchObject({ user: 'dora@example.com', team: 'data', today_usd: '2.00' });
    expect((await ask('?session=session-a', 'reader')).body).toMatchObject({ user: ALICE, today_usd: '4.50' });
  });

  test('a session that is unknown, of another sender or outside the scope is of nobody', async () => {
    await start([
      spent(ALICE, '4.5', { sessionId: sent('nobody', 'session-a') }),
      spent(ALICE, '4.5', { sessionId: sent('data', 'session-d') }),
      spent('', '4.5', { sessionId: sent('nobody', 'session-n') }),
    ]);
    const asked = [
      ...[
        ['session-x', 'nobody'],
        ['', 'nobody'],
        ['session-a', 'data'],
        ['session-a', 'lead'],
        ['session-n', 'nobody'],
        ["' OR 1=1 --", 'nobody'],
      ],
      ['session-d', 'nobody'],
    ];
    for (const [session = '', name = ''] of asked) {
      const { status, body } = await ask(`?session=${encodeURIComponent(session)}`, name);
      expect([session, name, status, body]).toEqual([
        session,
        name,
        200,
        expect.objectContaining({ user: null, team: null, today_usd: null, budget: null }),
      ]);
      expect(body.today_ends_in).toBe(12 * 3600);
    }
  });

  test('of a user, the user counts, whatever the session', async () => {
    await start([spent(ALICE, '4.5'), spent('bob@example.com', '7', { sessionId: sent('nobody', 'session-b') })]);
    expect((await ask('?session=session-b')).body).toMatchObject({ user: ALICE, today_usd: '4.50' });
  });
});

test('shows oneself what is shared, a reader the users within the scope, and nobody else anything', async () => {
  await start([spent(ALICE, '4.5'), spent('dora@example.com', '2', { team: 'data' })], {
    budgets: [EACH, { ...PLATFORM, name: 'data', scope: { team: 'data' } }],
  });
  expect((await ask('?user=bob@example.com')).status).toBe(403);
  expect((await ask('', 'nobody')).status).toBe(400);
  expect((await ask('', 'wrong')).status).toBe(401);
  expect((await ask('?user=Alice@Example.com', 'reader')).body).toMatchObject({ user: ALICE, today_usd: '4.50' });
  expect((await ask('?user=dora@example.com', 'lead')).body).toMatchObject({ today_usd: '2.00', budget: { key: 'data', spent: '2.00' } });
  expect((await ask(`?user=${ALICE}`, 'lead')).status).toBe(403);
});
