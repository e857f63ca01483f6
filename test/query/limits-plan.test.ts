import { afterEach, describe, expect, test } from '@jest/globals';
import type { Entry } from '../../collector/ledger/entry.ts';
import { LIMITS_PLAN } from '../../collector/query/limits-plan.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LIMITS = { tokens_per_minute: 40_000, input_tokens_per_minute: 30_000, output_tokens_per_minute: 1_000_000, requests_per_minute: 40 };

let questioned: Questioned;
afterEach(() => questioned.close());
const plan = (words = '') => questioned.put(LIMITS_PLAN, words);

/** Busy and quiet minutes of many users in several teams, sessions of several models, some records without a user. */
function generated(random: Random): Entry[] {
  return Array.from({ length: 1_500 }, (_, index) => {
    const user = random.pick(['ada', 'bob', 'cy', 'dee', 'eve', 'fay', '']);
    const team = random.pick(['core', 'web', '']);
    const hour = Math.floor(random.next() ** 2 * 9 * 24);
    return event({
      ...{ id: `${index}`, user, team, sessionId: `${user}/${team}/${Math.floor(hour / 5)}`, model: random.pick(['m1', 'm2']) },
      timeMs: NOON - hour * HOUR - random.below(40) * MINUTE - random.below(MINUTE),
      amounts: {
        ...{ requests: 1, input_tokens: random.below(900), cache_creation_tokens: random.below(5_000), output_tokens: random.below(90) },
        cache_read_tokens: random.below(100_000),
      },
      dimensions: { organization: random.pick(['acme', 'beta']) },
    });
  });
}

/** The smallest amount that at least this share of all does not exceed. */
const rank = (amounts: readonly number[], share: number): number =>
  amounts.toSorted((a, b) => a - b).find((_, before) => before + 1 >= share * amounts.length - 1e-6) ?? Number.NaN;
const spread = (amounts: readonly number[]) => ({
  p50: rank(amounts, 0.5),
  p95: rank(amounts, 0.95),
  p99: rank(amounts, 0.99),
  peak: Math.max(...amounts),
});
const sum = (entries: readonly Entry[], ...names: ('requests' | 'input_tokens' | 'cache_creation_tokens' | 'output_tokens')[]): number =>
  entries.reduce((all, { amounts }) => all + names.reduce((one, name) => one + (amounts[name] ?? 0), 0), 0);
const minuteOf = ({ timeMs }: Entry): number => Math.floor(timeMs / MINUTE);
const tokens = (entries: readonly Entry[]): number => sum(entries, 'input_tokens', 'cache_creation_tokens', 'output_tokens');
const usersIn = (entries: readonly Entry[]): number => new Set(entries.map(({ dimensions }) => dimensions.user).filter((user) => user !== '')).size;

/** Everything measured as a plain computation over the raw entries. */
function oracle(all: readonly Entry[]) {
  const entries = all.filter((entry) => minuteOf(entry) >= (NOON - 7 * DAY) / MINUTE && minuteOf(entry) < NOON / MINUTE);
  const minutes = [...Map.groupBy(entries, minuteOf)];
  const hours = new Set(entries.map(({ timeMs }) => Math.floor(timeMs / HOUR)));
  const working = Array.from({ length: 7 * 24 * 60 }, (_, index) => NOON / MINUTE - 1 - index).filter((minute) => hours.has(Math.floor(minute / 60)));
  const rate = (name: string, of: (entries: readonly Entry[]) => number) => {
    const amounts = minutes.map(([, own]) => of(own));
    const { p50, p95, p99 } = spread([...amounts, ...Array.from({ length: working.length - amounts.length }, () => 0)]);
    const peak = Math.max(...amounts);
    const peakMinute = Math.min(...minutes.filter(([, own]) => of(own) === peak).map(([minute]) => minute));
    return { rate: name, ...spread(amounts), peak_at: new Date(peakMinute * MINUTE).toISOString(), working: { p50, p95, p99 } };
  };
  const known = entries.filter(({ dimensions }) => dimensions.user !== '');
  const userMinutes = [...Map.groupBy(known, (entry) => `${minuteOf(entry)} ${entry.dimensions.user}`).values()];
  const teams = [...Map.groupBy(entries, ({ dimensions: { organization, team } }) => `${organization} ${team}`).values()].map((own) => {
    const amounts = [...Map.groupBy(own, minuteOf).values()];
    return {
      organization: own[0]?.dimensions.organization,
      team: own[0]?.dimensions.team || 'unallocated',
      ...{ users: usersIn(own), minutes_with_use: amounts.length, users_peak: Math.max(...amounts.map(usersIn)) },
      ...{ tokens: spread(amounts.map(tokens)), requests: spread(amounts.map((some) => some.length)) },
    };
  });
  return {
    users: usersIn(entries),
    minutes_with_use: minutes.length,
    working_minutes: working.length,
    requests: entries.length,
    input_tokens: sum(entries, 'input_tokens', 'cache_creation_tokens'),
    output_tokens: sum(entries, 'output_tokens'),
    rates: [
      rate('tokens', tokens),
      rate('input_tokens', (some) => sum(some, 'input_tokens', 'cache_creation_tokens')),
      rate('output_tokens', (some) => sum(some, 'output_tokens')),
      rate('requests', (some) => some.length),
      rate('users', usersIn),
    ],
    per_user: { user_minutes: userMinutes.length, tokens: spread(userMinutes.map(tokens)), requests: spread(userMinutes.map((some) => some.length)) },
    teams: teams.toSorted((a, b) => b.tokens.p99 - a.tokens.p99),
  };
}

