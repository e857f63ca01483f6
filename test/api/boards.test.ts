import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Panel } from '../../collector/catalog/panel.ts';
import { parseUsd } from '../../collector/core/money.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { PanelData } from '../../collector/query/boards/panel-data.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { event, metric } from '../support/entries.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Friday, 13:07 in Berlin. */
const NOW = Date.parse('2026-11-20T12:07:00Z');
const TEAMS = ['platform', 'search', 'web', 'mobile', 'data', 'payments', 'risk', 'ads', 'maps', ''];

let api: TestApi;

beforeAll(async () => {
  api = await startApi({ config: { timezone: 'Europe/Berlin' }, nowMs: NOW });
  const entries = Array.from({ length: 60 }, (_, day) =>
    TEAMS.map((team, index) =>
      event({
        id: `${day} ${team}`,
        sessionId: `${day} ${team}`,
        team,
        user: index === 0 ? '' : `user-${index}@example.com`,
        cost: `${index + 1}.00${day % 10}1`,
        timeMs: NOW - day * DAY_MS - index * HOUR_MS,
        amounts: { requests: 1, errors: index % 2, input_tokens: 100, cache_read_tokens: 900, unpriced_tokens: team === 'ads' ? 100 : 0 },
      }),
    ),
  ).flat();
  await api.append([...entries, metric({ id: 'm', sessionId: '0 web', team: 'web', user: 'user-2@example.com', cost: '5' })]);
});
afterAll(() => api.stop());

const board = async (query = ''): Promise<BoardAnswer> => (await api.get<BoardAnswer>(`/api/v1/boards/overview${query}`)).body;
const spend = async (query: string): Promise<SpendAnswer> => (await api.get<SpendAnswer>(`/api/v1/spend${query}`)).body;
const usd = (text: unknown): bigint => parseUsd(String(text)) ?? -1n;

const KINDS = {
  stat: 'stat',
  bars: 'bars',
  table: 'table',
  timeseries: 'series',
  lines: 'series',
  heatmap: 'heatmap',
  cumulative: 'cumulative',
  budgets: 'budgets',
} as const;

function expectKind({ id, visualization, query }: Panel, data: PanelData | undefined): void {
  // The collector's own counters have no past here: what Grafana draws over time are bars.
  const kinds = visualization === 'text' ? [] : [query.source === 'self' && KINDS[visualization] === 'series' ? 'bars' : KINDS[visualization]];
  const { id: own, title: _, empty: __, note: ___, ...rest } = data ?? { id: '', title: '' };
  expect([own, Object.keys(rest)]).toEqual([id, kinds]);
}

