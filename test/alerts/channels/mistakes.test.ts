/** The mistakes of a newcomer, each against a real server: what is said must name the reason and what to do, and never the address. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { createChannels } from '../../../collector/alerts/channels/channels.ts';
import type { Delivery } from '../../../collector/alerts/outbox.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { type ClosedPort, closedPort } from '../../support/closed-port.ts';
import { MESSAGE } from '../message.ts';
import { type Hook, type MailServer, startHook, startMailServer } from '../receivers.ts';

const delivery: Delivery = {
  ...{ id: 'id', kind: 'test', channel: '', subject: 'test', message: MESSAGE, labels: {}, to: undefined, createdMs: 0 },
  ...{ status: 'waiting', attempts: 0, nextMs: 0, deliveredMs: undefined, error: undefined },
};
const MAIL = { type: 'email', smtp_host: '127.0.0.1', from: 'l@example.com', to: ['a@example.com'] };

/** What a channel says about its failure; undefined when it delivers. */
async function said(channel: object): Promise<string | undefined> {
  const { alerts } = configSchema.parse({ alerts: { channels: [{ name: 'ops', ...channel }] } });
  const one = createChannels(alerts, () => 0).channels.get('ops');
  return one?.deliver(delivery).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

let closed: ClosedPort;
beforeAll(async () => {
  closed = await closedPort();
});
afterAll(() => closed.release());

describe('over HTTP', () => {
  let folder: string;
  let hook: Hook;
  let secure: ReturnType<typeof createServer>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-mistakes-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], {
      stdio: 'ignore',
    });
    hook = await startHook();
    secure = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => response.end('ok'));
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
  });
  afterAll(async () => {
    await hook.stop();
    secure.close();
    await once(secure, 'close');
    rmSync(folder, { recursive: true });
  });
  // listen() on a TCP port: the address is an object.
  const securePort = () => (secure.address() as AddressInfo).port;

  test.each([
    [401, '{"error":"invalid_token"}', '{"error":"invalid_token"}. Check the secret, and whether it is still valid.'],
    [
      404,
      '<html><head><style>b{}</style></head><body><h1>Not Found</h1></body></html>',
      'Not Found. Check the address, and whether the integration there still exists.',
    ],
    [302, '', 'It redirects, which is not followed: configure the address it redirects to.'],
  ])('an answer %i says what to check', async (status, body, words) => {
    hook.answers.push({ status, body, headers: { location: 'https://login.example.com/' } });
    expect(await said({ type: 'webhook', url: hook.url })).toBe(`The webhook ops answered ${status}${body === '' ? '.' : ':'} ${words}`);
  });

  test.each(['', '# ours\n', 'the address: '])('a file with more than an address is told as such: %j', async (before) => {
    const url_file = join(folder, 'url');
    writeFileSync(url_file, `${before}${hook.url}\n${before === '' ? 'a line below\n' : ''}`);
    expect(await said({ type: 'webhook', url_file })).toBe(
      'The webhook ops: its file does not hold an http:// or https:// address. Put only the address in it.',
    );
  });

  test.each([
    [
      'a port where nothing listens',
      () => `http://127.0.0.1:${closed.port}/`,
      'nothing listens at that port; check the port, and whether it runs (ECONNREFUSED)',
    ],
    ['a host that is none', () => 'http://no-such-host.invalid/', /there is no such host; check its name, and DNS \(ENOTFOUND\)|DNS does not answer/],
    [
      'a certificate nobody signed',
      () => `https://127.0.0.1:${securePort()}/`,
      'its certificate is not trusted here; NODE_EXTRA_CA_CERTS names a file',
    ],
    ['https where http is spoken', () => hook.url.replace('http:', 'https:'), 'it does not speak TLS at that port'],
    [
      'http where https is spoken',
      () => `http://127.0.0.1:${securePort()}/`,
      'it closed the connection; check the port, and whether https:// is meant',
    ],
  ])('%s is told as such', async (_, url, words) => {
    const message = (await said({ type: 'webhook', url: url() })) ?? '';
    expect(message).toMatch(/^The webhook ops could not be reached: /);
    if (typeof words === 'string') expect(message).toContain(words);
    else expect(message).toMatch(words);
    expect(message).not.toContain(url());
  });
});

describe('over SMTP', () => {
  let mail: MailServer;
  let strict: SMTPServer;
  beforeAll(async () => {
    mail = await startMailServer();
    strict = new SMTPServer({
      ...{ allowInsecureAuth: true, disabledCommands: ['STARTTLS'] },
      onAuth: (_auth, _session, done) => done(Object.assign(new Error('Authentication failed'), { responseCode: 535 })),
    });
    strict.listen(0, '127.0.0.1');
    await once(strict.server, 'listening');
  });
  afterAll(async () => {
    await mail.stop();
    await new Promise<void>((resolve) => strict.close(() => resolve()));
  });

  test('a port where nothing listens is told as such', async () => {
    expect(await said({ ...MAIL, smtp_port: closed.port })).toBe(
      'The mail server could not be reached: nothing listens at that port; check the port, and whether it runs (ECONNREFUSED)',
    );
  });

  test('a server without STARTTLS says which keys to look at', async () => {
    expect(await said({ ...MAIL, smtp_port: mail.port })).toMatch(/It offers no STARTTLS: check smtp_port, or set smtp_tls\.$/);
  });

  test('TLS from the first byte where none is spoken is told as such', async () => {
    expect(await said({ ...MAIL, smtp_port: mail.port, smtp_tls: 'implicit' })).toContain('it does not speak TLS at that port; check the port');
  });

  test('a refused login says which keys to look at', async () => {
    const { port } = strict.server.address() as AddressInfo;
    // Any file that can be read serves as a wrong password.
    const login = { smtp_tls: 'none', username: 'somebody', password_file: 'package.json' };
    expect(await said({ ...MAIL, ...login, smtp_port: port })).toBe(
      'The mail server rejected it: 535 Authentication failed. Check username and password_file.',
    );
  });
});
