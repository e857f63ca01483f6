/** Corrections of more than what is booked beside them: every question and board answers, and what they add up to is what the ledger has. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY_MS, HOUR_MS } from '../../collector/core/duration.ts';
import { formatUsd } from '../../collector/core/money.ts';
import type { AnalysisAnswer } from '../../collector/query/analysis/answer.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { BreakdownAnswer } from '../../collector/query/breakdown.ts';
import { QUESTIONS } from '../../collector/query/questions.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import type { TrendAnswer } from '../../collector/query/trend.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { adjustment, event, NOON, usd } from '../support/entries.ts';

const USER = 'alice@example.com';
const BUDGETS = [
  { name: 'all', scope: {}, period: 'month', amount_usd: '100.00' },
  { name: 'platform', scope: { team: 'platform' }, period: 'day', amount_usd: '5.00' },
];
/** With nothing to fill in. */
const PATHS = QUESTIONS.map(({ path }) => path).filter((path) => !path.includes('{'));
/** They are about what they name. */
const PARAMETERS: Readonly<Record<string, string>> = { '/explain': 'session=platform%200' };

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: NOON + HOUR_MS, config: { budgets: BUDGETS } });
  const days = Array.from({ length: 40 }, (_, day) => day);
  const records = days.flatMap((day) =>
    ['platform', 'data', 'web'].map((team, index) =>
      event({
        ...{ id: `${day} ${team}`, sessionId: `${team} ${day}`, team, user: USER, timeMs: NOON - day * DAY_MS, cost: `${1 + index}.25` },
        dimensions: { organization: 'acme', client_version: '2.1.329', speed: 'normal', origin: '', workspace: 'shop' },
        amounts: { requests: 2, input_tokens: 900, output_tokens: 90, cache_read_tokens: 8_000, cache_creation_tokens: 500 },
      }),
    ),
  );
  const corrections = days.map((day) =>
    adjustment({
      ...{
        id: `${day}`,
        sessionId: `platform ${day}`,
        team: 'platform',
        user: USER,
        timeMs: NOON - day * DAY_MS,
        cost: day % 3 === 0 ? '-9.5' : '-2',
      },
      listCost: usd('-30'),
      dimensions: { organization: 'acme', client_version: '2.1.329', speed: 'normal', workspace: 'shop' },
      amounts: {
        requests: -3,
        input_tokens: -2_000,
        output_tokens: -100,
        cache_read_tokens: -9_000,
        cache_creation_tokens: -700,
        cost_estimated: -5,
      },
    }),
  );
  await api.append([...records, ...corrections]);
});
afterAll(() => api.stop());

/** All numbers of an answer that are shares of a whole. */
function sharesIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'share' && typeof inner === 'number' ? [inner] : sharesIn(inner)));
}

describe('with corrections below zero', () => {
  test.each(PATHS)('%s answers', async (path) => {
    const { status, text } = await api.get(`/api/v1${path}${PARAMETERS[path] === undefined ? '' : `?${PARAMETERS[path]}`}`);
    expect([status, text.slice(0, 200)]).not.toEqual([500, expect.anything()]);
    expect(text).not.toMatch(/NaN|Infinity/);
  });

  test.each(BOARDS.map(({ id }) => id))('the board %s answers, and shares are of a whole', async (id) => {
    for (const query of ['', '?period=today', '?from=now-29d/d', '?where=team:platform']) {
      const { status, text, body } = await api.get<BoardAnswer>(`/api/v1/boards/${id}${query}`);
      expect([query, status]).toEqual([query, 200]);
      expect(text).not.toMatch(/NaN|Infinity/);
      expect(sharesIn(body.panels).filter((share) => share < 0 || share > 1)).toEqual([]);
    }
  });

  test('figures and bars of boards come to the sums of the ledger', async () => {
    const spend = async (query: string) => (await api.get<SpendAnswer>(`/api/v1/spend?${query}`)).body;
    const { panels } = (await api.get<BoardAnswer>('/api/v1/boards/overview?period=today')).body;
    expect((await spend('period=today')).total).toBe('-2.75');
    expect(panels['cost-today']?.stat?.value).toBe('-2.75');
    const { rows } = await spend('period=today&by=team');
    const bars = panels['cost-by-team']?.bars;
    expect(bars?.total).toBe('-2.75');
    expect(bars?.rows.map(({ label, value }) => [label, value])).toEqual(rows.map(({ team, cost_usd }) => [team, cost_usd]));
    const sum = (bars?.rows ?? []).reduce((total, { value }) => total + usd(String(value)), 0n);
    expect(formatUsd(sum)).toBe('-2.75');
  });

  test('no change is a share of what is below zero', async () => {
    const query = '?where=team:platform&from=2026-11-14&to=2026-11-17';
    const { total } = (await api.get<BreakdownAnswer>(`/api/v1/breakdown${query}`)).body;
    expect(total).toMatchObject({ cost_usd: '-9.75', before_usd: '-9.75', change_usd: '0.00', change_ratio: null });
    const day = '?where=team:platform&from=2026-11-18&to=2026-11-19';
    const trend = (await api.get<TrendAnswer>(`/api/v1/trend${day}`)).body;
    expect(trend).toMatchObject({ total: '-0.75', before: '-8.25', change: '7.50', change_ratio: null });
    const analysis = (await api.get<AnalysisAnswer>(`/api/v1/analysis${day}`)).body;
    expect(analysis.sentences[0]).toBe('18 November 2026: -$0.75, $7.50 more than the -$8.25 of 17 November 2026.');
  });
});
