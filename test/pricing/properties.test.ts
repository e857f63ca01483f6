import { describe, expect, test } from '@jest/globals';
import { startOfDay } from '../../collector/core/day.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import { createModifiers } from '../../collector/pricing/modifiers.ts';
import { createPriceBook, type PriceRow, type Rates } from '../../collector/pricing/price-book.ts';
import type { RequestTokens } from '../../collector/pricing/tokens.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { type Agreed, type Case, expectedPrice } from './property.ts';

const CLASSES = ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read'] as const;
const FIRST = startOfDay('2026-01-01');
const dayOf = (count: number): string => new Date(FIRST + count * DAY_MS).toISOString().slice(0, 10);

function randomRate(random: Random): string {
  const whole = random.pick([0, 0, 1, 3, 5, 15, 30, random.below(1_000)]);
  const decimals = random.pick(['', '.5', '.25', '.125', '.000001', `.${String(random.below(1_000_000)).padStart(6, '0')}`]);
  return `${whole}${decimals}`;
}

const randomRates = (random: Random): Rates => ({
  ...{ input: randomRate(random), output: randomRate(random), cache_read: randomRate(random) },
  ...{ cache_write_5m: randomRate(random), cache_write_1h: randomRate(random) },
});

function randomRows(random: Random): readonly PriceRow[] {
  const days = new Set(Array.from({ length: 1 + random.below(4) }, () => dayOf(random.below(100))));
  return [...days].map((from) => ({
    from,
    normal: randomRates(random),
    ...(random.chance(0.5) && { fast: randomRates(random) }),
    ...(random.chance(0.5) && { above: { prompt_tokens: random.pick([1, 100, 100_000]), normal: randomRates(random) } }),
  }));
}

const randomCount = (random: Random): number =>
  random.pick([0, 0, 1, random.below(100), random.below(200_000), random.chance(0.1) ? 999_999_999_999 : 0]);

const randomTokens = (random: Random): RequestTokens => ({
  ...{ input: randomCount(random), output: randomCount(random), cacheRead: randomCount(random) },
  ...{ cacheCreation5m: randomCount(random), cacheCreation1h: randomCount(random) },
});

const totalOf = (parts: readonly RequestTokens[]): RequestTokens =>
  parts.reduce((sum, part) => ({
    ...{ input: sum.input + part.input, output: sum.output + part.output, cacheRead: sum.cacheRead + part.cacheRead },
    ...{ cacheCreation5m: sum.cacheCreation5m + part.cacheCreation5m, cacheCreation1h: sum.cacheCreation1h + part.cacheCreation1h },
  }));

function randomDiscounts(random: Random): readonly Agreed[] {
  return Array.from({ length: random.below(3) }, () => {
    const first = random.below(100);
    return {
      ...{ from: dayOf(first), until: dayOf(first + random.below(60)) },
      percent: random.pick(['12.5', '33.33', '0.01', '100', '20', String((1 + random.below(9_999)) / 100)]),
      classes: random.chance(0.5) ? CLASSES : [random.pick(CLASSES), random.pick(CLASSES)],
    };
  });
}

const FACTORS = [
  { name: 'region', from: dayOf(30), times: '1.1', regions: ['us'] },
  { name: 'batch', from: dayOf(10), times: '0.5', batch: true },
  { name: 'odd', from: dayOf(60), times: '1.0375', inference_geos: ['us'] },
] as const;

function randomCase(random: Random): Case {
  const day = dayOf(random.below(150));
  const isFast = random.chance(0.3);
  const circumstances = {
    region: random.pick(['', 'us', 'global']),
    inferenceGeo: random.pick(['', 'us']),
    batch: !isFast && random.chance(0.3),
  };
  const applies = [circumstances.region === 'us', circumstances.batch, circumstances.inferenceGeo === 'us'];
  const parts = Array.from({ length: random.chance(0.6) ? 1 : 1 + random.below(4) }, () => randomTokens(random));
  return {
    ...{ rows: randomRows(random), tokens: totalOf(parts), parts, day, isFast, circumstances },
    factors: FACTORS.flatMap(({ from, times }, index) => (applies[index] === true && from <= day ? [times] : [])),
    discounts: randomDiscounts(random),
  };
}

describe('a price book of random rows, factors and discounts', () => {
  test('should price every request as fractions of bigints do, rounded once', () => {
    const random = seededRandom('prices');
    const modifiers = createModifiers({ factors: FACTORS.map((factor) => ({ ...factor, source: 'test' })), fast: [], web_search: [] });
    let priced = 0;
    for (let round = 0; round < 4_000; round++) {
      const one = randomCase(random);
      const discounts = one.discounts.map((discount) => ({ ...discount, percent: Number(discount.percent) }));
      const book = createPriceBook([{ m: one.rows }], { modifiers, terms: { assumed: [], discounts, capacity: [], overrides: [] } });
      const options = { ...one.circumstances, speed: one.isFast ? 'fast' : 'normal', ...(one.parts.length > 1 && { iterations: one.parts }) };
      const price = book.listPrice('m', one.tokens, startOfDay(one.day) + random.below(DAY_MS), options);
      expect({ one, price }).toEqual({ one, price: expectedPrice(one) });
      if (price !== undefined) priced++;
    }
    expect(priced).toBeGreaterThan(2_000);
  });

  test('should not depend on the order of the rows, nor on the time within the day', () => {
    const random = seededRandom('order of rows');
    for (let round = 0; round < 300; round++) {
      const one = randomCase(random);
      const [book, shuffled] = [createPriceBook([{ m: one.rows }]), createPriceBook([{ m: random.shuffle(one.rows) }])];
      const startMs = startOfDay(one.day);
      const price = book.listPrice('m', one.tokens, startMs);
      expect(shuffled.listPrice('m', one.tokens, startMs + DAY_MS - 1)).toEqual(price);
    }
  });

  test('should never contract for more than the list price, and for all of it where nothing is agreed', () => {
    const random = seededRandom('contracted');
    for (let round = 0; round < 300; round++) {
      const one = randomCase(random);
      const discounts = one.discounts.map((discount) => ({ ...discount, percent: Number(discount.percent) }));
      const agreed = createPriceBook([{ m: one.rows }], { terms: { assumed: [], discounts, capacity: [], overrides: [] } });
      const price = agreed.listPrice('m', one.tokens, startOfDay(one.day));
      expect((price?.contracted ?? 0n) <= (price?.cost ?? 0n)).toBe(true);
      const plain = createPriceBook([{ m: one.rows }]).listPrice('m', one.tokens, startOfDay(one.day));
      expect(plain?.contracted).toBe(plain?.cost);
    }
  });
});
