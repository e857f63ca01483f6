/** Digests: when they are due, to whom they go, and what they say of a period that is over. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nextDueMs } from '../../collector/alerts/cron.ts';
import { digestOf } from '../../collector/alerts/digest.ts';
import { handOverDigests } from '../../collector/alerts/due-digests.ts';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import type { DigestConfig } from '../../collector/config/alerts.ts';
import type { BudgetConfig } from '../../collector/config/budgets.ts';
import { adjustment } from '../support/entries.ts';
import { type MailServer, startMailServer } from './receivers.ts';
import { type Alerting, startAlerting } from './setup.ts';

let mail: MailServer;
let alerting: Alerting;

beforeEach(async () => {
  mail = await startMailServer();
  alerting = await startAlerting({
    alerts: {
      channels: [
        {
          name: 'mail',
          type: 'email',
          smtp_host: '127.0.0.1',
          smtp_port: mail.port,
          smtp_tls: 'none',
          from: 'l@example.com',
          to: ['all@example.com'],
        },
      ],
      digests: [{ name: 'lead', team: 'platform', channels: ['mail'], to: ['lead@example.com'], time_zone: 'Europe/Berlin' }],
    },
  });
});
afterEach(async () => {
  await alerting.stop();
  await mail.stop();
});

/** Names of digests. */
const failed: string[] = [];

async function at(instant: string): Promise<void> {
  failed.length = 0;
  alerting.nowMs = Date.parse(instant);
  const { config, reader, outbox } = alerting;
  const { alerts } = config;
  await handOverDigests({
    alerts,
    links: linkBases(config),
    reader,
    outbox,
    calendar: { timeZone: 'UTC', weekStart: 'monday' },
    budgets: async () => config.budgets,
    now: () => alerting.nowMs,
    nextDueMs,
    failed: (name) => failed.push(name),
  });
  await alerting.engine.dispatch();
}
const spend = (usd: string, user: string, instant: string, team = 'platform') =>
  alerting.spend(usd, { user, team, session: user, timeMs: Date.parse(instant) });

describe('a weekly digest for the lead of a team', () => {
  test('comes on Monday at eight in its zone, once, with the week before against the one before that', async () => {
    await at('2026-11-12T12:00:00Z');
    await spend('100', 'ada@example.com', '2026-11-10T12:00:00Z');
    await spend('150', 'ada@example.com', '2026-11-17T12:00:00Z');
    await spend('50', 'grace@example.com', '2026-11-18T12:00:00Z');
    await spend('999', 'linus@example.com', '2026-11-18T12:00:00Z', 'data');
    // Sunday evening in Berlin belongs to the week; Monday does not.
    await spend('1', 'ada@example.com', '2026-11-22T22:45:00Z');
    await spend('7', 'ada@example.com', '2026-11-23T00:15:00Z');
    alerting.nowMs = Date.parse('2026-11-16T07:00:00Z');
    await at('2026-11-16T07:00:00Z');
    expect(mail.received).toHaveLength(1);
    await at('2026-11-23T06:59:00Z');
    expect(mail.received).toHaveLength(1);
    await at('2026-11-23T07:00:00Z');
    await at('2026-11-23T07:01:00Z');
    await alerting.restart();
    await at('2026-11-23T09:00:00Z');
    expect(mail.received).toHaveLength(2);
    const letter = mail.received[1];
    expect([letter?.to, letter?.subject]).toEqual([
      ['lead@example.com'],
      'Claude Code, team platform: $201.00 in the week Mon 16 Nov 2026 to Sun 22 Nov 2026',
    ]);
    const text = letter?.text.replaceAll(/\s+/g, ' ') ?? '';
    expect(text).toContain(
      'Team platform spent $201.00 in the week Mon 16 Nov 2026 to Sun 22 Nov 2026; in the previous week it was $100.00 (+101 %).',
    );
    expect(text).toContain('Budget platform $308.00 of $100.00 (308 %)');
    expect(text).toMatch(/ada@example\.com \$151\.00 75\.1 % \+51 %/);
    expect(text).toMatch(/grace@example\.com \$50\.00 24\.8 % new/);
    expect(text).not.toContain('linus');
  });

  test('that fell into a pause of the collector is sent once when it is back, and not at all a day later', async () => {
    await at('2026-11-02T12:00:00Z');
    await at('2026-11-16T20:00:00Z');
    expect(mail.received.map(({ subject }) => subject)).toEqual(['Claude Code, team platform: $0.00 in the week Mon 9 Nov 2026 to Sun 15 Nov 2026']);
    await at('2026-11-24T08:00:00Z');
    expect(mail.received).toHaveLength(1);
  });
});

