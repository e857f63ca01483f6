/** ledgerline connect --check against a real collector on all of its ports, and against what may stand in its place. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../../collector/app/collector.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { tokenOf } from '../../ingest/otlp/harness.ts';
import { type Certificates, makeCertificates } from '../../server/certificates.ts';
import { type ClosedPort, closedPort } from '../../support/closed-port.ts';
import { expectGolden } from '../../support/golden.ts';
import { LOG_SETTINGS } from '../../support/log.ts';
import { outcome } from '../command.ts';
import { NOW } from './support.ts';

let folder: string;
let files: Certificates;
const collectors: Collector[] = [];
const servers: { close(): unknown }[] = [];
let plain: Collector;
let secure: Collector;
let mutual: Collector;
let closed: ClosedPort;

const TOKENS = [tokenOf('sends', { name: 'laptop', user: 'ada@example.com', team: 'platform' }), tokenOf('reads', { name: 'grafana', role: 'read' })];

async function start(name: string, server: object = {}): Promise<Collector> {
  const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  const config = configSchema.parse({ data: join(folder, name), auth: { tokens: TOKENS }, server: { ...ports, ...server } });
  const collector = await startCollector(config, { log: () => undefined, logSettings: LOG_SETTINGS });
  collectors.push(collector);
  return collector;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-check-'));
  files = makeCertificates();
  const tls = { cert_file: files.path('server.crt'), key_file: files.path('server.key') };
  plain = await start('plain');
  secure = await start('secure', { tls });
  closed = await closedPort();
  mutual = await start('mutual', { tls: { ...tls, client_ca_file: files.path('ca.crt') } });
});
afterAll(async () => {
  for (const collector of collectors) await collector.stop();
  for (const server of servers) server.close();
  closed.release();
  files.remove();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
async function check(env: Record<string, string>, more: object = {}, surroundings: Record<string, string> = {}) {
  const home = join(folder, `home-${count++}`);
  mkdirSync(home);
  const telemetry = { CLAUDE_CODE_ENABLE_TELEMETRY: '1', OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp' };
  writeFileSync(
    join(home, 'settings.json'),
    JSON.stringify({ env: { ...telemetry, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', ...env }, ...more }),
  );
  return outcome(['connect', '--check'], { now: NOW, env: { CLAUDE_CONFIG_DIR: home, ...surroundings } }).catch(
    ({ message, hint }: { message: string; hint: string }) => ({ text: `${message}\n${hint}`, code: 2 }),
  );
}

const bearer = (token: string): Record<string, string> => ({ OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}` });
const otlp = (port: number, scheme = 'http'): Record<string, string> => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://127.0.0.1:${port}` });
const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
const ARRIVED = '✓ Probe arrived with the credentials "laptop" (team platform).';

async function serve(listener: RequestListener): Promise<number> {
  return listening(createServer(listener));
}

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Ports differ from run to run. */
function golden(name: string, text: string, code: number): void {
  const shown = text.replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT');
  expectGolden(join(import.meta.dirname, 'golden', `check-${name.replaceAll(/\W+/g, '-')}.txt`), `${shown}\n(exit code ${code})\n`);
}

describe('arrives', () => {
  test.each([
    ['HTTP with protobuf', () => otlp(plain.ports.otlpHttp)],
    ['HTTP with JSON', () => ({ ...otlp(plain.ports.otlpHttp), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })],
    ['an address with a slash', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${plain.ports.otlpHttp}/` })],
    ['an address for events alone', () => ({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://127.0.0.1:${plain.ports.otlpHttp}/v1/logs` })],
    ['gRPC', () => ({ ...otlp(plain.ports.otlpGrpc), ...grpc })],
    ['TLS', () => ({ ...otlp(secure.ports.otlpHttp, 'https'), NODE_EXTRA_CA_CERTS: files.path('ca.crt') })],
    [
      'TLS with gRPC',
      () => ({
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${secure.ports.otlpGrpc}`,
        ...grpc,
        OTEL_EXPORTER_OTLP_CERTIFICATE: files.path('ca.crt'),
      }),
    ],
    ['a token behind %20', () => ({ ...otlp(plain.ports.otlpHttp), OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20sends' })],
    ['a token behind %20 over gRPC', () => ({ ...otlp(plain.ports.otlpGrpc), ...grpc, OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20sends' })],
  ])('%s', async (_how, env) => expect(await check({ ...bearer('sends'), ...env() })).toEqual({ text: ARRIVED, code: 0 }));

  test('with a client certificate', async () => {
    const pair = { CLAUDE_CODE_CLIENT_CERT: files.path('client.crt'), CLAUDE_CODE_CLIENT_KEY: files.path('client.key') };
    const env = { ...otlp(mutual.ports.otlpHttp, 'https'), NODE_EXTRA_CA_CERTS: files.path('ca.crt'), ...pair };
    expect(await check({ ...bearer('sends'), ...env })).toEqual({ text: ARRIVED, code: 0 });
  });

  test('with the headers of a helper', async () => {
    const helper = { otelHeadersHelper: 'echo \'{"Authorization": "Bearer sends"}\'' };
    expect(await check(otlp(plain.ports.otlpHttp), helper)).toEqual({ text: ARRIVED, code: 0 });
  });

  test('and says who the guard is, too', async () => {
    const api = `http://127.0.0.1:${plain.ports.api}`;
    const { text, code } = await check({ ...otlp(plain.ports.otlpHttp), ...bearer('sends'), LEDGERLINE_URL: api, LEDGERLINE_TOKEN: 'sends' });
    expect([text, code]).toEqual([
      `${ARRIVED}\n✓ The guard and the status line reach ${api}, with the credentials "laptop" and the user ada@example.com.`,
      0,
    ]);
  });

  test('and books nothing, but is counted', async () => {
    const status = await (await fetch(`http://127.0.0.1:${plain.ports.api}/api/v1/status`, { headers: { authorization: 'Bearer reads' } })).json();
    expect(status).toMatchObject({
      entries: 0,
      sessions: 0,
      refusals: expect.not.arrayContaining([expect.objectContaining({ kind: 'other_service' })]),
    });
    const series = await (await fetch(`http://127.0.0.1:${plain.ports.metrics}/metrics`, { headers: { authorization: 'Bearer reads' } })).text();
    expect(series).toMatch(/ledgerline_receiver_ignored_records(?:_total)?\{[^}]*name="ledgerline\.probe"[^}]*\} [1-9]/);
  });
});

