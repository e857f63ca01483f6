/** Every mistake of a sender is reported with its kind and its address. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Certificates, makeCertificates } from '../../server/certificates.ts';
import { waitFor } from '../../support/wait.ts';
import { grpcCaller, type Harness, type HarnessOptions, jsonBody, post, protobufBody, startHarness, tokenOf } from './harness.ts';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.drain();
  harness = undefined;
});

const start = async (options: HarnessOptions = {}): Promise<Harness> => {
  harness = await startHarness({ drainMs: 100, ...options });
  return harness;
};

/** Kinds with their details, once something was refused. */
async function refused({ refused: all }: Harness): Promise<string[]> {
  await waitFor('a refusal', () => all.length > 0);
  expect(all.map(({ address }) => address.replace('::ffff:', ''))).toEqual(all.map(() => '127.0.0.1'));
  return all.map(({ kind, detail, count }) => [kind, detail, count === 1 ? '' : `× ${count}`].filter((part) => part !== '').join(' '));
}

/** Sends bytes and resolves to what comes back until the connection ends. */
function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

const HELLO = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00]);
const JSON_TYPE = { type: 'application/json' };
const LOGS = jsonBody('logs');

describe('over HTTP', () => {
  test.each<[string, Parameters<typeof post>[1], Parameters<typeof post>[2], string]>([
    ['a path that lacks its s', LOGS, { ...JSON_TYPE, path: '/v1/log' }, 'wrong_path /v1/log'],
    ['a prefix of a proxy, without the query', LOGS, { ...JSON_TYPE, path: '/otel/v1/logs?token=secret' }, 'wrong_path /otel/v1/logs'],
    ['a health check', Buffer.alloc(0), { method: 'GET', path: '/' }, 'not_an_export GET'],
    [
      'gRPC by its content type',
      LOGS,
      { type: 'application/grpc', path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export' },
      'grpc_on_http_port',
    ],
    ['a content type that is none', LOGS, { type: 'text/plain; charset=utf-8' }, 'wrong_content_type text/plain'],
    ['a compression that is none', LOGS, { ...JSON_TYPE, headers: { 'content-encoding': 'br' } }, 'wrong_compression br'],
    ['JSON logs at the path of metrics', LOGS, { ...JSON_TYPE, path: '/v1/metrics' }, 'wrong_signal logs to the path of metrics, as JSON'],
    ['JSON metrics at the path of logs', jsonBody('metrics'), JSON_TYPE, 'wrong_signal metrics to the path of logs, as JSON'],
    ['logs at the path of metrics', protobufBody('logs'), { path: '/v1/metrics' }, 'wrong_signal logs to the path of metrics'],
    ['metrics at the path of logs', protobufBody('metrics'), {}, 'wrong_signal metrics to the path of logs'],
    ['logs at the path of traces', protobufBody('logs'), { path: '/v1/traces' }, 'wrong_signal logs to the path of traces'],
    ['JSON labeled as protobuf', LOGS, {}, 'undecodable JSON labeled as protobuf'],
    ['protobuf labeled as JSON', protobufBody('logs'), JSON_TYPE, 'undecodable protobuf labeled as JSON'],
    ['gzip that nobody announced', gzipSync(LOGS), JSON_TYPE, 'undecodable gzip without Content-Encoding'],
    [
      'no gzip, though announced',
      LOGS,
      { ...JSON_TYPE, headers: { 'content-encoding': 'gzip' } },
      'undecodable not the gzip of its Content-Encoding',
    ],
    ['bytes that are nothing', Buffer.from('nonsense'), {}, 'undecodable'],
  ])('%s', async (_what, body, options, expected) => {
    const running = await start();
    expect((await post(running.httpPort, body, options)).status).toBeGreaterThanOrEqual(400);
    expect(await refused(running)).toEqual([expected]);
    expect(running.exports).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no token', {}, 'token_missing'],
    ['a wrong token', { authorization: 'Bearer wrong' }, 'token_unknown'],
    ['a wrong token behind a percent-encoded space', { authorization: 'Bearer%20wrong' }, 'token_unknown'],
    ['a token that may only read', { authorization: 'Bearer reads' }, 'token_forbidden'],
  ])('%s', async (_what, headers, expected) => {
    const running = await start({ tokens: [tokenOf('sends'), tokenOf('reads', { name: 'grafana', role: 'read' })] });
    await post(running.httpPort, LOGS, { ...JSON_TYPE, headers });
    expect(await refused(running)).toEqual([expected]);
  });

  test.each<[string, HarnessOptions, string]>([
    ['a body that is too large', { limits: { body_bytes: 20 } }, 'limit limits.body_bytes'],
    ['too many records', { limits: { records_per_export: 1 } }, 'limit limits.records_per_export'],
    ['records with too many attributes', { limits: { attributes_per_record: 0 } }, 'record_limit limits.attributes_per_record × 2'],
    ['an export that the ledger does not take', { ingest: () => Promise.reject(new Error('disk')) }, 'collector_failed internal'],
    [
      'what interpreting rejected',
      { ingest: async () => ({ accepted: 1, rejected: 1, message: 'no', refusals: [{ kind: 'rejected', detail: 'invalid_cost', count: 1 }] }) },
      'rejected invalid_cost',
    ],
  ])('%s', async (_what, options, expected) => {
    const running = await start(options);
    await post(running.httpPort, LOGS, JSON_TYPE);
    expect(await refused(running)).toEqual([expected]);
  });

  test('a body that takes too long', async () => {
    const running = await start({ limits: { request_ms: 50 } });
    const answer = await sendRaw(
      running.httpPort,
      'POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    );
    expect(answer).toContain('408');
    expect(await refused(running)).toEqual(['timeout']);
  });

  test.each<[string, string | Buffer, string]>([
    ['gRPC', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'grpc_on_http_port'],
    ['TLS', HELLO, 'tls_on_plain_port'],
    ['the PROXY protocol', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n', 'not_otlp'],
  ])('%s from the first byte on', async (_what, bytes, expected) => {
    const running = await start();
    await sendRaw(running.httpPort, bytes);
    expect(await refused(running)).toEqual([expected]);
  });

  test('nothing, when all is well', async () => {
    const running = await start();
    expect((await post(running.httpPort, protobufBody('logs'))).status).toBe(200);
    expect((await post(running.httpPort, protobufBody('metrics'), { path: '/v1/metrics' })).status).toBe(200);
    expect((await post(running.httpPort, protobufBody('traces'), { path: '/v1/traces' })).status).toBe(200);
    expect((await post(running.httpPort, Buffer.from('{}'), JSON_TYPE)).status).toBe(200);
    expect(running.refused).toEqual([]);
  });
});

describe('over gRPC', () => {
  test('HTTP/1 is answered in words', async () => {
    const running = await start();
    expect((await post(running.grpcPort, LOGS, JSON_TYPE)).body.toString()).toContain('OTLP over gRPC');
    expect(await refused(running)).toEqual(['http_on_grpc_port']);
  });

  test.each<[string, string | Buffer, string]>([
    ['TLS', HELLO, 'tls_on_plain_port'],
    ['the PROXY protocol', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n', 'not_otlp'],
  ])('%s from the first byte on', async (_what, bytes, expected) => {
    const running = await start();
    await sendRaw(running.grpcPort, bytes);
    expect(await refused(running)).toEqual([expected]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no token', {}, 'token_missing'],
    ['a wrong token', { authorization: 'Bearer wrong' }, 'token_unknown'],
    ['a wrong token behind a percent-encoded space', { authorization: 'Bearer%20wrong' }, 'token_unknown'],
  ])('%s', async (_what, headers, expected) => {
    const running = await start({ tokens: [tokenOf('sends')] });
    const caller = grpcCaller(running.grpcPort);
    await expect(caller.call('logs', protobufBody('logs'), headers)).rejects.toMatchObject({ code: 16 });
    caller.close();
    expect(await refused(running)).toEqual([expected]);
  });

  test('another signal, a message that is too large, and nothing when all is well', async () => {
    const running = await start({ limits: { grpc_message_bytes: 2_000 } });
    const caller = grpcCaller(running.grpcPort);
    await caller.call('logs', protobufBody('logs'));
    expect(running.refused).toEqual([]);
    await expect(caller.call('metrics', protobufBody('logs'))).rejects.toMatchObject({ code: 3 });
    await expect(caller.call('logs', Buffer.alloc(3_000))).rejects.toMatchObject({ code: 8 });
    caller.close();
    expect(await refused(running)).toEqual(['wrong_signal logs to the path of metrics', 'limit limits.grpc_message_bytes']);
  });
});

describe('with TLS', () => {
  let files: Certificates;
  beforeAll(() => {
    files = makeCertificates();
  });
  afterAll(() => files.remove());
  const secure = (mutual = false) =>
    start({
      tls: { cert_file: files.path('server.crt'), key_file: files.path('server.key'), ...(mutual && { client_ca_file: files.path('ca.crt') }) },
    });

  test.each(['httpPort', 'grpcPort'] as const)('plain HTTP to the %s', async (port) => {
    const running = await secure();
    await sendRaw(running[port], 'POST /v1/logs HTTP/1.1\r\n\r\n');
    expect((await refused(running))[0]).toMatch(/^plain_on_tls_port/);
  });

  test('plain gRPC to either port', async () => {
    const running = await secure();
    await sendRaw(running.grpcPort, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await sendRaw(running.httpPort, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    expect((await refused(running)).map((kind) => kind.split(' ')[0])).toEqual(['plain_on_tls_port', 'plain_on_tls_port']);
  });

  test('gRPC with TLS to the port of HTTP', async () => {
    const running = await secure();
    const socket = connectTls({
      port: running.httpPort,
      host: '127.0.0.1',
      ca: files.read('ca.crt'),
      servername: 'localhost',
      ALPNProtocols: ['h2'],
    });
    socket.on('error', () => undefined);
    expect(await refused(running)).toEqual(['grpc_on_http_port']);
    socket.destroy();
  });

  test('a client without the certificate that is asked for', async () => {
    const running = await secure(true);
    await post(running.httpPort, LOGS, { tls: { ca: files.read('ca.crt') } }).catch(() => undefined);
    expect((await refused(running))[0]).toMatch(/^tls_failed/);
  });

  test('nothing, when all is well', async () => {
    const running = await secure();
    const caller = grpcCaller(running.grpcPort, credentials.createSsl(files.read('ca.crt')));
    await caller.call('logs', protobufBody('logs'));
    caller.close();
    await post(running.httpPort, protobufBody('logs'), { tls: { ca: files.read('ca.crt') } });
    expect(running.refused).toEqual([]);
  });
});
