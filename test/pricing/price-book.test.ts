import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../collector/core/money.ts';
import { normalizeModel } from '../../collector/ingest/claude-code/model-names.ts';
import { loadModifiers, loadPriceBook, loadPriceFile, loadPriceTable, parsePriceTable } from '../../collector/pricing/load.ts';
import { createModifiers } from '../../collector/pricing/modifiers.ts';
import { createPriceBook, type PriceTable, type Rates } from '../../collector/pricing/price-book.ts';
import type { RequestTokens } from '../../collector/pricing/tokens.ts';

const BUILT_IN = new URL('../../collector/pricing/anthropic.yaml', import.meta.url).pathname;
const prices = loadPriceBook();
const day = (text: string) => Date.parse(`${text}T12:00:00Z`);
const tokensOf = (tokens: Partial<RequestTokens>): RequestTokens => ({
  ...{ input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 },
  ...tokens,
});
const MILLION = 1_000_000;
const rates = (input: string): Rates => ({ input, output: '0', cache_write_5m: '0', cache_write_1h: '0', cache_read: '0' });

describe('the built-in list prices', () => {
  test.each<[string, string, Partial<RequestTokens>, string | undefined, string]>([
    ['claude-sonnet-5', '2026-09-21', { input: 12, output: 431, cacheRead: 51_200, cacheCreation5m: 1_570 }, 'normal', '0.018499'],
    ['claude-sonnet-5', '2026-09-21', { input: 12, output: 431, cacheRead: 51_200, cacheCreation1h: 1_570 }, undefined, '0.020854'],
    ['claude-sonnet-5-5', '2026-10-06', { cacheRead: MILLION }, 'normal', '0.20'],
    ['claude-sonnet-5-5', '2026-10-07', { cacheRead: MILLION }, 'normal', '0.10'],
    ['claude-haiku-5-5', '2026-11-01', { input: 50_000, cacheRead: 50_000, output: 1_000 }, 'normal', '0.006'],
    ['claude-haiku-5-5', '2026-11-01', { input: 50_000, cacheRead: 50_001, output: 1_000 }, 'normal', '0.03000005'],
    ['claude-haiku-5-5', '2026-11-01', { cacheCreation5m: 60_000, cacheCreation1h: 60_000 }, 'normal', '0.0975'],
    ['claude-opus-5-5', '2026-11-01', { input: MILLION, output: MILLION }, 'fast', '48'],
    ['claude-opus-5', '2026-11-01', { cacheRead: MILLION, cacheCreation1h: MILLION }, 'fast', '21'],
    ['claude-opus-4-7', '2026-06-01', { input: MILLION }, 'fast', '30'],
    ['claude-opus-4-6', '2026-06-28', { output: MILLION }, 'fast', '150'],
    ['claude-opus-4-6', '2026-06-29', { output: MILLION }, 'fast', '25'],
    ['claude-fable-5-1', '2026-11-20', { cacheRead: MILLION }, 'normal', '0.25'],
    ['claude-fable-5-2', '2026-11-20', { input: MILLION, output: MILLION, cacheRead: MILLION, cacheCreation1h: MILLION }, 'normal', '64.20'],
    ['claude-mythos-5-2', '2026-11-20', { input: MILLION, output: MILLION, cacheRead: MILLION, cacheCreation5m: MILLION }, 'fast', '116.40'],
    ['claude-mythos-preview', '2026-05-01', { input: MILLION }, 'normal', '25'],
    ['claude-mythos-preview', '2026-11-20', { input: MILLION }, 'normal', '10'],
    ['claude-opus-4-8', '2026-11-29', { input: MILLION }, 'fast', '10'],
    ['claude-sonnet-4-5', '2026-04-29', { input: 200_001 }, 'normal', '1.200006'],
    ['claude-sonnet-4-5', '2026-04-30', { input: 200_001 }, 'normal', '0.600003'],
    ['claude-opus-4-6', '2026-03-01', { cacheRead: 200_000, output: 10 }, 'normal', '0.10025'],
    ['claude-opus-4-6', '2026-03-01', { cacheRead: 200_001, output: 10 }, 'normal', '0.200376'],
    ['claude-3-haiku', '2026-01-01', { input: 1 }, 'normal', '0.00000025'],
    ['claude-opus-5-5', '2026-09-20', { input: MILLION }, 'normal', '4'],
  ])('%s on %s for %j at speed %s should cost %s', (model, date, tokens, speed, expected) => {
    expect(prices.listCost(model, tokensOf(tokens), day(date), { speed })).toBe(parseUsd(expected));
  });

  test.each<[string, Partial<RequestTokens>, string, string]>([
    ['at the price of input', { input: 12, output: 431, cacheRead: 51_200, cacheCreation5m: 1_000, cacheCreation1h: 570 }, 'normal', '0.219748'],
    ['at the speed asked for', { cacheRead: MILLION }, 'fast', '8'],
    ['as it was, where nothing was cached', { input: MILLION, output: MILLION }, 'normal', '24'],
  ])('should price a request without its cache %s', (_name, tokens, speed, expected) => {
    const price = prices.listPrice('claude-opus-5-5', tokensOf(tokens), day('2026-11-01'), { speed });
    expect(price?.uncached).toBe(parseUsd(expected));
    expect(price?.cost).toBe(prices.listCost('claude-opus-5-5', tokensOf(tokens), day('2026-11-01'), { speed }));
  });

  test('should keep the band of a long prompt when pricing it without its cache', () => {
    const price = (cacheRead: number) => prices.listPrice('claude-haiku-5-5', tokensOf({ input: 50_000, cacheRead }), day('2026-11-01'))?.uncached;
    const perToken = (price(50_000) ?? 0n) / 100_000n;
    expect(price(50_001)).toBe(100_001n * perToken * 5n);
  });

  test.each([
    ['an unknown model', 'gpt-5', 'normal'],
    ['no model', '', 'normal'],
    ['a fast mode that does not exist', 'claude-sonnet-5-5', 'fast'],
  ])('should leave %s without a price instead of pricing it at zero', (_name, model, speed) => {
    expect(prices.listCost(model, tokensOf({ input: 1 }), day('2026-11-01'), { speed })).toBeUndefined();
  });

  test('should each have a source, and retirements of models that have a price', () => {
    const { models, retirements = {} } = loadPriceFile(BUILT_IN);
    expect(
      Object.entries(models).flatMap(([model, rows]) => rows.filter(({ source }) => source === undefined).map(({ from }) => [model, from])),
    ).toEqual([]);
    expect(Object.keys(retirements).filter((model) => models[model] === undefined)).toEqual([]);
  });

  test('should be named as models are normalized, and keep the multipliers of cache writes', () => {
    for (const [model, rows] of Object.entries(loadPriceTable(BUILT_IN))) {
      expect(normalizeModel(model)).toEqual({ model, recognized: true });
      expect(rows.map(({ from }) => from)).toEqual(rows.map(({ from }) => from).toSorted());
      if (model === 'claude-3-haiku') continue; // 0.30 where 1.25 times would be 0.3125, and 0.03 where a tenth would be 0.025
      for (const list of rows.flatMap(({ normal, fast, above }) => [normal, fast, above?.normal].filter((found) => found !== undefined))) {
        const input = parseUsd(list.input) ?? 0n;
        expect([model, parseUsd(list.cache_write_5m), parseUsd(list.cache_write_1h)]).toEqual([model, (input * 5n) / 4n, input * 2n]);
        expect([10n, 20n, 40n]).toContain(input / (parseUsd(list.cache_read) ?? 1n));
      }
    }
  });
});

