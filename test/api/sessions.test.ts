import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SessionAnswer, SessionListAnswer } from '../../collector/query/sessions.ts';
import { event, NOON } from '../support/entries.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

const HOUR_MS = 3_600_000;
let api: TestApi;

beforeAll(async () => {
  api = await startApi({ nowMs: NOON + 60_000 });
  await api.append([
    event({ id: '1', sessionId: 'newest', cost: '0.01', user: 'bob@example.com', timeMs: NOON + 50_000 }),
    event({ id: '2', sessionId: 'middle', cost: '0.2', user: 'alice@example.com', timeMs: NOON }),
    event({ id: '3', sessionId: 'dearest', cost: '9', user: 'bob@example.com', timeMs: NOON - 2 * HOUR_MS }),
    event({ id: '4', sessionId: 'dearest', cost: '1', user: 'bob@example.com', timeMs: NOON - HOUR_MS }),
  ]);
});
afterAll(() => api.stop());

const ids = async (query: string): Promise<readonly string[]> =>
  (await api.get<{ sessions: { session_id: string }[] }>(`/api/v1/sessions?${query}`)).body.sessions.map((session) => session.session_id);

test('should list sessions by the time they were last seen, by cost and by duration', async () => {
  expect(await ids('')).toEqual(['newest', 'middle', 'dearest']);
  expect(await ids('order=cost')).toEqual(['dearest', 'middle', 'newest']);
  expect((await ids('order=duration&limit=1'))[0]).toBe('dearest');
  expect((await api.get('/api/v1/sessions?order=name')).status).toBe(400);
});

test('should list the sessions of whom it is asked, and say what cannot filter them', async () => {
  expect(await ids('where=user:bob@example.com')).toEqual(['newest', 'dearest']);
  expect(await ids('where=user:bob@example.com&where=user:alice@example.com&order=cost')).toEqual(['dearest', 'middle', 'newest']);
  expect(await ids('where=user:nobody@example.com')).toEqual([]);
  const { status, body } = await api.get<Problem>('/api/v1/sessions?where=model:claude-haiku-5-5');
  expect(status).toBe(400);
  expect(body.error.hint).toContain('organization, team, user, workspace, repository');
});

test('should list a session in which the user changed under both, each with what it cost then', async () => {
  const switched = await startApi({ nowMs: NOON + 60_000 });
  await switched.append([
    event({ id: '1', sessionId: 'switched', cost: '1', timeMs: NOON }),
    event({ id: '2', sessionId: 'switched', cost: '2', user: 'bob@example.com', team: 'search', timeMs: NOON + 1_000 }),
    event({ id: '3', sessionId: 'other', cost: '2.50', user: 'bob@example.com', team: 'search', timeMs: NOON }),
  ]);
  // Known to the collector already when the first user comes back.
  await switched.append([event({ id: '4', sessionId: 'switched', cost: '4', timeMs: NOON + 2_000 })]);
  const listed = async (query: string) =>
    (await switched.get<SessionListAnswer>(`/api/v1/sessions?order=cost&${query}`)).body.sessions.map(({ session_id, user, cost_usd }) => [
      ...[session_id, user, cost_usd],
    ]);
  expect(await listed('where=user:alice@example.com')).toEqual([['switched', 'alice@example.com', '5.00']]);
  expect(await listed('where=user:bob@example.com')).toEqual([
    ['other', 'bob@example.com', '2.50'],
    ['switched', 'bob@example.com', '2.00'],
  ]);
  expect(await listed('where=team:search&where=user:alice@example.com')).toEqual([]);
  expect(await listed('')).toEqual([
    ['switched', 'alice@example.com', '7.00'],
    ['other', 'bob@example.com', '2.50'],
  ]);
  const { body } = await switched.get<SessionAnswer>('/api/v1/sessions/switched');
  expect(body.shares.map(({ user, team, cost_usd }) => [user, team, cost_usd])).toEqual([
    ['alice@example.com', 'platform', '5.00'],
    ['bob@example.com', 'search', '2.00'],
  ]);
  expect((await switched.get<SessionAnswer>('/api/v1/sessions/other')).body.shares).toEqual([]);
  await switched.stop();
});

