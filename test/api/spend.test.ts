import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { SessionListAnswer } from '../../collector/query/sessions.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let api: TestApi;

beforeAll(async () => {
  api = await startApi({ config: { timezone: 'Europe/Berlin' }, nowMs: NOON });
  await api.append([
    event({ id: '1', cost: '0.005343' }),
    event({ id: '2', cost: '1.25', team: 'search', user: 'bob@example.com', sessionId: 's2' }),
    event({ id: '3', cost: '2', team: '', user: 'carol@example.com', sessionId: 's3', timeMs: NOON - DAY_MS }),
    event({ id: '4', cost: '0.1', team: '=cmd()', user: 'mallory, "m"', sessionId: 's4', timeMs: NOON - 40 * DAY_MS }),
    // 23:30 in Berlin on the 18th, which is still the 18th in UTC and already the 19th in Tokyo.
    event({ id: '5', cost: '0.5', model: 'claude-haiku-5-5', sessionId: 's5', timeMs: Date.parse('2026-11-18T22:30:00Z') }),
    metric({ id: '6', cost: '1.5', team: 'search', user: 'bob@example.com', sessionId: 's2' }),
  ]);
});
afterAll(() => api.stop());

const ask = async (query: string): Promise<SpendAnswer> => {
  const { status, body } = await api.get<SpendAnswer>(`/api/v1/spend${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body;
};
const refusal = async (query: string): Promise<string> => {
  const { status, body } = await api.get<Problem>(`/api/v1/spend${query}`);
  expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid' });
  return `${body.error.message} ${body.error.hint}`;
};

describe('GET /api/v1/spend', () => {
  test('without parameters should give the booked cost of everything as a decimal string', async () => {
    expect(await ask('')).toMatchObject({ rows: [{ cost_usd: '4.105343' }], total: '4.105343', grain: 'total', time_zone: 'Europe/Berlin' });
  });

  test('should book the larger of events and metrics, and show both on request', async () => {
    const { rows } = await ask('?measures=cost,cost_events,cost_metrics&where=user:bob@example.com');
    expect(rows).toEqual([{ cost_usd: '1.50', cost_usd_events: '1.25', cost_usd_metrics: '1.50' }]);
  });

  test('by team should name what is not known, the largest first', async () => {
    const { rows } = await ask('?by=team&from=2026-11-01&to=2026-12-01');
    expect(rows).toEqual([
      { team: 'unallocated', cost_usd: '2.00' },
      { team: 'search', cost_usd: '1.50' },
      { team: 'platform', cost_usd: '0.505343' },
    ]);
  });

  test('should find rows by a part of a name as shown, with their own totals, and count them on all pages', async () => {
    const { rows, total, count } = await ask('?by=team,user&search=BOB@');
    expect([rows, total, count]).toEqual([[{ team: 'search', user: 'bob@example.com', cost_usd: '1.50' }], '1.50', 1]);
    expect((await ask('?by=team&search=unalloc')).rows).toEqual([{ team: 'unallocated', cost_usd: '2.00' }]);
    expect(await ask('?by=team&search=nobody')).toMatchObject({ rows: [], total: '0.00', count: 0 });
    const first = await ask('?by=user&search=example&limit=1');
    expect([first.rows.length, first.count]).toEqual([1, 3]);
    expect((await ask(`?by=user&search=example&limit=9&cursor=${first.next}`)).rows).toHaveLength(2);
    expect(await ask('?search=bob')).toMatchObject({ rows: [], count: 0 });
  });

  test('should say how fresh it is', async () => {
    expect(Date.parse((await ask('')).as_of ?? '')).toBeGreaterThan(0);
  });

  test('by day should cut the days in the zone that is asked for', async () => {
    const starts = async (query: string) => (await ask(`?grain=day&where=model:claude-haiku-5-5&${query}`)).rows.map((row) => row.start);
    expect(await starts('')).toEqual(['2026-11-17T23:00:00.000Z']);
    expect(await starts('tz=Asia/Tokyo')).toEqual(['2026-11-18T15:00:00.000Z']);
  });

  test('should join filters of one dimension by OR and of several by AND', async () => {
    expect((await ask('?where=team:platform&where=team:search')).total).toBe('2.005343');
    expect((await ask('?where=team:platform&where=model:claude-haiku-5-5')).total).toBe('0.50');
    expect((await ask('?where=team:unallocated')).total).toBe('2.00');
    expect((await ask('?where=team:nobody')).total).toBe('0.00');
  });

  test('should read words for periods', async () => {
    expect((await ask('?period=today')).total).toBe('1.505343');
    expect((await ask('?from=yesterday&to=today')).total).toBe('2.00');
    expect((await ask('?period=this_month')).total).toBe('4.005343');
    expect((await ask('?from=now-7d')).total).toBe('4.005343');
  });

  test('with several measures and dimensions should give each its field', async () => {
    const { rows, totals } = await ask('?by=team,model&measures=requests,input_tokens,cost&where=team:search');
    expect(rows).toEqual([{ team: 'search', model: 'claude-opus-5-5', requests: 1, input_tokens: 10, cost_usd: '1.50' }]);
    expect(totals).toEqual({ requests: 1, input_tokens: 10, cost_usd: '1.50' });
  });

  test('should divide the sums for a figure, and give null where there is nothing to divide by', async () => {
    const { rows, total, totals } = await ask('?measures=cost_per_request,cost,requests,cost_per_commit&by=team');
    for (const row of rows) {
      expect(Number(row.cost_usd_per_request)).toBeCloseTo(Number(row.cost_usd) / Number(row.requests), 11);
      expect(row.cost_usd_per_commit).toBeNull();
    }
    expect(Number(total)).toBeCloseTo(Number(totals.cost_usd) / Number(totals.requests), 11);
    expect(await refusal('?measures=cost_per_mile')).toContain('cache_hit_ratio');
  });

  test('as CSV should quote names and defuse formulas', async () => {
    const { text, headers } = await api.get('/api/v1/spend?by=team,user&to=2026-11-01&format=csv');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(text).toBe('team,user,cost_usd\r\n\'=cmd(),"mallory, ""m""",0.10\r\n');
  });

  test('should give CSV to who accepts only that', async () => {
    const { text } = await api.get('/api/v1/spend?grain=month&to=2026-11-01', { accept: 'text/csv' });
    expect(text).toBe('start,cost_usd\r\n2026-09-30T22:00:00.000Z,0.10\r\n');
  });
});

describe('a bad parameter of GET /api/v1/spend', () => {
  test.each<[string, string, string]>([
    ['?by=teem', 'by=teem', 'team, user'],
    ['?measures=costs', 'measures=costs', 'cost, cost_events'],
    ['?measures=', 'measures=', 'Allowed: cost'],
    ['?grain=year', 'grain=year', 'quarter_hour, hour, day, week, month'],
    ['?where=alice', 'where=alice', 'team:platform'],
    ['?where=name:alice', 'where=name:alice', 'Dimensions: organization'],
    ['?tz=Mars/Olympus', 'tz=Mars/Olympus', 'Europe/Berlin'],
    ['?from=soon', 'from=soon', 'now-7d'],
    ['?period=fortnight', 'period=fortnight', 'this_week'],
    ['?format=xml', 'format=xml', 'json, csv'],
    ['?group=team', 'group=team', 'Allowed: by, measures'],
    ['?by=team&by=user', 'more than once', 'Give it once'],
    ['?by=team,user,model,workspace,repository,agent,skill', '7 dimensions', 'at most 6'],
    ['?by=constructor', 'by=constructor', 'Allowed: organization'],
  ])('%s should name key, value and remedy', async (query, what, remedy) => {
    const words = await refusal(query);
    expect(words).toContain(what);
    expect(words).toContain(remedy);
  });

  test('should be shortened in the message', async () => {
    expect(await refusal(`?by=${'x'.repeat(500)}`)).not.toContain('x'.repeat(81));
    expect(await refusal(`?by=${'x'.repeat(5000)}`)).toContain('longer than 512');
  });
});

test('more rows than the limit should be refused with the setting that bounds them', async () => {
  const small = await startApi({ config: { limits: { query_rows: 2 } } });
  try {
    await small.append(['a', 'b', 'c'].map((team) => event({ id: team, team, sessionId: team })));
    const { status, body } = await small.get<Problem>('/api/v1/spend?by=team');
    expect(status).toBe(400);
    expect(body.error.message).toContain('limits.query_rows');
  } finally {
    await small.stop();
  }
});

describe('a filter as people type it', () => {
  let own: TestApi;
  beforeAll(async () => {
    own = await startApi({ nowMs: NOON });
    await own.append([
      event({ id: '1', cost: '1' }),
      event({ id: '2', cost: '2', user: 'BuildBot', sessionId: 's2' }),
      event({ id: '3', cost: '4', team: 'search', sessionId: 's3' }),
    ]);
  });
  afterAll(() => own.stop());
  const totalOf = async (where: string) => (await own.get<SpendAnswer>(`/api/v1/spend?where=${where}`)).body;

  test.each(['ALICE@Example.com', 'alice@example.com'])('should find the address %s', async (user) => {
    expect(await totalOf(`user:${user}`)).toMatchObject({ total: '5.00', hints: [] });
    const { body } = await own.get<SessionListAnswer>(`/api/v1/sessions?where=user:${user}`);
    expect([body.sessions.length, body.hints]).toEqual([2, []]);
  });

  test('should find a user that is no address in any capitals', async () => {
    expect(await totalOf('user:buildbot')).toMatchObject({ total: '2.00', hints: [] });
    const { body } = await own.get<SessionListAnswer>('/api/v1/sessions?where=user:BUILDBOT');
    expect(body.sessions.map(({ user }) => user)).toEqual(['BuildBot']);
    const board = await own.get<BoardAnswer>('/api/v1/boards/developer?where=user:buildBOT');
    expect(board.body).toMatchObject({ coverage: { cost_usd: '2.00' }, hints: [], asked: { where: [{ value: 'BuildBot' }] } });
  });

  test('that exists nowhere should get the nearest value as a hint, and no rows', async () => {
    const hint = { dimension: 'team', value: 'serach', nearest: 'search', message: 'No record has the team "serach"; did you mean "search"?' };
    const { status, body } = await own.get<SpendAnswer>('/api/v1/spend?by=user&where=team:serach');
    expect([status, body.rows, body.hints]).toEqual([200, [], [hint]]);
    expect((await own.get<SessionListAnswer>('/api/v1/sessions?where=team:serach')).body).toMatchObject({ sessions: [], hints: [hint] });
    expect((await own.get<BoardAnswer>('/api/v1/boards/team?where=team:serach')).body.hints).toEqual([hint]);
    expect((await totalOf('tool:Read')).hints).toEqual([
      { dimension: 'tool', value: 'Read', nearest: null, message: 'No record has the tool "Read".' },
    ]);
  });

  test('should be known from the moment it is booked', async () => {
    expect((await totalOf('team:later')).hints).toHaveLength(1);
    await own.append([event({ id: '9', cost: '8', team: 'later', user: 'eve', sessionId: 's9' })]);
    expect(await totalOf('team:later')).toMatchObject({ total: '8.00', hints: [] });
  });
});

describe('what clients call as we call the unknown', () => {
  let own: TestApi;
  const rowsOf = async (query: string) => (await own.get<SpendAnswer>(`/api/v1/spend${query}`)).body.rows;

  beforeAll(async () => {
    own = await startApi({ nowMs: NOON });
    await own.append([
      event({ id: '1', cost: '1', team: '' }),
      event({ id: '2', cost: '2', team: 'unallocated', sessionId: 's2' }),
      event({ id: '3', cost: '4', team: "'unallocated'", sessionId: 's3' }),
    ]);
  });
  afterAll(() => own.stop());

  test('should have rows of its own', async () => {
    expect(await rowsOf('?by=team')).toEqual([
      { team: "''unallocated''", cost_usd: '4.00' },
      { team: "'unallocated'", cost_usd: '2.00' },
      { team: 'unallocated', cost_usd: '1.00' },
    ]);
  });

  test.each([
    ['unallocated', '1.00'],
    ["'unallocated'", '2.00'],
    ["''unallocated''", '4.00'],
  ])('should be found as it is shown: %s', async (team, cost) => {
    expect(await rowsOf(`?where=team:${encodeURIComponent(team)}`)).toEqual([{ cost_usd: cost }]);
  });
});
