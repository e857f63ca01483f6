import { afterEach, describe, expect, test } from '@jest/globals';
import { GAUGE_READERS } from '../../../collector/query/gauges/registry.ts';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, contextOf, DAY_MS, only, read, readWhole } from './gauge-context.ts';

let ledger: TestLedger;
afterEach(() => ledger.destroy());

const spend = (user: string, instant: string, cost: string, more: object = {}) =>
  event({
    id: `${user} ${instant} ${cost}`,
    user,
    cost,
    timeMs: Date.parse(instant),
    sessionId: `${user} ${instant}`,
    dimensions: { organization: 'acme', ...more },
  });

describe('cost per active person and day', () => {
  test('should be over the days of this month on which somebody cost anything', async () => {
    ledger = await openTestLedger();
    await append(ledger, [
      spend('ada', '2026-11-18T09:00:00Z', '2'),
      spend('ada', '2026-11-18T15:00:00Z', '3'),
      spend('ada', '2026-11-19T09:00:00Z', '1'),
      spend('bob', '2026-11-19T09:00:00Z', '12'),
      spend('bob', '2026-11-20T09:00:00Z', '0'),
      spend('ada', '2026-10-31T09:00:00Z', '500'),
      spend('', '2026-11-19T09:00:00Z', '700'),
    ]);
    // Three person-days: 5, 1 and 12 USD. Nobody's cost, last month's and a day without cost are none.
    expect(await readWhole(ledger, 'cost_per_active_user_day')).toEqual(['average: 6', 'p90: 12']);
  });

  test('should be what 90 % of ten days do not exceed', async () => {
    ledger = await openTestLedger();
    await append(
      ledger,
      Array.from({ length: 10 }, (_, index) => spend(`user-${index}`, '2026-11-19T09:00:00Z', String(index + 1))),
    );
    expect(await readWhole(ledger, 'cost_per_active_user_day')).toEqual(['average: 5.5', 'p90: 9']);
  });

  test('should join what a person spends in two teams on one day', async () => {
    ledger = await openTestLedger();
    await append(ledger, [spend('ada', '2026-11-19T09:00:00Z', '2'), spend('ada', '2026-11-19T10:00:00Z', '4', { team: 'search' })]);
    expect(await readWhole(ledger, 'cost_per_active_user_day')).toEqual(['average: 6', 'p90: 6']);
    expect((await read(ledger, 'cost_per_active_user_day')).filter((sample) => sample.includes('average'))).toEqual([
      ', , average: 6',
      'acme, , average: 6',
      'acme, platform, average: 2',
      'acme, search, average: 4',
    ]);
    expect(await readWhole(ledger, 'cost_per_active_user_day', { where: only('team', 'search') })).toEqual(['average: 4', 'p90: 4']);
    expect(await readWhole(ledger, 'cost_per_active_user_day', { where: only('model', 'claude-haiku-5-5') })).toEqual([]);
  });

  test('should cut days where the zone cuts them, on the last evening of a February too', async () => {
    ledger = await openTestLedger({ timeZone: 'Asia/Kolkata' });
    // In India (+05:30) the first instant is 2027-02-28 23:59, the second 2027-03-01 00:00, the third of the same day.
    await append(ledger, [
      spend('ada', '2027-02-28T18:29:00Z', '8'),
      spend('ada', '2027-02-28T18:30:00Z', '2'),
      spend('ada', '2027-03-01T09:00:00Z', '1'),
    ]);
    const options = { timeZone: 'Asia/Kolkata' };
    expect(await readWhole(ledger, 'cost_per_active_user_day', { ...options, nowMs: Date.parse('2027-02-28T18:29:59Z') })).toEqual([
      'average: 8',
      'p90: 8',
    ]);
    expect(await readWhole(ledger, 'cost_per_active_user_day', { ...options, nowMs: Date.parse('2027-03-01T12:00:00Z') })).toEqual([
      'average: 3',
      'p90: 3',
    ]);
  });

  test('should count a day of 25 hours as one', async () => {
    ledger = await openTestLedger({ timeZone: 'Europe/Berlin' });
    // 2026-10-25 lasts from 22:00 UTC the day before until 23:00 UTC.
    await append(ledger, [spend('ada', '2026-10-24T22:00:00Z', '2'), spend('ada', '2026-10-25T22:59:00Z', '4')]);
    const nowMs = Date.parse('2026-10-25T22:59:30Z');
    expect(await readWhole(ledger, 'cost_per_active_user_day', { timeZone: 'Europe/Berlin', nowMs })).toEqual(['average: 6', 'p90: 6']);
  });
});

describe('the published cost per person and day', () => {
  test('should be both editions unless the configuration has others', async () => {
    ledger = await openTestLedger();
    expect(await read(ledger, 'benchmark_cost_per_user_day')).toEqual(['2025, average: 6', '2025, p90: 12', '2026, average: 13', '2026, p90: 30']);
    const config = { benchmarks: [{ edition: 'our plan', average_usd: 9.5, p90_usd: 20 }] };
    expect(await read(ledger, 'benchmark_cost_per_user_day', { config })).toEqual(['our plan, average: 9.5', 'our plan, p90: 20']);
    expect(await read(ledger, 'benchmark_cost_per_user_day', { config: { benchmarks: [] } })).toEqual([]);
  });

  test('should refuse two figures for one edition', async () => {
    ledger = await openTestLedger();
    const edition = { edition: '2026', average_usd: 1, p90_usd: 2 };
    expect(() => contextOf(ledger, { config: { benchmarks: [edition, edition] } })).toThrow('has two benchmarks with the same edition');
  });
});

describe('the forecast of the month', () => {
  /** Every day the same, for 30 days up to yesterday: a forecast has nothing to guess. */
  const steady = (user: string, team: string, cost: string) =>
    Array.from({ length: 30 }, (_, index) => {
      const timeMs = NOON - (index + 1) * DAY_MS;
      return event({ id: `${user} ${index}`, user, team, cost, timeMs, sessionId: `${user} ${index}`, dimensions: { organization: 'acme' } });
    });

  test('should add the days that are left to what is spent, for each team and the whole organization', async () => {
    ledger = await openTestLedger();
    await append(ledger, [...steady('ada', 'platform', '10'), ...steady('bob', 'search', '1')]);
    // 19 days of November are spent; today, nothing so far, and ten more are left.
    expect(await read(ledger, 'forecast')).toEqual([
      ', , 0.5: 330',
      ', , 0.9: 330',
      'acme, , 0.5: 330',
      'acme, , 0.9: 330',
      'acme, platform, 0.5: 300',
      'acme, platform, 0.9: 300',
      'acme, search, 0.5: 30',
      'acme, search, 0.9: 30',
    ]);
    expect(await read(ledger, 'forecast', { where: only('team', 'search') })).toEqual([
      ', , 0.5: 30',
      ', , 0.9: 30',
      'acme, , 0.5: 30',
      'acme, , 0.9: 30',
      'acme, search, 0.5: 30',
      'acme, search, 0.9: 30',
    ]);
    expect((await read(ledger, 'forecast', { where: only('user', 'ada') })).filter((sample) => sample.includes(', , 0.5'))).toEqual([
      ', , 0.5: 300',
      'acme, , 0.5: 300',
    ]);
  });

  test('should be missing with three days of history, not zero', async () => {
    ledger = await openTestLedger();
    await append(ledger, steady('ada', 'platform', '10').slice(0, 3));
    expect(await GAUGE_READERS.forecast.read(contextOf(ledger))).toEqual([]);
  });
});