test('should page through all sessions, each once, and refuse a cursor of another question', async () => {
  const pages: string[][] = [];
  const places: SessionListAnswer['page'][] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body }: { body: SessionListAnswer } = await api.get(`/api/v1/sessions?order=cost&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    pages.push(body.sessions.map(({ session_id }) => session_id));
    places.push(body.page);
    cursor = body.next;
  }
  expect(pages).toEqual([['dearest', 'middle'], ['newest']]);
  expect(places).toEqual([
    { first: 1, count: 3 },
    { first: 3, count: 3 },
  ]);
  const none = (await api.get<SessionListAnswer>('/api/v1/sessions?search=nobody')).body;
  expect(none.page).toEqual({ first: 0, count: 0 });
  const { next } = (await api.get<SessionListAnswer>('/api/v1/sessions?limit=1&period=today')).body;
  expect((await api.get<SessionListAnswer>(`/api/v1/sessions?limit=2&period=today&cursor=${next}`)).body.sessions).toHaveLength(2);
  for (const query of [`cursor=${next}`, `period=today&order=cost&cursor=${next}`, 'cursor=W10', 'cursor=nonsense!']) {
    const { status, body } = await api.get<Problem>(`/api/v1/sessions?${query}`);
    expect([status, body.error.hint]).toEqual([400, expect.stringContaining('leave cursor out to begin again')]);
  }
});

test('should find sessions by how their id begins and by parts of names, in any capitals', async () => {
  expect(await ids('search=MID')).toEqual(['middle']);
  expect(await ids('search=Bob@')).toEqual(['newest', 'dearest']);
  expect(await ids('search=dle')).toEqual([]);
  expect(await ids('search=bob&order=cost&limit=1')).toEqual(['dearest']);
});

test('should list as comma-separated values', async () => {
  const response = await fetch(`${api.url}/api/v1/sessions?format=csv&limit=1`);
  const [head, row] = (await response.text()).split('\r\n');
  expect(head).toMatch(/^session_id,full_id,organization,team,user,/);
  expect(row).toMatch(/^newest,newest~,.*,0\.01$/);
});

test('should take the beginning of an id for the one session that has it, and name those that it could be', async () => {
  const many = await startApi({ nowMs: NOON + 60_000 });
  await many.append([
    event({ id: '1', sessionId: '6fd5a1f0-8a7c-4d36', cost: '1' }),
    event({ id: '2', sessionId: '6fd5a1f0-9b8d-5e47', cost: '2', timeMs: NOON + 1 }),
    event({ id: '3', sessionId: '7ae6b201-0000-1111~0123456789', cost: '3' }),
    event({ id: '4', sessionId: '7ae6b201-0000-1111', cost: '4' }),
  ]);
  const found = async (id: string) => (await many.get<SessionAnswer>(`/api/v1/sessions/${id}`)).body;
  expect((await found('6fd5a1f0-8')).cost_usd).toBe('1.00');
  expect(await found('7ae6b201')).toMatchObject({ cost_usd: '4.00', also: [{ cost_usd: '3.00' }], age_seconds: expect.any(Number) });
  const { status, body } = await many.get<Problem>('/api/v1/sessions/6fd5a1f0');
  expect([status, body.error.message]).toEqual([400, 'Several sessions begin with 6fd5a1f0.']);
  expect(body.error.hint).toContain('They are 6fd5a1f0-9b8d-5e47, 6fd5a1f0-8a7c-4d36.');
  expect((await many.get('/api/v1/sessions/6fd5a1f')).status).toBe(404);
  expect((await many.get('/api/v1/sessions/00000000')).status).toBe(404);
  await many.stop();
});