describe('the Overview, answered in one piece', () => {
  test('should have data for every panel it declares, in the shape of its visualization', async () => {
    const { board: declared, panels } = await board();
    expect(Object.keys(panels)).toEqual(OVERVIEW.rows.flatMap((row) => row.panels.map((panel) => panel.id)));
    for (const panel of declared.rows.flatMap((row) => row.panels)) expectKind(panel, panels[panel.id]);
  });

  test('should be whole for each of many readers, and let who asks for less pass', async () => {
    const alone = await board();
    const order: string[] = [];
    const asked = (name: string, path: string) =>
      api.get<BoardAnswer>(path).then(({ body }) => {
        order.push(name);
        return body;
      });
    const boards = Array.from({ length: 6 }, (_, index) => asked(`board ${index}`, '/api/v1/boards/overview'));
    await Promise.all([...boards, asked('less', '/api/v1/spend')]);
    for (const answer of await Promise.all(boards)) expect(answer.panels).toEqual(alone.panels);
    expect(order.indexOf('less')).toBeLessThan(order.indexOf('board 5'));
  });

  test.each([
    ['cost-today', 'period=today'],
    ['cost-this-week', 'period=this_week'],
    ['cost-this-month', 'period=this_month'],
  ])('%s should be what /spend says for %s', async (id, query) => {
    expect((await board()).panels[id]?.stat?.value).toBe((await spend(`?${query}`)).total);
  });

  test('should compare with the same elapsed part of the period before', async () => {
    const before = await spend('?from=2026-11-18T23:00:00Z&to=2026-11-19T12:00:00Z');
    expect((await board()).panels['cost-today']?.stat?.previous).toBe(before.total);
  });

  test('bars should carry the same amounts as /spend, and their sum the total', async () => {
    const { bars } = (await board()).panels['cost-by-team'] ?? {};
    const { rows, total } = await spend('?by=team&period=this_month');
    expect(bars?.rows.map((row) => [row.label, row.value])).toEqual(rows.map((row) => [row.team, row.cost_usd]));
    expect(bars?.total).toBe(total);
    expect(bars?.rows.find((row) => row.absent)).toMatchObject({ label: 'unallocated', filters: [{ dimension: 'team', value: 'unallocated' }] });
  });

  test('bars over time should have every day, and add up to the time range exactly', async () => {
    const { series } = (await board('?from=now-29d/d')).panels['cost-per-day-by-team'] ?? {};
    expect(series?.grain).toBe('day');
    expect(series?.starts).toHaveLength(30);
    const sum = series?.series.flatMap((line) => line.values).reduce((before, value) => before + usd(value), 0n);
    expect(sum).toBe(usd((await spend('?from=now-29d/d')).total));
  });

  test('should draw the eight largest and put the others into one', async () => {
    const { series } = (await board()).panels['cost-per-day-by-team'] ?? {};
    expect(series?.series).toHaveLength(9);
    expect(series?.series.at(-1)).toMatchObject({ label: 'other', rest: 2 });
  });

  test('a day should be drawn by the hour, and say so', async () => {
    const { title, series } = (await board('?period=today')).panels['cost-per-day-by-team'] ?? {};
    expect({ title, grain: series?.grain, bars: series?.starts.length }).toEqual({ title: 'Spend per hour by team', grain: 'hour', bars: 14 });
  });

  test('panels should follow the time range, and those of rows about the present should not, under one title each', async () => {
    const { body } = await api.get<BoardAnswer>('/api/v1/boards/workspace?period=yesterday');
    expect(body.panels['cost-by-team']).toMatchObject({ title: 'Spend by team', bars: { total: (await spend('?period=yesterday')).total } });
    expect(body.panels['cost-range']?.stat?.value).toBe((await spend('?period=yesterday')).total);
    expect(body.panels['cost-this-month']?.stat?.value).toBe((await spend('?period=this_month')).total);
    expect(body.board.rows.filter(({ now }) => now).map(({ title }) => title)).toEqual(['Now: spend to date']);
  });

  test('a filter should hold for every panel', async () => {
    const { panels, asked, coverage } = await board('?where=team:search');
    expect(asked.where).toEqual([{ dimension: 'team', value: 'search' }]);
    expect(panels['cost-by-user']?.bars?.rows.map((row) => row.label)).toEqual(['user-1@example.com']);
    expect(coverage).toMatchObject({ unallocated_team: 0, unallocated_user: 0 });
  });

  test('what clients do not tell by model is no figure while a model is chosen, rather than zero', async () => {
    const { panels } = await board('?where=model:claude-opus-5-5');
    expect(['sessions', 'requests', 'errors', 'commits', 'pull-requests'].filter((id) => panels[`${id}-range`]?.stat?.value !== null)).toEqual([
      'requests',
      'errors',
    ]);
    const { body } = await api.get<BoardAnswer>('/api/v1/boards/sessions?where=model:claude-opus-5-5');
    expect(body.panels['sessions-range']?.stat).toMatchObject({ value: null, trend: [] });
    expect(body.panels['sessions-per-day']?.series).toMatchObject({ series: [] });
    expect(body.panels['sessions-range']?.stat?.unit).toBe('count');
  });

  test('should say what share has no owner and no price, and what each account says', async () => {
    const { coverage } = await board();
    const { totals } = await spend('?period=this_month&measures=cost,cost_events,cost_metrics');
    expect(coverage).toMatchObject(totals);
    const unowned = await spend('?period=this_month&where=team:unallocated');
    expect(coverage.unallocated_team).toBeCloseTo(Number(unowned.total) / Number(coverage.cost_usd), 5);
    expect(coverage.unpriced).toBeCloseTo(0.01, 5);
  });

  test('should count people, not the absence of one', async () => {
    expect((await board()).panels['active-people-today']?.stat?.value).toBe(TEAMS.length - 1);
  });

  test('should refuse what it does not know, by name', async () => {
    expect((await api.get<Problem>('/api/v1/boards/nope')).body.error.hint).toContain('overview');
    expect((await api.get<Problem>('/api/v1/boards/overview/panels/nope')).body.error.hint).toContain('cost-today');
    expect((await api.get('/api/v1/boards/overview?grain=day')).status).toBe(400);
  });

  test('one panel alone should say the same as the board', async () => {
    const { body } = await api.get<{ data: unknown }>('/api/v1/boards/overview/panels/cost-by-model?from=now-6d/d');
    expect(body.data).toEqual((await board('?from=now-6d/d')).panels['cost-by-model']);
  });
});

test('an empty ledger should be told apart from an empty time range', async () => {
  const empty = await startApi();
  try {
    const { body } = await empty.get<BoardAnswer>('/api/v1/boards/overview');
    expect(body).toMatchObject({ is_empty: true, as_of: null, coverage: { cost_usd: '0.00', unallocated_team: null } });
    expect(body.panels['without-team-range']?.stat?.value).toBeNull();
  } finally {
    await empty.stop();
  }
  expect(await board('?from=2020-01-01&to=2020-02-01')).toMatchObject({ is_empty: false, coverage: { cost_usd: '0.00' } });
});
