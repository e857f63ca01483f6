/** Who has an answer already is not sent it again, and never keeps one that is another now. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { event, NOON } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { fillApi } from './filled.ts';
import type { TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await fillApi();
});
afterAll(() => api.stop());

const PATHS = [
  ...['/api/v1/spend?by=team,model', '/api/v1/spend?by=user&format=csv', '/api/v1/sessions?limit=5', '/api/v1/sessions/session-1'],
  ...['/api/v1/budgets', '/api/v1/status', '/api/v1/catalogue', '/api/v1/boards/overview', '/api/v1/me/budget?user=ada@example.com', '/api/v1/top'],
];

describe.each(PATHS)('%s', (path) => {
  test('is answered with 304 while nothing has changed but its age', async () => {
    const first = await api.get(path);
    const tag = first.headers.get('etag') ?? '';
    expect({ tag, cache: first.headers.get('cache-control') }).toEqual({
      tag: expect.stringMatching(/^W\/"[\w-]{22}"$/),
      cache: 'private, no-cache',
    });
    for (const known of [tag, `"other", ${tag}`, '*', tag.replace('W/', '')]) {
      const again = await api.get(path, { 'if-none-match': known });
      expect({ known, status: again.status, text: again.text, tag: again.headers.get('etag') }).toEqual({ known, status: 304, text: '', tag });
    }
    expect((await api.get(path, { 'if-none-match': 'W/"other"' })).status).toBe(200);
  });
});

test('forms of one answer are kept apart', async () => {
  const [json, csv, accepted] = await Promise.all([
    api.get('/api/v1/spend?by=team'),
    api.get('/api/v1/spend?by=team&format=csv'),
    api.get('/api/v1/spend?by=team', { accept: 'text/csv' }),
  ]);
  // However it was asked for: the same bytes are the same form.
  expect(accepted.text).toBe(csv.text);
  expect(accepted.headers.get('etag')).toBe(csv.headers.get('etag'));
  expect(accepted.headers.get('etag')).not.toBe(json.headers.get('etag'));
  expect(json.headers.get('vary')).toContain('Accept');
});

test('nothing is added up for who has the answer', async () => {
  const path = '/api/v1/spend?by=team,user&grain=day';
  const { headers } = await api.get(path);
  let queries = 0;
  const { reader } = api.ledger;
  const query = reader.query.bind(reader);
  Object.assign(reader, {
    query: (...given: Parameters<typeof query>) => {
      queries++;
      return query(...given);
    },
  });
  expect((await api.get(path, { 'if-none-match': headers.get('etag') ?? '' })).status).toBe(304);
  expect(queries).toBe(0);
  await api.get(path);
  expect(queries).toBeGreaterThan(0);
});

const facts = (text: string): string => text.replaceAll(/"age_seconds":\d+/g, '');

test('the same tag is the same facts, whatever is booked meanwhile', async () => {
  const random = seededRandom('validators');
  const paths = [
    '/api/v1/spend?by=user',
    '/api/v1/spend?by=team&period=today',
    '/api/v1/spend?where=user:ada@example.com&by=model',
    '/api/v1/sessions',
    '/api/v1/sessions/session-3',
  ];
  const known = new Map<string, string>();
  let repeated = 0;
  for (let round = 0; round < 60; round++) {
    if (random.chance(0.6)) {
      const id = `again ${random.below(8)}`;
      const user = random.pick(['ada@example.com', 'ben@example.com']);
      await api.append([
        event({ id, user, sessionId: `session-${random.below(5)}`, timeMs: NOON - random.below(10) * 3_600_000, cost: random.pick(['0.1', '0.2']) }),
      ]);
    }
    for (const path of paths) {
      const { headers, text } = await api.get(path);
      const key = `${path} ${headers.get('etag')}`;
      const before = known.get(key);
      if (before !== undefined) repeated++;
      expect({ key, facts: facts(text) }).toEqual({ key, facts: before ?? facts(text) });
      known.set(key, facts(text));
    }
  }
  expect(repeated).toBeGreaterThan(20);
});

test('an erasure is another answer', async () => {
  const path = '/api/v1/spend?by=user';
  const own = await fillApi({
    erase: async () => ({
      pseudonym: 'p',
      names: [],
      combinations: 0,
      values: 0,
      sessions: 0,
      links: 0,
      budgets: 0,
      alerts: 0,
      messages: 0,
      statements: 0,
      directory: 0,
      isInConfiguration: false,
    }),
  });
  try {
    const tag = (await own.get(path)).headers.get('etag') ?? '';
    const body = JSON.stringify({ users: ['ada@example.com'] });
    const erased = await fetch(`${own.url}/api/v1/privacy/erasures`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(erased.status).toBe(200);
    expect((await own.get(path, { 'if-none-match': tag })).status).toBe(200);
  } finally {
    await own.stop();
  }
});
