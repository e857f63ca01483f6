/** Budget bars: each budget with what is used and how much of its period has elapsed, the most used first; of thousands the first ones, and how many others. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PanelAnswer } from '../../../collector/query/boards/answer.ts';
import type { BudgetBarsData } from '../../../collector/query/boards/budget-bars-data.ts';
import type { StatusAnswer } from '../../../collector/query/budget-answers.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { event } from '../../support/entries.ts';

/** Noon of the 20th of 30 days. */
const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;
const USERS = 40;
const BUDGETS = [
  { name: 'all', scope: {}, period: 'month', amount_usd: '9000.00' },
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00', hard_limit: true },
  { name: 'tokens', scope: { team: 'data' }, period: 'week', tokens: { amount: 1000, classes: ['input', 'output'] } },
  { name: 'each', scope: {}, per: 'user', period: 'month', amount_usd: '1000.00' },
];

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: NOW, config: { budgets: BUDGETS } });
  const entries = Array.from({ length: 40 }, (_, day) =>
    Array.from({ length: USERS }, (_, user) =>
      event({
        ...{ id: `${day} ${user}`, sessionId: `${day} ${user}`, user: `user-${user}@example.com`, team: user % 2 === 0 ? 'platform' : 'data' },
        ...{ cost: `0.${10 + user}`, timeMs: NOW - day * DAY_MS - 3_600_000 },
      }),
    ),
  );
  await api.append(entries.flat());
});
afterAll(() => api.stop());

async function shown(query = ''): Promise<BudgetBarsData> {
  const { body } = await api.get<PanelAnswer>(`/api/v1/boards/budgets/panels/budget-used-ratio-budget?${query}`);
  if (body.data?.budgets === undefined) throw new Error(JSON.stringify(body));
  return body.data.budgets;
}

describe('budget bars', () => {
  test('should show what the budgets themselves say, the most used first', async () => {
    const { body } = await api.get<{ readonly budgets: readonly StatusAnswer[] }>('/api/v1/budgets?forecast=true');
    const { bars, others, others_used, elsewhere } = await shown();
    const ranked = body.budgets.toSorted((a, b) => Number(b.spent) / Number(b.limit) - Number(a.spent) / Number(a.limit) || (a.key < b.key ? -1 : 1));
    expect(bars).toHaveLength(25);
    for (const [index, bar] of bars.entries()) {
      const status = ranked[index];
      const { forecast } = status ?? {};
      const [p50, breach] = forecast !== undefined && 'p50' in forecast ? [forecast.p50, forecast.breach] : [null, null];
      expect(bar).toMatchObject({
        budget: status?.key,
        amount: status?.limit,
        spent: status?.spent,
        remaining: status?.remaining,
        stopped: status?.stopped,
        median: p50,
      });
      expect(bar.runs_out === null ? null : new Date(bar.runs_out * 1000).toISOString()).toEqual(
        breach === null || breach === undefined ? null : new Date(breach).toISOString(),
      );
    }
    expect(others).toBe(3 + USERS - 25);
    expect(others_used).toBeCloseTo(Number(ranked[25]?.spent) / Number(ranked[25]?.limit), 8);
    expect(elsewhere).toBe(0);
  });

  test('should say how much of the period has elapsed, where the thresholds lie and which are reached', async () => {
    const { bars } = await shown();
    expect(bars.find(({ budget }) => budget === 'platform')).toMatchObject({
      elapsed: 19.5 / 30,
      level: 'critical',
      stopped: true,
      runs_out: null,
      thresholds: [
        { at: 0.5, severity: 'info', reached: true },
        { at: 0.8, severity: 'warning', reached: true },
        { at: 1, severity: 'critical', reached: true },
      ],
      filters: [{ dimension: 'team', value: 'platform' }],
    });
    expect(bars.find(({ budget }) => budget === 'tokens')).toMatchObject({ unit: 'tokens', amount: 1000, elapsed: 4.5 / 7 });
    expect(bars.find(({ budget }) => budget === 'each/user-39@example.com')).toMatchObject({ level: null, filters: [{ dimension: 'user' }] });
  });

  test('should show those that lie within what is selected, and how many do not', async () => {
    expect(await shown('where=team:platform')).toMatchObject({ bars: [{ budget: 'platform' }], others: 0, others_used: null, elsewhere: 2 + USERS });
    expect(await shown('where=model:claude-opus-5-5')).toMatchObject({ bars: [], elsewhere: 3 + USERS });
  });

  test('should be a line each as CSV', async () => {
    const { text } = await api.get('/api/v1/boards/budgets/panels/budget-used-ratio-budget.csv');
    const [head, first] = text.trim().split('\r\n');
    expect(head).toMatch(/^Budget,Scope,Period,Unit,Amount,Spent,Remaining,Used \(ratio\),/);
    expect(first?.split(',').slice(0, 5)).toEqual([
      expect.any(String),
      expect.any(String),
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ]);
  });
});