describe('does not arrive', () => {
  const proxy = (port: number) => ({ http_proxy: `http://127.0.0.1:${port}`, no_proxy: '' });
  const html: RequestListener = (_, response) => response.setHeader('content-type', 'text/html').end('<html>Sign in</html>');
  const status =
    (code: number): RequestListener =>
    (_, response) =>
      response.writeHead(code).end();

  test.each<[string, () => Record<string, string> | Promise<Record<string, string>>]>([
    ['no host', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://ledgerline.invalid:4318' })],
    ['no host over gRPC', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://ledgerline.invalid:4317', ...grpc })],
    ['nothing that listens', async () => otlp(closed.port)],
    ['nothing that listens over gRPC', async () => ({ ...otlp(closed.port), ...grpc })],
    ['no token', () => ({ ...otlp(plain.ports.otlpHttp), OTEL_EXPORTER_OTLP_HEADERS: '' })],
    ['a wrong token', () => ({ ...otlp(plain.ports.otlpHttp), ...bearer('guessed-token') })],
    ['a wrong token over gRPC', () => ({ ...otlp(plain.ports.otlpGrpc), ...grpc, ...bearer('guessed-token') })],
    ['a token that reads', () => ({ ...otlp(plain.ports.otlpHttp), ...bearer('reads') })],
    ['a token that reads over gRPC', () => ({ ...otlp(plain.ports.otlpGrpc), ...grpc, ...bearer('reads') })],
    ['the REST port', () => otlp(plain.ports.api)],
    ['the port of metrics', () => otlp(plain.ports.metrics)],
    ['the gRPC port over HTTP', () => otlp(plain.ports.otlpGrpc)],
    ['the HTTP port over gRPC', () => ({ ...otlp(plain.ports.otlpHttp), ...grpc })],
    ['TLS to a plain port', () => otlp(plain.ports.otlpHttp, 'https')],
    ['plain HTTP to a TLS port', () => otlp(secure.ports.otlpHttp)],
    ['an unknown authority', () => otlp(secure.ports.otlpHttp, 'https')],
    ['an unknown authority over gRPC', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${secure.ports.otlpGrpc}`, ...grpc })],
    ['TLS over gRPC without a name', () => ({ ...otlp(secure.ports.otlpGrpc, 'https'), ...grpc })],
    ['no client certificate', () => ({ ...otlp(mutual.ports.otlpHttp, 'https'), NODE_EXTRA_CA_CERTS: files.path('ca.crt') })],
    ['a web page', async () => otlp(await serve(html))],
    ['a redirect', async () => otlp(await serve(status(302)))],
    ['a gateway without a collector', async () => otlp(await serve(status(502)))],
    ['another server', async () => otlp(await serve(status(404)))],
    [
      'an OpenTelemetry Collector',
      async () => otlp(await serve((_, response) => response.setHeader('content-type', 'application/x-protobuf').end())),
    ],
    ['a connection that closes', async () => otlp(await listening(createTcpServer((socket) => socket.destroy())))],
    ['rubbish', async () => otlp(await listening(createTcpServer((socket) => socket.end('rubbish\r\n\r\n'))))],
    ['a proxy that asks who one is', async () => ({ ...otlp(plain.ports.otlpHttp), ...proxy(await serve(status(407))) })],
    ['a proxy that is away', async () => ({ ...otlp(plain.ports.otlpHttp), ...proxy(closed.port) })],
  ])('%s', async (name, env) => {
    const { text, code } = await check({ ...bearer('sends'), ...(await env()) });
    golden(name, text, code);
    expect(text).not.toContain('guessed-token');
  });

  test.each<[string, Record<string, string>, object]>([
    ['telemetry that is off', { CLAUDE_CODE_ENABLE_TELEMETRY: '0' }, {}],
    ['an exporter that is none', { OTEL_LOGS_EXPORTER: 'none' }, {}],
    ['no protocol', { OTEL_EXPORTER_OTLP_PROTOCOL: 'tcp' }, {}],
    ['no address', {}, {}],
    ['a helper that fails', otlp(4318), { otelHeadersHelper: 'exit 3' }],
    ['a helper that prints no JSON', otlp(4318), { otelHeadersHelper: 'echo hello' }],
    ['a certificate that is not there', { ...otlp(4318, 'https'), NODE_EXTRA_CA_CERTS: '/nowhere/ca.crt' }, {}],
  ])('%s', async (name, env, more) => {
    const { text, code } = await check(env, more);
    golden(name, text, code);
  });

  test('the guard, where its collector is elsewhere', async () => {
    const { text, code } = await check({
      ...otlp(plain.ports.otlpHttp),
      ...bearer('sends'),
      LEDGERLINE_URL: `http://127.0.0.1:${closed.port}`,
    });
    golden('the guard elsewhere', text, code);
  });
});