describe('what is measured', () => {
  test.each([
    ['', () => true],
    ['where=team:core&where=team:unallocated', ({ dimensions: { team = '' } }: Entry) => ['core', ''].includes(team)],
    ['where=user:ada', ({ dimensions: { user } }: Entry) => user === 'ada'],
    ['where=model:m1&where=organization:beta', ({ dimensions: { model, organization } }: Entry) => model === 'm1' && organization === 'beta'],
  ])('should be what a plain computation over the entries finds (%s)', async (words, isAsked) => {
    questioned = await openQuestioned(NOON);
    const entries = generated(seededRandom(`plan ${words}`));
    await questioned.append(...entries, metric({ id: 'no request', amounts: { input_tokens: 1e6 }, timeMs: NOON - HOUR }));
    const { measured, measured_reason } = await plan(words);
    expect(measured).toMatchObject(oracle(entries.filter(isAsked)));
    expect(measured).toMatchObject({
      days: 7,
      source: 'records',
      from: '2026-11-13T12:00:00.000Z',
      to: '2026-11-20T12:00:00.000Z',
      has_more_teams: false,
    });
    expect(measured_reason).toBeNull();
  });

  test('should be nothing, with the reason, where no request was sent', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: LIMITS });
    const answer = await plan();
    expect(answer).toMatchObject({
      users: 0,
      users_from: 'measured',
      measured: null,
      published: null,
      recommendation: null,
      quota_request: null,
      training: null,
    });
    expect(answer.measured_reason).toBe('No request was sent in the last 7 days.');
    expect(answer.headroom.map(({ p99, p99_ratio, remaining, users_supported }) => [p99, p99_ratio, remaining, users_supported])).toEqual(
      Array.from({ length: 4 }, () => [null, null, null, null]),
    );
    expect(answer.growth).toMatchObject({ weeks: [], users_per_week: null, tokens_per_week: null });
  });
});

describe('a plan without measurements', () => {
  test('should be the published row: 200 users at 20k tokens are 4 M tokens per minute', async () => {
    questioned = await openQuestioned(NOON);
    const { published, recommendation, users_from, quota_request } = await plan('users=200');
    expect(users_from).toBe('asked');
    expect(published).toMatchObject({ size: '100-500', read_on: '2026-08-22', per_user: { tokens_per_minute: { low: 15_000, high: 20_000 } } });
    expect(published?.total).toEqual({ tokens_per_minute: { low: 3_000_000, high: 4_000_000 }, requests_per_minute: { low: 74, high: 94 } });
    expect(recommendation).toMatchObject({
      ...{ tokens_per_minute: 4_000_000, requests_per_minute: 94, basis: 'published' },
      steady: { tokens_per_minute: 3_000_000, requests_per_minute: 74 },
    });
    expect(recommendation?.words[0]).toBe('20,000 tokens per minute and user × 200 users = 4,000,000.');
    expect(quota_request).toContain('Peak: 4,000,000 tokens per minute, 94 requests per minute');
  });

  test('should say which row holds on an edge', async () => {
    questioned = await openQuestioned(NOON);
    const { recommendation, published } = await plan('users=100');
    expect([published?.size, recommendation?.tokens_per_minute]).toEqual(['50-100', 3_500_000]);
    expect(recommendation?.words.at(-1)).toContain(
      '100 users are in two rows of the table, and it does not say which holds: 50-100 is the larger amount.',
    );
    expect((await plan('users=99')).recommendation?.words.at(-1)).not.toContain('two rows');
  });

  test('should take the row for 1-5 users for a training session, however many take part', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: LIMITS });
    const { training } = await plan('training=40');
    expect(training).toMatchObject({ users: 40, tokens_per_minute: 12_000_000, requests_per_minute: 280, basis: 'published', with_everyday: null });
    expect(training?.fits).toEqual([
      { limit: 'tokens_per_minute', is_enough: false },
      { limit: 'requests_per_minute', is_enough: false },
    ]);
  });
});