test('a digest goes on after a clock that was ahead for a moment', async () => {
  await at('2026-11-12T12:00:00Z');
  await at('2028-11-12T12:00:00Z');
  await at('2026-11-16T07:00:00Z');
  await at('2026-11-23T07:00:00Z');
  expect(mail.received.map(({ subject }) => subject).at(-1)).toContain('in the week Mon 16 Nov 2026 to Sun 22 Nov 2026');
});

test('a digest that fails holds up none after it', async () => {
  const [lead] = alerting.config.alerts.digests;
  if (lead !== undefined) alerting.config.alerts.digests.unshift({ ...lead, name: 'broken', schedule: '0 8 * * 99' });
  await at('2026-11-12T12:00:00Z');
  await at('2026-11-16T07:00:00Z');
  expect([failed, mail.received.length]).toEqual([['broken'], 1]);
});

describe('a digest', () => {
  const digest = (more: object): DigestConfig =>
    ({ name: 'x', schedule: '0 8 * * *', period: 'month', channels: ['mail'], to: undefined, ...more }) as DigestConfig;
  const notified = (config: DigestConfig, due: string, weekStart: 'monday' | 'sunday' = 'monday', budgets: readonly BudgetConfig[] = []) => {
    const calendar = { timeZone: 'UTC', weekStart };
    const dueMs = Date.parse(due);
    return digestOf(config, {
      reader: alerting.reader,
      calendar,
      budgets,
      dueMs,
      nowMs: dueMs,
      links: { publicUrl: '', grafanaUrl: 'http://localhost:3000', runbooksUrl: undefined },
    });
  };

  test('of a month is about the whole month before, whichever day and however long the month', async () => {
    const month = async (due: string) => (await notified(digest({}), due)).title.replace(/.* in /, '');
    const due = ['2026-01-31T08:00:00Z', '2027-03-31T08:00:00Z', '2028-02-29T08:00:00Z', '2026-12-01T00:00:00Z'];
    expect(await Promise.all(due.map(month))).toEqual(['December 2025', 'February 2027', 'January 2028', 'November 2026']);
  });

  test('of a day is about yesterday in its zone, also after the night the clock changes', async () => {
    await spend('3', 'ada@example.com', '2026-10-25T22:30:00Z');
    await spend('5', 'ada@example.com', '2026-10-25T23:30:00Z');
    const berlin = digest({ period: 'day', time_zone: 'Europe/Berlin' });
    expect((await notified(berlin, '2026-10-26T07:00:00Z')).title).toBe('Claude Code, all users: $3.00 in Sun 25 Oct 2026');
    expect((await notified(berlin, '2026-10-27T07:00:00Z')).title).toBe('Claude Code, all users: $5.00 in Mon 26 Oct 2026');
  });

  test('of a week begins on the day that the configuration says', async () => {
    const week = digest({ period: 'week' });
    expect((await notified(week, '2026-11-18T08:00:00Z')).title).toContain('the week Mon 9 Nov 2026 to Sun 15 Nov 2026');
    expect((await notified(week, '2026-11-18T08:00:00Z', 'sunday')).title).toContain('the week Sun 8 Nov 2026 to Sat 14 Nov 2026');
  });

  test('has what the ledger has, also where corrections take a user below zero', async () => {
    await spend('100', 'ada@example.com', '2026-11-10T12:00:00Z');
    const timeMs = Date.parse('2026-11-10T13:00:00Z');
    await alerting.append([adjustment({ id: 'less', user: 'ben@example.com', sessionId: 'ben', cost: '-40', timeMs })]);
    const { title, facts, contributors } = await notified(digest({}), '2026-12-01T08:00:00Z');
    expect(title).toBe('Claude Code, all users: $60.00 in November 2026');
    expect(facts).toContainEqual({ label: 'Active users', value: '1, previously 0' });
    expect(contributors.map(({ name }) => name)).toEqual(['ada@example.com']);
    expect((await notified(digest({ period: 'day' }), '2026-11-11T08:00:00Z')).title).toMatch(/: \$60\.00 in /);
  });

  test('calls the period of each budget by its name, and one without a name by its days', async () => {
    await spend('20', 'ada@example.com', '2026-11-30T12:00:00Z');
    const periods: BudgetConfig['period'][] = ['quarter', { rolling_days: 30 }, { from: '2026-11-16', to: '2027-01-01' }];
    const budgets = periods.map((period, index): BudgetConfig => ({ name: `b${index}`, scope: {}, period, amount_usd: '100.00' }));
    const { facts } = await notified(digest({}), '2026-12-01T08:00:00Z', 'monday', budgets);
    expect(facts.filter(({ label }) => label.startsWith('Budget')).map(({ value }) => value)).toEqual([
      '$20.00 of $100.00 (20 %) this quarter',
      '$20.00 of $100.00 (20 %) in the last 30 days',
      '$20.00 of $100.00 (20 %) in 16 Nov to 31 Dec 2026',
    ]);
  });

  test('takes what belongs to nobody known for no user', async () => {
    await spend('100', 'ada@example.com', '2026-11-10T12:00:00Z');
    await spend('20', '', '2026-11-11T12:00:00Z');
    const { summary, facts, contributors } = await notified(digest({}), '2026-12-01T08:00:00Z');
    expect(summary).toMatch(/ 1 user used Claude Code, 0 in the previous month\.$/);
    expect(facts).toContainEqual({ label: 'Active users', value: '1, previously 0' });
    expect(contributors.map(({ name }) => name)).toEqual(['ada@example.com', 'unallocated']);
  });

  test('with nothing to report says so, and what it was before', async () => {
    await spend('100', 'ada@example.com', '2026-11-10T12:00:00Z');
    const week = digest({ period: 'week', team: 'platform' });
    expect((await notified(week, '2026-11-16T08:00:00Z')).summary).toMatch(/\(new\)\. 1 user used Claude Code, 0 in the previous week\.$/);
    const empty = await notified(week, '2026-11-23T08:00:00Z');
    expect([empty.summary, empty.contributors]).toEqual([
      'No spend by team platform in the week Mon 16 Nov 2026 to Sun 22 Nov 2026. Previous week: $100.00 by 1 user.',
      [],
    ]);
    expect((await notified(digest({}), '2020-01-01T08:00:00Z')).summary).toBe('No spend in December 2019. Previous month: $0.00 by no users.');
  });
});

