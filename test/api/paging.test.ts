/** Rows in pages: together they are the whole answer, in its order, and the totals are those of the whole on each. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { event, NOON } from '../support/entries.ts';
import { fillApi } from './filled.ts';
import type { TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await fillApi();
});
afterAll(() => api.stop());

const spend = async (query: string): Promise<SpendAnswer> => (await api.get<SpendAnswer>(`/api/v1/spend?${query}`)).body;

async function pagesOf(query: string, limit: number): Promise<SpendAnswer[]> {
  const pages = [await spend(`${query}&limit=${limit}`)];
  for (let next = pages[0]?.next; typeof next === 'string'; next = pages.at(-1)?.next)
    pages.push(await spend(`${query}&limit=${limit}&cursor=${next}`));
  return pages;
}

const QUERIES = [
  'by=team,model',
  'by=user,repository,model&measures=cost,requests&grain=day&tz=America/New_York',
  'by=team&measures=cost_per_request,cache_hit_ratio&grain=week',
  'by=user&grain=hour&where=team:platform&period=last-30d',
  'by=workspace&from=now-20d&to=now-3d&measures=requests',
];

describe.each(QUERIES)('%s', (query) => {
  test.each([1, 3, 7, 10_000])('in pages of %i is the whole', async (limit) => {
    const whole = await spend(query);
    const pages = await pagesOf(query, limit);
    expect(pages.flatMap(({ rows }) => rows)).toEqual(whole.rows);
    expect(pages.slice(0, -1).every(({ rows }) => rows.length === limit)).toBe(true);
    for (const { rows: _, next: __, ...rest } of pages) expect(rest).toEqual({ ...whole, rows: undefined, next: undefined });
    expect(whole.next).toBeNull();
  });
});

describe('a cursor', () => {
  test.each([
    ['by=team&cursor=%21', 'is no cursor of this question'],
    ['by=team&cursor=bm9uc2Vuc2U', 'is no cursor of this question'],
    [`by=team&cursor=${Buffer.from(JSON.stringify(['x', [1, null, [null, '1', 'k']]])).toString('base64url')}`, 'is no cursor of this question'],
    [`by=team&cursor=${Buffer.from(JSON.stringify(['x', [null, null, [null, '1', 'k']]])).toString('base64url')}`, 'belongs to other parameters'],
  ])('%s is refused', async (query, problem) => {
    const { status, text } = await api.get(`/api/v1/spend?${query}`);
    const { detail, parameter, hint } = JSON.parse(text) as Record<string, string>;
    expect({ status, parameter }).toEqual({ status: 400, parameter: 'cursor' });
    expect(detail).toContain(problem);
    expect(hint).toContain('`next`');
  });

  test.each(['by=team', 'by=user&where=team:platform', 'by=user&tz=UTC'])('of another question is refused by %s', async (other) => {
    const { next } = await spend('by=user&limit=1');
    const { status, text } = await api.get(`/api/v1/spend?${other}&limit=1&cursor=${next}`);
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('belongs to other parameters') });
  });

  test('may be followed with another limit, and in another order of the parameters', async () => {
    const { next } = await spend('by=user,model&grain=day&limit=2');
    const rest = await spend(`cursor=${next}&grain=day&by=user,model`);
    const whole = await spend('by=user,model&grain=day');
    expect(rest.rows).toEqual(whole.rows.slice(2));
  });

  test('stands in a header for tables, too', async () => {
    const { headers, text } = await api.get('/api/v1/spend?by=user,model&format=csv&limit=2');
    const [, link = ''] = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
    const second = await api.get(link);
    const whole = await api.get('/api/v1/spend?by=user,model&format=csv');
    expect([...text.trimEnd().split('\r\n'), ...second.text.trimEnd().split('\r\n').slice(1)]).toEqual(
      whole.text.trimEnd().split('\r\n').slice(0, 5),
    );
  });

  test('goes on where its row was, when that has changed since', async () => {
    const own = await fillApi({ seed: 12 });
    try {
      const ask = async (query: string): Promise<SpendAnswer> => (await own.get<SpendAnswer>(`/api/v1/spend?by=user&${query}`)).body;
      const before = await ask('');
      const { next, rows } = await ask('limit=2');
      const grown = String(rows[1]?.user);
      await own.append([event({ id: 'later', sessionId: 'later', timeMs: NOON, user: grown, cost: '0.000001' })]);
      const rest = await ask(`limit=100&cursor=${next}`);
      expect(rest.rows).toEqual(before.rows.slice(2));
    } finally {
      await own.stop();
    }
  });
});
