/** A whole collector on its four ports: who is let in, and what a stranger can keep others from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { WholeStatus } from '../../collector/query/status.ts';
import { grpcCaller, protobufBody, tokenOf } from '../ingest/otlp/harness.ts';
import { type Certificates, makeCertificates } from '../server/certificates.ts';
import { LOG_SETTINGS } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

let data: string;
let files: Certificates;
let collector: Collector | undefined;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-doors-'));
  files = makeCertificates();
});
afterAll(async () => {
  files.remove();
  await rm(data, { recursive: true, force: true });
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
});

const PORTS = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
const tls = (mutual: boolean) => ({
  cert_file: files.path('server.crt'),
  key_file: files.path('server.key'),
  ...(mutual && { client_ca_file: files.path('ca.crt') }),
});

interface Settings {
  readonly server?: object;
  readonly auth?: object;
  readonly limits?: object;
}

async function start({ server, ...more }: Settings = {}): Promise<Collector> {
  collector = await startCollector(configSchema.parse({ data, server: { ...PORTS, ...server }, ...more }), {
    log: () => undefined,
    logSettings: LOG_SETTINGS,
  });
  return collector;
}

interface Ask {
  readonly port: number;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
  /** With TLS: as this client, or as none. */
  readonly client?: string | undefined;
  readonly isTls?: boolean;
}

