/** The collector's own alerting in a real process that is killed and started again: from OTLP bytes to a webhook and a mail. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendRequests } from '../exposition/live-collector.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { waitFor } from '../support/wait.ts';
import { type Hook, type MailServer, startHook, startMailServer } from './receivers.ts';

interface AlertsAnswer {
  readonly delivering: boolean;
  readonly firing: readonly { readonly severity: string; readonly telling: string; readonly title: string | null }[];
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
    channels: [
      { name: 'hook', type: 'webhook', url: hook.url },
      {
        name: 'mail',
        type: 'email',
        smtp_host: '127.0.0.1',
        smtp_port: mail.port,
        smtp_tls: 'none',
        from: 'l@example.com',
        to: ['lead@example.com'],
      },
      { name: 'broken', type: 'slack', url_file: join(data, 'no-such-file') },
    ],
  },
});
const spend = (usd: number) => sendRequests(collector?.ports.otlpHttp ?? 0, [{ usd, team: 'platform', user: 'ada@example.com' }]);
const titles = (): string[] => hook.received.map(({ body }) => (JSON.parse(body) as { title: string }).title);
const alerts = async (): Promise<AlertsAnswer> =>
  (await fetch(`http://127.0.0.1:${collector?.ports.api}/api/v1/alerts`)).json() as Promise<AlertsAnswer>;

test('warns, is killed, comes back without repeating, goes on to what is critical, and shows what could not be delivered', async () => {
  collector = await spawnCollector(data, config());
  await spend(80);
  await waitFor('the warning by webhook and mail', () => titles().length > 0 && mail.received.length > 0);
  await waitFor('the dead letter of the channel without a secret', async () => (await alerts()).dead.length === 1);
  await collector.kill();

  collector = await spawnCollector(data, config());
  await spend(25);
  await waitFor('the critical alert', () => titles().length > 1 && mail.received.length > 1);
  await waitFor('the second dead letter', async () => (await alerts()).dead.length === 2);
  expect(titles()).toEqual(['Budget platform: 80 % used', 'Budget platform is used up: 105 %']);
  expect(mail.received.map(({ subject }) => subject)).toEqual([
    '[warning] Budget platform: 80 % used',
    '[critical] Budget platform is used up: 105 %',
  ]);

  const answer = await alerts();
  expect(answer.delivering).toBe(true);
  expect(answer.firing.map(({ severity, telling }) => [severity, telling])).toEqual(
    expect.arrayContaining([
      ['critical', 'told'],
      ['warning', 'told'],
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
  await waitFor('the warning', () => titles().length > 0 && mail.received.length > 0);
  expect((await readiness()).detail).toBe('Listening, and the ledger is writable.');

  collector.child.kill('SIGUSR2');
  await waitFor('readiness to say so', async () => (await readiness()).detail.includes('No alerts are sent'));
  expect(await readiness()).toMatchObject({
    status: 'ready',
    detail: 'Listening, and the ledger is writable. Nobody is alerted: The alerts thread ended. It is started again in 5 s.',
  });
  await spend(25);
  await waitFor('the critical alert of what was spent meanwhile', () => titles().length > 1 && mail.received.length > 1);
  expect(titles()).toEqual(['Budget platform: 80 % used', 'Budget platform is used up: 105 %']);
  expect(mail.received).toHaveLength(2);
  expect((await readiness()).detail).toBe('Listening, and the ledger is writable.');
  expect(lines.join('')).toMatch(
    /"thread_ended".*Nobody is alerted: The alerts thread ended\. It is started again in 5 s\."\}\n[\s\S]*"thread_restarted".*The alerts thread runs again\."\}\n/,
  );
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
