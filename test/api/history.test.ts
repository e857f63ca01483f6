/** Who may import history over REST, and what becomes of it. */
import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { usd } from '../support/entries.ts';
import { startApi, type TestApi, type TestApiOptions } from './support.ts';

const PATH = '/api/v1/adjustments';
const ADA = { id: 'a', day: '2026-10-03', user: ' Ada@Example.com', cost: '1.25' };

async function withApi(use: (api: TestApi, booked: readonly Entry[]) => Promise<void>, options: TestApiOptions = {}): Promise<void> {
  const booked: Entry[] = [];
  const api = await startApi({
    ...options,
    adjust: async (entries) => {
      booked.push(...entries);
      return api.ledger.writer.append({ entries, receivedMs: Date.parse('2026-11-20T12:00Z') });
    },
  });
  await use(api, booked).finally(() => api.stop());
}

const post = (api: TestApi, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${PATH}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const history = (...adjustments: readonly object[]) => ({ source: 'litellm', adjustments });

describe('history of an import', () => {
  test('is booked under its user, day and origin, once for each id', async () => {
    await withApi(async (api) => {
      const more = {
        id: 'b',
        day: '2026-10-03',
        cost: '-0.5',
        list: '2',
        amounts: { input_tokens: -7, cost_contracted: '0.25' },
        dimensions: { model: 'm', team: 't' },
      };
      const first = await post(api, history(ADA, more));
      expect([first.status, await first.json()]).toEqual([200, { appended: 2, duplicates: 0, conflicts: 0, expired: 0 }]);
      expect(await (await post(api, history(ADA, { ...more, cost: '3' }))).json()).toEqual({ appended: 0, duplicates: 1, conflicts: 1, expired: 0 });
      const spend = await api.get<{ rows: unknown[] }>('/api/v1/spend?by=user,team,origin&from=2026-10-03&to=2026-10-04');
      expect(spend.body.rows).toMatchObject([
        { user: 'ada@example.com', team: 'unallocated', origin: 'litellm', cost_usd: '1.25' },
        { user: 'unallocated', team: 't', origin: 'litellm', cost_usd: '-0.50' },
      ]);
      const measures = ['cost_list', 'cost_contracted', 'input_tokens', 'cost_events'] as const;
      const { totals } = await api.ledger.reader.query({ measures, by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 });
      expect(totals).toEqual([usd('2'), usd('0.25'), -7n, 0n]);
      expect((await api.get('/api/v1/sessions/import:litellm:ada@example.com:2026-10-03')).body).toMatchObject({ cost_usd: '1.25' });
    });
  });

  test.each<[object, string]>([
    [{}, 'source'],
    [history(), 'adjustments'],
    [history(...Array.from({ length: 101 }, (_, index) => ({ ...ADA, id: `${index}` }))), 'adjustments'],
    [history({ ...ADA, cost: 1.25 }), 'adjustments.0.cost'],
    [history({ ...ADA, cost: '1000001' }), '1000001 is beyond'],
    [history({ ...ADA, day: '2026-13-01' }), 'adjustments.0.day'],
    [history({ ...ADA, amounts: { cost: '1' } }), 'adjustments.0.amounts'],
    [history({ ...ADA, amounts: { requests_le_2500_ms: 1 } }), 'adjustments.0.amounts'],
    [history({ ...ADA, amounts: { cost_contracted: 1 } }), 'amounts.cost_contracted: money is a decimal string'],
    [history({ ...ADA, amounts: { cost_contracted: '9999' } }), 'is too much for one adjustment'],
    [history({ ...ADA, dimensions: { origin: 'x' } }), 'adjustments.0.dimensions'],
    [{ ...history(ADA), source: 'a b' }, 'source'],
  ])('is refused where it is not understood, and nothing of it is booked: %#', async (body, where) => {
    await withApi(async (api, booked) => {
      const answer = await post(api, body);
      expect([answer.status, booked]).toEqual([400, []]);
      expect((await answer.json()) as object).toMatchObject({ detail: expect.stringContaining(where) });
    });
  });

  test('needs an admin token where there are tokens, and is no web page’s to send', async () => {
    const tokens = ['admin', 'read'].map((role) => ({ name: role, role, sha256: hash('sha256', role) }));
    const config = { auth: { tokens } };
    const authenticate = createAuthenticator(configSchema.parse(config).auth.tokens);
    const statuses: number[] = [];
    await withApi(
      async (api) => {
        for (const token of ['read', 'wrong', 'admin']) statuses.push((await post(api, history(ADA), { authorization: `Bearer ${token}` })).status);
      },
      { config, authenticate },
    );
    await withApi(async (api) => void statuses.push((await post(api, history(ADA), { origin: 'https://evil.example' })).status));
    expect(statuses).toEqual([403, 401, 200, 403]);
  });
});
