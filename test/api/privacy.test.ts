/** Who may erase over REST, and what is asked of them. */
import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import type { ErasureOutcome, ErasureRequest } from '../../collector/query/personal-data.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { startApi, type TestApi, type TestApiOptions } from './support.ts';

const PATH = '/api/v1/privacy/erasures';
const OUTCOME: ErasureOutcome = {
  ...{ pseudonym: 'erased-1', names: ['ada@example.com'], combinations: 1, values: 1, sessions: 0, links: 0 },
  ...{ budgets: 0, alerts: 0, messages: 0, statements: 0, directory: 0, isInConfiguration: false },
};

async function withApi(options: TestApiOptions, use: (api: TestApi, asked: readonly ErasureRequest[]) => Promise<void>): Promise<void> {
  const asked: ErasureRequest[] = [];
  const erase = async (request: ErasureRequest): Promise<ErasureOutcome> => {
    asked.push(request);
    return OUTCOME;
  };
  const api = await startApi({ ...options, erase });
  await use(api, asked).finally(() => api.stop());
}

const post = (api: TestApi, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${PATH}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

describe('without tokens', () => {
  test('this machine erases, and says what it means', async () => {
    await withApi({}, async (api, asked) => {
      const answer = await post(api, { users: ['ada@example.com', 'acc-1'], dry_run: true });
      expect([answer.status, await answer.json()]).toEqual([200, OUTCOME]);
      await post(api, { users: ['ada@example.com'], remember: false });
      expect(asked).toEqual([
        { users: ['ada@example.com', 'acc-1'], isRemembered: true, isTrial: true, who: 'local' },
        { users: ['ada@example.com'], isRemembered: false, isTrial: false, who: 'local' },
      ]);
    });
  });

  test('a web page does not', async () => {
    await withApi({}, async (api, asked) => {
      expect((await post(api, { users: ['ada@example.com'] }, { origin: 'https://evil.example' })).status).toBe(403);
      expect(asked).toEqual([]);
    });
  });

  test.each([
    [{}],
    [{ users: [] }],
    [{ users: [''] }],
    [{ users: ['unallocated'] }],
    [{ users: 'ada' }],
    [{ users: ['a'], forget: true }],
    [{ users: ['a'], dry_run: 1 }],
  ])('what is not understood erases nobody: %j', async (body) => {
    await withApi({}, async (api, asked) => {
      expect((await post(api, body)).status).toBe(400);
      expect(asked).toEqual([]);
    });
  });
});

test('with tokens only an admin erases, under the name of the token', async () => {
  const sha256 = (token: string): string => hash('sha256', token);
  const tokens = [
    { name: 'ops', role: 'admin', sha256: sha256('admin') },
    { name: 'boards', role: 'read', sha256: sha256('read') },
  ];
  const config = { auth: { tokens } };
  const authenticate = createAuthenticator(configSchema.parse(config).auth.tokens);
  await withApi({ config, authenticate }, async (api, asked) => {
    const statuses = [];
    for (const token of ['read', 'wrong', 'admin']) {
      statuses.push((await post(api, { users: ['ada@example.com'] }, { authorization: `Bearer ${token}` })).status);
    }
    expect(statuses).toEqual([403, 401, 200]);
    expect(asked.map(({ who }) => who)).toEqual(['ops']);
  });
});

test('nobody who mistypes a name is offered that of an erased user, whatever part of the ledger they see', async () => {
  const sha256 = (token: string): string => hash('sha256', token);
  const tokens = [
    { name: 'ops', role: 'admin', sha256: sha256('admin') },
    { name: 'boards', role: 'read', sha256: sha256('read'), scope: { teams: ['platform'] } },
  ];
  const config = { auth: { tokens } };
  const erase = async ({ users, isRemembered, isTrial }: ErasureRequest): Promise<ErasureOutcome> => {
    await api.ledger.writer.erase({ names: users, pseudonym: 'erased-1', isRemembered, isTrial });
    return OUTCOME;
  };
  const api = await startApi({ config, nowMs: NOON, authenticate: createAuthenticator(configSchema.parse(config).auth.tokens), erase });
  const hintsFor = async (user: string) => {
    const asked = ['admin', 'read'].map(async (token) => {
      const { body } = await api.get<SpendAnswer>(`/api/v1/spend?where=user:${user}`, { authorization: `Bearer ${token}` });
      return body.hints.map(({ nearest }) => nearest);
    });
    return Promise.all(asked);
  };
  try {
    await api.append([event({ id: '1', user: 'ada@example.com' }), event({ id: '2', user: 'zoe', sessionId: 'zoes' })]);
    expect(await hintsFor('adda@example.com')).toEqual([['ada@example.com'], ['ada@example.com']]);
    await post(api, { users: ['ada@example.com'] }, { authorization: 'Bearer admin' });
    expect(await hintsFor('adda@example.com')).toEqual([[null], [null]]);
    expect(await hintsFor('ada@example.com')).toEqual([[null], [null]]);
  } finally {
    await api.stop();
  }
});