/** One request in each of 400 minutes, the last two hours apart; minute n has n x 100 tokens. Ten users take turns. */
const steady = (): Entry[] =>
  Array.from({ length: 400 }, (_, index) =>
    event({
      ...{ id: `${index}`, user: `user-${index % 10}`, sessionId: `s${index % 10}`, timeMs: NOON - (400 - index) * MINUTE },
      amounts: { requests: 1, input_tokens: (index + 1) * 90, output_tokens: (index + 1) * 10, cache_read_tokens: 5_000_000 },
    }),
  );

describe('a plan of what was measured', () => {
  test('should scale the 99th percentile to the users, with a margin, and say how', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: LIMITS });
    await questioned.append(...steady());
    const { users, recommendation, measured, quota_request } = await plan('users=25');
    expect([users, measured?.users]).toEqual([25, 10]);
    // p99 of 100, 200 … 40,000 is 39,600; x 25 / 10 x 1.25 = 123,750, in thousands. p95 is 38,000.
    expect(recommendation).toMatchObject({
      ...{ tokens_per_minute: 124_000, requests_per_minute: 4, basis: 'measured' },
      steady: { tokens_per_minute: 95_000, requests_per_minute: 3 },
    });
    expect(recommendation?.words).toEqual([
      '39,600 tokens per minute (p99 of 400 minutes with use) × 25 / 10 users × 1.25 = 124,000.',
      '1 request per minute (p99 of 400 minutes with use) × 25 / 10 users × 1.25 = 4.',
      'Measured in the last 7 days, without cache reads. Peaks of more users even out, so this is a generous estimate.',
    ]);
    expect(quota_request?.split('\n')).toEqual([
      'Service: Amazon Bedrock, on-demand inference',
      'Model: [model id or inference profile]',
      'Region: [region, or the regions of the cross-region inference profile]',
      'Quotas: tokens per minute, requests per minute',
      'Use case: Claude Code, a coding assistant, for 25 developers. Interactive use in working hours, with prompt caching.',
      'Steady state: 95,000 tokens per minute, 3 requests per minute',
      'Peak: 124,000 tokens per minute, 4 requests per minute',
      'Average request: 18,045 input tokens without cache reads, 2,005 output tokens',
      'Basis: telemetry of the last 7 days (400 minutes with use, 10 users), without cache reads. Steady state is the 95th percentile, peak the 99th with a margin of a quarter, both scaled to the number of developers.',
    ]);
    expect((await plan('where=model:claude-opus-5-5')).quota_request).toContain('Model: claude-opus-5-5');
  });

  test('should not take a few minutes for a measurement', async () => {
    questioned = await openQuestioned(NOON);
    await questioned.append(...steady().slice(-299));
    const { recommendation } = await plan('users=25');
    expect(recommendation).toMatchObject({ basis: 'published', tokens_per_minute: 25 * 75_000 });
    expect(recommendation?.words.at(-1)).toContain('Only 299 minutes with use were measured; 300 are needed');
  });

  test('should hold each configured limit against it', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: LIMITS });
    await questioned.append(...steady());
    const { headroom } = await plan();
    expect(headroom).toEqual([
      {
        ...{ limit: 'tokens_per_minute', per_minute: 40_000, p99: 39_600, peak: 40_000, p99_ratio: 0.99, peak_ratio: 1, remaining: 400 },
        users_supported: 10,
      },
      {
        ...{ limit: 'input_tokens_per_minute', per_minute: 30_000, p99: 35_640, peak: 36_000, p99_ratio: 1.188, peak_ratio: 1.2, remaining: -5_640 },
        users_supported: 8,
      },
      {
        ...{
          limit: 'output_tokens_per_minute',
          per_minute: 1_000_000,
          p99: 3_960,
          peak: 4_000,
          p99_ratio: 0.004,
          peak_ratio: 0.004,
          remaining: 996_040,
        },
        users_supported: 2_525,
      },
      { limit: 'requests_per_minute', per_minute: 40, p99: 1, peak: 1, p99_ratio: 0.025, peak_ratio: 0.025, remaining: 39, users_supported: 400 },
    ]);
  });

  test('should have for a training session what active users take, all at once, beside everyday use', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: LIMITS });
    await questioned.append(...steady());
    const { training } = await plan('training=30');
    // p95 of a user's minute: 38,000 tokens and one request.
    expect(training).toMatchObject({
      ...{ users: 30, tokens_per_minute: 1_140_000, requests_per_minute: 30, basis: 'measured' },
      with_everyday: { tokens_per_minute: 1_178_000, requests_per_minute: 31 },
      fits: [
        { limit: 'tokens_per_minute', is_enough: false },
        { limit: 'requests_per_minute', is_enough: true },
      ],
    });
    expect(training?.words[0]).toBe('38,000 tokens per minute (p95 of 400 minutes of an active user) × 30 users = 1,140,000.');
  });
});

