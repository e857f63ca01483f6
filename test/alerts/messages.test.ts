/** An example of each message in each channel, from a real ledger by the real engine, compared with committed files. docs/images shows some. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { alertsOf } from '../../collector/alerts/alert.ts';
import type { Anomaly } from '../../collector/alerts/anomalies/anomaly.ts';
import { mailOf } from '../../collector/alerts/channels/mail/channel.ts';
import { renderSlack } from '../../collector/alerts/channels/slack/render.ts';
import { renderTeams } from '../../collector/alerts/channels/teams/render.ts';
import { webhookBody } from '../../collector/alerts/channels/webhook/render.ts';
import { digestOf } from '../../collector/alerts/digest.ts';
import { planSending } from '../../collector/alerts/grouping.ts';
import { type AlertMessage, messageOf, resolvedMessage } from '../../collector/alerts/message.ts';
import type { Delivery } from '../../collector/alerts/outbox.ts';
import { sampleMessage } from '../../collector/alerts/sample-message.ts';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import { ANOMALY_KINDS } from '../../collector/catalog/alert-names.ts';
import { expectGolden } from '../support/golden.ts';
import { startHook } from './receivers.ts';
import { NOVEMBER, startAlerting } from './setup.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const SERVER = { public_url: 'https://ledgerline.example.com' };
const BERLIN = 'Europe/Berlin';
const BUDGETS = [
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '1000.00', session_warning_usd: '400' },
  { name: 'data', scope: { team: 'data' }, period: 'month', amount_usd: '12345.67', hard_limit: true },
  { name: 'web', scope: { team: 'web' }, period: 'month', amount_usd: '500.00' },
];
const LINKS = linkBases({ server: SERVER, auth: {}, alerts: {} });

const delivery = (name: string, message: AlertMessage, kind: Delivery['kind'] = 'firing', labels: Delivery['labels'] = {}): Delivery => ({
  ...{ id: name, kind, channel: 'mail', subject: name, message, labels, to: undefined, createdMs: NOVEMBER },
  ...{ status: 'waiting', attempts: 0, nextMs: NOVEMBER, deliveredMs: undefined, error: undefined },
});

/** All channels of one message, as they leave the collector. */
function compare(name: string, given: Delivery): void {
  const { subject, text, html } = mailOf(given, 'Ledgerline <l@example.com>');
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  const [slack, teams] = [renderSlack(given.message), renderTeams(given.message)];
  const parts = { mail: `Subject: ${subject}\n\n${text}`, slack: json(slack), teams: json(teams), webhook: json(JSON.parse(webhookBody(given))) };
  const all = Object.entries(parts).map(([channel, part]) => `==== ${channel}\n${part.trimEnd()}\n`);
  expectGolden(join(GOLDEN, `${name}.txt`), all.join('\n'));
  expectGolden(join(GOLDEN, `${name}.html.txt`), html);
  expect([slack.blocks.length <= 50, Buffer.byteLength(JSON.stringify(teams)) <= 28_000, subject.length <= 220]).toEqual([true, true, true]);
  expect(subject + text).not.toMatch(/localhost|Ledgerline(?:Budget|Session|Anomaly|Un)\w*(?!\S*$)/m);
}

const named = new Map<string, Delivery>();

