import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../../collector/core/money.ts';
import { type Charged, PriceLearner } from '../../../collector/pricing/learn/learner.ts';
import { type LearntModels, learntFrom, learntText, parseLearnt, readLearnt, writeLearnt } from '../../../collector/pricing/learn/learnt-file.ts';
import { createPriceBook, type Rates } from '../../../collector/pricing/price-book.ts';
import type { RequestTokens } from '../../../collector/pricing/tokens.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { decimal, rounded } from '../property.ts';

const START = Date.parse('2026-11-20T08:00:00Z');
const DAY = 86_400_000;
const FALLBACK: Rates = { input: '5', output: '25', cache_write_5m: '6.25', cache_write_1h: '10', cache_read: '0.50' };
const RATES: Rates = { input: '3.20', output: '16', cache_write_5m: '4', cache_write_1h: '6.40', cache_read: '0.08' };

/** As a client has it: a sum of doubles. */
const chargedBy = (tokens: RequestTokens, rates: Rates): bigint => {
  const usd =
    (tokens.input * Number(rates.input)) / 1e6 +
    (tokens.output * Number(rates.output)) / 1e6 +
    (tokens.cacheRead * Number(rates.cache_read)) / 1e6 +
    (tokens.cacheCreation5m * Number(rates.cache_write_5m)) / 1e6 +
    (tokens.cacheCreation1h * Number(rates.cache_write_1h)) / 1e6;
  return BigInt(Math.round(usd * 1e12));
};

type Lifetimes = 'reported' | 'five_minutes' | 'an_hour' | 'mixed';

function randomCharged(random: Random, index: number, rates: Rates, lifetimes: Lifetimes): Charged {
  const writes = random.below(8_000);
  const inHour =
    lifetimes === 'reported' ? random.below(writes + 1) : lifetimes === 'an_hour' || (lifetimes === 'mixed' && random.chance(0.3)) ? writes : 0;
  const real = {
    ...{ input: 1 + random.below(400), output: 1 + random.below(3_000), cacheRead: random.below(150_000) },
    ...{ cacheCreation5m: writes - inHour, cacheCreation1h: inHour },
  };
  const hasLifetimes = lifetimes === 'reported';
  return {
    ...{ model: 'claude-opus-9', isFast: false, hasLifetimes, identity: String(index), timeMs: START + index * 60_000, clientVersion: '2.1.340' },
    tokens: hasLifetimes ? real : { ...real, cacheCreation5m: writes, cacheCreation1h: 0 },
    cost: chargedBy(real, rates),
  };
}

const learnerOf = (known: LearntModels = {}): PriceLearner => new PriceLearner(known, (model) => model === 'claude-opus-5');

function teach(learner: PriceLearner, count: number, next: (index: number) => Charged): number | undefined {
  for (let index = 0; index < count; index++) {
    learner.observe(next(index));
    if ((learner.models['claude-opus-9']?.normal.length ?? 0) > 0) return index + 1;
  }
  return undefined;
}

