import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, HOUR_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

const spend = (id: string, cost: string, instant: string, more: object = {}) =>
  event({ id, cost, timeMs: Date.parse(instant), sessionId: id, dimensions: { ...more } });

const MONTHLY = { budgets: [{ name: 'platform', scope: { team: 'platform' }, amount_usd: '100.00' }] };
const label = 'platform, team=platform, platform, month';

describe('budgets as gauges', () => {
  test('should tell the amount, what is spent and what is left', async () => {
    await append(ledger, [
      spend('a', '30.5', '2026-11-02T09:00:00Z'),
      spend('b', '50', '2026-11-20T09:00:00Z'),
      spend('c', '7', '2026-10-31T09:00:00Z'),
    ]);
    const options = { config: MONTHLY };
    expect(await read(ledger, 'budget_limit', options)).toEqual([`${label}: 100`]);
    expect(await read(ledger, 'budget_spent', options)).toEqual([`${label}: 80.5`]);
    expect(await read(ledger, 'budget_remaining', options)).toEqual([`${label}: 19.5`]);
    expect(await read(ledger, 'budget_used_ratio', options)).toEqual([`${label}: 0.805`]);
    // Noon of the 20th: nineteen and a half of thirty days.
    expect(await read(ledger, 'budget_elapsed_ratio', options)).toEqual([`${label}: 0.65`]);
    expect(await read(ledger, 'budget_warning_ratio', options)).toEqual([`${label}: 0.8`]);
    expect(await read(ledger, 'budget_period_end', options)).toEqual([`${label}: ${Date.parse('2026-12-01T00:00:00Z') / 1000}`]);
    expect(await read(ledger, 'budget_spent_tokens', options)).toEqual([]);
    expect(await read(ledger, 'budget_forecast', options)).toEqual([]);
    expect(await read(ledger, 'budget_breach', options)).toEqual([]);
  });

  test('should be as they were at the end of a past day', async () => {
    await append(ledger, [
      spend('a', '30', '2026-11-02T09:00:00Z'),
      spend('b', '50', '2026-11-18T23:59:00Z'),
      spend('c', '5', '2026-11-19T00:00:00Z'),
    ]);
    const then = (instant: string) => read(ledger, 'budget_spent', { config: MONTHLY, nowMs: Date.parse(instant) });
    expect(await then('2026-11-17T23:59:59Z')).toEqual([`${label}: 30`]);
    expect(await then('2026-11-18T23:59:59Z')).toEqual([`${label}: 80`]);
    expect(await then('2026-11-19T00:00:00Z')).toEqual([`${label}: 80`]);
    expect(await then('2026-11-20T12:00:00Z')).toEqual([`${label}: 85`]);
  });

  test('should keep money and tokens apart', async () => {
    const config = { budgets: [{ name: 'tokens', tokens: { amount: 1000, classes: ['input', 'output'] } }] };
    await append(ledger, [spend('a', '1', '2026-11-02T09:00:00Z')]);
    // 10 input and 20 output tokens.
    expect(await read(ledger, 'budget_spent_tokens', { config })).toEqual(['tokens, everything, , month: 30']);
    expect(await read(ledger, 'budget_spent', { config })).toEqual([]);
    expect(await read(ledger, 'budget_used_ratio', { config })).toEqual(['tokens, everything, , month: 0.03']);
  });

  test('should be shown where their whole scope lies within what was chosen', async () => {
    const config = { budgets: [...MONTHLY.budgets, { name: 'all', amount_usd: '500.00' }] };
    await append(ledger, [spend('a', '1', '2026-11-02T09:00:00Z')]);
    expect(await read(ledger, 'budget_spent', { config, where: only('team', 'platform', 'search') })).toEqual([`${label}: 1`]);
    expect(await read(ledger, 'budget_spent', { config, where: only('team', 'search') })).toEqual([]);
    expect(await read(ledger, 'budget_spent', { config, where: only('model', 'claude-opus-5-5') })).toEqual([]);
  });

  test('should include those set by API', async () => {
    const budgets = [{ name: 'set', scope: {}, period: 'month', amount_usd: '10.00', rollover: false, hard_limit: true, origin: 'api' } as const];
    await append(ledger, [spend('a', '10', '2026-11-02T09:00:00Z')]);
    expect(await read(ledger, 'budget_stopped', { budgets })).toEqual(['set, everything, , month: 1']);
    expect(await read(ledger, 'budget_limit', { budgets, config: MONTHLY })).toEqual(['set, everything, , month: 10']);
  });
});

