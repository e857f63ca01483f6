import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, MINUTE_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

/** Requests of a team in the minute that began so many minutes ago, each of `tokens` input tokens beside a million read from the cache. */
const minute = (team: string, back: number, requests: number, tokens: number, organization = 'acme') =>
  Array.from({ length: requests }, (_, index) =>
    event({
      id: `${organization} ${team} ${back} ${index}`,
      team,
      sessionId: `${organization} ${team} ${back}`,
      timeMs: NOON - back * MINUTE_MS + index,
      amounts: { requests: 1, input_tokens: tokens, cache_read_tokens: 1_000_000 },
      dimensions: { organization },
    }),
  );

describe('tokens and requests per minute', () => {
  test('should be quantiles over the busy minutes of a team, and of all teams minute by minute', async () => {
    // platform: 1, 2, 3, 4 requests of 10 tokens in four minutes. search: 6 requests of 5 tokens in the last of these minutes.
    await append(ledger, [...[1, 2, 3, 4].flatMap((count) => minute('platform', 10 - count, count, 10)), ...minute('search', 6, 6, 5)]);
    expect(await read(ledger, 'requests_per_minute')).toEqual([
      // All together: 1, 2, 3 and 4 + 6 = 10 requests.
      ', , 0.5: 2',
      ', , 0.95: 10',
      ', , 0.99: 10',
      'acme, , 0.5: 2',
      'acme, , 0.95: 10',
      'acme, , 0.99: 10',
      'acme, platform, 0.5: 2',
      'acme, platform, 0.95: 4',
      'acme, platform, 0.99: 4',
      'acme, search, 0.5: 6',
      'acme, search, 0.95: 6',
      'acme, search, 0.99: 6',
    ]);
    // Tokens without cache reads: 10, 20, 30, 40 and 30.
    expect((await read(ledger, 'tokens_per_minute')).filter((sample) => sample.includes('0.99'))).toEqual([
      ', , 0.99: 70',
      'acme, , 0.99: 70',
      'acme, platform, 0.99: 40',
      'acme, search, 0.99: 30',
    ]);
  });

  test('should separate the median, the busiest 5 % and the busiest 1 % of a hundred minutes', async () => {
    await append(ledger, Array.from({ length: 100 }, (_, index) => minute('platform', 100 - index, 1, index + 1)).flat());
    expect((await read(ledger, 'tokens_per_minute', { where: only('team', 'platform') })).filter((sample) => sample.includes('platform'))).toEqual([
      'acme, platform, 0.5: 50',
      'acme, platform, 0.95: 95',
      'acme, platform, 0.99: 99',
    ]);
  });

  test('should forget minutes older than seven days', async () => {
    await append(ledger, [...minute('platform', (7 * DAY_MS) / MINUTE_MS, 2, 1), ...minute('platform', (7 * DAY_MS) / MINUTE_MS + 1, 9, 1)]);
    expect((await read(ledger, 'requests_per_minute')).filter((sample) => sample.includes('platform, 0.99'))).toEqual(['acme, platform, 0.99: 2']);
  });

  test('should be narrowed by team, all being the chosen teams; not by what minutes do not know', async () => {
    await append(ledger, [...minute('platform', 5, 3, 1), ...minute('search', 5, 4, 1), ...minute('mobile', 5, 5, 1)]);
    expect(
      (await read(ledger, 'requests_per_minute', { where: only('team', 'platform', 'search') })).filter((sample) => sample.includes('0.99')),
    ).toEqual([', , 0.99: 7', 'acme, , 0.99: 7', 'acme, platform, 0.99: 3', 'acme, search, 0.99: 4']);
    expect(await read(ledger, 'requests_per_minute', { where: only('user', 'alice@example.com') })).toEqual([]);
  });

  test('should be over the minutes of several organizations together, not the largest of them', async () => {
    await append(ledger, [...minute('platform', 5, 3, 1), ...minute('platform', 5, 4, 1, 'other')]);
    expect((await read(ledger, 'requests_per_minute')).filter((sample) => sample.includes(', , 0.99'))).toEqual([
      ', , 0.99: 7',
      'acme, , 0.99: 3',
      'other, , 0.99: 4',
    ]);
  });
});

describe('the recommended rate', () => {
  const people = (count: number) =>
    Array.from({ length: count }, (_, index) => event({ id: `${index}`, user: `user-${index}`, sessionId: `s${index}` }));

  test.each([
    [1, 'tokens', 200_000, 300_000],
    [5, 'tokens', 1_000_000, 1_500_000],
    [6, 'tokens', 600_000, 900_000],
    [20, 'requests', 50, 70],
    [21, 'requests', 26.25, 36.75],
  ] as const)('of %i people should be the published row for them, times their number (%s)', async (count, what, low, high) => {
    await ledger.writer.append({ entries: people(count), receivedMs: NOON });
    expect(await read(ledger, `recommended_${what}_per_minute`)).toEqual([`high: ${high}`, `low: ${low}`]);
  });

  test('should not count people who have not come for 30 days, and be silent without anybody', async () => {
    await append(ledger, [event({ id: 'old', timeMs: NOON - 31 * DAY_MS })]);
    expect(await read(ledger, 'recommended_tokens_per_minute')).toEqual([]);
  });
});

describe('your own limit', () => {
  test('should be what the configuration says, and nothing where it says nothing', async () => {
    expect(await read(ledger, 'limit_tokens_per_minute')).toEqual([]);
    const config = { rate_limits: { tokens_per_minute: 2_000_000 } };
    expect(await read(ledger, 'limit_tokens_per_minute', { config })).toEqual([': 2000000']);
    expect(await read(ledger, 'limit_requests_per_minute', { config })).toEqual([]);
    expect(await read(ledger, 'limit_requests_per_minute', { config: { rate_limits: { requests_per_minute: 900 } } })).toEqual([': 900']);
  });
});

describe('use of the limits now', () => {
  const limits = { config: { rate_limits: { tokens_per_minute: 100, requests_per_minute: 8 } } };

  test('should be the busiest of the last 15 minutes, of all teams together', async () => {
    await append(ledger, [
      ...minute('platform', 16, 8, 90),
      ...minute('platform', 15, 2, 10),
      ...minute('search', 15, 4, 10),
      ...minute('search', 3, 1, 85),
    ]);
    expect(await read(ledger, 'rate_limit_used', limits)).toEqual(['requests_per_minute: 0.75', 'tokens_per_minute: 0.85']);
  });

  test('should be zero without use, nothing without a limit, and nothing of a part', async () => {
    expect(await read(ledger, 'rate_limit_used', limits)).toEqual(['requests_per_minute: 0', 'tokens_per_minute: 0']);
    expect(await read(ledger, 'rate_limit_used')).toEqual([]);
    expect(await read(ledger, 'rate_limit_used', { ...limits, where: only('team', 'platform') })).toEqual([]);
  });

  test('should count what was refused with 429 in the last hour', async () => {
    const failed = (id: string, status: string, back: number) =>
      event({ id, cost: '0', timeMs: NOON - back * MINUTE_MS, amounts: { errors: 1 }, dimensions: { status } });
    await append(ledger, [failed('a', '429', 59), failed('b', '429', 1), failed('c', '529', 1), failed('d', '429', 61)]);
    expect(await read(ledger, 'rate_limited_requests')).toEqual([': 2']);
    expect(await read(ledger, 'rate_limited_requests', { where: only('team', 'platform') })).toEqual([]);
  });
});