describe('a price book', () => {
  test('should stay exact where doubles are not', () => {
    const tokens = tokensOf({ input: 999_999_999_999, output: 1 });
    expect(prices.listCost('claude-opus-4-1', tokens, day('2026-01-01'))).toBe(999_999_999_999n * 15_000_000n + 75_000_000n);
  });

  test("should take an operator's price from its first day on, and leave the past as it was", () => {
    const builtIn: PriceTable = {
      m: [
        { from: '2026-01-01', normal: rates('1') },
        { from: '2026-09-01', normal: rates('2') },
      ],
    };
    const own: PriceTable = { m: [{ from: '2026-06-01', normal: rates('0.5') }], n: [{ from: '2026-01-01', normal: rates('7') }] };
    const book = createPriceBook([builtIn, own]);
    const cost = (model: string, date: string) => book.listCost(model, tokensOf({ input: MILLION }), day(date));
    expect([cost('m', '2026-05-31'), cost('m', '2026-06-01'), cost('m', '2026-10-01'), cost('n', '2026-10-01')]).toEqual(
      ['1', '0.5', '0.5', '7'].map(parseUsd),
    );
    expect(book.models).toEqual(['m', 'n']);
  });

  test("should leave an operator's own rates as they are, unless the row says that factors apply", () => {
    const modifiers = createModifiers(loadModifiers());
    const own: PriceTable = {
      m: [
        { from: '2026-06-01', normal: rates('2') },
        { from: '2026-07-01', normal: rates('2'), factors: true },
      ],
    };
    const book = createPriceBook([{ m: [{ from: '2026-01-01', normal: rates('1') }] }, own], { modifiers });
    const cost = (date: string) => book.listCost('m', tokensOf({ input: MILLION }), day(date), { provider: 'bedrock', region: 'us' });
    expect([cost('2026-05-31'), cost('2026-06-01'), cost('2026-07-01')]).toEqual(['1.1', '2', '2.2'].map(parseUsd));
  });

  test('should refuse a rate that is no whole number of pico-dollars for a token', () => {
    expect(() => createPriceBook([{ m: [{ from: '2026-01-01', normal: rates('0.0000001') }] }])).toThrow(RangeError);
  });
});

describe('a price file', () => {
  const valid = readFileSync(BUILT_IN, 'utf8');
  const file = (row: string) => `version: 1\ncurrency: USD\nmodels:\n  m:\n    - ${row}\n`;
  const list = '{ input: "1", output: "5", cache_write_5m: "1.25", cache_write_1h: "2", cache_read: "0.1" }';

  test.each([
    ['no YAML', 'version: [', 'is not YAML'],
    ['another version', valid.replace('version: 1', 'version: 2'), 'version: '],
    ['another currency', valid.replace('currency: USD', 'currency: EUR'), 'currency: '],
    ['a rate as a number', file(`{ from: 2026-01-01, normal: ${list.replace('"1"', '1')} }`), 'models.m.0.normal.input: '],
    ['too many decimals', file(`{ from: 2026-01-01, normal: ${list.replace('"1"', '"1.0000001"')} }`), 'at most six decimals'],
    ['a day that does not exist', file(`{ from: 2026-02-30, normal: ${list} }`), 'models.m.0.from: must be a day'],
    ['an unknown key', file(`{ from: 2026-01-01, normal: ${list}, slow: 1 }`), 'slow'],
    ['one day twice', `${file(`{ from: 2026-01-01, normal: ${list} }`)}    - { from: 2026-01-01, normal: ${list} }\n`, 'two rows for one day'],
  ])('with %s should be refused with the key', (_name, text, message) => {
    expect(() => parsePriceTable(text, 'prices.yaml')).toThrow(message);
  });

  test('that is missing should be refused with its name', () => {
    expect(() => loadPriceBook('/nowhere/prices.yaml')).toThrow('/nowhere/prices.yaml');
  });
});