describe('a learner of prices', () => {
  test.each<[Lifetimes, string[]]>([
    ['reported', []],
    ['five_minutes', ['cacheWrite1h']],
    ['an_hour', ['cacheWrite5m']],
    ['mixed', []],
  ])('should find rates of any model from a few requests, with lifetimes of cache writes %s', (lifetimes, assumed) => {
    const random = seededRandom(`learning ${lifetimes}`);
    for (let round = 0; round < 40; round++) {
      // Not 5 USD: that may be the price of unknown models.
      const cents = 5 + random.below(494);
      const usd = (hundredths: number): string => (hundredths / 100).toFixed(4).replace(/0+$/, '').replace(/\.$/, '');
      const read = random.pick([10, 20, 40]);
      const rates = {
        ...{ input: usd(cents), output: usd(cents * 5), cache_read: String(Math.round((cents / read) * 4) / 400) },
        ...{ cache_write_5m: usd(cents * 1.25), cache_write_1h: usd(cents * 2) },
      };
      const learner = learnerOf();
      const needed = teach(learner, 64, (index) => randomCharged(random, index, rates, lifetimes));
      expect({ rates, needed: needed !== undefined && needed <= (lifetimes === 'mixed' ? 64 : 12) }).toEqual({ rates, needed: true });
      const [row] = learner.models['claude-opus-9']?.normal ?? [];
      expect(Object.entries(row?.rates ?? {}).map(([name, rate]) => [name, parseUsd(rate)])).toEqual(
        ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read'].map((name) => [name, parseUsd(rates[name as keyof Rates])]),
      );
      if (lifetimes !== 'mixed') expect(row?.assumed).toEqual(assumed);
    }
  });

  test('should keep the evidence, and price by what it learnt from the next request on', () => {
    const random = seededRandom('evidence');
    const learner = learnerOf();
    const prices = createPriceBook([{ other: [{ from: '2026-01-01', normal: FALLBACK }] }], { learnt: learner.table });
    const first = randomCharged(random, 0, RATES, 'reported');
    expect(prices.listCost('claude-opus-9', first.tokens, first.timeMs)).toBeUndefined();
    for (let index = 0; index < 30; index++)
      learner.observe({ ...randomCharged(random, index, RATES, 'reported'), clientVersion: `2.1.${340 + (index % 2)}` });
    expect(learner.models['claude-opus-9']?.normal).toMatchObject([
      {
        from: '2026-11-20',
        requests: 30,
        others: 0,
        client_versions: ['2.1.340', '2.1.341'],
        first: '2026-11-20T08:00:00.000Z',
        last: '2026-11-20T08:29:00.000Z',
      },
    ]);
    expect(prices.models).toEqual(['other', 'claude-opus-9']);
    expect(prices.history('claude-opus-9')[0]).toMatchObject({
      origin: 'learnt',
      source: expect.stringContaining('what clients charged from 2026-11-20'),
    });
    const tokens = { ...first.tokens, input: 1_000_000, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 };
    const [over, under] = decimal(RATES.input);
    expect(prices.listCost('claude-opus-9', tokens, START)).toBe(rounded([over * 10n ** 12n, under]));
  });

  test('should take the price that clients have for unknown models for none', () => {
    const random = seededRandom('fallback');
    const learner = learnerOf();
    expect(teach(learner, 60, (index) => randomCharged(random, index, FALLBACK, 'reported'))).toBeUndefined();
    expect(learner.models['claude-opus-9']).toMatchObject({ normal: [], fallback: { requests: 60, client_versions: ['2.1.340'] } });
    expect(teach(learner, 20, (index) => randomCharged(random, 100 + index, RATES, 'reported'))).toBeDefined();
  });

  test('should learn in spite of some costs that include more than tokens', () => {
    const random = seededRandom('outliers');
    const learner = learnerOf();
    const withSearches = (index: number): Charged => {
      const charged = randomCharged(random, index, RATES, 'reported');
      return index % 5 === 0 ? { ...charged, cost: charged.cost + 20_000_000_000n } : charged;
    };
    expect(teach(learner, 64, withSearches)).toBeDefined();
    expect(learner.models['claude-opus-9']?.normal[0]?.rates.input).toBe('3.20');
  });

  test('should solve ever more rarely what never agrees, and learn all the same once it does', () => {
    const random = seededRandom('off the grid');
    const learner = learnerOf();
    // Managed prices of 0.873 times 3.20/16/4/6.40/0.08: no multiples of 0.0025.
    const managed: Rates = { input: '2.7936', output: '13.968', cache_write_5m: '3.492', cache_write_1h: '5.5872', cache_read: '0.06984' };
    let reads = 0;
    let solved = 0;
    const observe = (index: number): void => {
      const { tokens, ...charged } = randomCharged(random, index, managed, 'reported');
      let isSeen = false;
      learner.observe({
        ...charged,
        get tokens() {
          if (isSeen) reads++;
          return tokens;
        },
      });
      isSeen = true;
    };
    for (let index = 0; index < 3_000; index++) {
      const before = reads;
      observe(index);
      // Only solving reads requests again that came before.
      if (index >= 2_000 && reads > before) solved++;
    }
    expect([learner.models['claude-opus-9']?.normal, solved > 0, solved <= 17]).toEqual([[], true, true]);
    expect(teach(learner, 128, (index) => randomCharged(random, 3_000 + index, RATES, 'reported'))).toBeDefined();
  });

  test('should learn nothing where no one price explains the costs, or a table has the model, or a request is only repeated', () => {
    const random = seededRandom('nothing');
    const learner = learnerOf();
    expect(
      teach(learner, 64, (index) => ({ ...randomCharged(random, index, RATES, 'reported'), cost: BigInt(1 + random.below(1e9)) })),
    ).toBeUndefined();
    for (let index = 0; index < 20; index++) learner.observe({ ...randomCharged(random, index, RATES, 'reported'), model: 'claude-opus-5' });
    expect(Object.keys(learner.models)).toEqual(['claude-opus-9']);
    const again = learnerOf();
    const one = randomCharged(random, 1, RATES, 'reported');
    for (let index = 0; index < 20; index++) again.observe(one);
    expect(again.models['claude-opus-9']?.normal).toEqual([]);
  });

  test('should learn no price that no model has', () => {
    const random = seededRandom('a dollar for a token');
    const learner = learnerOf();
    const times = (rates: Rates, factor: number): Rates => ({
      ...{ input: String(Number(rates.input) * factor), output: String(Number(rates.output) * factor) },
      ...{ cache_write_5m: String(Number(rates.cache_write_5m) * factor), cache_write_1h: String(Number(rates.cache_write_1h) * factor) },
      cache_read: String(Number(rates.cache_read) * factor),
    });
    const small = (index: number, factor: number): Charged => {
      const charged = randomCharged(random, index, RATES, 'reported');
      const tokens = { ...charged.tokens, cacheRead: random.below(50) };
      return { ...charged, tokens, cost: chargedBy(tokens, times(RATES, factor)) };
    };
    expect(teach(learner, 64, (index) => small(index, 1_000))).toBeUndefined();
    expect(teach(learner, 64, (index) => small(100 + index, 500))).toBeDefined();
  });

  test('should learn another price as another row of its day, and fast mode beside the normal one', () => {
    const random = seededRandom('another price');
    const learner = learnerOf();
    const cheaper = { ...RATES, input: '1.60', output: '8', cache_write_5m: '2', cache_write_1h: '3.20' };
    const fast = { input: '6.40', output: '32', cache_write_5m: '8', cache_write_1h: '12.80', cache_read: '0.16' };
    for (let index = 0; index < 20; index++) learner.observe(randomCharged(random, index, RATES, 'reported'));
    for (let index = 0; index < 20; index++) learner.observe({ ...randomCharged(random, 100 + index, fast, 'reported'), isFast: true });
    for (let index = 0; index < 20; index++) {
      const charged = randomCharged(random, 200 + index, cheaper, 'reported');
      learner.observe({ ...charged, timeMs: charged.timeMs + 3 * DAY });
    }
    expect(learner.models['claude-opus-9']?.normal.map(({ from, rates: { input } }) => [from, input])).toEqual([
      ['2026-11-20', '3.20'],
      ['2026-11-23', '1.60'],
    ]);
    expect(learner.table()['claude-opus-9']?.[0]?.fast?.input).toBe('6.40');
    const costlier = { input: '9.60', output: '48', cache_write_5m: '12', cache_write_1h: '19.20', cache_read: '0.24' };
    for (let index = 0; index < 40; index++) {
      const charged = randomCharged(random, 300 + index, costlier, 'reported');
      learner.observe({ ...charged, isFast: true, timeMs: charged.timeMs + 5 * DAY });
    }
    expect(learner.table()['claude-opus-9']?.map(({ from, normal, fast: inFastMode }) => [from, normal.input, inFastMode?.input])).toEqual([
      ['2026-11-20', '3.20', '6.40'],
      ['2026-11-23', '1.60', '6.40'],
      ['2026-11-25', '1.60', '9.60'],
    ]);
  });

  describe('with a price, and requests at another one', () => {
    const cheaper: Rates = { ...RATES, input: '1.60', output: '8', cache_write_5m: '2', cache_write_1h: '3.20' };
    const long: Rates = { input: '16', output: '80', cache_write_5m: '20', cache_write_1h: '32', cache_read: '0.40' };
    const normalRows = ({ models }: PriceLearner) => models['claude-opus-9']?.normal.map(({ from, rates }) => [from, rates.input]);

    /** A thousand a day, every `each` as `otherwise` has it. */
    function days(
      learner: PriceLearner,
      [first, last]: readonly [number, number],
      rates: Rates,
      each: number,
      otherwise: (of: Charged) => Charged,
    ): void {
      const random = seededRandom(`days ${first} to ${last}`);
      for (let index = first * 1_000; index < last * 1_000; index++) {
        const timeMs = START + Math.floor(index / 1_000) * DAY + (index % 1_000) * 6_000;
        const charged = { ...randomCharged(random, index, rates, 'reported'), timeMs };
        learner.observe(index % each === 0 ? otherwise(charged) : charged);
      }
    }

    test('should keep it where some clients do not know the model', () => {
      const learner = learnerOf();
      days(learner, [0, 6], RATES, 10, (charged) => ({ ...charged, cost: chargedBy(charged.tokens, FALLBACK) }));
      expect(normalRows(learner)).toEqual([['2026-11-20', '3.20']]);
      expect(learner.models['claude-opus-9']).toMatchObject({ normal: [{ requests: 5_400, others: 0 }], fallback: { requests: 600 } });
    });

    test('should keep it where some prompts are long ones', () => {
      const learner = learnerOf();
      days(learner, [0, 6], RATES, 10, (charged) => {
        const tokens = { ...charged.tokens, cacheRead: 200_000 + charged.tokens.cacheRead };
        return { ...charged, tokens, cost: chargedBy(tokens, long) };
      });
      expect(normalRows(learner)).toEqual([['2026-11-20', '3.20']]);
    });

    test.each([
      ['short ones', RATES, long],
      ['long ones', long, RATES],
    ])('should keep that of %s where prompts of the other length come one after another', (first, own, other) => {
      let learner = learnerOf();
      const random = seededRandom(`bands ${first}`);
      const ofBand = (rates: Rates, index: number, day: number): Charged => {
        const charged = randomCharged(random, index, rates, 'reported');
        const tokens = rates === long ? { ...charged.tokens, cacheRead: 200_000 + charged.tokens.cacheRead } : charged.tokens;
        return { ...charged, tokens, cost: chargedBy(tokens, rates), timeMs: START + day * DAY + index };
      };
      for (let index = 0; index < 1_000; index++) {
        const isOther = index % 200 >= 100;
        // A restart of the collector, after which all requests have prompts of the other length.
        if (index === 300) learner = learnerOf(parseLearnt(Buffer.from(learntText(learner.models))));
        learner.observe(ofBand(isOther ? other : own, index, Math.floor(index / 100)));
      }
      expect([first, normalRows(learner)]).toEqual([first, [['2026-11-20', own.input === '16' ? '16.00' : '3.20']]]);
    });

    test('should learn a change all the same, also where some costs include more than tokens', () => {
      const learner = learnerOf();
      const withSearches = (charged: Charged): Charged => ({ ...charged, cost: charged.cost + 20_000_000_000n });
      days(learner, [0, 3], RATES, 20, withSearches);
      days(learner, [3, 6], cheaper, 20, withSearches);
      expect(normalRows(learner)).toEqual([
        ['2026-11-20', '3.20'],
        ['2026-11-23', '1.60'],
      ]);
    });

    test('should put right a rate that was assumed from the requests that show it', () => {
      const random = seededRandom('assumed');
      const learner = learnerOf();
      const costlyWrites: Rates = { ...RATES, cache_write_5m: '5' };
      for (let index = 0; index < 200; index++) {
        const { tokens, ...charged } = randomCharged(random, index, RATES, 'reported');
        const writes = { ...tokens, cacheCreation5m: index > 100 && index % 3 === 0 ? tokens.cacheCreation5m + 1 : 0 };
        learner.observe({ ...charged, tokens: writes, cost: chargedBy(writes, costlyWrites), timeMs: START + Math.floor(index / 50) * DAY });
      }
      expect(learner.models['claude-opus-9']?.normal.map(({ rates }) => rates.cache_write_5m)).toEqual(['4.00', '5.00']);
    });
  });

  test('should bound what senders can make it keep', () => {
    const random = seededRandom('many models');
    const learner = learnerOf();
    for (let index = 0; index < 200; index++) learner.observe({ ...randomCharged(random, index, RATES, 'reported'), model: `model-${index}` });
    expect(Object.keys(learner.models)).toHaveLength(50);
  });

  test('should learn a model in spite of many names that never have a price, and keep what has one', () => {
    const random = seededRandom('many names');
    const learner = learnerOf();
    const unknown = (index: number): Charged => ({ ...randomCharged(random, index, FALLBACK, 'reported'), model: `profile-${index % 60}` });
    for (let index = 0; index < 60; index++) learner.observe(unknown(index));
    for (let index = 0; index < 400; index++) {
      learner.observe(unknown(index));
      if (index % 20 === 0) learner.observe(randomCharged(random, 1_000 + index, RATES, 'reported'));
    }
    for (let index = 0; index < 200; index++) learner.observe(unknown(index));
    expect(learner.models['claude-opus-9']?.normal).toMatchObject([{ rates: { input: '3.20' }, requests: 20 }]);
    expect(Object.keys(learner.models)).toHaveLength(50);
  });

  test('should go on with a model that another collector has dropped meanwhile', () => {
    const random = seededRandom('dropped');
    const learner = learnerOf();
    const needed = teach(learner, 64, (index) => {
      learner.adopt({});
      return randomCharged(random, index, RATES, 'reported');
    });
    expect(needed).toBeLessThanOrEqual(12);
  });
});

