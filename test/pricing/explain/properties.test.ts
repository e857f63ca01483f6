/** Requests that are made up with a cause put in, and amounts that nothing is behind: each is named for what it is, in any order. */
import { describe, expect, test } from '@jest/globals';
import type { PriceBasis } from '../../../collector/catalog/price-basis.ts';
import { allFiveMinutes, allOneHour, costOf } from '../../../collector/pricing/explain/cost-of.ts';
import { explainCost } from '../../../collector/pricing/explain/explain.ts';
import type { ReportedRequest } from '../../../collector/pricing/explain/request.ts';
import { priceAt, type TokenRates } from '../../../collector/pricing/price-book.ts';
import { promptTokens } from '../../../collector/pricing/request-cost.ts';
import type { RequestTokens } from '../../../collector/pricing/tokens.ts';
import { Random } from '../../support/random.ts';
import { BOOK, noonOf } from './requests.ts';

const NOW = noonOf('2026-11-20');
const ROUNDS = 300;
/** Fixed: one amount in some thousands agrees with two causes, and then the plainer one is named. */
const SEED = 20_261_120;
const MODELS = ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-4-5', 'claude-sonnet-4-5'] as const;

function periodOf(model: string) {
  const period = priceAt(BOOK, model, NOW);
  if (period === undefined) throw new Error(`${model} has no price`);
  return period;
}

const someTokens = (random: Random): RequestTokens => {
  const count = (max: number): number => 1_001 + random.below(max);
  return { input: count(5_000), output: count(9_000), cacheRead: count(20_000), cacheCreation5m: count(20_000), cacheCreation1h: count(20_000) };
};

interface Made {
  readonly request: ReportedRequest;
  /** With the lifetimes that the cost was made with. */
  readonly truth: RequestTokens;
}

type Cost = (truth: RequestTokens, rates: TokenRates, random: Random) => bigint;

/** `isPure`: without lifetimes on the wire, and all cache writes for one and the same. */
function made(random: Random, cost: Cost, { isPure = false, ...rest }: Partial<ReportedRequest> & { readonly isPure?: boolean } = {}): Made {
  const model = rest.model ?? random.pick(MODELS);
  const tokens = rest.tokens ?? someTokens(random);
  const truth = isPure ? random.pick([allFiveMinutes, allOneHour])(tokens) : tokens;
  const reported = cost(truth, periodOf(model).normal, random);
  const fixed = { model, hasLifetimes: !isPure, timeMs: NOW, clientVersion: '2.1.332', querySource: 'sdk', ...rest };
  return { request: { ...fixed, reported, tokens: isPure ? allFiveMinutes(truth) : truth }, truth };
}

const many = (make: (random: Random) => Made): Made[] => {
  const random = new Random(SEED);
  return Array.from({ length: ROUNDS }, () => make(random));
};

const atList: Cost = (truth, rates) => costOf(truth, rates);
const usOnly: Cost = (truth, rates) => (costOf(truth, rates) * 11n) / 10n;
const searched: Cost = (truth, rates, random) => costOf(truth, rates) + BigInt(1 + random.below(20)) * 10_000_000_000n;
const at = (rates: TokenRates): Cost => ((truth) => costOf(truth, rates)) satisfies Cost;
const percent: Cost = (truth, rates, random) => (costOf(truth, rates) * BigInt(random.pick([71, 85, 93, 107, 113]))) / 100n;
const byDefault = { input: 5e6, output: 25e6, cacheWrite5m: 6.25e6, cacheWrite1h: 10e6, cacheRead: 5e5 };
const advised: Cost = (truth, rates, random) =>
  costOf(truth, rates) + BigInt(1_000 + random.below(9_000)) * 4_000_000n + BigInt(100 + random.below(900)) * 20_000_000n;
const repeated: Cost = (truth, rates, random) => costOf(truth, rates) + costOf({ ...truth, output: 1 + random.below(99) }, rates);

const CAUSES: readonly (readonly [basis: PriceBasis, what: string, make: (random: Random) => Made])[] = [
  ['list', 'list price', (random) => made(random, atList)],
  ['list', 'list price with one lifetime that is not reported', (random) => made(random, atList, { isPure: true })],
  [
    'cache_lifetime',
    'one-hour writes at the price of five-minute ones',
    (random) => made(random, (truth, rates) => costOf(allFiveMinutes(truth), rates)),
  ],
  ['surcharge', 'US-only inference', (random) => made(random, usOnly)],
  ['surcharge', 'US-only inference, lifetimes not reported', (random) => made(random, usOnly, { isPure: true })],
  ['surcharge', 'web searches', (random) => made(random, searched, { querySource: 'web_search_tool', isPure: random.chance(0.5) })],
  ['price_date', 'the price of before', (random) => made(random, at(beforeOctober()), { model: 'claude-sonnet-5-5', isPure: random.chance(0.5) })],
  ['promotion', 'the model that was asked for', (random) => made(random, at(periodOf('claude-fable-5-1').normal), { isPure: random.chance(0.5) })],
  ['unknown_model', 'the default of the client', (random) => made(random, at(byDefault), { isPure: random.chance(0.5) })],
  ['discount', 'a percentage', (random) => made(random, percent)],
  [
    'client_version',
    'Sonnet 5 at 3/15',
    (random) => made(random, at(periodOf('claude-sonnet-4-5').normal), { model: 'claude-sonnet-5', clientVersion: '2.1.230' }),
  ],
  ['client_version', 'lost attempts', (random) => made(random, repeated, { clientVersion: '2.1.300' })],
  ['advisor', 'an advisor', (random) => made(random, advised, { model: 'claude-sonnet-5-5' })],
];

