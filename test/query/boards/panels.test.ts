/** Panels of every kind over REST: tables, changes, gauges, ages, the collector's own series, marks on the time axis, CSV. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BoardAnswer } from '../../../collector/query/boards/answer.ts';
import type { PanelData } from '../../../collector/query/boards/panel-data.ts';
import { parseSamples } from '../../../collector/query/boards/self-rows.ts';
import type { SpendAnswer } from '../../../collector/query/spend.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { event } from '../../support/entries.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.parse('2026-11-20T12:07:00Z');
const HOSTILE = '=HYPERLINK("http://example.com")';

const SELF_TEXT = `# TYPE ledgerline_receiver_requests counter
ledgerline_receiver_requests_total{transport="http",outcome="accepted"} 40
ledgerline_receiver_requests_total{transport="grpc",outcome="accepted"} 2
ledgerline_limits_hit_total{limit="a \\"quoted\\" one"} 3
ledgerline_receiver_request_duration_seconds_bucket{le="0.1"} 98
ledgerline_receiver_request_duration_seconds_bucket{le="0.5"} 100
ledgerline_receiver_request_duration_seconds_bucket{le="+Inf"} 100
`;

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    nowMs: NOW,
    selfText: async () => SELF_TEXT,
    refusals: async () => [],
    config: { budgets: [{ name: 'all', scope: {}, period: 'month', amount_usd: '100.00' }] },
  });
  const entries = Array.from({ length: 45 }, (_, day) =>
    ['platform', 'data', HOSTILE].map((team, index) =>
      event({
        id: `${day} ${team}`,
        sessionId: `${day} ${team}`,
        team,
        user: `user-${index}@example.com`,
        cost: `${index + 1}.25`,
        timeMs: NOW - day * DAY_MS - index * HOUR_MS,
        dimensions: { client_version: '2.1.50' },
        amounts: { requests: 2, errors: index, input_tokens: 100, cache_read_tokens: 300 * (index + 1), api_duration_ms: 9_000 },
      }),
    ),
  );
  // Before the month that is compared with, so that all of it is known.
  const before = event({ id: 'before', sessionId: 'before', team: 'platform', user: 'user-0@example.com', cost: '0', timeMs: NOW - 51 * DAY_MS });
  await api.append([before, ...entries.flat()]);
});
afterAll(() => api.stop());

const board = async (id: string, query = ''): Promise<BoardAnswer> => (await api.get<BoardAnswer>(`/api/v1/boards/${id}${query}`)).body;
const panel = async (id: string, name: string, query = ''): Promise<PanelData> => {
  const found = (await board(id, query)).panels[name];
  if (found === undefined) throw new Error(`Board ${id} has no panel ${name}.`);
  return found;
};

describe('every board', () => {
  test('should be listed, in the order of the navigation', async () => {
    const { body } = await api.get<{ readonly boards: readonly { readonly id: string }[] }>('/api/v1/boards');
    expect(body.boards.map(({ id }) => id)).toEqual(BOARDS.map(({ id }) => id));
  });

  test.each(BOARDS.map((one) => [one.id, one] as const))('%s should answer each of its panels, also narrowed and for a day', async (id, declared) => {
    const ids = declared.rows.flatMap((row) => row.panels.map((one) => one.id));
    for (const query of ['', '?period=today&where=team:platform&where=model:nothing', '?from=2020-01-01&to=2020-02-01']) {
      expect(Object.keys((await board(id, query)).panels)).toEqual(ids);
    }
  });
});

describe('a table', () => {
  test('should have the figures of both windows and the change between them', async () => {
    const { table } = await panel('overview', 'movers-team');
    const [now, before] = (
      await Promise.all(
        ['period=this_month', 'from=2026-10-01&to=2026-10-20T12:00:00Z'].map((timeRange) =>
          api.get<SpendAnswer>(`/api/v1/spend?by=team&${timeRange}`),
        ),
      )
    ).map(({ body }) => new Map(body.rows.map((row) => [row.team, Number(row.cost_usd)])));
    expect(table?.columns.map(({ key, unit }) => [key, unit])).toEqual([
      ['team', 'label'],
      ['cost', 'usd'],
      ['cost_versus', 'usd'],
      ['cost_change', 'usd'],
    ]);
    for (const { cells, filters, opens } of table?.rows ?? []) {
      const [team, cost, versus, change] = cells;
      expect([cost, versus, change].map(Number)).toEqual([now?.get(team), before?.get(team), Number(now?.get(team)) - Number(before?.get(team))]);
      expect({ filters, opens }).toEqual({ filters: [{ dimension: 'team', value: team }], opens: 'team' });
    }
    expect(table?.rows).toHaveLength(3);
    expect(Number(table?.totals[3])).toBe(Number(table?.totals[1]) - Number(table?.totals[2]));
  });

  test('should give what cannot be divided no figure, and the whole its own ratio', async () => {
    const { table } = await panel('team', 'tokens-by-person');
    const ratio = table?.columns.findIndex(({ unit }) => unit === 'ratio') ?? -1;
    expect(ratio).toBeGreaterThan(0);
    const shares = table?.rows.map(({ cells }) => Number(cells[ratio])) ?? [];
    expect(Number(table?.totals[ratio])).toBeGreaterThan(Math.min(...shares));
    expect(Number(table?.totals[ratio])).toBeLessThan(Math.max(...shares));
  });

  test('should be exported as CSV that no spreadsheet runs', async () => {
    const { text, headers } = await api.get('/api/v1/boards/overview/panels/movers-team.csv');
    expect(headers.get('content-type')).toContain('text/csv');
    expect(headers.get('content-disposition')).toContain('filename=ledgerline-overview-movers-team_2026-11-01_to_2026-11-20T1207_UTC.csv');
    const [head, ...rows] = text.trimEnd().split('\r\n');
    expect(head).toBe('Team,Spend (usd),"Spend, previous period (usd)",Change of spend (usd)');
    expect(rows).toHaveLength(3);
    expect(text).toContain(`"'=HYPERLINK(""http://example.com"")"`);
  });
});

test.each(['movers-team', 'cost-per-day-by-team', 'cost-by-team', 'cost-this-month', 'budget-used-ratio-budget', 'cumulative-spend'])(
  '%s should be exported the same by format=csv',
  async (id) => {
    const [named, asked] = await Promise.all([`${id}.csv`, `${id}?format=csv`].map((path) => api.get(`/api/v1/boards/overview/panels/${path}`)));
    expect(named?.text).toBe(asked?.text);
    expect(named?.text.split('\r\n').length).toBeGreaterThan(2);
  },
);

test.each([
  ['?since=2026-11-01&until=2026-11-10', '?from=2026-11-01&to=2026-11-11'],
  ['?since=2026-11-07', '?from=2026-11-07'],
  ['?until=2026-10-31', '?to=2026-11-01'],
])('a board should be about the time of %s', async (words, same) => {
  const [one, other] = await Promise.all([board('models', words), board('models', same)]);
  expect(one.asked).toEqual(other.asked);
  expect(one.panels).toEqual(other.panels);
});

test('bars over time should be exported with a line for each bar', async () => {
  const { text } = await api.get('/api/v1/boards/overview/panels/cost-per-day-by-team.csv?from=2026-11-01&to=2026-11-11');
  const lines = text.trimEnd().split('\r\n');
  expect(lines).toHaveLength(11);
  expect(lines[1]).toMatch(/^2026-11-01T00:00:00.000Z,\d/);
});

test('lines over time should have no point where there is no figure', async () => {
  const { series } = await panel('models', 'cache-per-day', '?from=2026-10-01&to=2026-10-11');
  const [line] = series?.series ?? [];
  // The first of 45 days is 7 October.
  expect(line?.values.map((value) => value === null)).toEqual([...Array.from({ length: 6 }, () => true), false, false, false, false]);
});

test('gauges should be read for the instant, and a day’s end for a panel over time', async () => {
  const [used] = (await panel('overview', 'budget-used-ratio-budget')).budgets?.bars ?? [];
  const spent = Number((await api.get<SpendAnswer>('/api/v1/spend?period=this_month')).body.total);
  expect({ label: used?.budget, value: used?.used }).toEqual({ label: 'all', value: spent / 100 });
  const { series } = await panel('budgets', 'burn-down', '?from=2026-11-01&to=2026-11-04');
  const left = series?.series[0]?.values.map(Number) ?? [];
  const days = await Promise.all(['02', '03', '04'].map((day) => api.get<SpendAnswer>(`/api/v1/spend?from=2026-11-01&to=2026-11-${day}`)));
  expect(left).toEqual(days.map(({ body }) => expect.closeTo(100 - Number(body.total), 9)));
});

test('an age should be counted from the instant of the question', async () => {
  const { table } = await panel('trust', 'user-last-seen-user-team');
  const ages = new Map(table?.rows.map(({ cells }) => [cells[0], cells.at(-1)]));
  expect([...ages.keys()].sort()).toEqual(['user-0@example.com', 'user-1@example.com', 'user-2@example.com']);
  expect(Math.abs(Number(ages.get('user-1@example.com')) - HOUR_MS / 1000)).toBeLessThanOrEqual(60);
});

test('the collector’s own series should be counted since it started', async () => {
  const { panels } = await board('collector');
  expect(panels.requests?.stat).toMatchObject({ value: 42, unit: 'count' });
  expect(panels['by-transport']?.bars?.rows.map(({ label, value }) => [label, value])).toEqual([
    ['http · accepted', 40],
    ['grpc · accepted', 2],
  ]);
  // 99 of 100: halfway between the 98th at 0.1 s and the 100th at 0.5 s.
  expect(panels['request-p99']?.stat?.value).toBeCloseTo(0.3, 9);
  expect(panels.conflicts?.stat?.value).toBeNull();
});

test('labels of the collector’s own series should be read as they were written', () => {
  expect(parseSamples(SELF_TEXT).find(({ name }) => name === 'ledgerline_limits_hit_total')).toEqual({
    name: 'ledgerline_limits_hit_total',
    labels: { limit: 'a "quoted" one' },
    value: 3,
  });
});

test('marks should be instants of the time range', async () => {
  const wide = await board('clients', '?from=2026-01-01&to=2026-12-01');
  const narrow = await board('clients', '?from=2026-01-01&to=2026-01-02');
  const marks = wide.annotations.flatMap((annotation) => annotation.marks);
  expect(marks.length).toBeGreaterThan(0);
  for (const { at } of marks) expect([at >= Date.parse('2026-01-01') / 1000, at < Date.parse('2026-12-01') / 1000]).toEqual([true, true]);
  expect(narrow.annotations.flatMap((annotation) => annotation.marks)).toEqual([]);
});