describe('the file of learnt prices', () => {
  test('should be read as it was written, be looked at again, and be nothing where it is damaged', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ledgerline-learnt-'));
    const file = join(folder, 'learnt-prices.json');
    const random = seededRandom('file');
    const learner = learnerOf();
    let nowMs = START;
    const table = learntFrom(file, () => nowMs);
    expect(table()).toEqual({});
    for (let index = 0; index < 20; index++) learner.observe(randomCharged(random, index, RATES, 'reported'));
    expect([learner.takeChange(), learner.takeChange()]).toEqual([true, false]);
    writeLearnt(file, learner.models);
    expect(readLearnt(file)).toEqual(learner.models);
    expect(table()).toEqual({});
    nowMs += 10_000;
    expect(Object.keys(table())).toEqual(['claude-opus-9']);
    expect(table()).toBe(table());
    expect(new PriceLearner(readLearnt(file), () => false).table()).toEqual(learner.table());
    writeFileSync(file, '{');
    expect(readLearnt(file)).toEqual({});
    const { 'claude-opus-9': learnt } = learner.models;
    const damaged = { normal: learnt?.normal.map((row) => ({ ...row, rates: { ...row.rates, input: '1000000.00' } })), fast: [] };
    writeFileSync(file, JSON.stringify({ version: 1, models: { x: damaged, 'claude-opus-9': learnt, y: null } }));
    expect(readLearnt(file)).toEqual({ 'claude-opus-9': learnt });
    rmSync(folder, { recursive: true });
  });
});
