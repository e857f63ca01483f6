/** What the reported cost of a request agrees with. Amounts are worked out by hand from the published prices. */
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { BUILT_IN, configuredPrices, loadPriceBook, loadPriceTable } from '../../../collector/pricing/load.ts';
import { createPriceBook } from '../../../collector/pricing/price-book.ts';
import { usd } from '../../support/entries.ts';
import { type Asked, explained, tokensOf } from './requests.ts';

const K = 1_000;
/** Of Sonnet 5.5: 0.002 + 0.005 + 0.002 = 0.009 USD, and cache writes beyond it. */
const PLAIN = { input: K, output: 500, cacheRead: 20 * K };
const WRITES = { ...PLAIN, cacheCreation5m: 10 * K };

const basisOf = (asked: Asked): string => {
  const { basis, detail } = explained(asked);
  return detail === '' ? `${basis}` : `${basis}: ${detail}`;
};

describe('a cost that agrees with list price', () => {
  test('needs no other cause, to a billionth of a dollar', () => {
    expect(explained({ tokens: PLAIN, cost: '0.009' })).toEqual({
      ...{ tokens: tokensOf(PLAIN), lifetimes: 'event', uncertain: 0n, basis: 'list', detail: '' },
      list: { cost: usd('0.009'), uncached: usd('0.047'), contracted: usd('0.009') },
    });
    expect(basisOf({ tokens: PLAIN, cost: '0.009000001' })).toBe('list');
    expect(basisOf({ tokens: PLAIN, cost: '0.0090000011' })).not.toBe('list');
    expect(basisOf({ tokens: PLAIN, cost: '0.008999999' })).toBe('list');
  });

  test('has no basis where none is reported', () => {
    expect(explained({ tokens: PLAIN })).toMatchObject({ basis: undefined, list: { cost: usd('0.009') }, uncertain: 0n });
  });
});

describe('the lifetimes of cache writes', () => {
  test('are those of the event, where it says them', () => {
    const split = { ...PLAIN, cacheCreation5m: 4 * K, cacheCreation1h: 6 * K };
    expect(explained({ tokens: split, cost: '0.043' })).toMatchObject({ tokens: split, lifetimes: 'event', basis: 'list' });
  });

  test.each([
    ['all for five minutes', '0.034', 10 * K, 0],
    ['all for an hour', '0.049', 0, 10 * K],
    ['some of each', '0.034003', 9_998, 2],
    ['most for an hour', '0.0489985', 1, 9_999],
  ])('are solved from the cost where it does not: %s', (_, cost, cacheCreation5m, cacheCreation1h) => {
    const { list, ...answer } = explained({ tokens: WRITES, cost, hasLifetimes: false });
    expect(answer).toEqual({
      ...{ tokens: tokensOf({ ...PLAIN, cacheCreation5m, cacheCreation1h }), lifetimes: 'solved', uncertain: 0n, basis: 'list', detail: '' },
    });
    expect(list?.cost).toBe(usd(cost));
  });

  test('are unknown where no whole number of them comes to the cost, and list price says how much more it could be', () => {
    expect(explained({ tokens: WRITES, cost: '0.03400312345', hasLifetimes: false })).toMatchObject({
      ...{ lifetimes: 'unknown', tokens: WRITES, list: { cost: usd('0.034') }, uncertain: usd('0.015'), basis: 'unexplained' },
    });
    expect(explained({ tokens: WRITES, hasLifetimes: false })).toMatchObject({ lifetimes: 'unknown', uncertain: usd('0.015'), basis: undefined });
  });

  test.each(['2.1.120', '2.1.199', '', 'unreleased'])(
    'are unknown where a version (%j) may price all of them as five-minute writes',
    (clientVersion) => {
      const old = { clientVersion, model: 'claude-sonnet-4-5', day: '2026-04-20', hasLifetimes: false, tokens: { cacheCreation5m: 100 * K } };
      expect(explained({ ...old, cost: '0.375' })).toMatchObject({ basis: 'list', lifetimes: 'unknown', uncertain: usd('0.225') });
      // Nothing but one-hour writes costs that.
      expect(explained({ ...old, cost: '0.6' })).toMatchObject({ basis: 'list', lifetimes: 'solved', uncertain: 0n, list: { cost: usd('0.6') } });
      expect(explained({ ...old, cost: '0.5' })).toMatchObject({ lifetimes: 'unknown' });
    },
  );

  test('are settled by another cause, too', () => {
    // 1.1 times, all for an hour.
    expect(explained({ tokens: WRITES, cost: '0.0539', hasLifetimes: false })).toMatchObject({
      basis: 'surcharge',
      lifetimes: 'solved',
      list: { cost: usd('0.049') },
    });
  });
});