describe('the periods before', () => {
  test('should be up to six, by their first day, and none from before the ledger began', async () => {
    await append(ledger, [
      spend('a', '25', '2026-08-10T09:00:00Z'),
      spend('b', '120', '2026-10-31T23:59:00Z'),
      spend('c', '1', '2026-11-01T00:00:00Z'),
    ]);
    expect(await read(ledger, 'budget_past_used_ratio', { config: MONTHLY })).toEqual([
      'platform, 2026-08-01: 0.25',
      'platform, 2026-09-01: 0',
      'platform, 2026-10-01: 1.2',
    ]);
    expect(await read(ledger, 'budget_past_used_ratio', { config: MONTHLY, where: only('team', 'search') })).toEqual([]);
  });

  test('should end after six', async () => {
    await append(ledger, [spend('a', '1', '2025-01-10T09:00:00Z')]);
    const days = await read(ledger, 'budget_past_used_ratio', { config: MONTHLY });
    expect(days.map((sample) => sample.slice(10, 17))).toEqual(['2026-05', '2026-06', '2026-07', '2026-08', '2026-09', '2026-10']);
  });

  test('should begin at midnight of the zone, in months of 28 and 31 days', async () => {
    await append(ledger, [spend('a', '40', '2027-02-28T22:59:00Z'), spend('b', '60', '2027-02-28T23:00:00Z')]);
    const zoned = { budgets: MONTHLY.budgets.map((budget) => ({ ...budget, time_zone: 'Europe/Berlin' })) };
    // In Berlin the first is the last minute of February, the second the first instant of March.
    const nowMs = Date.parse('2027-04-02T12:00:00Z');
    expect(await read(ledger, 'budget_past_used_ratio', { config: zoned, nowMs })).toEqual([
      'platform, 2027-02-01: 0.4',
      'platform, 2027-03-01: 0.6',
    ]);
  });
});

describe('sessions that cost too much', () => {
  test('should be those of the last day that reached the warning of their budget', async () => {
    const config = { budgets: [{ ...MONTHLY.budgets[0], session_warning_usd: '5.00' }] };
    const at = (id: string, cost: string, beforeMs: number) => event({ id, cost, sessionId: id, timeMs: NOON - beforeMs });
    await append(ledger, [at('dear', '5', HOUR_MS), at('cheap', '4.99', HOUR_MS), at('past', '50', 2 * DAY_MS)]);
    expect(await read(ledger, 'budget_session', { config })).toEqual([`${label}, dear, alice@example.com: 5`]);
    expect(await read(ledger, 'budget_session', { config: MONTHLY })).toEqual([]);
  });
});

const appendAll = (entries: readonly Entry[]) => ledger.writer.append({ entries, receivedMs: NOON });

describe('members of budgets', () => {
  const config = {
    budgets: [
      { name: 'each', per: 'user', amount_usd: '10.00', hard_limit: true },
      { name: 'shared', scope: { team: 'platform' }, amount_usd: '1000.00', members: [{ user: 'u000', amount_usd: '4.00' }] },
    ],
  };
  /** Each person spent a little on each of the last 30 days, half a dollar yesterday, and an amount of its own today. */
  const spenders = (count: number) =>
    Array.from({ length: count }, (_, index) => `u${String(index).padStart(3, '0')}`).flatMap((user) => [
      ...Array.from({ length: 30 }, (_, day) =>
        event({ id: `${user} ${day}`, sessionId: user, user, cost: day < 1 ? '0.5' : '0.001', timeMs: NOON - (day + 1) * DAY_MS }),
      ),
      event({ id: `${user} today`, sessionId: user, user, cost: { u000: '9.6', u001: '4.6' }[user] ?? '1' }),
    ]);
  const about = (samples: readonly string[], key: string): string[] =>
    samples.filter((sample) => sample.startsWith(`${key}, `)).map((sample) => sample.slice(key.length + 2));
  const platform = 'team=platform, user=u000, platform, month';

  test('should have everything while they are few', async () => {
    await appendAll(spenders(199));
    expect(await read(ledger, 'budget_limit', { config })).toHaveLength(201);
    expect(about(await read(ledger, 'budget_threshold', { config }), 'each/u002')).toHaveLength(4);
    expect(about(await read(ledger, 'budget_forecast', { config }), 'each/u002')).toHaveLength(2);
  });

  test('should have what is used and left when they are many, and more only where a threshold is reached', async () => {
    await appendAll(spenders(200));
    const samples = (name: GaugeName) => read(ledger, name, { config });
    // 200 people, the shared budget, and the part of it that is for one of them.
    for (const name of ['budget_used_ratio', 'budget_remaining'] as const) expect(await samples(name)).toHaveLength(202);
    for (const name of ['budget_limit', 'budget_spent', 'budget_elapsed_ratio', 'budget_stopped', 'budget_period_end'] as const)
      expect((await samples(name)).map((sample) => sample.split(',')[0])).toEqual(['each/u000', 'each/u001', 'shared', 'shared/u000']);
    for (const name of ['budget_raised', 'budget_period_start', 'budget_warning_ratio'] as const)
      expect((await samples(name)).map((sample) => sample.split(',')[0])).toEqual(['shared']);
    expect(about(await samples('budget_spent'), 'shared/u000')).toEqual([`${platform}: 10.118`]);
    // Thresholds that are reached: half of 10 USD for the one, all of it for the other. Of the whole budget all four.
    expect(about(await samples('budget_threshold'), 'each/u001')).toEqual(['user=u001, , month, actual, info, 0.5: 0.5']);
    expect(about(await samples('budget_threshold'), 'each/u000')).toHaveLength(3);
    expect(about(await samples('budget_threshold'), 'shared')).toHaveLength(4);
    expect(about(await samples('budget_stopped'), 'each/u000')).toEqual(['user=u000, , month: 1']);
  });

  test('should be told the same on a board that is narrowed to a few of many', async () => {
    await appendAll(spenders(200));
    expect(await read(ledger, 'budget_limit', { config, where: only('user', 'u000', 'u002') })).toEqual([
      'each/u000, user=u000, , month: 10',
      `shared/u000, ${platform}: 4`,
    ]);
  });

  test('should have no forecast when they are many; whole budgets have theirs', async () => {
    await appendAll(spenders(200));
    for (const name of ['budget_forecast', 'budget_forecast_ratio'] as const)
      expect([...new Set((await read(ledger, name, { config })).map((sample) => sample.split(',')[0]))]).toEqual(['shared']);
  });

  test('should not be looked for in the past: a day that is over is shown for whole budgets', async () => {
    await appendAll(spenders(2));
    expect((await read(ledger, 'budget_used_ratio', { config, nowMs: NOON - DAY_MS })).map((sample) => sample.split(',')[0])).toEqual(['shared']);
  });
});