describe('growth', () => {
  /** A week ago, and so on: Monday noon of each. */
  const MONDAY = Date.parse('2026-11-16T12:00:00Z');
  const week = (back: number, users: number, tokensEach: number): Entry[] =>
    Array.from({ length: users }, (_, index) =>
      event({
        ...{ id: `${back} ${index}`, user: `user-${index}`, sessionId: `${back} ${index}`, timeMs: MONDAY - back * 7 * DAY },
        amounts: { requests: 1, input_tokens: tokensEach, cache_read_tokens: 1e6 },
      }),
    );

  test('should be a straight line through whole weeks, and say when it meets a limit', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: { tokens_per_minute: 9_000, requests_per_minute: 18 } });
    // 5, 6, 7, 8 users of 1,000 tokens, and the present week, which is not over: 9 users in one minute.
    for (const back of [4, 3, 2, 1, 0]) await questioned.append(...week(back, 9 - back, 1_000));
    // The ledger begins on the Tuesday of an earlier week, which is not whole.
    await questioned.append(
      event({ id: 'first', user: 'user-0', sessionId: 'first', timeMs: MONDAY - 6 * 7 * DAY + DAY, amounts: { requests: 1, input_tokens: 1 } }),
    );
    const { growth } = await plan();
    expect(growth.weeks.map(({ start, users, tokens: of, requests }) => [start.slice(0, 10), users, of, requests])).toEqual([
      ['2026-10-12', 0, 0, 0],
      ['2026-10-19', 5, 5_000, 5],
      ['2026-10-26', 6, 6_000, 6],
      ['2026-11-02', 7, 7_000, 7],
      ['2026-11-09', 8, 8_000, 8],
    ]);
    // Least squares of 0, 5, 6, 7, 8: slope 1.8, at the last week 8.8.
    expect([growth.users_per_week, growth.tokens_per_week]).toEqual([1.8, 1_800]);
    // Tokens: the limit is met already (9 x 1,000). Requests: p99 is 9, the limit twice that: 8.8 x (2 - 1) / 1.8 weeks.
    expect(growth.reached).toEqual([
      { limit: 'tokens_per_minute', at: '2026-11-20T12:00:00.000Z', weeks: 0, reason: null },
      { limit: 'requests_per_minute', at: new Date(Math.round(NOON + (8.8 / 1.8) * 7 * DAY)).toISOString(), weeks: 4.9, reason: null },
    ]);
  });

  test('should be unknown, with the reason, for a short history, for use that shrinks, and for what is far away', async () => {
    questioned = await openQuestioned(NOON, { rate_limits: { tokens_per_minute: 1_000_000 } });
    for (const back of [3, 2, 1, 0]) await questioned.append(...week(back, 9 - back, 1_000));
    const reasonOf = async () => (await plan()).growth.reached[0]?.reason;
    expect(await reasonOf()).toBe('The ledger covers 3 whole weeks; at least 4 are needed.');
    await questioned.append(...week(6, 1, 1_000), ...week(5, 1, 1_000), ...week(4, 1, 1_000));
    expect(await reasonOf()).toBe('Not within two years at the present rate of growth.');
    await questioned.append(...week(5, 40, 1_001).map((entry) => ({ ...entry, sessionId: `more ${entry.sessionId}` })));
    await questioned.append(...week(4, 30, 1_001).map((entry) => ({ ...entry, sessionId: `more ${entry.sessionId}` })));
    expect(await reasonOf()).toBe('Use has not grown over the last 6 weeks.');
  });
});

test('the number of users is a whole number', async () => {
  questioned = await openQuestioned(NOON);
  await expect(plan('users=0')).rejects.toThrow('users=0 is not a whole number from 1 to 1000000.');
  await expect(plan('training=many')).rejects.toThrow('training=many is not a whole number');
  await expect(plan('user=5')).rejects.toThrow('is not a parameter here');
});
