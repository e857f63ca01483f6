/** Sessions that went from one owner to another: each reader sees the part that is within the scope, and no word of the rest. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { bearer, SCOPES, tokensOf } from './scope-cases.ts';
import { startApi, type TestApi } from './support.ts';

const ADA = { organization: 'borealis', team: 'kestrels', user: 'ada@borealis.example', workspace: 'tundra', repository: 'repo-ada' };
const EMIL = { organization: 'meridian', team: 'ospreys', user: 'emil@meridian.example', workspace: 'savanna', repository: 'repo-emil' };
const part = (id: string, owner: typeof ADA, cost: string, minutes: number) => ({
  ...event({ id, sessionId: 'handed-over', cost, timeMs: NOON - minutes * 60_000 }),
  dimensions: { model: 'claude-opus-5-5', ...owner },
});

let api: TestApi;
beforeAll(async () => {
  const tokens = tokensOf(SCOPES);
  api = await startApi({ nowMs: NOON, authenticate: createAuthenticator(tokens), config: { auth: { tokens } } });
  await api.append([part('1', ADA, '1', 50), part('2', ADA, '0.50', 40), part('3', EMIL, '4', 30), part('4', EMIL, '8', 20)]);
});
afterAll(() => api.stop());

const PATHS = [
  ...['/sessions', '/sessions/handed-over', '/sessions/handed-over/requests', '/explain?session=handed-over', '/top', '/analysis', '/export'],
  ...['/spend?by=organization,team,user,workspace,repository', '/sessions?search=handed', ...BOARDS.map(({ id }) => `/boards/${id}`)],
];

interface Listed {
  readonly sessions: readonly { readonly cost_usd: string; readonly user: string; readonly team: string; readonly shares: readonly unknown[] }[];
}

describe.each([
  ['user', ADA, '1.50'],
  ['team', ADA, '1.50'],
  ['organization', ADA, '1.50'],
  ['workspace', ADA, '1.50'],
  ['teams', EMIL, '12.00'],
] as const)('a reader with the scope %s', (name, owner, cost) => {
  const other = owner === ADA ? EMIL : ADA;

  test('hears nothing of the other owner', async () => {
    for (const path of PATHS) {
      const response = await fetch(`${api.url}/api/v1${path}`, { headers: bearer(name) });
      const text = await response.text();
      const found = Object.values(other).filter((word) => text.includes(word));
      expect({ path, status: response.status, found }).toEqual({ path, status: 200, found: [] });
    }
  });

  test('sees what the session cost within the scope', async () => {
    const { body } = await api.get<Listed>('/api/v1/sessions', bearer(name));
    expect(body.sessions).toMatchObject([{ cost_usd: cost, user: owner.user, team: owner.team, shares: [] }]);
    const one = await api.get('/api/v1/sessions/handed-over', bearer(name));
    expect(one.body).toMatchObject({ cost_usd: cost, user: owner.user, workspace: owner.workspace, requests: 2 });
    expect((await api.get('/api/v1/spend', bearer(name))).body).toMatchObject({ total: cost });
  });
});

test('who sees neither owner hears of no session', async () => {
  expect((await api.get('/api/v1/sessions/handed-over', bearer('no-team'))).status).toBe(404);
});
