/** Tokens and certificates are read again while the collector runs and connections live. */
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import type { LogCode } from '../../collector/catalog/log-codes.ts';
import { loadConfig } from '../../collector/config/load.ts';
import { grpcCaller, protobufBody } from '../ingest/otlp/harness.ts';
import { type Certificates, makeCertificates } from '../server/certificates.ts';
import { LOG_SETTINGS } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

let files: Certificates;
let folder: string;
let collector: Collector;
const logged: { readonly code: LogCode; readonly message: string; readonly cause: string }[] = [];

beforeAll(() => {
  files = makeCertificates();
});
afterAll(() => files.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-reload-'));
  logged.length = 0;
});
afterEach(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(path(name), text);
const token = (name: string, role: string): string => `{ name: ${name}, role: ${role}, token_file: ${name}.token }`;
const configOf = (tokens: readonly string[], more = ''): string =>
  `data: data\nserver: { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0${more} }\nauth: { tokens: [${tokens.join(', ')}] }\n`;
const codes = (): readonly string[] => logged.map(({ code }) => code);

async function start(config: string): Promise<void> {
  write('ledgerline.yaml', config);
  const read = () => loadConfig({ file: path('ledgerline.yaml'), env: {} });
  collector = await startCollector(read(), {
    log: (code, message, details) => void logged.push({ code, message, cause: String(details?.error ?? '') }),
    logSettings: LOG_SETTINGS,
    source: { read, file: path('ledgerline.yaml') },
  });
}

interface Asked {
  readonly status: number;
  /** The port of the client, which is another with another connection. */
  readonly from: number;
}

function ask(agent: Agent, port: number, at: string, bearer: string, body?: Buffer): Promise<Asked> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/x-protobuf' };
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: at, method: body === undefined ? 'GET' : 'POST', headers, agent });
    let from = 0;
    asked.on('socket', (socket) => {
      const note = (): void => {
        from = socket.localPort ?? 0;
      };
      if (socket.connecting) socket.once('connect', note);
      else note();
    });
    asked.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, from }));
    });
    asked.end(body);
  });
}

