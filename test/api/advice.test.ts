/** GET /api/v1/advice: who is answered about whom, as REST and as a file, and that no more is read than is said. */
import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { SESSIONS_MAX } from '../../collector/query/advice/read.ts';
import type { AdviceAnswer } from '../../collector/query/advice.ts';
import type { ExplainAnswer } from '../../collector/query/explain.ts';
import { DAY, MINUTE, request, TODAY } from '../query/explain/scenario.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

const token = (name: string, more: object): Config['auth']['tokens'][number] =>
  ({ name, role: 'ingest', sha256: hash('sha256', name), ...more }) as Config['auth']['tokens'][number];
const bearer = (name: string) => ({ authorization: `Bearer ${name}` });

const TOKENS = [
  token('ada', { user: 'ada' }),
  token('nobody', {}),
  token('reader', { role: 'read', scope: 'all' }),
  token('lead', { role: 'read', scope: { teams: ['search'] } }),
];

/** Written again after twenty minutes: so many tokens at (5 - 0.20) USD for a million. */
const rebuilt = (session: string, user: string, team: string, tokens: number): Entry[] =>
  [0, 20].map((minutes) => {
    const plan = { session, user, team, atMs: TODAY + (540 + minutes) * MINUTE, read: 0, written: tokens, input: 0, output: 0 };
    return request({ ...plan, amounts: { edits_accepted: 1 } });
  });

let api: TestApi;
beforeEach(async () => {
  api = await startApi({ nowMs: TODAY + DAY, authenticate: createAuthenticator(TOKENS, { exposed: true }) });
  await api.append([
    ...rebuilt('of ada', 'ada', 'platform', 100_000),
    ...rebuilt('of bob', 'bob', 'platform', 50_000),
    ...rebuilt('of sue', 'sue', 'search', 25_000),
  ]);
});
afterEach(() => api.stop());

const advise = async (who: string, words = ''): Promise<AdviceAnswer> => (await api.get<AdviceAnswer>(`/api/v1/advice${words}`, bearer(who))).body;
const usersOf = ({ users }: AdviceAnswer) => users.map(({ user, saved_usd }) => [user, saved_usd]);

describe('advice', () => {
  test('is given to a developer about that developer alone', async () => {
    const own = await advise('ada');
    expect([own.saved_usd, usersOf(own), own.looked_into.sessions]).toEqual(['0.48', [['ada', '0.48']], 1]);
    expect(await advise('ada', '?user=ada')).toEqual(own);
    expect(JSON.stringify(await advise('ada', '?where=user:bob'))).not.toContain('of bob');
    expect((await api.get<Problem>('/api/v1/advice?user=bob', bearer('ada'))).status).toBe(403);
    expect((await api.get<Problem>('/api/v1/advice', bearer('nobody'))).status).toBe(400);
    expect((await api.get<Problem>('/api/v1/advice')).status).toBe(401);
  });

  test('is given to a reader about everybody, a team or a user, and within the scope', async () => {
    expect(usersOf(await advise('reader'))).toEqual([
      ['ada', '0.48'],
      ['bob', '0.24'],
      ['sue', '0.12'],
    ]);
    expect((await advise('reader', '?where=team:platform')).saved_usd).toBe('0.72');
    expect((await advise('reader', '?user=BOB')).saved_usd).toBe('0.24');
    expect(usersOf(await advise('lead'))).toEqual([['sue', '0.12']]);
    expect((await api.get<Problem>('/api/v1/advice?user=ada', bearer('lead'))).status).toBe(403);
  });

  test('is the same in an explanation, but where that has other filters', async () => {
    const range = 'from=2026-11-20&to=2026-11-21';
    const explain = async (words: string) => (await api.get<ExplainAnswer>(`/api/v1/explain?${range}${words}`, bearer('reader'))).body.savings;
    const { advice, saved_usd, compactions } = await advise('reader', `?${range}&where=team:platform`);
    expect(await explain('&where=team:platform')).toEqual({ advice, saved_usd, compactions, note: null });
    expect(await explain('&where=model:claude-opus-5-5')).toBeNull();
  });

  test('is a file with a line for each session', async () => {
    const response = await fetch(`${api.url}/api/v1/advice?format=csv`, { headers: bearer('reader') });
    const [head, first] = (await response.text()).split('\r\n');
    expect(head).toBe('code,session_id,full_id,organization,team,user,at,requests,saved_usd,text');
    expect(first).toMatch(/^cache_rebuilds,of ada,of ada~,unallocated,platform,ada,2026-11-20T09:20:00.000Z,1,0.48,/);
  });

  test('says how much was read where there is more', async () => {
    const many = Array.from({ length: SESSIONS_MAX + 20 }, (_, index) => rebuilt(`one of many ${index}`, 'max', 'crowd', 20_000)).flat();
    await api.append(many);
    const { looked_into, advice } = await advise('reader', '?user=max');
    expect(looked_into).toMatchObject({ sessions: SESSIONS_MAX, sessions_found: SESSIONS_MAX + 20, share: 0.833333 });
    expect(looked_into.note).toBe('100 of 120 sessions were read, the most expensive first: 83 % of the cost.');
    expect(advice).toMatchObject([{ code: 'cache_rebuilds', sessions: SESSIONS_MAX }]);
    expect(advice[0]?.evidence).toHaveLength(20);
  });
});