describe('what will be spent of a budget', () => {
  test('should be a band, its ratio, and the day on which nothing is left', async () => {
    // 10 USD a day up to yesterday: 190 in November, 10 for each of the eleven days that are left.
    const days = Array.from({ length: 30 }, (_, index) =>
      event({ id: `${index}`, cost: '10', sessionId: `${index}`, timeMs: NOON - (index + 1) * DAY_MS }),
    );
    await append(ledger, days);
    const config = { budgets: [{ ...MONTHLY.budgets[0], amount_usd: '250.00' }] };
    expect(await read(ledger, 'budget_forecast', { config })).toEqual([`${label}, 0.5: 300`, `${label}, 0.9: 300`]);
    expect(await read(ledger, 'budget_forecast_ratio', { config })).toEqual([`${label}: 1.2`]);
    // 60 USD are left for today and the five days after it: the last of them is used up in the course of the 25th.
    const [breach = ''] = await read(ledger, 'budget_breach', { config });
    const breachMs = Number(breach.split(': ')[1]) * 1000;
    expect(new Date(breachMs).toISOString()).toMatch(/^2026-11-2[56]/);
  });
});

describe('anomalies', () => {
  test('should be 1 each, with what they are about, and none on a narrowed board', async () => {
    const usual = Array.from({ length: 60 }, (_, index) =>
      event({ id: `${index}`, cost: '1', sessionId: `s${index}`, timeMs: NOON - (index + 20) * HOUR_MS }),
    );
    await append(ledger, [...usual, event({ id: 'runaway', cost: '90', sessionId: 'runaway', timeMs: NOON - HOUR_MS / 2 })]);
    const samples = await read(ledger, 'anomaly');
    expect(samples.filter((sample) => sample.startsWith('runaway_session'))).toEqual(['runaway_session, session=runaway, critical, platform: 1']);
    expect(await read(ledger, 'anomaly', { where: only('team', 'platform') })).toEqual([]);
  });
});

describe('what the texts of budget alerts name', () => {
  test('should be the largest contributors with their change, and times in the zone of the budget, only while an alert fires', async () => {
    await append(ledger, [
      spend('older', '0', '2026-09-05T09:00:00Z'),
      spend('before', '20', '2026-10-05T09:00:00Z', { user: 'ada@example.com' }),
      spend('a', '50', '2026-11-02T09:00:00Z', { user: 'ada@example.com' }),
      spend('b', '10', '2026-11-03T09:00:00Z', { user: 'grace@example.com' }),
    ]);
    const of = (amount: string) => ({ config: { budgets: [{ name: 'p', amount_usd: amount, time_zone: 'Europe/Berlin' }] } });
    expect(await read(ledger, 'budget_contributor', of('100.00'))).toEqual([
      'p, everything, 1, user, ada@example.com: 50',
      'p, everything, 2, user, grace@example.com: 10',
    ]);
    expect(await read(ledger, 'budget_contributor_change', of('100.00'))).toEqual([
      'p, everything, 1, user, ada@example.com: 1.5',
      'p, everything, 2, user, grace@example.com: Infinity',
    ]);
    expect(await read(ledger, 'budget_contributor_tokens', of('100.00'))).toEqual([]);
    expect((await read(ledger, 'budget_alert_time', of('100.00'))).filter((sample) => sample.includes('period_end'))).toEqual([
      `p, everything, period_end, Tue 1 Dec 2026, 00:00 (Europe/Berlin): ${Date.parse('2026-11-30T23:00:00Z') / 1000}`,
    ]);
    // A rolling period has no end to name.
    const rolling = { config: { budgets: [{ name: 'p', amount_usd: '100.00', period: { rolling_days: 30 } }] } };
    expect((await read(ledger, 'budget_alert_time', rolling)).filter((sample) => sample.includes('period_end'))).toEqual([]);
    for (const name of ['budget_contributor', 'budget_alert_time'] as const) expect(await read(ledger, name, of('1000000.00'))).toEqual([]);
  });
});