describe('tokens', () => {
  beforeEach(() => {
    for (const name of ['one', 'two', 'grafana']) write(`${name}.token`, `${name}-secret\n`);
  });

  test('that are revoked are refused on open connections of every port, and new ones are taken', async () => {
    await start(configOf([token('one', 'ingest'), token('grafana', 'read')]));
    const { otlpHttp, otlpGrpc, api, metrics } = collector.ports;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const caller = grpcCaller(otlpGrpc);
    const send = (bearer: string) => ask(agent, otlpHttp, '/v1/logs', bearer, protobufBody('logs'));
    const call = (bearer: string) => caller.call('logs', protobufBody('logs'), { authorization: `Bearer ${bearer}` });
    const before = await send('one-secret');
    await call('one-secret');
    const read = async (bearer: string) => [
      (await ask(agent, api, '/api/v1/status', bearer)).status,
      (await ask(agent, metrics, '/metrics', bearer)).status,
    ];
    expect([before.status, ...(await read('grafana-secret'))]).toEqual([200, 200, 200]);
    expect((await send('two-secret')).status).toBe(401);

    write('ledgerline.yaml', configOf([token('two', 'ingest'), token('grafana', 'read')]));
    write('grafana.token', 'rotated\n');
    await collector.reload();
    expect(await send('one-secret')).toEqual({ status: 401, from: before.from });
    expect(await send('two-secret')).toEqual({ status: 200, from: before.from });
    await expect(call('one-secret')).rejects.toMatchObject({ code: 16 });
    await call('two-secret');
    expect(await read('grafana-secret')).toEqual([401, 401]);
    expect(await read('rotated')).toEqual([200, 200]);
    expect(codes()).toContain('access_reloaded');
    caller.close();
    agent.destroy();
  });

  test('are read again when a file changes, also by a link that points elsewhere now', async () => {
    for (const [name, secret] of [
      ['..2026_1', 'first'],
      ['..2026_2', 'second'],
    ] as const) {
      mkdirSync(path(name));
      write(`${name}/one.token`, `${secret}\n`);
    }
    symlinkSync('..2026_1', path('..data'));
    await start(configOf(['{ name: one, role: ingest, token_file: ..data/one.token }']));
    const agent = new Agent({ keepAlive: true });
    const send = async (bearer: string) => (await ask(agent, collector.ports.otlpHttp, '/v1/logs', bearer, protobufBody('logs'))).status;
    expect(await send('first')).toBe(200);
    symlinkSync('..2026_2', path('..data_tmp'));
    renameSync(path('..data_tmp'), path('..data'));
    await waitFor('the other token to be in force', async () => (await send('second')) === 200);
    expect(await send('first')).toBe(401);
    agent.destroy();
  });

  test('stay as they were while there is a mistake, which log and readiness name', async () => {
    await start(configOf([token('one', 'ingest')]));
    const agent = new Agent({ keepAlive: true });
    const send = async (bearer: string) => (await ask(agent, collector.ports.otlpHttp, '/v1/logs', bearer, protobufBody('logs'))).status;
    const detail = async () => JSON.stringify(await (await fetch(`http://127.0.0.1:${collector.ports.api}/readyz`)).json());
    write('ledgerline.yaml', configOf([token('two', 'ingest'), token('nobody', 'ingest')]));
    await collector.reload();
    expect([await send('one-secret'), await send('two-secret')]).toEqual([200, 401]);
    const kept = logged.find(({ code }) => code === 'access_kept');
    expect(kept?.message).toContain('stay as they were');
    expect(kept?.cause).toMatch(/auth\.tokens\[1\]\.token_file: cannot read/);
    // Anybody may ask for it.
    expect(await detail()).toContain('certificates are not in force: see access_kept in the log.');
    write('nobody.token', 'nobody-secret');
    await collector.reload();
    expect([await send('one-secret'), await send('two-secret')]).toEqual([401, 200]);
    expect(await detail()).not.toContain('not in force');
    agent.destroy();
  });

  test('are in force once a file is there that the changed configuration names', async () => {
    await start(configOf([token('one', 'ingest')]));
    const agent = new Agent({ keepAlive: true });
    const send = async (bearer: string) => (await ask(agent, collector.ports.otlpHttp, '/v1/logs', bearer, protobufBody('logs'))).status;
    const kept = () => codes().filter((code) => code === 'access_kept');
    write('ledgerline.yaml', configOf([token('two', 'ingest'), token('late', 'ingest')]));
    await waitFor('the mistake to be in the log', () => kept().length > 0);
    write('late.token', 'late-secret');
    await waitFor('the new tokens to be in force', async () => (await send('late-secret')) === 200);
    expect(await send('one-secret')).toBe(401);
    expect(kept()).toHaveLength(1);
    agent.destroy();
  });

  test('that name others than before are in the log, since their sessions go on as second ones', async () => {
    const named = (name: string, names: string): string => `{ name: ${name}, role: ingest, token_file: ${name}.token, ${names} }`;
    const renamed = () => logged.filter(({ code }) => code === 'access_renamed').map(({ message }) => message);
    await start(configOf([named('one', 'user: ada@example.com'), named('two', 'team: platform')]));
    // Another spelling of the user, a token that is replaced, and a new one: no session is another one by them.
    write('two.token', 'two-replaced-secret');
    write('ledgerline.yaml', configOf([named('one', 'user: Ada@example.com'), named('two', 'team: infra'), token('grafana', 'ingest')]));
    await collector.reload();
    expect(renamed()).toEqual([]);
    write('ledgerline.yaml', configOf([named('one', 'user: ada@example.com, team: infra'), named('two', 'team: api'), token('grafana', 'read')]));
    await collector.reload();
    await collector.reload();
    expect(renamed()).toEqual([expect.stringContaining('"one", "two". Their sessions under way go on as second ones')]);
    expect(renamed().join()).not.toContain('secret');
  });

  test('that are all revoked open nothing', async () => {
    await start(configOf([token('one', 'ingest'), token('grafana', 'read')]));
    const agent = new Agent({ keepAlive: true });
    write('ledgerline.yaml', configOf([]));
    await collector.reload();
    const { otlpHttp, api, metrics } = collector.ports;
    const statuses = [
      await ask(agent, otlpHttp, '/v1/logs', 'one-secret', protobufBody('logs')),
      await ask(agent, api, '/api/v1/status', 'grafana-secret'),
      await ask(agent, metrics, '/metrics', 'grafana-secret'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 401]);
    agent.destroy();
  });

  test('other keys that changed are named, and need a restart', async () => {
    await start(configOf([token('one', 'ingest')]));
    write(
      'ledgerline.yaml',
      `${configOf([token('one', 'ingest')], ', allowed_hosts: [a.example]')}limits: { connections: 5 }\ntimezone: Europe/Berlin\n`,
    );
    await collector.reload();
    await collector.reload();
    expect(logged.filter(({ code }) => code === 'restart_needed').map(({ message }) => message)).toEqual([
      'Changed in the configuration, and in force after a restart: timezone, server.allowed_hosts, limits.connections.',
    ]);
  });
});

describe('certificates', () => {
  const present = async (port: number): Promise<TLSSocket> => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return socket.on('error', () => undefined);
  };
  const nameOf = (socket: TLSSocket) => socket.getPeerCertificate().subject.CN;

  test('are presented to new connections on every port, while old connections live', async () => {
    const copy = (name: string): void => {
      for (const ending of ['crt', 'key']) cpSync(files.path(`${name}.${ending}`), path(`own.${ending}`));
    };
    copy('server');
    await start(configOf([], ', tls: { cert_file: own.crt, key_file: own.key }'));
    const ports = Object.values(collector.ports);
    const old = await Promise.all(ports.map(present));
    expect(old.map(nameOf)).toEqual(['server', 'server', 'server', 'server']);
    copy('client');
    await waitFor('the new certificate on every port', async () => {
      const sockets = await Promise.all(ports.map(present));
      const names = sockets.map(nameOf);
      for (const socket of sockets) socket.destroy();
      return names.every((name) => name === 'client');
    });
    expect(old.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false]);
    const metrics = old[ports.indexOf(collector.ports.metrics)];
    const answer = new Promise<string>((resolve) => metrics?.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    metrics?.write('GET /other HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 404 /);
    for (const socket of old) socket.destroy();
  });
});
