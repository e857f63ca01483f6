import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { parseUsd } from '../../collector/core/money.ts';
import { configuredPrices } from '../../collector/pricing/load.ts';
import type { PriceOptions } from '../../collector/pricing/price-book.ts';

const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const TOKENS = { input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheCreation5m: 0, cacheCreation1h: 0 };
const contracted = (prices: object, day = '2026-11-20', options: PriceOptions = {}, model = 'claude-opus-5-5') =>
  configuredPrices(configSchema.parse({ prices })).listPrice(model, TOKENS, at(day), options)?.contracted;

const RATES = { input: '1', output: '2', cache_write_5m: '1', cache_write_1h: '1', cache_read: '0' };

describe('the contracted price of 24.20 USD at list', () => {
  test.each<[string, object, PriceOptions, string]>([
    ['nothing is agreed', {}, {}, '24.20'],
    ['a discount for everything', { discounts: [{ percent: 12.5 }] }, {}, '21.175'],
    ['a discount for a class', { discounts: [{ percent: 50, classes: ['output'] }] }, {}, '14.20'],
    ['the first of two discounts', { discounts: [{ percent: 10 }, { percent: 50 }] }, {}, '21.78'],
    ['two discounts for different classes', { discounts: [{ percent: 50, classes: ['input'] }, { percent: 10 }] }, {}, '20.18'],
    ['a discount for another model', { discounts: [{ percent: 10, models: ['claude-sonnet-*'] }] }, {}, '24.20'],
    ['a discount for its line', { discounts: [{ percent: 10, models: ['claude-opus-*'] }] }, {}, '21.78'],
    ['a discount for another provider', { discounts: [{ percent: 10, providers: ['bedrock'] }] }, { provider: 'firstParty' }, '24.20'],
    ['a discount at a region, with its factor', { discounts: [{ percent: 10, providers: ['bedrock'] }] }, { region: 'us' }, '23.958'],
    ['capacity', { capacity: [{ monthly_usd: '20000', models: ['claude-opus-5-5'] }], discounts: [{ percent: 10 }] }, {}, '0'],
    ['an override, without a factor', { overrides: [{ normal: RATES }], discounts: [{ percent: 10 }] }, { region: 'us' }, '3'],
    ['an override in fast mode, without a word about it', { overrides: [{ normal: RATES }] }, { speed: 'fast' }, '48.40'],
    ['web searches beside a discount', { discounts: [{ percent: 100 }] }, { webSearches: 2 }, '0.02'],
    ['a region that is assumed', { assumed: [{ providers: ['bedrock'], region: 'us' }] }, { provider: 'bedrock' }, '26.62'],
    ['a region that is reported', { assumed: [{ region: 'us' }] }, { provider: 'bedrock', region: 'global' }, '24.20'],
    ['inference that is assumed', { assumed: [{ inference_geo: 'us' }] }, { provider: 'firstParty' }, '26.62'],
  ])('with %s', (_name, terms, options, expected) => {
    expect(contracted(terms, '2026-11-20', options)).toBe(parseUsd(expected));
  });

  test('should hold from its first day to its last', () => {
    const discounts = [{ percent: 50, from: '2026-11-10', until: '2026-11-20' }];
    const days = ['2026-11-09', '2026-11-10', '2026-11-20', '2026-11-21'].map((day) => contracted({ discounts }, day));
    expect(days).toEqual(['24.20', '12.10', '12.10', '24.20'].map(parseUsd));
  });

  test('should be unknown for a model without a list price', () => {
    expect(contracted({ overrides: [{ normal: RATES }] }, '2026-11-20', {}, 'our-model')).toBeUndefined();
  });

  test.each<[string, object, string]>([
    ['a percentage with three decimals', { discounts: [{ percent: 12.345 }] }, 'two decimals'],
    ['a discount of nothing', { discounts: [{ percent: 0 }] }, 'percent'],
    ['an end before the beginning', { discounts: [{ percent: 1, from: '2026-02-01', until: '2026-01-01' }] }, 'must not be before from'],
    ['a rate as a number', { overrides: [{ normal: { ...RATES, input: 1 } }] }, 'input'],
    ['an unknown class', { discounts: [{ percent: 1, classes: ['thinking'] }] }, 'classes'],
  ])('should be refused with %s', (_name, prices, message) => {
    expect(JSON.stringify(configSchema.safeParse({ prices }).error?.issues)).toContain(message);
  });
});