describe('a schedule', () => {
  test('is read in its zone, over the change of the clock', () => {
    const next = (after: string) => new Date(nextDueMs('0 8 * * *', 'Europe/Berlin', Date.parse(after), 'key') ?? 0).toISOString();
    expect([next('2026-10-24T00:00:00Z'), next('2026-10-25T00:00:00Z')]).toEqual(['2026-10-24T06:00:00.000Z', '2026-10-25T07:00:00.000Z']);
  });

  test('for the 31st leaves out the months that have none, and one in an hour that the clock skips comes all the same', () => {
    const next = (schedule: string, after: string) => new Date(nextDueMs(schedule, 'Europe/Berlin', Date.parse(after), 'key') ?? 0).toISOString();
    expect(next('0 8 31 * *', '2026-01-31T07:00:00Z')).toBe('2026-03-31T06:00:00.000Z');
    expect(next('30 2 * * *', '2026-03-28T12:00:00Z').slice(0, 10)).toBe('2026-03-29');
    expect(next('30 2 * * *', '2026-10-24T12:00:00Z').slice(0, 10)).toBe('2026-10-25');
    expect(next('30 2 * * *', '2026-10-25T00:30:00Z').slice(0, 10)).toBe('2026-10-26');
  });

  test('that is none says how one is written', () => {
    expect(() => nextDueMs('on Mondays', 'UTC', 0, 'alerts.digests: lead: schedule')).toThrow(
      'alerts.digests: lead: schedule: "on Mondays" is not a cron expression.',
    );
  });
});