describe('a cost that differs from list price', () => {
  test.each<[string, Asked, string]>([
    [
      'cache writes of another lifetime',
      { tokens: { ...PLAIN, cacheCreation1h: 10 * K }, cost: '0.034' },
      'cache_lifetime: all of them as five-minute writes',
    ],
    ['cache writes of another lifetime', { tokens: WRITES, cost: '0.049' }, 'cache_lifetime: all of them as one-hour writes'],
    ['US-only inference', { tokens: PLAIN, cost: '0.0099' }, 'surcharge: 10 %, as for US-only inference'],
    ['web searches', { tokens: PLAIN, cost: '0.039' }, 'surcharge: 3 web searches'],
    ['a web search alone', { tokens: {}, cost: '0.01' }, 'surcharge: 1 web search'],
    ['US-only inference and a web search', { tokens: PLAIN, cost: '0.0199' }, 'surcharge: 10 %, as for US-only inference, and 1 web search'],
    ['a price of before', { tokens: PLAIN, cost: '0.011' }, 'price_date: at the price from 2026-09-22 on'],
    ['a price of later', { tokens: PLAIN, cost: '0.009', day: '2026-10-01' }, 'price_date: at the price from 2026-10-07 on'],
    [
      'a model that the client does not know',
      { model: 'claude-haiku-4-5', tokens: PLAIN, cost: '0.0275' },
      'unknown_model: at the 5/25 USD that clients charge for a model they do not know',
    ],
    ['another model', { tokens: PLAIN, cost: '0.018' }, 'promotion: at the price of claude-opus-5-5'],
    ['the price of fast mode', { model: 'claude-opus-5', tokens: PLAIN, cost: '0.055' }, 'promotion: at the price of claude-opus-5 in fast mode'],
    ['a managed price', { tokens: PLAIN, cost: '0.00765' }, 'discount: 15 % below list price'],
    [
      'a managed price with one rate for cache writes',
      { tokens: { ...PLAIN, cacheCreation1h: 10 * K }, cost: '0.0289' },
      'discount: 15 % below list price',
    ],
    ['a markup', { tokens: PLAIN, cost: '0.01125' }, 'discount: 25 % above list price'],
    [
      'an advisor',
      { tokens: PLAIN, cost: '0.059', querySource: 'sdk' },
      'advisor: probably, as what is beyond list price comes to whole tokens of a model that costs more',
    ],
    [
      'a web search of the main conversation',
      { tokens: PLAIN, cost: '0.019', querySource: 'sdk', clientVersion: '2.1.200' },
      'surcharge: 1 web search',
    ],
    ['nothing that is known', { tokens: PLAIN, cost: '0.012345678901' }, 'unexplained'],
    ['less than anything', { tokens: PLAIN, cost: '0.000000001' }, 'unexplained'],
  ])('is %s', (_, asked, expected) => {
    expect(basisOf(asked)).toBe(expected);
  });

  test.each<[string, Asked, string]>([
    [
      'all iterations at the price of short prompts',
      { model: 'claude-haiku-5-5', tokens: { input: 120 * K, output: 2 * K }, cost: '0.013' },
      'iteration_bands: all at the price of short prompts',
    ],
    [
      // 110,000 + 500 at the long price, 40,000 + 500 at the short one.
      'some iterations at the price of short prompts',
      { model: 'claude-haiku-5-5', tokens: { input: 150 * K, output: K }, cost: '0.0605' },
      'iteration_bands: some at the price of short prompts; which ones is not reported',
    ],
    [
      // Too little for one iteration with a long prompt.
      'neither, where it could not be one',
      { model: 'claude-haiku-5-5', tokens: { input: 150 * K, output: K }, cost: '0.0157' },
      'unexplained',
    ],
  ])('is the length of iterations: %s', (_, asked, expected) => {
    expect(basisOf({ ...asked, clientVersion: '2.1.200' })).toBe(expected);
  });

  test.each<[string, Asked, string]>([
    [
      '2.1.59 priced Sonnet 4.5 at 5/25',
      {
        clientVersion: '2.1.59',
        model: 'claude-sonnet-4-5',
        day: '2026-03-20',
        tokens: { input: 100, cacheCreation5m: 100 * K },
        hasLifetimes: false,
        cost: '0.6255',
      },
      'client_version: Claude Code 2.1.59 charges 5/25 USD',
    ],
    [
      'Sonnet 5 was at 3/15',
      { clientVersion: '2.1.230', model: 'claude-sonnet-5', day: '2026-08-18', tokens: PLAIN, cost: '0.0165' },
      'client_version: Claude Code 2.1.230 charges 3/15 USD',
    ],
    [
      'and is not any more',
      { clientVersion: '2.1.332', model: 'claude-sonnet-5', tokens: PLAIN, cost: '0.0165' },
      'promotion: at the price of claude-sonnet-4-6',
    ],
    [
      'attempts that were cut are in the cost',
      { clientVersion: '2.1.280', model: 'claude-sonnet-4-5', tokens: PLAIN, cost: '0.0216033' },
      'client_version: probably attempts that were cut and repeated: their cost is reported, their tokens are not',
    ],
    ['and were not before', { clientVersion: '2.1.200', model: 'claude-sonnet-4-5', tokens: PLAIN, cost: '0.0216033' }, 'unexplained'],
  ])('is the version of the client: %s', (_, asked, expected) => {
    expect(basisOf(asked)).toBe(expected);
  });

  test.each<[string, Asked, string]>([
    ['at any price', { model: 'gpt-5', tokens: PLAIN, cost: '0.123' }, 'unknown_model'],
    [
      'at the price that clients charge then',
      { model: 'gpt-5', tokens: PLAIN, cost: '0.0275' },
      'unknown_model: at the 5/25 USD that clients charge for a model they do not know',
    ],
    ['at the price of another', { model: 'gpt-5', tokens: PLAIN, cost: '0.009' }, 'unknown_model: at the price of claude-sonnet-5-5'],
    ['at a speed that has none', { speed: 'fast', tokens: PLAIN, cost: '0.009' }, 'unknown_model: at the price of claude-sonnet-5-5'],
    [
      'at a speed that had one',
      { speed: 'fast', model: 'claude-opus-4-7', tokens: PLAIN, cost: '0.165' },
      'price_date: at the price from 2026-05-12 on',
    ],
  ])('is the model, where that has no list price: %s', (_, asked, expected) => {
    expect(basisOf(asked)).toBe(expected);
    expect(explained(asked).list).toBeUndefined();
  });
});