function ask({ port, path, headers = {}, body, client, isTls = false }: Ask): Promise<{ status: number; text: string }> {
  const common = { host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST', headers, agent: false as const };
  const pair = client === undefined ? {} : { cert: files.read(`${client}.crt`), key: files.read(`${client}.key`) };
  return new Promise((resolve, reject) => {
    const request = isTls ? httpsRequest({ ...common, ca: files.read('ca.crt'), servername: 'localhost', ...pair }) : httpRequest(common);
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end(body);
  });
}

type How = Omit<Ask, 'port' | 'path' | 'body'>;

/** One good request to each port, as 200 or what it got instead. */
async function everyPort({ ports }: Collector, how: How = {}) {
  const { headers = {}, client, isTls = false } = how;
  const otlp = { 'content-type': 'application/x-protobuf' };
  const answers = await Promise.all([
    ask({ ...how, port: ports.otlpHttp, path: '/v1/logs', headers: { ...otlp, ...headers }, body: protobufBody('logs') }),
    ask({ ...how, port: ports.api, path: '/api/v1/status' }),
    ask({ ...how, port: ports.metrics, path: '/metrics' }),
  ]);
  const [key, cert] = client === undefined ? [null, null] : [files.read(`${client}.key`), files.read(`${client}.crt`)];
  const caller = grpcCaller(ports.otlpGrpc, isTls ? credentials.createSsl(files.read('ca.crt'), key, cert) : undefined);
  const { host: _, ...metadata } = headers;
  const grpc = await caller.call('logs', protobufBody('logs'), metadata).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
  caller.close();
  return { grpc, http: answers[0].status, api: answers[1].status, metrics: answers[2].status, texts: answers.map(({ text }) => text) };
}

const refusalsOf = async ({ ports }: Collector, how: How = {}): Promise<WholeStatus['refusals']> =>
  (JSON.parse((await ask({ ...how, port: ports.api, path: '/api/v1/status' })).text) as WholeStatus).refusals;

describe('idle connections', () => {
  test.each([false, true])('of a stranger keep nobody out, on any port (TLS: %s)', async (isTls) => {
    const running = await start({ limits: { connections: 30, connections_per_address: 20 }, ...(isTls && { server: { tls: tls(false) } }) });
    const { otlpGrpc, otlpHttp, api, metrics } = running.ports;
    const sockets = [otlpGrpc, otlpHttp, api, metrics].flatMap((port) => Array.from({ length: 25 }, () => connect(port, '127.0.0.1')));
    for (const socket of sockets) socket.on('error', () => undefined);
    await waitFor('them all to be taken', () => sockets.every(({ readyState, destroyed }) => readyState === 'open' || destroyed));
    expect(await everyPort(running, { isTls })).toMatchObject({ grpc: 0, http: 200, api: 200, metrics: 200 });
    await waitFor(
      'all four to be counted',
      async () => (await refusalsOf(running, { isTls })).find(({ kind, count }) => kind === 'limit' && count >= 4 * 5)?.detail,
      { until: (detail) => detail === 'limits.connections_per_address' },
    );
    for (const socket of sockets) socket.destroy();
  });
});

describe('a request that was sent to another host', () => {
  const headers = { host: 'evil.example:4318' };

  test('is answered nowhere while nothing else guards the ports, and counted', async () => {
    const running = await start();
    expect(await everyPort(running, { headers: { host: 'localhost' } })).toMatchObject({ grpc: 0, http: 200, api: 200, metrics: 200 });
    const { texts, ...statuses } = await everyPort(running, { headers });
    expect(statuses).toMatchObject({ http: 403, api: 403, metrics: 403 });
    expect(texts[0]).toContain('evil.example:4318 is not a name of this collector');
    expect(texts.slice(1).every((text) => text.includes('server.allowed_hosts'))).toBe(true);
    const { otlpHttp, api, metrics } = running.ports;
    const elsewhere = [otlpHttp, api, metrics].flatMap((port) => [
      ask({ port, path: '/', headers }),
      ask({ port, path: '/healthz', headers }),
      ask({ port, path: '/v1/logs', headers, body: Buffer.from('x') }),
    ]);
    expect((await Promise.all(elsewhere)).map(({ status }) => status)).toEqual(elsewhere.map(() => 403));
    const found = await waitFor('it to be counted', async () =>
      (await refusalsOf(running)).find(({ kind, count }) => kind === 'host_unknown' && count >= 3),
    );
    expect(found).toMatchObject({ detail: 'evil.example:4318', senders: [{ address: '127.0.0.1' }] });
  });

  test('is answered when server.allowed_hosts names it, and where a token guards', async () => {
    const named = await start({ server: { allowed_hosts: ['evil.example'] } });
    expect(await everyPort(named, { headers })).toMatchObject({ http: 200, api: 200, metrics: 200 });
    await named.stop();
    const guarded = await start({ auth: { tokens: [tokenOf('all', { role: 'admin' })] } });
    const right = { ...headers, authorization: 'Bearer all' };
    expect(await everyPort(guarded, { headers: right })).toMatchObject({ http: 200, api: 200, metrics: 200 });
  });
});

describe('a wrong token', () => {
  test('is refused on every port, and named by doctor with its address', async () => {
    const tokens = [tokenOf('sends', { name: 'sender' }), tokenOf('reads', { name: 'reader', role: 'read' })];
    const running = await start({ auth: { tokens } });
    const wrong = { headers: { authorization: 'Bearer wrong' } };
    expect(await everyPort(running, wrong)).toMatchObject({ grpc: 16, http: 401, api: 401, metrics: 401 });
    const right = { headers: { authorization: 'Bearer reads' } };
    const counted = await waitFor(
      'all four to be counted',
      async () =>
        (await refusalsOf(running, right)).flatMap(({ kind, count, senders }) =>
          kind.endsWith('token_unknown') ? [`${kind} ${count} ${senders[0]?.address}`] : [],
        ),
      { until: (seen) => seen.length === 2 && seen.every((line) => line.includes(' 2 ')) },
    );
    expect(counted.sort()).toEqual(['reader_token_unknown 2 127.0.0.1', 'token_unknown 2 127.0.0.1']);
  });

  test('does not slow down a right one, and too many are refused at once', async () => {
    const running = await start({ auth: { tokens: [tokenOf('all', { role: 'admin' })] } });
    const send = (token: string) =>
      ask({
        ...{ port: running.ports.otlpHttp, path: '/v1/logs', body: protobufBody('logs') },
        headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${token}` },
      });
    const wrong = Array.from({ length: 20 }, () => send('wrong'));
    await waitFor('a refusal', async () => (await Promise.race(wrong)).status === 429);
    expect((await send('all')).status).toBe(200);
    const statuses = (await Promise.all(wrong)).map(({ status }) => status);
    expect([...new Set(statuses)].sort()).toEqual([401, 429]);
  });
});

describe('with certificates of clients', () => {
  test('whoever has one of the CA may send and read, and change nothing', async () => {
    const running = await start({ server: { tls: tls(true) } });
    const how = { isTls: true, client: 'client' };
    expect(await everyPort(running, how)).toMatchObject({ grpc: 0, http: 200, api: 200, metrics: 200 });
    const put = await ask({ ...how, port: running.ports.api, path: '/api/v1/budgets/x/raises', body: Buffer.from('{}') });
    expect(put.status).toBe(403);
    for (const client of ['stranger', undefined]) await expect(everyPort(running, { isTls: true, client })).rejects.toThrow();
  });

  test('entries say what a subject may do, and on behalf of which team', async () => {
    const certificates = [{ subject: 'CN=client', name: 'gateway', role: 'ingest', team: 'platform' }];
    const running = await start({ server: { tls: tls(true) }, auth: { certificates } });
    const { texts, ...statuses } = await everyPort(running, { isTls: true, client: 'client' });
    expect(statuses).toMatchObject({ grpc: 0, http: 200, api: 403, metrics: 403 });
    expect(texts[1]).toContain('Certificate CN=client has the role ingest; read is needed.');
    const other = await everyPort(running, { isTls: true, client: 'server' });
    expect(other).toMatchObject({ grpc: 7, http: 403, api: 403, metrics: 403 });
    expect(other.texts.every((text) => text.includes('Certificate CN=server is named by no entry of auth.certificates.'))).toBe(true);
  });
});
