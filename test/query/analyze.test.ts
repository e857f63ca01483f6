import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { showValue } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { ANALYZE, type AnalysisAnswer } from '../../collector/query/analyze.ts';
import { seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { among, amountOf, costOf, grouped, pico, randomEntries, TOKENS } from './random-entries.ts';

const ZONE = 'Europe/Berlin';
const at = (local: string): number => Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).epochMilliseconds;
const range = (from: string, to: string) => ({ fromMs: at(from), toMs: at(to) });
/** A Friday; the clock went back on 25 October. */
const NOW = at('2026-11-20T15:20');
const prices = loadPriceBook();

const random = seededRandom('analysis');
const entries = randomEntries(random, { count: 3_000, fromMs: at('2026-08-20'), toMs: NOW });

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOW, { timezone: ZONE });
  await questioned.append(...entries);
});
afterAll(() => questioned.close());

const analyze = (words: string, scope: ReadScope = 'all'): Promise<AnalysisAnswer> => questioned.put(ANALYZE, words, { scope });
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

interface Case {
  readonly query: string;
  readonly scope?: ReadScope;
  readonly where?: readonly Filter[];
  readonly now: { fromMs: number; toMs: number };
  readonly before: { fromMs: number; toMs: number };
  readonly whole?: { fromMs: number; toMs: number };
}

const running = {
  now: range('2026-11-01', '2026-12-01'),
  before: { fromMs: at('2026-10-01'), toMs: at('2026-10-20T15:15') },
  whole: range('2026-10-01', '2026-11-01'),
};
const platform: Filter = { dimension: 'team', values: ['platform'] };
const CASES: readonly (readonly [string, Case])[] = [
  ['the running month', { query: '', ...running }],
  ['a month that is over', { query: 'month=2026-10', now: range('2026-10-01', '2026-11-01'), before: range('2026-09-01', '2026-10-01') }],
  [
    'the week of a change of the clock',
    { query: 'from=2026-10-19&to=2026-10-26', now: range('2026-10-19', '2026-10-26'), before: range('2026-10-12', '2026-10-19') },
  ],
  ['five days', { query: 'from=2026-10-23&to=2026-10-28', now: range('2026-10-23', '2026-10-28'), before: range('2026-10-18', '2026-10-23') }],
  [
    'a day in another zone',
    {
      query: 'period=2026-10-25&tz=Asia/Kolkata',
      now: { fromMs: Date.parse('2026-10-24T18:30:00Z'), toMs: Date.parse('2026-10-25T18:30:00Z') },
      before: { fromMs: Date.parse('2026-10-23T18:30:00Z'), toMs: Date.parse('2026-10-24T18:30:00Z') },
    },
  ],
  [
    'what a filter leaves',
    {
      query: 'month=2026-10&where=model:claude-opus-5-5',
      where: [{ dimension: 'model', values: ['claude-opus-5-5'] }],
      now: range('2026-10-01', '2026-11-01'),
      before: range('2026-09-01', '2026-10-01'),
    },
  ],
  [
    'what a team may see',
    {
      query: 'month=2026-10',
      scope: [{ ...platform, dimension: 'team' }],
      where: [platform],
      now: range('2026-10-01', '2026-11-01'),
      before: range('2026-09-01', '2026-10-01'),
    },
  ],
];

const DIMENSIONS = ['team', 'user', 'model', 'workspace'] as const satisfies readonly DimensionName[];

