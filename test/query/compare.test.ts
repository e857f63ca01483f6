import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { showValue } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { COMPARE, type ComparisonAnswer } from '../../collector/query/compare.ts';
import { seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { among, amountOf, costOf, grouped, pico, randomEntries, TOKENS } from './random-entries.ts';

const ZONE = 'Europe/Berlin';
const at = (local: string): number => Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).epochMilliseconds;
const range = (from: string, to: string) => ({ fromMs: at(from), toMs: at(to) });
const NOW = at('2026-11-20T18:00');
const entries = randomEntries(seededRandom('compare'), { count: 1_500, fromMs: at('2026-09-20'), toMs: NOW });
const prices = loadPriceBook();

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOW, { timezone: ZONE });
  await questioned.append(...entries);
});
afterAll(() => questioned.close());

const compare = (words: string, scope: ReadScope = 'all'): Promise<ComparisonAnswer> => questioned.put(COMPARE, words, { scope });
type Item = ComparisonAnswer['items'][number];

/** As a histogram with these bounds has it. */
function percentile(own: readonly Entry[], quantile: number): number | null {
  if (own.length === 0) return null;
  let [below, from] = [0, 0];
  for (const bound of [2.5, 5, 10, 20, 40, 80, 160]) {
    const upTo = own.filter(({ amounts }) => (amounts.api_duration_ms ?? 0) <= bound * 1_000).length;
    if (upTo >= quantile * own.length) return from + ((bound - from) * (quantile * own.length - below)) / (upTo - below);
    [below, from] = [upTo, bound];
  }
  return from;
}

function expectFigures(item: Item, own: readonly Entry[], days: number): void {
  expect(pico(item.cost_usd)).toBe(costOf(own));
  expect([item.requests, item.tokens, item.errors]).toEqual([own.length, amountOf(own, ...TOKENS), amountOf(own, 'errors')].map(Number));
  for (const name of TOKENS) expect(item[name]).toBe(Number(amountOf(own, name)));
  expect(item.cost_usd_per_request === null ? null : pico(item.cost_usd_per_request)).toBe(
    own.length === 0 ? null : costOf(own) / BigInt(own.length),
  );
  for (const [value, quantile] of [
    [item.latency_p50, 0.5],
    [item.latency_p95, 0.95],
  ] as const) {
    const expected = percentile(own, quantile);
    if (expected === null) expect(value).toBeNull();
    else expect(value).toBeCloseTo(expected, 9);
  }
  const developers = new Set(own.filter(({ cost }) => cost > 0n).flatMap(({ dimensions }) => dimensions.user ?? [])).size;
  expect([item.days, item.developers]).toEqual([days, developers]);
  const per = (parts: number): bigint | null => (parts === 0 ? null : (costOf(own) * 1_000_000n) / BigInt(Math.round(parts * 1e6)));
  const shown = [item.cost_per_day_usd, item.cost_per_developer_usd, item.cost_per_developer_day_usd];
  expect(shown.map((text) => (text === null ? null : pico(text)))).toEqual([per(days), per(developers), per(days * developers)]);
}

