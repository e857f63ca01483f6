/** One scope has one forecast, wherever it is read: the gauge, a budget of the scope, its gauge, the analysis. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import { ANALYZE } from '../../collector/query/analyze.ts';
import { BUDGETS } from '../../collector/query/budgets.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { contextOf } from '../query/gauges/gauge-context.ts';
import { openQuestioned, type Questioned } from '../query/put-question.ts';
import { pico, randomEntries } from '../query/random-entries.ts';
import { seededRandom } from '../support/random.ts';

const NOW = Date.parse('2026-11-20T15:20:00Z');
const DAY = 86_400_000;

type Scope = Readonly<Partial<Record<DimensionName, string | string[]>>>;
const SCOPES: Readonly<Record<string, Scope>> = {
  everything: {},
  team: { team: 'platform' },
  teams: { team: ['platform', 'search'] },
  organization: { organization: 'acme' },
  owner: { team: 'search', organization: 'acme' },
  model: { model: 'claude-opus-5-5', team: ['payments', 'unallocated'] },
};

describe.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('forecasts in %s', (timezone) => {
  let asked: Questioned;
  const budgets = Object.entries(SCOPES).map(([name, scope]) => ({ name, scope, amount_usd: '900', period: 'month' }));
  beforeAll(async () => {
    asked = await openQuestioned(NOW, { timezone, budgets });
    const random = seededRandom(`forecasts ${timezone}`);
    const entries = randomEntries(random, { count: 1_500, fromMs: NOW - 50 * DAY, toMs: NOW });
    await asked.append(...entries.map((entry) => ({ ...entry, dimensions: { ...entry.dimensions, organization: random.pick(['acme', 'other']) } })));
  });
  afterAll(() => asked.close());

  const where = (scope: Scope) =>
    Object.entries(scope).map(([dimension, given]) => ({
      dimension: dimension as DimensionName,
      values: [given].flat().map((value) => (value === 'unallocated' ? '' : value)),
    }));
  const words = (scope: Scope) => Object.entries(scope).flatMap(([dimension, given]) => [given].flat().map((value) => `where=${dimension}:${value}`));

  test.each(Object.entries(SCOPES))('of %s are equal', async (name, scope) => {
    const context = contextOf(asked.ledger, { nowMs: NOW, timeZone: timezone, where: where(scope), config: { budgets } });
    const quantiles = async (gauge: 'forecast' | 'budget_forecast', labels: string[], all = context): Promise<number[]> =>
      (await GAUGE_READERS[gauge].read(all))
        .filter((sample) => labels.every((label, index) => sample.labels[index] === label))
        .map(({ value }) => value);
    const whole = await quantiles('forecast', ['', '']);
    expect(whole).toHaveLength(2);
    const usd = (...amounts: (string | null | undefined)[]): number[] => amounts.map((amount) => Number(pico(amount)) / 1e12);
    const close = (amounts: readonly number[]) =>
      expect(amounts.map((amount) => amount.toFixed(6))).toEqual(whole.map((amount) => amount.toFixed(6)));

    close(await quantiles('budget_forecast', [name], { ...context, where: [] }));
    const { budgets: statuses } = await asked.put(BUDGETS);
    const forecast = statuses.find(({ key }) => key === name)?.forecast;
    if (forecast === undefined || 'reason' in forecast) throw new Error('There is no forecast of the budget.');
    close(usd(String(forecast.p50), String(forecast.p90)));
    for (const query of [words(scope), words(scope).toReversed()]) {
      const figures = await asked.put(ANALYZE, query.join('&'));
      close(usd(figures.forecast?.p50_usd, figures.forecast?.p90_usd));
    }
    // The sample of the whole organization, or of a team in it, where nothing was chosen.
    if (name === 'organization' || name === 'owner') {
      close(await quantiles('forecast', ['acme', name === 'owner' ? 'search' : ''], { ...context, where: [] }));
    }
  });
});
