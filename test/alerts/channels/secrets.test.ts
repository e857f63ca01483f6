/** No secret of a channel is in what anybody reads: logs, errors, the API, generated files; even where the other side quotes what it was sent. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { configSchema } from '../../../collector/config/config.ts';
import { listAlerts } from '../../../collector/query/alerts.ts';
import { alertFiles } from '../../../dashboards/alerts/files.ts';
import { type Hook, type Posted, startHook } from '../receivers.ts';
import { startAlerting } from '../setup.ts';

let folder: string;
let hook: Hook;
let smtp: SMTPServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledgerline-secrets-'));
  hook = await startHook();
  smtp = new SMTPServer({
    allowInsecureAuth: true,
    authMethods: ['PLAIN'],
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      done(
        Object.assign(new Error(`no ${username} with ${password} (${Buffer.from(`\0${username}\0${password}`).toString('base64')})`), {
          responseCode: 535,
        }),
      ),
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
});
afterEach(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await hook.stop();
  await rm(folder, { recursive: true, force: true });
});

const secretIn = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), `${text}\n`);
  return join(folder, name);
};
/** As careless servers do on an error page. */
const quoting = ({ path, headers, body }: Posted): string =>
  `Cannot POST ${path} (${decodeURIComponent(path)}) with ${JSON.stringify(headers)}: ${body.slice(0, 20)}`;

test('a canary in the secret of every channel comes out nowhere', async () => {
  // listen() on a TCP port: the address is an object.
  const { port } = smtp.server.address() as AddressInfo;
  const channels = [
    { name: 'slack', type: 'slack', url_file: await secretIn('slack', `${hook.url}services/T00000000/CANARY-slack`) },
    { name: 'teams', type: 'teams', url_file: await secretIn('teams', `${hook.url}workflows/x?sig=CANARY-%74eams&a=1`) },
    {
      ...{ name: 'hook', type: 'webhook', url_file: await secretIn('hook', `${hook.url}CANARY-hook`) },
      secret_file: await secretIn('key', 'CANARY-key'),
    },
    {
      ...{ name: 'mail', type: 'email', smtp_host: '127.0.0.1', smtp_port: port, smtp_tls: 'none', from: 'l@example.com', to: ['a@example.com'] },
      ...{ username: 'somebody', password_file: await secretIn('password', 'CANARY-password') },
    },
  ];
  const one = await startAlerting({ alerts: { deliver: true, attempts: 1, channels } });
  hook.answers.push(...Array.from({ length: 3 }, () => ({ status: 404, body: quoting })));
  await one.spend('80');
  await one.round();
  const dead = await one.outbox.deliveries('dead', 10);
  expect(dead.map(({ channel }) => channel).sort()).toEqual(['hook', 'mail', 'slack', 'teams']);
  expect(hook.refused).toHaveLength(3);
  const generatedOnly = [
    { name: 'page', type: 'pagerduty', key_file: await secretIn('page', 'CANARY-pagerduty') },
    { name: 'genie', type: 'opsgenie', key_file: await secretIn('genie', 'CANARY-opsgenie') },
  ];
  const config = configSchema.parse({ alerts: { channels: [...channels, ...generatedOnly] } });
  const files = (['rules', 'alertmanager', 'grafana'] as const).flatMap((target) => [...alertFiles(target, config, 'a test').values()]);
  await one.stop();
  const all = [...one.lines, JSON.stringify(await listAlerts({ records: async () => [], deliveries: async () => dead }, true)), ...files].join('\n');
  expect(all).toContain('answered 404: Cannot POST');
  expect(all).toContain('The mail server rejected it');
  expect(all).not.toMatch(/CANARY|%74eams/);
  expect(all).not.toContain(Buffer.from('\0somebody\0CANARY-password').toString('base64'));
});

test('a channel that breaks in a way nobody thought of tells the kind of the error, and not its words', async () => {
  const channels = [{ name: 'slack', type: 'slack', url_file: await secretIn('slack', 'no address but CANARY') }];
  const one = await startAlerting({ alerts: { deliver: true, channels } });
  await one.spend('80');
  await one.round();
  await one.stop();
  expect(one.lines).toHaveLength(1);
  expect(one.lines.join()).not.toContain('CANARY');
});

test('a user and a password in an address are sent as curl sends them, and come out nowhere', async () => {
  const url = hook.url.replace('http://', 'http://ops:CANARY%2Dp%40ss@');
  const channels = [{ name: 'hook', type: 'webhook', url_file: await secretIn('login', url) }];
  const one = await startAlerting({ alerts: { deliver: true, attempts: 2, retry_seconds: 1, channels } });
  hook.answers.push({ status: 503, body: (posted) => `${quoting(posted)} ${Buffer.from(posted.headers.authorization?.slice(6) ?? '', 'base64')}` });
  await one.spend('80');
  await one.round();
  one.nowMs += 60_000;
  await one.round();
  expect(hook.received.map(({ headers }) => headers.authorization)).toEqual([`Basic ${Buffer.from('ops:CANARY-p@ss').toString('base64')}`]);
  expect(one.lines).toHaveLength(1);
  expect(one.lines.join()).not.toMatch(/CANARY|b3BzOkNBTkFSWS1wQHNz/);
  await one.stop();
});