describe('models side by side', () => {
  const october = among(entries, range('2026-10-01', '2026-11-01'));

  test('should have the figures of their requests, the most expensive first, and those that nobody used', async () => {
    const { items, of, total } = await compare('month=2026-10');
    const models = grouped(october, 'model');
    for (const item of items) {
      const [, own] = [...models].find(([model]) => showValue('model', model) === item.name) ?? ['', []];
      expectFigures(item, own, 31);
      expect(item.share).toBeCloseTo(Number(costOf(own)) / Number(costOf(october)), 5);
    }
    expect(of).toBe('model');
    expect(pico(total?.cost_usd)).toBe(costOf(october));
    expect(items.length).toBeGreaterThan(models.size);
    const costs = items.map(({ cost_usd }) => pico(cost_usd));
    expect(costs).toEqual(costs.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
  });

  test('should be no more than are asked for', async () => {
    const all = await compare('month=2026-10');
    const { items, left_out } = await compare('models=all&month=2026-10&limit=2');
    expect(items.map(({ name }) => name)).toEqual(all.items.slice(0, 2).map(({ name }) => name));
    expect(left_out).toBe(all.items.length - 2);
  });

  test('should say what the tokens of the range would have cost on each', async () => {
    const { items } = await compare('models=all&month=2026-10');
    const endMs = at('2026-11-01');
    const hour = Number(amountOf(october, 'cache_creation_1h_tokens'));
    const [input, output, read, written] = TOKENS.map((name) => Number(amountOf(october, name))) as [number, number, number, number];
    for (const { name, range_at_list_usd } of items) {
      const history = prices.history(name);
      const rates = (history.findLast(({ fromMs }) => fromMs <= endMs) ?? history[0])?.normal;
      if (rates === undefined) {
        expect(range_at_list_usd).toBeNull();
        continue;
      }
      const usd =
        input * rates.input + output * rates.output + read * rates.cacheRead + (written - hour) * rates.cacheWrite5m + hour * rates.cacheWrite1h;
      expect(pico(range_at_list_usd)).toBe(BigInt(usd));
    }
    expect(items.filter(({ range_at_list_usd }) => range_at_list_usd !== null).length).toBeGreaterThan(2);
  });

  test('should be in the order in which they are named', async () => {
    const { items, hints } = await compare('models=claude-haiku-5-5,claude-opus-5-5,claude-opus-5-6&month=2026-10');
    expect(items.map(({ name }) => name)).toEqual(['claude-haiku-5-5', 'claude-opus-5-5', 'claude-opus-5-6']);
    expect(hints.map(({ value }) => value)).toEqual(['claude-opus-5-6']);
  });
});

describe.each<[string, string, DimensionName, ReadScope, readonly Filter[]]>([
  ['teams', 'teams=all', 'team', 'all', []],
  ['two teams', 'teams=platform,unallocated', 'team', 'all', []],
  ['users', 'users=ada@example.com,BOB@example.com', 'user', 'all', []],
  ['workspaces', 'by=project&values=all&limit=2', 'workspace', 'all', []],
  [
    'what a reader may see',
    'by=workspace&values=web,api',
    'workspace',
    [{ dimension: 'workspace', values: ['web'] }],
    [{ dimension: 'workspace', values: ['web'] }],
  ],
  ['what a filter leaves', 'teams=all&where=model:claude-opus-5-5', 'team', 'all', [{ dimension: 'model', values: ['claude-opus-5-5'] }]],
])('%s side by side', (_, words, dimension, scope, where) => {
  test('should have the figures of their requests', async () => {
    const { items, left_out } = await compare(`${words}&from=2026-10-24&to=2026-10-27T12:00`, scope);
    const own = among(entries, range('2026-10-24', '2026-10-27T12:00'), where);
    const groups = grouped(own, dimension);
    for (const item of items) expectFigures(item, [...groups].find(([value]) => showValue(dimension, value) === item.name)?.[1] ?? [], 3.5);
    expect(items.length).toBeGreaterThan(0);
    if (words.includes('=all')) expect(items.length + left_out).toBe(groups.size);
  });
});

describe('periods side by side', () => {
  test('should be compared per day and per developer', async () => {
    const { items, of, total } = await compare('periods=2026-10,this_month,2026-10-25,2026-10-30..2026-11-02T12:00');
    expect([of, total]).toEqual(['period', null]);
    expect(items.map(({ name, is_running }) => [name, is_running])).toEqual([
      ['2026-10', false],
      ['this_month', true],
      ['2026-10-25', false],
      ['2026-10-30..2026-11-02T12:00', false],
    ]);
    const [first, second, third, fourth] = items as [Item, Item, Item, Item];
    expectFigures(first, among(entries, range('2026-10-01', '2026-11-01')), 31);
    // Nineteen days, and three quarters of one.
    expectFigures(second, among(entries, range('2026-11-01', '2026-12-01')), 19.75);
    // A day of 25 hours is one day.
    expectFigures(third, among(entries, range('2026-10-25', '2026-10-26')), 1);
    expectFigures(fourth, among(entries, range('2026-10-30', '2026-11-02T12:00')), 3.5);
  });

  test('should be of the scope alone', async () => {
    const web = { dimension: 'workspace', values: ['web'] } as const;
    const { items } = await compare('periods=2026-10', [web]);
    expectFigures(items[0] as Item, among(entries, range('2026-10-01', '2026-11-01'), [web]), 31);
  });
});

describe('a comparison', () => {
  test('should not count developers where that is a scan', async () => {
    const { items } = await compare('by=feature&values=all');
    expect([items[0]?.developers, items[0]?.cost_per_developer_usd]).toEqual([null, null]);
  });

  test.each([
    ['models=all&teams=all', 'teams=all cannot be combined with models', 'one thing'],
    ['by=team', 'values= needs by', 'by=workspace&values=all'],
    ['by=teem&values=all', 'by=teem is not a dimension', 'Did you mean "team"?'],
    ['periods=soon', 'periods=soon is not a period', '2026-Q4'],
    ['periods=2026-10&month=2026-11', 'month=2026-11 cannot be combined with periods', 'Periods say when'],
    ['periods=2026-10-02..2026-10-01', 'to=2026-10-01 is not after', 'from is included'],
    ['teams=,', 'teams=, names 0 things', 'or all'],
  ])('should refuse %s', async (words, message, hint) => {
    await expect(compare(words)).rejects.toMatchObject({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
  });
});
