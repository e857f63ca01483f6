import { describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../collector/core/money.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import type { PriceOptions } from '../../collector/pricing/price-book.ts';

const prices = loadPriceBook();
const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const MILLION = { input: 1_000_000, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 };
const cost = (model: string, day: string, options?: PriceOptions) => prices.listPrice(model, MILLION, at(day), options)?.cost;

describe('a million tokens of input', () => {
  test.each<[string, PriceOptions, string]>([
    ['claude-sonnet-4-5', { provider: 'bedrock', region: 'us' }, '3.30'],
    ['claude-sonnet-4-5', { region: 'eu' }, '3.30'],
    ['claude-sonnet-4-5', { provider: 'gateway', region: 'jp' }, '3.30'],
    ['claude-sonnet-4-5', { provider: 'bedrock', region: 'au' }, '3.30'],
    ['claude-sonnet-4-5', { provider: 'bedrock', region: 'apac' }, '3.30'],
    ['claude-sonnet-4-5', { provider: 'bedrock', region: 'us-gov' }, '3.60'],
    ['claude-sonnet-4-5', { provider: 'bedrock', region: 'global' }, '3'],
    ['claude-sonnet-4-5', { provider: 'bedrock' }, '3'],
    ['claude-opus-4-1', { provider: 'bedrock', region: 'us' }, '15'],
    ['claude-opus-5-5', { provider: 'mantle' }, '4.40'],
    ['claude-opus-5-5', { provider: 'mantle', region: 'us-gov' }, '4.80'],
    ['claude-haiku-4-5', { provider: 'mantle' }, '1'],
    ['claude-opus-5-5', { provider: 'vertex' }, '4'],
    ['claude-opus-5-5', { provider: 'vertex', region: 'global' }, '4'],
    ['claude-opus-5-5', { provider: 'vertex', region: 'europe-west1' }, '4.40'],
    ['claude-opus-5-5', { provider: 'vertex', region: 'us', speed: 'fast' }, '8.80'],
    ['claude-opus-5-5', { provider: 'foundry' }, '4'],
    ['claude-opus-5-5', { provider: 'foundry', inferenceGeo: 'us' }, '4.40'],
    ['claude-opus-5-5', { provider: 'firstParty', inferenceGeo: 'us', speed: 'fast' }, '8.80'],
    ['claude-opus-5-5', { provider: 'bedrock', inferenceGeo: 'us' }, '4'],
    ['claude-opus-4-5', { provider: 'firstParty', inferenceGeo: 'us' }, '5'],
    ['claude-fable-5-2', { batch: true }, '4'],
    ['claude-fable-5-2', { batch: true, inferenceGeo: 'us' }, '4.40'],
    ['claude-fable-5-2', { batch: true, inferenceGeo: 'us', webSearches: 3 }, '4.43'],
    ['claude-fable-5-2', { speed: 'fast' }, '16'],
  ])('of %s with %j should cost %s', (model, options, expected) => {
    expect(cost(model, '2026-11-20', options)).toBe(parseUsd(expected));
  });

  test('should cost a factor from its first day on', () => {
    const days = ['2026-02-04', '2026-02-05'].map((day) => cost('claude-opus-4-6', day, { inferenceGeo: 'us' }));
    expect(days).toEqual([parseUsd('10'), parseUsd('11')]); // Of a prompt beyond 200,000 tokens.
  });

  test.each<[string, string, PriceOptions]>([
    ['a batch in fast mode', 'claude-opus-5-5', { batch: true, speed: 'fast' }],
    ['fast mode of Opus 4.8 after its end', 'claude-opus-4-8', { speed: 'fast' }],
  ])('should have no price in %s', (_name, model, options) => {
    expect(cost(model, '2026-11-30', options)).toBeUndefined();
  });

  test('should be as cheap as each iteration is by itself, where they add up', () => {
    const half = { ...MILLION, input: 60_000 };
    const whole = { ...MILLION, input: 120_000 };
    const list = (iterations: readonly (typeof half)[]) => prices.listPrice('claude-haiku-5-5', whole, at('2026-11-20'), { iterations })?.cost;
    expect(list([half, half])).toBe(parseUsd('0.012'));
    expect(list([half])).toBe(parseUsd('0.06'));
  });
});
