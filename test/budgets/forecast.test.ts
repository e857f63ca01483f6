import { describe, expect, test } from '@jest/globals';
import { forecastSpend } from '../../collector/budgets/forecast.ts';
import { forecastMonths } from '../../collector/budgets/forecast-scopes.ts';
import type { Forecast } from '../../collector/budgets/status.ts';
import { event, usd } from '../support/entries.ts';
import { openTestLedger } from '../support/sqlite-ledger.ts';

const DAY_MS = 86_400_000;
/** A Monday. */
const NOW = Date.parse('2026-11-16T12:00:00Z');
const MIDNIGHT = Date.parse('2026-11-16T00:00:00Z');
const daysLeft = (count: number): number[] => Array.from({ length: count + 1 }, (_, index) => MIDNIGHT + index * DAY_MS);

/** Weeks of five working days of 10 USD, Monday first. */
const weeks = (count: number, amount = usd('10')): bigint[] =>
  Array.from({ length: count }, () => [amount, amount, amount, amount, amount, 0n, 0n]).flat();

function band(forecast: Forecast): Extract<Forecast, { kind: 'band' }> {
  if (forecast.kind === 'none') throw new Error(forecast.reason);
  return forecast;
}

describe('a forecast', () => {
  test('of weeks that were all alike is what they were, weekends included', () => {
    const { p50, p90, historyDays } = band(forecastSpend({ days: weeks(8), today: usd('4'), spent: usd('104'), daysLeft: daysLeft(14), nowMs: NOW }));
    expect([p50, p90, historyDays]).toEqual([usd('200'), usd('200'), 56]);
  });

  test('names the day on which the amount is used up, in proportion within that day', () => {
    const input = { days: weeks(8), today: 0n, spent: usd('100'), daysLeft: daysLeft(14), nowMs: MIDNIGHT };
    const breach = (limit: string): string | undefined => {
      const { breachMs } = band(forecastSpend({ ...input, limit: usd(limit) }));
      return breachMs === undefined ? undefined : new Date(breachMs).toISOString();
    };
    expect(breach('125')).toBe('2026-11-18T12:00:00.000Z');
    expect(breach('155')).toBe('2026-11-23T12:00:00.000Z');
    expect(breach('200')).toBe('2026-11-28T00:00:00.000Z');
    expect(breach('200.01')).toBeUndefined();
    expect(breach('100')).toBeUndefined();
  });

  test('is never less than what is spent, and the present day costs at least what it did so far', () => {
    const busy = band(forecastSpend({ days: weeks(8), today: usd('55'), spent: usd('55'), daysLeft: daysLeft(1), nowMs: NOW }));
    expect(busy.p50).toBe(usd('55'));
    const idle = band(forecastSpend({ days: weeks(8), today: usd('3'), spent: usd('3'), daysLeft: daysLeft(1), nowMs: NOW }));
    expect(idle.p50).toBe(usd('10'));
  });

  test('expects no corrections: a day below zero is one without spend, and what is used up is so in the future', () => {
    const days = weeks(8).with(-4, usd('-900')).with(-11, usd('-70'));
    const input = { days, today: usd('-3'), spent: usd('-3'), daysLeft: daysLeft(14), nowMs: NOW };
    const { p50, breachMs = 0 } = band(forecastSpend({ ...input, limit: usd('50') }));
    // Of the two weeks one has such a day, and today is still a day of 10 USD.
    expect(p50).toBe(usd('87'));
    expect(breachMs).toBeGreaterThan(NOW);
    expect(breachMs).toBeLessThan(MIDNIGHT + 14 * DAY_MS);
  });

  test('of uneven weeks is a band, the same at every call', () => {
    const days = [1n, 9n, 2n, 8n, 3n, 7n, 4n, 6n].flatMap((factor) => weeks(1, factor * usd('1')));
    const forecast = () => band(forecastSpend({ days, today: 0n, spent: 0n, daysLeft: daysLeft(28), nowMs: MIDNIGHT }));
    const { p50, p90 } = forecast();
    expect(p90).toBeGreaterThan(p50);
    expect(Number(p50) / 1e12).toBeGreaterThan(70);
    expect(Number(p90) / 1e12).toBeLessThan(180);
    expect(forecast()).toEqual(forecast());
  });

  test.each<[string, bigint[], string]>([
    ['nothing', [], 'No spend in the 56 days before today to forecast from.'],
    ['nothing but silence', Array.from({ length: 56 }, () => 0n), 'No spend in the 56 days before today to forecast from.'],
    [
      'a week',
      [...Array.from({ length: 49 }, () => 0n), ...weeks(1)],
      'Too little history: 7 days since the first spend, 5 of them with spend; a forecast needs 14 and 5.',
    ],
    [
      'few days of work',
      [1n, ...Array.from({ length: 20 }, () => 0n)],
      'Too little history: 21 days since the first spend, 1 of them with spend; a forecast needs 14 and 5.',
    ],
  ])('from %s has a reason and no number', (_, days, reason) => {
    expect(forecastSpend({ days, today: usd('5'), spent: usd('5'), daysLeft: daysLeft(14), nowMs: NOW })).toEqual({ kind: 'none', reason });
  });
});

test('what came in for a closed month is in the spend of the month, and no habit', async () => {
  const ledger = await openTestLedger();
  try {
    const entries = Array.from({ length: 40 }, (_, back) => event({ id: `${back}`, sessionId: `${back}`, timeMs: NOW - back * DAY_MS, cost: '1' }));
    await ledger.writer.append({ entries, receivedMs: NOW });
    await ledger.writer.closeMonth('2026-10', NOW);
    const late = event({ id: 'late', sessionId: 'late', timeMs: NOW - 25 * DAY_MS, cost: '500' });
    await ledger.writer.append({ entries: [late], receivedMs: NOW - 2 * DAY_MS });
    const context = { reader: ledger.reader, calendar: { timeZone: 'UTC', weekStart: 'monday' } as const, nowMs: NOW };
    expect((await forecastMonths(context, [[]]))[0]).toMatchObject({ kind: 'band', p50: usd('530'), p90: usd('530') });
  } finally {
    await ledger.destroy();
  }
});

test('forecasts for the month are those of each scope alone, from one query', async () => {
  const ledger = await openTestLedger();
  try {
    const entries = Array.from({ length: 40 }, (_, back) => back).flatMap((back) =>
      ['platform', 'data'].map((team, index) =>
        event({ id: `${back} ${team}`, team, sessionId: team, timeMs: NOW - back * DAY_MS, cost: `${index + 1}` }),
      ),
    );
    await ledger.writer.append({ entries, receivedMs: NOW });
    const queries: unknown[] = [];
    const reader = {
      query: (query: Parameters<typeof ledger.reader.query>[0]) => {
        queries.push(query);
        return ledger.reader.query(query);
      },
    };
    const context = { reader, calendar: { timeZone: 'UTC', weekStart: 'monday' } as const, nowMs: NOW };
    const of = (team: string) => [{ dimension: 'team' as const, values: [team] }];
    const [platform, data] = await forecastMonths(context, [of('platform'), of('data')]);
    expect(queries).toHaveLength(2);
    expect(platform).toMatchObject({ kind: 'band', p50: usd('30'), p90: usd('30') });
    expect(data).toMatchObject({ kind: 'band', p50: usd('60') });
    expect((await forecastMonths(context, [[]]))[0]).toMatchObject({ kind: 'band', p50: usd('90'), historyDays: 39 });
  } finally {
    await ledger.destroy();
  }
});
