/** The collector's own alerting in a real process that is killed and started again: from OTLP bytes to a webhook and a mail. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendRequests } from '../exposition/live-collector.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { waitFor } from '../support/wait.ts';
import { type Hook, hookAndMail, type MailServer, startHook, startMailServer } from './receivers.ts';

interface AlertsAnswer {
  readonly delivering: boolean;
  readonly firing: readonly { readonly severity: string; readonly notification: string; readonly title: string | null }[];
  readonly waiting: readonly unknown[];
  readonly delivered: readonly { readonly channel: string; readonly title: string }[];
  readonly dead: readonly { readonly channel: string; readonly error: string }[];
}

let data: string;
let hook: Hook;
let mail: MailServer;
let collector: CollectorProcess | undefined;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-alerting-'));
  hook = await startHook();
  mail = await startMailServer();
});
afterEach(async () => {
  await collector?.stop();
  await mail.stop();
  await hook.stop();
  await rm(data, { recursive: true, force: true });
});

const config = () => ({
  budgets: [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' }],
  alerts: {
    ...{ deliver: true, interval_seconds: 1, retry_seconds: 1, attempts: 2 },
    channels: [...hookAndMail(hook, mail), { name: 'broken', type: 'slack', url_file: join(data, 'no-such-file') }],
  },
});
const spend = (usd: number) => sendRequests(collector?.ports.otlpHttp ?? 0, [{ usd, team: 'platform', user: 'ada@example.com' }]);
const titles = (): string[] => hook.received.map(({ body }) => (JSON.parse(body) as { title: string }).title);
const alerts = async (): Promise<AlertsAnswer> =>
  (await fetch(`http://127.0.0.1:${collector?.ports.api}/api/v1/alerts`)).json() as Promise<AlertsAnswer>;
/** So many messages have come by webhook, and by mail. */
const both = (what: string, count: number) =>
  waitFor(what, () => ({ hook: titles(), mail: mail.received.map(({ subject }) => subject) }), {
    until: (notified) => notified.hook.length >= count && notified.mail.length >= count,
  });
/** What has come and is not yet marked would rightly come again after a kill. */
const marked = (delivered: number, dead: number): Promise<AlertsAnswer> =>
  waitFor(`${delivered} messages marked as delivered and ${dead} as dead letters`, alerts, {
    until: (answer) => answer.delivered.length === delivered && answer.dead.length === dead,
  });

test('warns, is killed, comes back without repeating, goes on to what is critical, and shows what could not be delivered', async () => {
  collector = await spawnCollector(data, config());
  await spend(80);
  await both('the warning by webhook and mail', 1);
  await marked(2, 1);
  await collector.kill();

  collector = await spawnCollector(data, config());
  await spend(25);
  await both('the critical alert', 2);
  const answer = await marked(4, 2);
  expect(titles()).toEqual(['Budget platform: 80 % used', 'Budget platform is used up: 105 %']);
  expect(mail.received.map(({ subject }) => subject)).toEqual([
    '[warning] Budget platform: 80 % used',
    '[critical] Budget platform is used up: 105 %',
  ]);

  expect(answer.delivering).toBe(true);
  expect(answer.firing.map(({ severity, notification }) => [severity, notification])).toEqual(
    expect.arrayContaining([
      ['critical', 'notified'],
      ['warning', 'notified'],
      ['info', 'pending'],
    ]),
  );
  expect([answer.waiting.length, answer.delivered.length]).toEqual([0, 4]);
  expect(answer.dead.map(({ channel }) => channel)).toEqual(['broken', 'broken']);
  expect(answer.dead[0]?.error).toMatch(/url_file: cannot read a secret/);
});

test('goes on without repetition when the thread of the alerts dies: telemetry is taken meanwhile, and readiness says that no alerts are sent', async () => {
  collector = await spawnCollector(data, config());
  const lines: string[] = [];
  collector.child.stderr?.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const readiness = async () =>
    (await fetch(`http://127.0.0.1:${collector?.ports.api}/readyz`)).json() as Promise<{ status: string; detail: string }>;
  await spend(80);
  await both('the warning', 1);
  await marked(2, 1);
  expect((await readiness()).detail).toBe('Listening, and the ledger is writable.');

  collector.child.kill('SIGUSR2');
  const ill = await waitFor('readiness to say so', readiness, { until: ({ detail }) => detail.includes('No alerts are sent') });
  expect(ill).toMatchObject({
    status: 'ready',
    detail: 'Listening, and the ledger is writable. No alerts are sent: The alerts thread ended. It restarts in 5 s.',
  });
  await spend(25);
  await both('the critical alert of what was spent meanwhile', 2);
  expect(titles()).toEqual(['Budget platform: 80 % used', 'Budget platform is used up: 105 %']);
  expect(mail.received).toHaveLength(2);
  expect((await readiness()).detail).toBe('Listening, and the ledger is writable.');
  const cycle =
    /"thread_ended".*No alerts are sent: The alerts thread ended\. It restarts in 5 s\."\}\n[\s\S]*"thread_restarted".*The alerts thread is running again\."\}\n/;
  await waitFor('both in the log', () => lines.join(''), { until: (log) => cycle.test(log) });
});

test('stops at once while the thread of the alerts is dead', async () => {
  collector = await spawnCollector(data, config());
  const { child, ports, stop } = collector;
  child.kill('SIGUSR2');
  await waitFor('readiness to say so', async () =>
    (await (await fetch(`http://127.0.0.1:${ports.api}/readyz`)).text()).includes('No alerts are sent'),
  );
  expect(await stop()).toBe(0);
});

test('does not start with a channel it cannot speak to, and says what can', async () => {
  const pagerduty = { alerts: { deliver: true, channels: [{ name: 'page', type: 'pagerduty', key_file: join(data, 'key') }] } };
  await expect(spawnCollector(data, pagerduty)).rejects.toThrow('the collector cannot deliver to page, which is of type pagerduty');
});
