import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, HOUR_MS, MINUTE_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

const seen = (user: string, team: string, beforeMs: number) =>
  event({
    id: `${user} ${team} ${beforeMs}`,
    user,
    team,
    timeMs: NOON - beforeMs,
    sessionId: `${user} ${beforeMs}`,
    dimensions: { organization: 'acme' },
  });

describe('active, new and lapsed people', () => {
  /** ada: every window. bob: since 3 days. cay: 20 days ago. dan: only 40 days ago. eve: old and active. */
  const history = [
    seen('ada', 'platform', HOUR_MS),
    seen('bob', 'platform', 3 * DAY_MS),
    seen('cay', 'search', 20 * DAY_MS),
    seen('dan', 'search', 40 * DAY_MS),
    seen('eve', 'search', 50 * DAY_MS),
    seen('eve', 'search', 2 * HOUR_MS),
  ];

  test('should be counted in each window, zero where nobody came', async () => {
    await append(ledger, history);
    expect(await read(ledger, 'active_users')).toEqual([
      ', , day: 2',
      ', , month: 4',
      ', , week: 3',
      'acme, , day: 2',
      'acme, , month: 4',
      'acme, , week: 3',
      'acme, platform, day: 1',
      'acme, platform, month: 2',
      'acme, platform, week: 2',
      'acme, search, day: 1',
      'acme, search, month: 2',
      'acme, search, week: 1',
    ]);
    expect(await read(ledger, 'new_users')).toEqual([', : 3', 'acme, : 3', 'acme, platform: 2', 'acme, search: 1']);
    expect(await read(ledger, 'lapsed_users')).toEqual([', : 1', 'acme, : 1', 'acme, platform: 0', 'acme, search: 1']);
  });

  test('should be sticky by how many of the month came in the day, in all and by team', async () => {
    await append(ledger, history);
    // ada of ada and bob; eve of cay and eve; dan came in no month and counts nowhere.
    expect(await read(ledger, 'stickiness')).toEqual([', : 0.5', 'acme, : 0.5', 'acme, platform: 0.5', 'acme, search: 0.5']);
    await append(ledger, [seen('cay', 'search', HOUR_MS)]);
    expect(await read(ledger, 'stickiness')).toEqual([', : 0.75', 'acme, : 0.75', 'acme, platform: 0.5', 'acme, search: 1']);
    expect(await read(ledger, 'stickiness', { where: only('team', 'search') })).toEqual([', : 1', 'acme, : 1', 'acme, search: 1']);
    expect(await read(ledger, 'stickiness', { nowMs: NOON + 35 * DAY_MS })).toEqual([]);
  });

  test('should follow who changes teams: neither new there nor counted twice', async () => {
    await append(ledger, [seen('ada', 'platform', 45 * DAY_MS), seen('ada', 'platform', 2 * DAY_MS), seen('ada', 'search', HOUR_MS)]);
    expect((await read(ledger, 'active_users')).filter((sample) => sample.includes('month'))).toEqual([
      ', , month: 1',
      'acme, , month: 1',
      'acme, search, month: 1',
    ]);
    expect(await read(ledger, 'new_users')).toEqual([', : 0', 'acme, : 0', 'acme, search: 0']);
  });

  test('should be one user in all organizations together, and one in each', async () => {
    const of = (organization: string, beforeMs: number) => {
      const entry = seen('ada', 'core', beforeMs);
      return { ...entry, dimensions: { ...entry.dimensions, organization } };
    };
    await append(ledger, [of('acme', 45 * DAY_MS), of('acme', 40 * DAY_MS), of('beta', 2 * DAY_MS)]);
    expect((await read(ledger, 'active_users')).filter((sample) => sample.includes(', , month'))).toEqual([
      ', , month: 1',
      'acme, , month: 0',
      'beta, , month: 1',
    ]);
    // New in beta, where nobody asks what was before elsewhere; in all it is known.
    expect((await read(ledger, 'new_users')).filter((sample) => sample.includes(', :'))).toEqual([', : 0', 'acme, : 0', 'beta, : 1']);
    expect((await read(ledger, 'lapsed_users')).filter((sample) => sample.includes(', :'))).toEqual([', : 0', 'acme, : 1', 'beta, : 0']);
    expect((await read(ledger, 'stickiness')).at(0)).toBe(', : 0');
    expect(await read(ledger, 'recommended_requests_per_minute')).toEqual(['high: 7', 'low: 5']);
  });

  test('should not count records without a user as a person, but show when they came', async () => {
    await append(ledger, [seen('', '', HOUR_MS)]);
    expect(await read(ledger, 'active_users')).toEqual([]);
    expect(await read(ledger, 'user_last_seen')).toEqual([`acme, unallocated, unallocated: ${(NOON - HOUR_MS) / 1000}`]);
  });

  test('should be of the last 24 hours to the minute', async () => {
    await append(ledger, [seen('ada', 'platform', DAY_MS), seen('bob', 'platform', DAY_MS + MINUTE_MS)]);
    expect((await read(ledger, 'active_users')).filter((sample) => sample.includes('day'))).toEqual([
      ', , day: 1',
      'acme, , day: 1',
      'acme, platform, day: 1',
    ]);
  });

  test.each([
    ['team', only('team', 'search'), [', : 1', 'acme, : 1', 'acme, search: 1']],
    ['user', only('user', 'cay', 'ada'), [', : 2', 'acme, : 2', 'acme, platform: 1', 'acme, search: 1']],
    ['team and user', [...only('team', 'search'), ...only('user', 'ada')], []],
    ['a dimension that people have none of', only('model', 'claude-opus-5-5'), []],
  ])('should be narrowed by %s', async (_what, where, expected) => {
    await append(ledger, history);
    expect(await read(ledger, 'new_users', { where })).toEqual(expected);
  });

  test('should say when each was last seen, and first seen if that was in the last 30 days', async () => {
    await append(ledger, history);
    const at = (beforeMs: number): number => (NOON - beforeMs) / 1000;
    expect(await read(ledger, 'user_last_seen')).toEqual([
      `acme, platform, ada: ${at(HOUR_MS)}`,
      `acme, platform, bob: ${at(3 * DAY_MS)}`,
      `acme, search, cay: ${at(20 * DAY_MS)}`,
      `acme, search, dan: ${at(40 * DAY_MS)}`,
      `acme, search, eve: ${at(2 * HOUR_MS)}`,
    ]);
    expect(await read(ledger, 'user_first_seen')).toEqual([
      `acme, platform, ada: ${at(HOUR_MS)}`,
      `acme, platform, bob: ${at(3 * DAY_MS)}`,
      `acme, search, cay: ${at(20 * DAY_MS)}`,
    ]);
  });
});