describe.each(CASES)('an analysis of %s', (_, { query, scope = 'all', where = [], now, before, whole = before }) => {
  let answer: AnalysisAnswer;
  const current = among(entries, now, where);
  const past = among(entries, before, where);
  beforeAll(async () => {
    answer = await analyze(query, scope);
  });

  test('should give the totals of its entries and of the period before', () => {
    expect(answer.range).toMatchObject({ from: new Date(now.fromMs).toISOString(), to: new Date(now.toMs).toISOString() });
    expect(pico(answer.cost_usd)).toBe(costOf(current));
    expect([answer.requests, answer.tokens]).toEqual([current.length, Number(amountOf(current, ...TOKENS))]);
    expect(answer.before.compared).toMatchObject({ from: new Date(before.fromMs).toISOString(), to: new Date(before.toMs).toISOString() });
    expect([pico(answer.before.compared_usd), pico(answer.before.cost_usd)]).toEqual([costOf(past), costOf(among(entries, whole, where))]);
    expect(pico(answer.change?.change_usd)).toBe(costOf(current) - costOf(past));
    expect(pico(answer.cost_usd_per_request)).toBe(costOf(current) / BigInt(current.length));
  });

  test.each(DIMENSIONS)('by %s, the contributors should add up to the change, the largest first', (dimension) => {
    const { rows, others } = answer.change?.by[dimension] ?? { rows: [], others: null };
    const changes = [...rows, ...(others === null ? [] : [others])].map(({ change_usd }) => pico(change_usd));
    expect(sum(changes)).toBe(costOf(current) - costOf(past));
    const [is, was] = [grouped(current, dimension), grouped(past, dimension)];
    const oracle = [...new Set([...is.keys(), ...was.keys()])].map((value) => costOf(is.get(value) ?? []) - costOf(was.get(value) ?? []));
    const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
    const largest = oracle.map(size).sort((a, b) => (a < b ? 1 : -1));
    expect(rows.map(({ change_usd }) => size(pico(change_usd)))).toEqual(largest.slice(0, 5));
    expect(others?.count ?? 0).toBe(Math.max(0, oracle.length - 5));
  });

  test.each(DIMENSIONS)('should list the most expensive by %s', (dimension) => {
    const oracle = [...grouped(current, dimension)]
      .map(([value, own]) => ({ value: showValue(dimension, value), cost: costOf(own) }))
      .sort((a, b) => (a.cost < b.cost ? 1 : -1));
    expect(answer.top[dimension].map(({ value, cost_usd }) => ({ value, cost: pico(cost_usd) }))).toEqual(oracle.slice(0, 5));
    expect(answer.top[dimension][0]?.share).toBeCloseTo(Number(oracle[0]?.cost) / Number(costOf(current)), 5);
  });

  test('should split the change of each model into four effects that add up to it', () => {
    const { effects } = answer.change ?? {};
    for (const { cost_usd, before_usd, ...parts } of effects?.models ?? []) {
      const { volume_usd, model_mix_usd, token_mix_usd, price_usd } = parts;
      expect(sum([volume_usd, model_mix_usd, token_mix_usd, price_usd].map(pico))).toBe(pico(cost_usd) - pico(before_usd));
    }
    for (const name of ['volume_usd', 'model_mix_usd', 'token_mix_usd', 'price_usd'] as const)
      expect(pico(effects?.[name])).toBe(sum((effects?.models ?? []).map((model) => pico(model[name]))));
    expect(sum([effects?.volume_usd, effects?.model_mix_usd, effects?.token_mix_usd, effects?.price_usd].map(pico))).toBe(
      costOf(current) - costOf(past),
    );
  });

  test('should give the effects that the definitions give', () => {
    const [all, allBefore] = [amountOf(current, ...TOKENS), amountOf(past, ...TOKENS)].map(Number);
    const atMs = Math.min(NOW, now.toMs);
    for (const [model, own] of grouped(current, 'model')) {
      const old = grouped(past, 'model').get(model) ?? [];
      const shown = answer.change?.effects.models.find((one) => one.model === showValue('model', model));
      if (old.length === 0) continue;
      const [t1, t0, c1, c0] = [amountOf(own, ...TOKENS), amountOf(old, ...TOKENS), costOf(own), costOf(old)].map(Number) as [
        number,
        number,
        number,
        number,
      ];
      const averages = {
        volume: (c0 * ((all ?? 0) - (allBefore ?? 0))) / (allBefore ?? 1),
        modelMix: c0 * (t1 / t0 - (all ?? 0) / (allBefore ?? 1)),
      };
      const list = listed(own, model, atMs, 'one price for writes') / listed(old, model, atMs, 'one price for writes');
      const tokenMix = Number.isNaN(list) ? 0 : c0 * (list - t1 / t0);
      const near = (text: string | undefined, value: number) => expect(Math.abs(Number(pico(text)) - value)).toBeLessThan(1 + (c0 + c1) * 1e-9);
      near(shown?.volume_usd, averages.volume);
      near(shown?.model_mix_usd, averages.modelMix);
      near(shown?.token_mix_usd, tokenMix);
      near(shown?.price_usd, c1 - (Number.isNaN(list) ? (c0 * t1) / t0 : c0 * list));
    }
  });

  test('should know what a developer costs on a day', () => {
    const zone = answer.time_zone;
    const dayOf = ({ timeMs }: Entry): string => Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(zone).toPlainDate().toString();
    const known = current.filter(({ dimensions }) => dimensions.user !== undefined);
    const days = [...Map.groupBy(known, (entry) => `${entry.dimensions.user} ${dayOf(entry)}`).values()].map(costOf).sort((a, b) => (a < b ? -1 : 1));
    const { developers } = answer;
    expect(developers).toMatchObject({ active: new Set(known.map(({ dimensions }) => dimensions.user)).size, developer_days: days.length });
    expect(pico(developers.average_usd)).toBe(sum(days) / BigInt(days.length));
    // At least nine of ten are no more, and fewer than nine of ten are less.
    const p90 = pico(developers.p90_usd);
    expect(days.filter((day) => day <= p90).length * 10).toBeGreaterThanOrEqual(days.length * 9);
    expect(days.filter((day) => day < p90).length * 10).toBeLessThan(days.length * 9);
  });

  test('should give the cache, and what is not known', () => {
    const input = Number(amountOf(current, 'input_tokens', 'cache_read_tokens', 'cache_creation_tokens'));
    expect(answer.cache.hit_ratio).toBeCloseTo(Number(amountOf(current, 'cache_read_tokens')) / input, 9);
    expect(pico(answer.cache.savings_usd)).toBe(amountOf(current, 'cost_list_uncached') - sum(current.map(({ listCost }) => listCost)));
    const atMs = Math.min(NOW, now.toMs);
    const missed = [...grouped(current, 'model')].map(([model, own]) => listed(own, model, atMs) - listed(own, model, atMs, 'all from the cache'));
    expect(Number(pico(answer.cache.miss_cost_usd)) / 1e12).toBeCloseTo(
      missed.filter((cost) => !Number.isNaN(cost)).reduce((all, cost) => all + cost, 0) / 1e12,
      6,
    );
    const share = (dimension: DimensionName): number => Number(costOf(grouped(current, dimension).get('') ?? [])) / Number(costOf(current));
    expect(answer.quality.unallocated_user).toBeCloseTo(share('user'), 5);
    expect(answer.quality.unallocated_team).toBeCloseTo(share('team'), 5);
    expect(answer.quality.unpriced).toBeCloseTo(Number(amountOf(current, 'unpriced_tokens')) / Number(amountOf(current, ...TOKENS)), 9);
  });

  test('should put the main figures into words', () => {
    expect(answer.sentences[0]).toContain(answer.is_running ? 'so far' : ': $');
    expect(answer.sentences.length).toBeGreaterThan(5);
    expect(answer.sentences.join(' ')).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});

/** Tokens at the list price of a model, in pico-dollars; NaN where it has none. */
function listed(own: readonly Entry[], model: string, atMs: number, as?: 'all from the cache' | 'one price for writes'): number {
  const history = prices.history(model);
  const rates = (history.findLast(({ fromMs }) => fromMs <= atMs) ?? history[0])?.normal;
  if (rates === undefined) return Number.NaN;
  const [input, output, read, written, hour] = ([...TOKENS, 'cache_creation_1h_tokens'] as const).map((name) => Number(amountOf(own, name))) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (as === 'all from the cache') return output * rates.output + (input + read + written) * rates.cacheRead;
  return (
    input * rates.input +
    output * rates.output +
    read * rates.cacheRead +
    (written - hour) * rates.cacheWrite5m +
    hour * (as === undefined ? rates.cacheWrite1h : rates.cacheWrite5m)
  );
}

describe('an analysis', () => {
  test('should list the most expensive sessions last seen in its time range', async () => {
    const { top } = await analyze('month=2026-10');
    const october = range('2026-10-01', '2026-11-01');
    const sessions = [...Map.groupBy(entries, ({ sessionId }) => sessionId)].filter(([, own]) => {
      const last = Math.max(...own.map(({ timeMs }) => timeMs));
      return last >= october.fromMs && last < october.toMs;
    });
    const oracle = sessions.map(([id, own]) => ({ id, cost: costOf(own) })).sort((a, b) => (a.cost < b.cost ? 1 : -1));
    expect(top.session?.map(({ session_id, cost_usd }) => ({ id: session_id, cost: pico(cost_usd) }))).toEqual(oracle.slice(0, 5));
  });

  test('should find days far from the same weekday before', async () => {
    const { unusual_days } = await analyze('month=2026-10&limit=10');
    const day = (index: number) => {
      const start = Temporal.PlainDate.from('2026-08-01').add({ days: index }).toZonedDateTime(ZONE);
      return {
        start: start.epochMilliseconds,
        cost: costOf(among(entries, { fromMs: start.epochMilliseconds, toMs: start.add({ days: 1 }).epochMilliseconds })),
      };
    };
    const middle = (values: readonly bigint[]): bigint => {
      const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
      return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0n)) / 2n;
    };
    const expected = Array.from({ length: 31 }, (_, index) => index + 61).flatMap((index) => {
      const before = [1, 2, 3, 4, 5, 6, 7, 8].map((week) => day(index - 7 * week).cost).filter((cost) => cost > 0n);
      const { start, cost } = day(index);
      const usual = middle(before);
      const spread = (middle(before.map((one) => (one < usual ? usual - one : one - usual))) * 14_826n) / 10_000n;
      const any = middle(Array.from({ length: 56 }, (_, back) => day(index - back - 1).cost).filter((one) => one > 0n));
      const isWorth = 2n * (cost > usual ? cost - usual : usual - cost) >= any;
      const isHigh = cost > usual + 3n * spread && 2n * cost >= 3n * usual;
      const isLow = cost < usual - 3n * spread && 2n * cost <= usual;
      return before.length >= 4 && isWorth && (isHigh || isLow)
        ? [{ start: new Date(start).toISOString(), kind: isHigh ? 'high' : 'low', cost, usual }]
        : [];
    });
    expect(unusual_days.map(({ start, kind, cost_usd, usual_usd }) => ({ start, kind, cost: pico(cost_usd), usual: pico(usual_usd) }))).toEqual(
      expected,
    );
  });

  test('should forecast a period that goes on, and none that is over', async () => {
    const running = await analyze('period=this_month');
    expect(pico(running.forecast?.p50_usd)).toBeGreaterThanOrEqual(pico(running.cost_usd));
    expect(pico(running.forecast?.p90_usd)).toBeGreaterThanOrEqual(pico(running.forecast?.p50_usd));
    expect((await analyze('month=2026-10')).forecast).toBeNull();
    expect((await analyze('period=last-24h')).forecast).toBeNull();
  });

  test('should say so where there is nothing', async () => {
    const { sentences, change, developers } = await analyze('month=2025-01');
    expect(sentences).toEqual([
      'January 2025: no spend.',
      'The ledger begins after the start of December 2024, so there is nothing to compare with.',
    ]);
    expect([change, developers.average_usd]).toEqual([null, null]);
  });

  test('should compare with nothing that the ledger does not cover', async () => {
    const { before, change, cost_usd } = await analyze('month=2026-09');
    expect(pico(cost_usd)).toBe(costOf(among(entries, range('2026-09-01', '2026-10-01'))));
    expect([before.is_covered, before.compared_usd, change]).toEqual([false, null, null]);
    expect(pico(before.cost_usd)).toBe(costOf(among(entries, range('2026-08-01', '2026-09-01'))));
  });

  test('should leave out sessions where a filter names what they have several of', async () => {
    expect((await analyze('where=model:claude-opus-5-5')).top.session).toBeNull();
    expect((await analyze('where=user:ADA@example.com')).top.session?.map(({ user }) => user)).toEqual(Array(5).fill('ada@example.com'));
  });

  test.each([
    ['month=2026-13', 'month=2026-13 is not a month'],
    ['month=2026-11&period=today', 'month=2026-11 cannot be combined'],
    ['from=2024-01-01', 'from=2024-01-01 is more than 400 days'],
    ['from=2027-01-01', 'from=2027-01-01 is not before now'],
    ['limit=0', 'limit=0 is not a whole number'],
  ])('should refuse %s', async (query, message) => {
    await expect(analyze(query)).rejects.toThrow(message);
  });
});
