/** What the collector delivers by itself: once for each threshold and period, in order, through failures and restarts, to real servers. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { signature } from '../../collector/alerts/channels/webhook/render.ts';
import { usd } from '../support/entries.ts';
import { waitFor } from '../support/wait.ts';
import { type Hook, type MailServer, startHook, startMailServer } from './receivers.ts';
import { type Alerting, BUDGET, DECEMBER, NOVEMBER, startAlerting } from './setup.ts';

const MINUTE_MS = 60_000;

interface Message {
  readonly id: string;
  readonly kind: string;
  readonly severity: string | null;
  readonly title: string;
  readonly summary: string;
  readonly labels: Record<string, string>;
  readonly contributors: readonly { readonly name: string; readonly change: string }[];
}

let hook: Hook;
let mail: MailServer;
let alerting: Alerting | undefined;

beforeEach(async () => {
  hook = await startHook();
  mail = await startMailServer();
});
afterEach(async () => {
  await alerting?.stop();
  alerting = undefined;
  await mail.stop();
  await hook.stop();
});

const both = () => [
  { name: 'hook', type: 'webhook', url: hook.url },
  {
    name: 'mail',
    type: 'email',
    smtp_host: '127.0.0.1',
    smtp_port: mail.port,
    smtp_tls: 'none',
    from: 'Ledgerline <l@example.com>',
    to: ['lead@example.com'],
  },
];
const start = async (alerts: object = {}, more: object = {}): Promise<Alerting> => {
  alerting = await startAlerting({ alerts: { deliver: true, unallocated_share: 1, channels: both(), ...alerts }, ...more });
  return alerting;
};
const messages = (): Message[] => hook.received.map(({ body }) => JSON.parse(body) as Message);
const notified = (): string[] => messages().map(({ kind, severity, title }) => `${kind} ${severity}: ${title}`);

describe('a budget', () => {
  test('is told at 80 % and at 100 %, once each, by every channel; the more severe hides the less severe', async () => {
    const { spend, round } = await start();
    await spend('79.99');
    await round();
    expect(notified()).toEqual(['firing info: Budget platform: 79.9 % used']);
    await spend('0.01');
    await round();
    await round();
    await spend('25');
    await round();
    await round();
    expect(notified().slice(1)).toEqual(['firing warning: Budget platform: 80 % used', 'firing critical: Budget platform is used up: 105 %']);
    expect(mail.received.map(({ subject }) => subject)).toEqual([
      'Budget platform: 79.9 % used',
      '[warning] Budget platform: 80 % used',
      '[critical] Budget platform is used up: 105 %',
    ]);
    expect(messages()[2]?.labels).toMatchObject({ alertname: 'LedgerlineBudgetThreshold', budget: 'platform', at: '1', team: 'platform' });
    expect(messages()[2]?.summary).toBe('Team platform has spent $105.00 of $100.00 (105 %) in the month 1 Nov to 30 Nov 2026.');
    expect(messages()[2]?.contributors).toEqual([expect.objectContaining({ name: 'ada@example.com' })]);
  });

  test('is told as over when a new period begins, to those who were told, once', async () => {
    const one = await start();
    await one.spend('105');
    await one.round();
    one.nowMs = DECEMBER;
    await one.round();
    await one.round();
    expect(notified()).toEqual(['firing critical: Budget platform is used up: 105 %', 'resolved null: Resolved: Budget platform is used up: 105 %']);
    expect(messages()[1]?.summary).toMatch(
      /^A new period has begun\. The alert fired on Fri 20 Nov 2026, 12:00 \(UTC\): Team platform has spent \$105\.00/,
    );
    expect(JSON.parse(hook.received[1]?.body ?? '')).toMatchObject({ data_age: expect.stringMatching(/^The newest record is 11 d old/) });
    await one.spend('80');
    await one.round();
    expect(notified().slice(2)).toEqual(['firing warning: Budget platform: 80 % used']);
  });

  test('is told again in the same period when it fell below the threshold, which was told, and comes back', async () => {
    const one = await start();
    await one.spend('80');
    await one.round();
    expect(notified()).toHaveLength(1);
    // What was spent in November is not there in October: the threshold is not reached, and then it is again.
    one.nowMs = Date.parse('2026-10-20T12:00:00Z');
    await one.round();
    one.nowMs = NOVEMBER + 60_000;
    await one.round();
    expect(notified().map((line) => line.split(' ')[0])).toEqual(['firing', 'resolved', 'firing']);
  });

  test('is told again when a raise has run out, and the amount is exceeded as before', async () => {
    const untilMs = NOVEMBER + 3_600_000;
    const raise = { id: 1, key: 'platform', amount: usd('100'), fromMs: NOVEMBER + 1, untilMs, why: 'release', who: 'ops', atMs: NOVEMBER };
    const one = await start({}, { budgets: [{ ...BUDGET, period: { rolling_days: 30 } }] });
    one.raises.push(raise);
    await one.spend('100');
    await one.round();
    one.nowMs = NOVEMBER + 60_000;
    await one.round();
    one.nowMs = untilMs;
    await one.round();
    one.nowMs = untilMs + 60_000;
    await one.round();
    expect(notified()).toEqual([
      'firing critical: Budget platform is used up: 100 %',
      'firing info: Budget platform: 50 % used',
      'resolved null: Resolved: Budget platform is used up: 100 %',
      'firing critical: Budget platform is used up: 100 %',
    ]);
  });

  test('says why it is over as far as it knows, and not that a threshold is over which a new amount still reaches', async () => {
    const budget = { ...BUDGET, thresholds: [{ at: 0.5 }, { at: 0.8, severity: 'critical' }] };
    const one = await start({ channels: [both()[0]] }, { budgets: [budget] });
    await one.spend('55');
    await one.round();
    Object.assign(one.config.budgets[0] ?? {}, { amount_usd: '60.00' });
    await one.round();
    expect(notified()).toEqual(['firing warning: Budget platform: 55 % used', 'firing critical: Budget platform: 91.6 % used']);
    one.config.budgets.length = 0;
    await one.round();
    expect(messages().map(({ kind }) => kind)).toEqual(['firing', 'firing', 'resolved', 'resolved']);
    expect(messages()[2]?.summary).toMatch(/^Spend is below the threshold, the amount was changed, or the budget was removed\. The alert fired on/);
  });

  test('is not told again for what late records change in the rollover', async () => {
    const one = await start({}, { budgets: [{ ...BUDGET, rollover: true }] });
    await one.spend('90', { timeMs: Date.parse('2026-10-20T12:00:00Z'), session: 'october' });
    await one.spend('90');
    await one.round();
    await one.spend('0.01', { timeMs: Date.parse('2026-10-20T12:00:00Z'), session: 'october' });
    await one.round();
    expect(notified()).toHaveLength(1);
  });

  test('that was sent while nothing could be written is not sent again, nor what was sent in vain', async () => {
    const one = await start({ retry_seconds: 60 });
    hook.answers.push({ status: 503 });
    await one.spend('80');
    await one.engine.evaluate();
    const { outbox } = one;
    const { delivered, failed } = outbox;
    outbox.delivered = outbox.failed = () => Promise.reject(new Error('database or disk is full'));
    for (let times = 0; times < 2; times++) {
      await expect(one.engine.dispatch()).rejects.toThrow('disk is full');
      await one.engine.idle();
    }
    expect([hook.refused.length, mail.received.length]).toEqual([1, 1]);
    Object.assign(outbox, { delivered, failed });
    await one.round();
    expect((await one.outbox.deliveries(undefined, 9)).map(({ channel, status, attempts }) => `${channel} ${status} ${attempts}`).sort()).toEqual([
      'hook waiting 1',
      'mail delivered 1',
    ]);
    one.nowMs += MINUTE_MS;
    await one.round();
    expect([notified().length, hook.refused.length, mail.received.length]).toEqual([1, 1, 1]);
  });

  test('survives a restart at any point without repeating or forgetting', async () => {
    const one = await start();
    await one.spend('80');
    await one.engine.evaluate();
    await one.restart();
    await one.engine.dispatch();
    await one.restart();
    await one.round();
    expect(notified()).toEqual(['firing warning: Budget platform: 80 % used']);
    await one.spend('30');
    await one.round();
    await one.restart();
    await one.round();
    one.nowMs = DECEMBER;
    await one.restart();
    await one.round();
    expect(notified().map((line) => line.split(':')[0])).toEqual(['firing warning', 'firing critical', 'resolved null', 'resolved null']);
  });

  test('that was sent but not marked before a crash is sent again under the same id and the same Message-ID', async () => {
    const one = await start();
    await one.spend('80');
    await one.engine.evaluate();
    const { outbox } = one;
    const marked = outbox.delivered.bind(outbox);
    outbox.delivered = async () => undefined; // The process dies here.
    await one.engine.dispatch();
    outbox.delivered = marked;
    await one.restart();
    await one.round();
    await one.round();
    expect(messages().map(({ id }) => id)).toEqual([messages()[0]?.id, messages()[0]?.id]);
    expect(new Set(hook.received.map(({ headers }) => headers['ledgerline-delivery']))).toEqual(new Set([messages()[0]?.id]));
    expect(mail.received.map(({ messageId }) => messageId)).toEqual([mail.received[0]?.messageId, mail.received[0]?.messageId]);
    expect(mail.received[0]?.messageId).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
  });
});

describe('a channel that fails', () => {
  test('is tried again, later each time, and does not hold up the others', async () => {
    const one = await start({ retry_seconds: 60 });
    hook.answers.push({ status: 503 }, { status: 500, body: 'broken' });
    await one.spend('80');
    await one.round();
    expect([notified(), mail.received.length]).toEqual([[], 1]);
    expect(one.lines).toEqual(['hook: The webhook hook answered 503: ok']);
    await one.round();
    expect(hook.refused).toHaveLength(1);
    one.nowMs += MINUTE_MS / 2;
    await one.round();
    one.nowMs += MINUTE_MS - 1;
    await one.round();
    expect(hook.refused).toHaveLength(2);
    one.nowMs += 1;
    await one.round();
    expect(notified()).toEqual(['firing warning: Budget platform: 80 % used']);
    expect(mail.received).toHaveLength(1);
  });

  test('that does not answer holds up neither the others nor what comes later for them', async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    // listen() on a TCP port: the address is an object.
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const one = await start({ channels: [both()[0], { name: 'silent', type: 'webhook', url }] });
    const dispatching: Promise<void>[] = [];
    for (const usd of ['80', '25']) {
      await one.spend(usd);
      await one.engine.evaluate();
      dispatching.push(one.engine.dispatch());
      const before = notified().length;
      await waitFor('the message of the channel that answers', () => notified().length > before);
    }
    expect(notified()).toEqual(['firing warning: Budget platform: 80 % used', 'firing critical: Budget platform is used up: 105 %']);
    // A message that arrived waits until its answer is noted.
    await waitFor('nothing but the silent channel to be waited for', async () => {
      const waiting = (await one.outbox.deliveries('waiting', 9)).map(({ channel }) => channel);
      return waiting.length === 2 && waiting.every((channel) => channel === 'silent');
    });
    silent.closeAllConnections();
    silent.close();
    await Promise.all([...dispatching, one.engine.idle()]);
  });

  test.each([{ 'retry-after': '120' }, { 'retry-after': 'Fri, 20 Nov 2026 10:02:00 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }])(
    'is left alone as long as it asks: %j',
    async (headers) => {
      const one = await start({ retry_seconds: 1, channels: [both()[0]] });
      hook.answers.push({ status: 429, headers });
      await one.spend('80');
      await one.round();
      one.nowMs += 2 * MINUTE_MS - 1;
      await one.round();
      expect(notified()).toEqual([]);
      one.nowMs += 1;
      await one.round();
      expect(notified()).toHaveLength(1);
    },
  );

  test('leaves a dead letter after its last attempt, which can be sent again', async () => {
    const one = await start({ attempts: 2, retry_seconds: 1, channels: [both()[0]] });
    hook.answers.push({ status: 503 }, { status: 503 });
    await one.spend('80');
    await one.round();
    one.nowMs += MINUTE_MS;
    await one.round();
    one.nowMs += 60 * MINUTE_MS;
    await one.round();
    expect([hook.refused.length, notified()]).toEqual([2, []]);
    const [letter] = await one.outbox.deliveries('dead', 10);
    expect(letter).toMatchObject({ channel: 'hook', attempts: 2, error: 'The webhook hook answered 503: ok' });
    expect(one.lines.at(-1)).toContain('It is a dead letter now; `ledgerline alerts retry` sends it again.');
    expect([await one.outbox.revive('no such id', one.nowMs), await one.outbox.revive(letter?.id, one.nowMs)]).toEqual([0, 1]);
    await one.round();
    expect(notified()).toEqual(['firing warning: Budget platform: 80 % used']);
  });

  test('that refuses the message itself is not asked again', async () => {
    const one = await start();
    hook.answers.push({ status: 400, body: 'no such field' });
    mail.answers.push(554);
    await one.spend('80');
    await one.round();
    one.nowMs += 60 * MINUTE_MS;
    await one.round();
    expect((await one.outbox.deliveries('dead', 10)).map(({ channel, error }) => `${channel}: ${error}`).sort()).toEqual([
      'hook: The webhook hook answered 400: no such field',
      expect.stringMatching(/^mail: The mail server rejected it: 554/),
    ]);
    expect([hook.refused.length, mail.received.length]).toEqual([1, 0]);
  });

  test('of mail that refuses some recipients has the message sent again to these alone, and resolved to all', async () => {
    const to = ['lead@example.com', 'later@example.com', 'typo@example.com'];
    const one = await start({ retry_seconds: 60, channels: [{ ...both()[1], to }] });
    mail.refused.set('later@example.com', 451).set('typo@example.com', 550);
    await one.spend('80');
    await one.round();
    const letters = () => mail.received.map((letter) => letter.to);
    expect(letters()).toEqual([['lead@example.com']]);
    expect(one.lines).toEqual(['mail: All recipients got it but later@example.com, typo@example.com. The mail server rejected it: 451 not now']);
    mail.refused.delete('later@example.com');
    await one.round();
    await one.round();
    expect(letters()).toEqual([['lead@example.com'], ['later@example.com']]);
    const dead = await one.outbox.deliveries('dead', 9);
    expect(dead).toMatchObject([{ to: ['typo@example.com'], error: 'The mail server rejected it: 550 not now' }]);
    one.nowMs = DECEMBER;
    await one.round();
    expect(letters().slice(2)).toEqual([['lead@example.com', 'later@example.com']]);
  });

  test('gets what is over only after what fires', async () => {
    const one = await start({ retry_seconds: 60, channels: [both()[0]] });
    hook.answers.push({ status: 503 });
    await one.spend('105');
    await one.round();
    one.nowMs = DECEMBER - 1_000;
    hook.answers.push({ status: 503 });
    await one.round();
    expect(notified()).toEqual([]);
    one.nowMs = DECEMBER + 60 * MINUTE_MS;
    await one.round();
    await one.round();
    expect(notified().map((line) => line.split(' ')[0])).toEqual(['firing', 'resolved']);
  });

  test('that cannot be reached says so without its address, which is a secret', async () => {
    const one = await start({ channels: [{ name: 'slack', type: 'slack', url_file: join(process.cwd(), 'no-such-file') }] });
    await one.spend('80');
    await one.round();
    expect(one.lines[0]).toMatch(/^slack: alerts\.channels: slack: url_file: cannot read a secret from .*no-such-file\. Check the path/);
    const secret = join(one.folder, 'url');
    writeFileSync(secret, 'http://127.0.0.1:1/services/T0/SECRET\n');
    const other = await startAlerting({ alerts: { deliver: true, channels: [{ name: 'slack', type: 'slack', url_file: secret }] } });
    await other.spend('80');
    await other.round();
    await other.stop();
    expect(other.lines[0]).toMatch(/^slack: Slack could not be reached: /);
    expect(JSON.stringify(other.lines)).not.toContain('SECRET');
  });
});

describe('routes and quiet hours', () => {
  test('send an alert to the channels of the first route that fits', async () => {
    const routes = [
      { teams: ['platform'], severities: ['critical'], channels: ['mail'] },
      { teams: ['platform'], channels: ['hook'] },
    ];
    const { spend, round } = await start({ routes });
    await spend('80');
    await round();
    await spend('25');
    await round();
    expect([notified(), mail.received.map(({ subject }) => subject)]).toEqual([
      ['firing warning: Budget platform: 80 % used'],
      ['[critical] Budget platform is used up: 105 %'],
    ]);
  });

  test('hold back what is not critical until they end, and let what is critical through', async () => {
    const one = await start({ quiet_hours: [{ from: '11:00', to: '13:00' }], channels: [both()[0]] });
    await one.spend('80');
    await one.round();
    expect(notified()).toEqual([]);
    one.nowMs = Date.parse('2026-11-20T13:00:00Z');
    await one.round();
    expect(notified()).toEqual(['firing warning: Budget platform: 80 % used']);
    one.nowMs = Date.parse('2026-11-21T12:00:00Z');
    await one.spend('25');
    await one.round();
    expect(notified().slice(1)).toEqual(['firing critical: Budget platform is used up: 105 %']);
  });
});

describe('an Alertmanager', () => {
  test.each(['#/alerts', 'api/v2/alerts/', 'api/v2', '?silenced=false'])('is found by what a browser or its API calls it (%s)', async (rest) => {
    const one = await start({ channels: [{ name: 'am', type: 'alertmanager', url: `${hook.url}${rest}` }] });
    await one.spend('105');
    await one.round();
    expect(hook.received.map(({ path }) => path)).toEqual(['/api/v2/alerts']);
  });

  test('is told again and again what fires, with labels to route by, and that it is over, below the path of its address', async () => {
    const one = await start({ channels: [{ name: 'am', type: 'alertmanager', url: `${hook.url}prefix/` }] });
    await one.spend('105');
    await one.round();
    one.nowMs += MINUTE_MS;
    await one.round();
    one.nowMs = DECEMBER;
    await one.round();
    await one.round();
    const posts = hook.received.map(({ path, body }) => ({
      path,
      alerts: JSON.parse(body) as { labels: Record<string, string>; startsAt: string; endsAt: string }[],
    }));
    expect(posts.map(({ path, alerts }) => [path, alerts.length])).toEqual([
      ['/prefix/api/v2/alerts', 3],
      ['/prefix/api/v2/alerts', 3],
      ['/prefix/api/v2/alerts', 3],
    ]);
    const critical = posts.map(({ alerts }) => alerts.find(({ labels }) => labels.severity === 'critical'));
    expect(critical.map((alert) => alert?.startsAt)).toEqual(Array.from({ length: 3 }, () => new Date(NOVEMBER).toISOString()));
    expect(critical[1]?.endsAt).toBe(new Date(NOVEMBER + 6 * MINUTE_MS).toISOString());
    expect(critical[2]?.endsAt).toBe(new Date(DECEMBER).toISOString());
    expect(await one.outbox.deliveries(undefined, 10)).toEqual([]);
  });
});

describe('the webhook’s signature', () => {
  test('is over time and body, as docs/alerts.md says', async () => {
    const key = 'a key that only the two of us know';
    const folder = await mkdtemp(join(tmpdir(), 'ledgerline-key-'));
    const secret_file = join(folder, 'key');
    writeFileSync(secret_file, `${key}\n`);
    const one = await start({ channels: [{ name: 'hook', type: 'webhook', url: hook.url, secret_file }] });
    await one.spend('80');
    await one.round();
    rmSync(folder, { recursive: true });
    const [posted] = hook.received;
    const [, time = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(posted?.headers['ledgerline-signature'])) ?? [];
    expect(Number(time)).toBe(NOVEMBER / 1000);
    expect(given).toBe(createHmac('sha256', key).update(`${time}.${posted?.body}`).digest('hex'));
  });

  test('is made anew for each attempt', () => {
    const made = signature('{"a":1}', 'key', 1_700_000_000);
    const expected = createHmac('sha256', 'key').update('1700000000.{"a":1}').digest('hex');
    expect(made).toBe(`t=1700000000,v1=${expected}`);
    expect(signature('{"a":1}', 'key', 1_700_000_001)).not.toBe(made);
    expect(signature('{"a":2}', 'key', 1_700_000_000)).not.toBe(made);
  });
});

test('a session that reaches the warning of a budget, and one that does not', async () => {
  const { spend, round } = await start({ channels: [both()[0]] }, { budgets: [{ ...BUDGET, amount_usd: '1000.00', session_warning_usd: '20.00' }] });
  await spend('19.99', { session: 'cheap' });
  await spend('20', { session: 'dear', user: 'grace@example.com' });
  await round();
  await round();
  expect(notified()).toEqual(['firing warning: A session of grace@example.com has cost $20.00']);
});

test('spend without a team is told above the configured share', async () => {
  const { spend, round } = await start({ channels: [both()[0]], unallocated_share: 0.5 });
  await spend('10', { team: '' });
  await spend('10');
  await round();
  expect(notified()).toEqual([]);
  await spend('0.02', { team: '' });
  await round();
  expect(notified()).toEqual(['firing warning: 50 % of the spend is unallocated']);
});