function beforeOctober(): TokenRates {
  const period = priceAt(BOOK, 'claude-sonnet-5-5', noonOf('2026-10-01'));
  if (period === undefined) throw new Error('Sonnet 5.5 has no price');
  return period.normal;
}

describe('a request with a cause put in', () => {
  test.each(CAUSES)('is named %s: %s', (basis, _, make) => {
    for (const { request } of many(make)) expect([basis, request]).toEqual([explainCost(request, BOOK).basis, request]);
  });

  test('has the lifetimes back that its cost was made with, and the list price of them', () => {
    const pure = CAUSES.filter(([basis]) => !['cache_lifetime', 'advisor', 'discount', 'client_version'].includes(basis)).flatMap(([, , make]) =>
      many(make),
    );
    for (const { request, truth } of pure) {
      const { tokens, list, uncertain } = explainCost(request, BOOK);
      expect([tokens, list?.cost, uncertain]).toEqual([truth, costOf(truth, periodOf(request.model).normal), 0n]);
    }
  });

  test('has them back where some writes were for an hour and some for five minutes, one request in fifty apart that another cause explains', () => {
    const mixed = many((random) => made(random, atList)).map(({ request, truth }) => ({
      truth,
      request: { ...request, hasLifetimes: false, tokens: allFiveMinutes(truth) },
    }));
    const solved = mixed.filter(({ request, truth }) => {
      const { tokens, lifetimes, basis } = explainCost(request, BOOK);
      return basis === 'list' && lifetimes === 'solved' && tokens.cacheCreation1h === truth.cacheCreation1h;
    });
    expect(solved.length).toBeGreaterThan(0.98 * mixed.length);
  });

  test('is named iteration_bands where its iterations were priced each by its own prompt', () => {
    const random = new Random(SEED);
    const { normal, long, longPromptTokens } = periodOf('claude-haiku-5-5');
    for (let round = 0; round < ROUNDS; round++) {
      const iterations = Array.from({ length: 2 + random.below(4) }, (_, index) => ({
        ...someTokens(random),
        cacheRead: index === 0 ? 100_000 : 20_000,
      }));
      const tokens = iterations.reduce(added);
      const reported = iterations.reduce((sum, part) => sum + costOf(part, promptTokens(part) > longPromptTokens ? long : normal), 0n);
      const request = { model: 'claude-haiku-5-5', tokens, hasLifetimes: true, timeMs: NOW, clientVersion: '2.1.332', querySource: 'sdk' };
      expect(explainCost({ ...request, reported }, BOOK).basis).toBe('iteration_bands');
      const allShort = costOf(tokens, normal);
      expect(explainCost({ ...request, reported: allShort }, BOOK).basis).toBe('iteration_bands');
    }
  });
});

const added = (one: RequestTokens, other: RequestTokens): RequestTokens => ({
  input: one.input + other.input,
  output: one.output + other.output,
  cacheRead: one.cacheRead + other.cacheRead,
  cacheCreation5m: one.cacheCreation5m + other.cacheCreation5m,
  cacheCreation1h: one.cacheCreation1h + other.cacheCreation1h,
});

describe('an amount that nothing is behind', () => {
  /** All prices for whole tokens are multiples of 5,000 pico-dollars, and hundredths of them of 50. */
  const nonsense: Cost = (truth, rates, random) =>
    ((BigInt(random.below(3_000_000)) * costOf(truth, rates)) / 1_000_000n / 10_000n) * 10_000n + 3_333n;

  test('is unexplained, whatever the client, and leaves the lifetimes of its cache writes open', () => {
    for (const clientVersion of ['2.1.332', '2.1.280', '2.1.230', '2.1.59', '']) {
      for (const { request } of many((random) => made(random, nonsense, { clientVersion, isPure: true }))) {
        const { basis, lifetimes, tokens, uncertain } = explainCost(request, BOOK);
        const more = costOf(allOneHour(tokens), periodOf(request.model).normal) - costOf(tokens, periodOf(request.model).normal);
        expect({ basis, lifetimes, uncertain }).toEqual({ basis: 'unexplained', lifetimes: 'unknown', uncertain: more });
      }
    }
  });
});

test('the order of requests, and of the models of the book, changes nothing', () => {
  const requests = CAUSES.flatMap(([, , make]) => many(make).slice(0, 20)).map(({ request }) => request);
  const shuffled = new Random(SEED).shuffle(requests.map((request, index) => ({ request, index })));
  const other = { ...BOOK, models: BOOK.models.toReversed() };
  const answers = shuffled.map(({ request, index }) => ({ index, answer: explainCost(request, other) })).sort((one, two) => one.index - two.index);
  expect(answers.map(({ answer }) => answer)).toEqual(requests.map((request) => explainCost(request, BOOK)));
});
