/** Who may reprice over REST, and what the command makes of it. */
import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { RepricingControl } from '../../collector/api/repricings.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { RepricingRequest, RepricingState } from '../../collector/query/repricing-answers.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { startApi, type TestApi, type TestApiOptions } from './support.ts';

const PATH = '/api/v1/repricings';
const STATE: RepricingState = {
  ...{ asked: {}, isApplied: false, isRunning: true, startedMs: Date.parse('2026-11-20'), book: 'b00c', entries: 5, of: 9 },
  ...{ outcome: undefined, failure: undefined },
};
const OUTCOME: RepricingState['outcome'] = {
  ...{ entries: 9, corrections: 2, isWhole: true, beyond: { sessions: 1, list: '7.50', unpricedTokens: 3 } },
  shares: [{ model: 'claude-opus-5-5', team: '', list: '-1.25', contracted: '0.00', uncertain: '0.00', cost: '-1.25', unpricedTokens: -40 }],
};

async function withApi(use: (api: TestApi, asked: RepricingRequest[]) => Promise<void>, options: TestApiOptions = {}): Promise<void> {
  const asked: RepricingRequest[] = [];
  let state: RepricingState | null = null;
  const repricing: RepricingControl = {
    async start(request) {
      asked.push(request);
      state = STATE;
      return state;
    },
    state: async () => state && { ...state, isRunning: false, outcome: OUTCOME },
    cancel: async () => state,
  };
  const api = await startApi({ nowMs: Date.parse('2026-11-20T12:00Z'), ...options, repricing });
  await use(api, asked).finally(() => api.stop());
}

const send = (api: TestApi, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Response> =>
  fetch(`${api.url}${PATH}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'POST' && { body: JSON.stringify(body) }),
  });

describe('repricing over REST', () => {
  test('begins, says how far it is and what it came to', async () => {
    await withApi(async (api, asked) => {
      expect((await api.get(PATH)).body).toEqual({ current: null, applied: [] });
      const begun = await send(api, { from: '2026-11-01', to: '2026-11-10', models: ['m'], apply: true });
      expect([begun.status, ((await begun.json()) as { current: object }).current]).toEqual([
        202,
        expect.objectContaining({ running: true, entries: 5, of: 9 }),
      ]);
      expect(asked).toEqual([
        { asked: { fromMs: Date.parse('2026-11-01'), toMs: Date.parse('2026-11-10'), models: ['m'] }, isApplied: true, who: 'local' },
      ]);
      const { current } = (await api.get<{ current: object }>(PATH)).body;
      expect(current).toMatchObject({
        running: false,
        outcome: { changes: [{ team: 'unallocated', list_usd: '-1.25', unpriced_tokens: -40 }], cannot: { sessions: 1, list_usd: '7.50' } },
      });
      expect((await send(api, undefined, {}, 'DELETE')).status).toBe(200);
    });
  });

  test.each([[{ from: 'x' }], [{ models: [] }], [{ apply: 'yes' }], [{ since: 'x' }]])('is refused where it is not understood: %j', async (body) => {
    await withApi(async (api, asked) => {
      expect([(await send(api, body)).status, asked]).toEqual([400, []]);
    });
  });

  test('is for admins where there are tokens, and for no web page', async () => {
    const tokens = ['admin', 'read'].map((role) => ({ name: role, role, sha256: hash('sha256', role) }));
    const config = { auth: { tokens } };
    const authenticate = createAuthenticator(configSchema.parse(config).auth.tokens);
    const statuses: number[] = [];
    await withApi(
      async (api) => {
        for (const token of ['read', 'admin']) statuses.push((await api.get(PATH, { authorization: `Bearer ${token}` })).status);
        for (const token of ['read', 'admin']) statuses.push((await send(api, {}, { authorization: `Bearer ${token}` })).status);
      },
      { config, authenticate },
    );
    await withApi(async (api) => void statuses.push((await send(api, {}, { origin: 'https://evil.example' })).status));
    expect(statuses).toEqual([403, 200, 403, 202, 403]);
  });
});
