/** Lines of records are priced as requests are. */
import { expect, test } from '@jest/globals';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import { lineRates } from '../../../collector/query/reconcile/line-rates.ts';
import { classOf } from '../../../collector/query/reconcile/records.ts';

const ratesOf = lineRates(loadPriceBook());
const LINE = { model: 'claude-opus-5-5', day: '2026-10-05', speed: '', contextWindow: '', provider: 'anthropic', region: '', inferenceGeo: '' };

test('at list price, by class', () => {
  expect(ratesOf(LINE)?.plain).toEqual({
    input: 4_000_000n,
    output: 20_000_000n,
    cacheRead: 200_000n,
    cacheWrite5m: 5_000_000n,
    cacheWrite1h: 8_000_000n,
  });
  expect(ratesOf({ ...LINE, speed: 'fast' })?.plain.input).toBe(8_000_000n);
  expect(ratesOf({ ...LINE, model: 'no such model' })).toBeUndefined();
});

test('inference in the United States is a surcharge, whoever names the provider', () => {
  for (const provider of ['', 'anthropic', 'firstParty']) {
    const { plain, surcharged } = ratesOf({ ...LINE, provider, inferenceGeo: 'us' }) ?? {};
    expect([plain?.input, surcharged?.input]).toEqual([4_000_000n, 4_400_000n]);
  }
  for (const inferenceGeo of ['global', 'not_available']) {
    const { plain, surcharged } = ratesOf({ ...LINE, inferenceGeo }) ?? {};
    expect(surcharged).toEqual(plain);
  }
});

test('a region of a cloud is part of its list price, as of requests', () => {
  expect(ratesOf({ ...LINE, provider: 'bedrock', region: 'eu' })?.plain.input).toBe(4_400_000n);
});

test('the longer context window has the price of its band, where the model has that band', () => {
  const of = (contextWindow: string, model: string) => ratesOf({ ...LINE, model, contextWindow, day: '2026-01-05' })?.plain.input;
  expect([of('0-200k', 'claude-sonnet-4'), of('200k-1M', 'claude-sonnet-4')]).toEqual([3_000_000n, 6_000_000n]);
  expect(of('200k-1M', 'claude-haiku-4-5')).toBe(of('0-200k', 'claude-haiku-4-5'));
});

test('classes of tokens are known in the words of records and imports', () => {
  const words = {
    input: ['uncached_input_tokens', 'input'],
    output: ['output_tokens', 'output'],
    cacheRead: ['cache_read_input_tokens', 'cache_read'],
    cacheWrite5m: ['cache_creation.ephemeral_5m_input_tokens', 'cache_write_5m', 'cache_write'],
    cacheWrite1h: ['cache_creation.ephemeral_1h_input_tokens', 'cache_write_1h'],
  };
  for (const [name, own] of Object.entries(words)) expect(own.map(classOf)).toEqual(own.map(() => name));
  expect(classOf('images')).toBeUndefined();
});
