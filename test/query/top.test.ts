import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../collector/core/error.ts';
import { parseUsd } from '../../collector/core/money.ts';
import { TOP, type TopAnswer } from '../../collector/query/top.ts';
import { event, NOON } from '../support/entries.ts';
import { Random } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BUDGETS = [
  { name: 'everything', scope: {}, period: 'month', amount_usd: '100' },
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '10' },
  { name: 'search', scope: { team: 'search' }, period: 'day', amount_usd: '1000' },
];

describe('top', () => {
  let asked: Questioned;
  let answer: TopAnswer;
  beforeEach(async () => {
    asked = await openQuestioned(NOON + 30 * MINUTE, { budgets: BUDGETS });
    await asked.append(
      event({ id: 'before', sessionId: 'long', cost: '7', timeMs: NOON - 2 * HOUR }),
      event({ id: 'window before', sessionId: 'long', cost: '0.5', timeMs: NOON - 45 * MINUTE }),
      event({ id: 'now', sessionId: 'long', cost: '1', timeMs: NOON + 20 * MINUTE }),
      event({ id: 'bob', sessionId: 'short', cost: '3', user: 'bob', team: 'search', model: 'claude-sonnet-5-5', timeMs: NOON + 5 * MINUTE }),
      event({ id: 'old', sessionId: 'old', cost: '90', user: 'cleo', team: 'search', timeMs: NOON - 30 * HOUR }),
    );
    answer = await asked.put(TOP);
  });
  afterEach(() => asked.close());

  test('says who spent within the window, and how fast', () => {
    expect(answer).toMatchObject({
      ...{ window: '1h', from: '2026-11-20T11:30:00.000Z', to: '2026-11-20T12:30:00.000Z' },
      ...{ cost_usd: '4.00', usd_per_hour: '4.00', previous_cost_usd: '0.50', requests: 2, tokens: 60, sessions_exact: true },
    });
    expect(answer.users.map(({ user, cost_usd, share }) => [user, cost_usd, share])).toEqual([
      ['bob', '3.00', 0.75],
      ['alice@example.com', '1.00', 0.25],
    ]);
    expect(answer.models.map(({ model, cost_usd }) => [model, cost_usd])).toEqual([
      ['claude-sonnet-5-5', '3.00'],
      ['claude-opus-5-5', '1.00'],
    ]);
  });

  test('has the same rate for both windows where spend is steady, however much of a quarter of an hour has passed', async () => {
    const steady = await openQuestioned(NOON + 30 * MINUTE - 1_000);
    try {
      const minutes = Array.from({ length: 60 }, (_, index) => NOON - 30 * MINUTE + index * MINUTE);
      await steady.append(...minutes.map((timeMs, index) => event({ id: `${index}`, cost: '1', timeMs })));
      expect(await steady.put(TOP, 'window=15m')).toMatchObject({
        ...{ cost_usd: '30.00', usd_per_hour: expect.stringMatching(/^60\.03/), previous_cost_usd: '15.00', previous_usd_per_hour: '60.00' },
      });
    } finally {
      await steady.close();
    }
  });

  test('counts of a session what it cost within the window', () => {
    expect(answer.sessions.map(({ session_id, cost_usd, session_cost_usd }) => [session_id, cost_usd, session_cost_usd])).toEqual([
      ['short', '3.00', '3.00'],
      ['long', '1.00', '8.50'],
    ]);
  });

  test('shows the budgets that do not last, the soonest first, with the time that is left', () => {
    expect(
      answer.budgets.map(({ key, used_ratio, per_hour, seconds_left, runs_out_at }) => [key, used_ratio, per_hour, seconds_left, runs_out_at]),
    ).toEqual([
      ['everything', 1.015, '4.00', 0, null],
      ['platform', 0.85, '1.00', 5400, '2026-11-20T14:00:00.000Z'],
    ]);
  });

  test('names nobody outside of the scope, and no budget that counts others', async () => {
    const seen = await asked.put(TOP, '', { scope: [{ dimension: 'team', values: ['platform'] }] });
    expect(seen).toMatchObject({ cost_usd: '1.00', users: [{ user: 'alice@example.com' }], sessions: [{ session_id: 'long' }] });
    expect(seen.budgets.map(({ key }) => key)).toEqual(['platform']);
    expect(JSON.stringify(seen)).not.toMatch(/bob|cleo|search/);
  });

  test('groups those beyond the limit', async () => {
    const { users } = await asked.put(TOP, 'limit=1');
    expect(users.map(({ user, cost_usd, users: count }) => [user, cost_usd, count])).toEqual([
      ['bob', '3.00', null],
      ['(other)', '1.00', 1],
    ]);
  });

  test('refuses another window and names those that there are', async () => {
    await expect(asked.put(TOP, 'window=2h')).rejects.toMatchObject(
      new LedgerlineError('invalid', 'window=2h is not known.', { hint: 'Allowed: 15m, 1h, 4h, 24h.' }),
    );
  });
});

test('top sessions are those of a plain sum over entries, whatever the ledger holds', async () => {
  const random = new Random(20261120);
  for (let round = 0; round < 8; round++) {
    const nowMs = NOON + random.below(HOUR);
    const asked = await openQuestioned(nowMs);
    try {
      const entries = Array.from({ length: 150 }, (_, index) =>
        event({
          id: `${round} ${index}`,
          sessionId: `s${random.below(25)}`,
          cost: `0.${String(random.below(1000)).padStart(4, '0')}`,
          user: random.pick(['ada', 'bob']),
          timeMs: nowMs - random.below(5 * HOUR),
        }),
      );
      await asked.append(...entries);
      const { from, sessions, cost_usd } = await asked.put(TOP, 'window=1h&limit=5');
      const sums = new Map<string, bigint>();
      for (const { sessionId, cost, timeMs } of entries) if (timeMs >= Date.parse(from)) sums.set(sessionId, (sums.get(sessionId) ?? 0n) + cost);
      const largest = [...sums.values()].sort((a, b) => (a < b ? 1 : -1)).filter((cost) => cost > 0n);
      expect(sessions.map((session) => parseUsd(session.cost_usd))).toEqual(largest.slice(0, 5));
      expect(sessions.every((session) => sums.get(session.session_id) === parseUsd(session.cost_usd))).toBe(true);
      expect(parseUsd(cost_usd)).toBe(largest.reduce((sum, cost) => sum + cost, 0n));
    } finally {
      await asked.close();
    }
  }
});