/** 10 tokens in, 10 out and 100,000 written for an hour, as the real client of each version was seen to charge for them; none says the lifetime. */
describe('one-hour cache writes of Sonnet 4.5', () => {
  const written = { model: 'claude-sonnet-4-5', day: '2026-04-20', hasLifetimes: false, tokens: { input: 10, output: 10, cacheCreation5m: 100 * K } };

  test.each([
    ['1.0.128', '0.37518', 'list', 'unknown', '0.225'],
    ['2.0.76', '0.37518', 'list', 'unknown', '0.225'],
    ['2.1.59', '0.6253', 'client_version', 'unknown', '0.225'],
    ['2.1.120', '0.37518', 'list', 'unknown', '0.225'],
    ['2.1.200', '0.60018', 'list', 'solved', '0'],
    ['2.1.280', '0.60018', 'list', 'solved', '0'],
  ])('%s charges %s USD', (clientVersion, cost, basis, lifetimes, uncertain) => {
    const answer = explained({ ...written, clientVersion, cost });
    expect(answer).toMatchObject({ basis, lifetimes, uncertain: usd(uncertain) });
    // At one end of the range or the other, that is what they cost.
    expect((answer.list?.cost ?? 0n) + answer.uncertain).toBe(usd('0.60018'));
  });
});

describe('prices of the operator', () => {
  test('explain a cost that is as the configuration has it', () => {
    const agreed = configuredPrices({ models: {}, prices: { ...defaultConfig().prices, discounts: [{ from: '2026-01-01', percent: 13.7 }] } });
    // 13.7 % below list price, which is no whole percentage; as the client has it that is set so by managed settings.
    expect(explained({ tokens: PLAIN, cost: '0.007767' }, agreed)).toMatchObject({ basis: 'discount', detail: 'as the configuration has them' });
    expect(explained({ tokens: PLAIN, cost: '0.009' }, agreed).basis).toBe('list');
    expect(explained({ tokens: PLAIN, cost: '0.007767' }).basis).toBe('unexplained');
  });

  test('explain a request that costs nothing', () => {
    const paid = configuredPrices({ models: {}, prices: { ...defaultConfig().prices, capacity: [{ monthly_usd: '9000' }] } });
    expect(explained({ tokens: PLAIN, cost: '0' }, paid)).toMatchObject({
      ...{ basis: 'discount', detail: 'as the configuration has them' },
      list: { cost: usd('0.009'), contracted: 0n },
    });
    expect(basisOf({ tokens: PLAIN, cost: '0' })).toBe('discount: 100 % below list price');
    // What rounds to nothing is no such price.
    expect(basisOf({ tokens: PLAIN, cost: '0.00001' })).toBe('unexplained');
    expect(basisOf({ model: 'gpt-5', tokens: PLAIN, cost: '0' })).toBe('unknown_model');
  });

  test('explain a cost at the published price that they replaced', () => {
    const normal = { input: '1.5', output: '8', cache_write_5m: '2', cache_write_1h: '3', cache_read: '0.09' };
    const own = createPriceBook([loadPriceTable(BUILT_IN), { 'claude-sonnet-5-5': [{ from: '2026-11-01', normal }] }]);
    expect(explained({ tokens: PLAIN, cost: '0.009' }, own)).toMatchObject({
      ...{ basis: 'discount', detail: 'at the price from 2026-10-07 on, which the price file of your own replaced' },
      list: { cost: usd('0.0073') },
    });
    // The region of a cloud has a factor for published prices, and the client has none.
    const regional = { tokens: PLAIN, cost: '0.009', provider: 'bedrock', region: 'eu' };
    expect(explained(regional)).toMatchObject({ basis: 'surcharge', detail: 'without that of the region eu', list: { cost: usd('0.0099') } });
    expect(explained({ ...regional, region: 'global' }).basis).toBe('list');
  });
});

test('the same request is explained alike with the rows of the book in any order', () => {
  const asked = { tokens: PLAIN, cost: '0.0275', model: 'claude-haiku-4-5' } as const;
  expect(explained(asked, loadPriceBook())).toEqual(explained(asked));
});