beforeAll(async () => {
  const hook = await startHook();
  const channels = [{ name: 'hook', type: 'webhook', url: hook.url }];
  const alerting = await startAlerting({ timezone: BERLIN, server: SERVER, budgets: BUDGETS, alerts: { deliver: true, channels } });
  const october = Date.parse('2026-10-10T12:00:00Z');
  try {
    await alerting.spend('300', { timeMs: october, session: 'o1' });
    await alerting.spend('412.50', { session: 'long-session' });
    await alerting.spend('251.20', { user: 'grace@example.com', session: 's2' });
    await alerting.spend('176.30', { user: 'linus@example.com', session: 's3' });
    await alerting.spend('13000', { team: 'data', user: 'edsger@example.com', session: 's4' });
    await alerting.spend('250', { team: 'web', user: 'tim@example.com', session: 's5' });
    await alerting.spend('9000', { team: '', user: 'unknown@example.com', session: 's6' });
    await alerting.round();
    for (const one of alerting.outbox.deliveries(undefined, 100)) {
      const { alertname = '', severity = '', budget = '' } = one.labels;
      named.set([alertname, severity, budget].filter((part) => part !== '').join('-'), { ...one, id: 'an-id' });
    }
    const calendar = { timeZone: BERLIN, weekStart: 'monday' } as const;
    const digest = { name: 'all', schedule: '0 8 * * 1', period: 'week', channels: ['mail'] } as const;
    const dueMs = Date.parse('2026-11-23T07:00:00Z');
    const context = { reader: alerting.reader, calendar, budgets: alerting.config.budgets, dueMs, nowMs: dueMs, links: LINKS };
    named.set('digest', delivery('digest', await digestOf({ ...digest, channels: ['mail'] }, context), 'digest'));
  } finally {
    await alerting.stop();
    await hook.stop();
  }
});
afterAll(() => named.clear());

const anomaly = (kind: Anomaly['kind'], team: string): Anomaly => ({
  ...{ kind, severity: kind === 'new_model' ? 'info' : 'warning', scope: { dimension: 'team', value: team }, atMs: NOVEMBER, figures: {} },
  words: `Team ${team} has spent $1,234.50 since 09:00, 4.2 times as much as usual on a Friday.`,
});
const context = { nowMs: NOVEMBER, timeZone: BERLIN, asOfMs: NOVEMBER - 40_000, links: LINKS };
const anomalyMessage = (one: Anomaly): AlertMessage => {
  const [alert] = alertsOf({ budgets: [], sessions: [], anomalies: [one], shares: [] });
  if (alert === undefined) throw new Error('no alert');
  return messageOf(alert, context);
};

describe('each message, in each channel', () => {
  test('is as in the committed example: everything that one evaluation finds', () => {
    expect([...named.keys()].sort()).toEqual([
      ...['LedgerlineBudgetStopped-critical-data', 'LedgerlineBudgetThreshold-info-web'],
      ...['LedgerlineBudgetThreshold-warning-platform', 'LedgerlineSessionCost-warning-platform', 'LedgerlineUnallocatedSpend-warning', 'digest'],
    ]);
    for (const [name, one] of named) compare(name, one);
  });

  test.each(ANOMALY_KINDS)('is as in the committed example: an anomaly of the kind %s', (kind) =>
    compare(`anomaly-${kind}`, delivery(kind, anomalyMessage(anomaly(kind, 'platform')))),
  );

  test('is as in the committed example: resolved, a test, twelve at once, five hundred at once, hostile names', () => {
    const stopped = named.get('LedgerlineBudgetStopped-critical-data');
    const warning = named.get('LedgerlineBudgetThreshold-warning-platform');
    if (stopped === undefined || warning === undefined) throw new Error('no messages');
    const over = resolvedMessage(stopped.message, { firedMs: NOVEMBER }, 'A new period has begun.', {
      nowMs: NOVEMBER + 3_600_000,
      timeZone: BERLIN,
    });
    compare('resolved', delivery('resolved', over, 'resolved'));
    compare('test', delivery('test', sampleMessage(LINKS), 'test'));
    for (const count of [12, 500]) {
      const due = Array.from({ length: count }, (_, index) => {
        const message: AlertMessage = { ...warning.message, title: `Budget m/u${index}: 84 % used`, mood: index % 6 === 5 ? 'critical' : 'warning' };
        return { ...delivery(`${index}`, message), labels: { ...warning.labels, budget: `m/u${index}` } };
      });
      const alerts = { messages_at_once: 10, messages_per_hour: 60 };
      const [group] = planSending(due, { alerts, links: LINKS, sentMs: [], nowMs: NOVEMBER }).grouped;
      if (group === undefined) throw new Error('not grouped');
      compare(`grouped-${count}`, { ...delivery('grouped', group.summary.message, 'summary'), labels: group.summary.labels });
    }
    const hostile = anomaly('spend', `<!channel> *x* [x](https://evil.example) <img src=x>\n\u202eB ${'x'.repeat(10_000)}`);
    compare('hostile', delivery('hostile', anomalyMessage(hostile)));
  });
});
