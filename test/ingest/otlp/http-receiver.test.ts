import { connect } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import { startReceivers } from '../../../collector/ingest/otlp/receiver.ts';
import type { IngestOutcome, OtlpSignal } from '../../../collector/ingest/telemetry.ts';
import { createAuthenticator } from '../../support/authenticator.ts';
import { waitFor } from '../../support/wait.ts';
import { type Harness, type HarnessOptions, jsonBody, post, protobufBody, recordsOf, startHarness, tokenOf } from './harness.ts';

let harness: Harness;
const start = async (options: HarnessOptions = {}): Promise<Harness> => {
  harness = await startHarness(options);
  return harness;
};
afterEach(() => harness.drain());

const SIGNALS: readonly OtlpSignal[] = ['logs', 'metrics', 'traces'];
const ENCODERS = { protobuf: protobufBody, json: jsonBody };
const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json; charset=utf-8' };
const COMPRESSORS = {
  identity: (body: Buffer) => body,
  gzip: (body: Buffer) => gzipSync(body),
  deflate: (body: Buffer) => deflateSync(body),
  'deflate without its header': (body: Buffer) => deflateRawSync(body),
};

describe.each(['protobuf', 'json'] as const)('%s over HTTP', (encoding) => {
  test.each(['identity', 'gzip', 'deflate', 'deflate without its header'] as const)('should take %s, with a length and chunked', async (form) => {
    const { httpPort, exports } = await start();
    for (const signal of SIGNALS) {
      for (const chunked of [false, true]) {
        const headers = { 'content-encoding': form.split(' ')[0] ?? '' };
        const body = COMPRESSORS[form](ENCODERS[encoding](signal));
        const answer = await post(httpPort, body, { path: `/v1/${signal}`, type: TYPES[encoding], headers, chunked });
        expect(answer.status).toBe(200);
        expect(answer.headers['content-type']).toBe(encoding === 'json' ? 'application/json' : 'application/x-protobuf');
        expect(answer.body.toString()).toBe(encoding === 'json' ? '{}' : '');
      }
    }
    expect(exports.map(({ signal }) => signal)).toEqual(SIGNALS.flatMap((signal) => [signal, signal]));
    expect(exports.map(recordsOf)).toEqual([2, 2, 2, 2, 2, 2]);
  });

  test('should report rejected records as partial success', async () => {
    await start({ ingest: async () => ({ accepted: 1, rejected: 1, message: '1 without a session' }) });
    const answers = [];
    for (const signal of SIGNALS)
      answers.push(await post(harness.httpPort, ENCODERS[encoding](signal), { path: `/v1/${signal}`, type: TYPES[encoding] }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const rejected = ['rejectedLogRecords', 'rejectedDataPoints', 'rejectedSpans'];
    for (const [index, { body }] of answers.entries()) {
      if (encoding === 'json') {
        expect(JSON.parse(body.toString())).toEqual({ partialSuccess: { [rejected[index] ?? '']: '1', errorMessage: '1 without a session' } });
      } else {
        const message = Buffer.from('1 without a session');
        expect(body).toEqual(Buffer.concat([Buffer.from([0x0a, message.length + 4, 0x08, 1, 0x12, message.length]), message]));
      }
    }
  });

  test('should describe a refusal as google.rpc.Status in the encoding of the request', async () => {
    await start();
    const answer = await post(harness.httpPort, Buffer.from([0x0a, 0x7f]), { type: TYPES[encoding] });
    expect(answer.status).toBe(400);
    if (encoding === 'json') expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 3, message: expect.stringContaining('JSON') });
    else expect(answer.body.subarray(0, 3)).toEqual(Buffer.from([0x08, 3, 0x12]));
    expect(harness.exports).toEqual([]);
  });
});

describe('the answer', () => {
  test('should come only after ingest has resolved', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ ingest: () => commit.promise });
    let answered = false;
    const answer = post(harness.httpPort, jsonBody('logs'), { type: 'application/json' }).finally(() => {
      answered = true;
    });
    await waitFor('the export to reach ingest', () => harness.pending() === 1);
    expect(answered).toBe(false);
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    expect((await answer).status).toBe(200);
  });

  test.each([
    ['another path', { path: '/v1/profiles' }, 404],
    ['another method', { method: 'PUT' }, 405],
    ['another content type', { type: 'text/plain' }, 415],
    ['another content encoding', { headers: { 'content-encoding': 'br' } }, 415],
    ['gzip that is none', { headers: { 'content-encoding': 'gzip' } }, 400],
  ])('should refuse %s', async (_name, options, status) => {
    await start();
    const answer = await post(harness.httpPort, protobufBody('logs'), options);
    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBeUndefined();
    if (status === 405) expect(answer.headers.allow).toBe('POST');
    expect(harness.exports).toEqual([]);
    expect(harness.requests).toHaveLength(1);
  });

  test('should be 503 with Retry-After, never 500, when the collector itself fails, and 400 once the same bytes failed three times', async () => {
    await start({
      ingest: () => {
        throw new TypeError('secret detail');
      },
    });
    const answers = [];
    for (let attempt = 0; attempt < 4; attempt++) answers.push(await post(harness.httpPort, jsonBody('logs'), { type: 'application/json' }));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 400, 400]);
    expect(answers[0]?.headers['retry-after']).toBe('2');
    expect(answers.map(({ body }) => body.toString()).join()).not.toContain('secret');
    expect(harness.failures).toHaveLength(4);
  });

  test('should be what the error says when ingest refuses', async () => {
    const errors = [new LedgerlineError('invalid', 'bad'), new LedgerlineError('unavailable', 'disk')];
    await start({ ingest: () => Promise.reject(errors.shift()) });
    expect((await post(harness.httpPort, protobufBody('logs'))).status).toBe(400);
    const second = await post(harness.httpPort, protobufBody('logs'));
    expect([second.status, second.headers['retry-after']]).toEqual([503, '1']);
  });
});

describe('limits over HTTP', () => {
  const small = { body_bytes: 1000 };

  test.each([
    ['an announced length', false, {}, Buffer.alloc(1001)],
    ['chunks', true, {}, Buffer.alloc(5000)],
    ['a gzip bomb', false, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(900_000))],
    ['a deflate bomb of more than inline size', false, { 'content-encoding': 'deflate' }, deflateSync(Buffer.alloc(500_000))],
  ])('should refuse %s beyond limits.body_bytes by its name', async (_name, chunked, headers, body) => {
    await start({ limits: small });
    const answer = await post(harness.httpPort, body, { type: 'application/json', chunked, headers });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body.toString()).message).toContain('limits.body_bytes (1000)');
    expect(harness.limitsHit).toEqual(['limits.body_bytes']);
  });

  test('should refuse an announced length without waiting for the body', async () => {
    await start({ limits: small });
    const socket = connect(harness.httpPort, '127.0.0.1');
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
    socket.write('POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1001\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test('should answer 503 with Retry-After when limits.pending_exports is reached, and go on afterwards', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ limits: { pending_exports: 1 }, ingest: () => commit.promise });
    const first = post(harness.httpPort, jsonBody('logs'), { type: 'application/json' });
    await waitFor('the first export to be pending', () => harness.pending() === 1);
    const second = await post(harness.httpPort, jsonBody('logs'), { type: 'application/json' });
    expect([second.status, second.headers['retry-after']]).toEqual([503, '1']);
    expect(second.body.toString()).toContain('limits.pending_exports (1)');
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    expect((await first).status).toBe(200);
    expect((await post(harness.httpPort, jsonBody('logs'), { type: 'application/json' })).status).toBe(200);
    expect(harness.requests.map(({ outcome }) => outcome)).toEqual(['busy', 'accepted', 'accepted']);
  });

  test('should answer 503 when the bodies in flight reach limits.pending_bytes', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    const body = jsonBody('logs');
    await start({ limits: { body_bytes: body.length + 10, pending_bytes: 1 }, ingest: () => commit.promise });
    const first = post(harness.httpPort, body, { type: 'application/json' });
    await waitFor('the first export to be pending', () => harness.pending() === 1);
    expect((await post(harness.httpPort, body, { type: 'application/json' })).status).toBe(503);
    expect(harness.limitsHit).toEqual(['limits.pending_bytes']);
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    expect((await first).status).toBe(200);
    expect((await post(harness.httpPort, body, { type: 'application/json' })).status).toBe(200);
  });

  test('should count what a body in pieces of one byte costs, and not the bytes alone', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ limits: { pending_bytes: 100_000 }, ingest: () => commit.promise });
    // Whoever is alone may hold more than that.
    const other = post(harness.httpPort, jsonBody('logs'), { type: 'application/json' });
    await waitFor('the other export to be pending', () => harness.pending() === 1);
    const head =
      'POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n';
    expect(await talk(harness.httpPort, `${head}${'1\r\n{\r\n'.repeat(2_000)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 503 /);
    expect(harness.limitsHit).toEqual(['limits.pending_bytes']);
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    expect((await other).status).toBe(200);
  });

  test('should leave out a record beyond a limit and take the others', async () => {
    await start({ limits: { attributes_per_record: 1 } });
    const attribute = (key: string): object => ({ key, value: { stringValue: 'v' } });
    const logRecords = [{ attributes: [attribute('a')] }, { attributes: [attribute('a'), attribute('b')] }];
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
    const answer = await post(harness.httpPort, body, { type: 'application/json' });
    const partialSuccess = {
      rejectedLogRecords: '1',
      errorMessage: '1 record exceeds limits.attributes_per_record (1). Send less in one record, or raise limits.attributes_per_record.',
    };
    expect(JSON.parse(answer.body.toString())).toEqual({ partialSuccess });
    expect(harness.requests).toMatchObject([{ outcome: 'partial', accepted: 1, rejected: 1 }]);
  });

  test('should drop connections beyond limits.connections while all others are busy', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ limits: { connections: 1 }, ingest: () => commit.promise });
    const held = post(harness.httpPort, protobufBody('logs'));
    await waitFor('the first connection to be busy', () => harness.pending() === 1);
    await expect(post(harness.httpPort, protobufBody('logs'))).rejects.toThrow();
    await waitFor('the limit to be counted', () => harness.limitsHit.includes('limits.connections'));
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    expect((await held).status).toBe(200);
  });

  test.each(['connections', 'connections_per_address'] as const)(
    'should close an idle connection rather than keep out another: limits.%s',
    async (key) => {
      await start({ limits: { [key]: 2 } });
      const silent = connect(harness.httpPort, '127.0.0.1');
      const unfinished = connect(harness.httpPort, '127.0.0.1');
      unfinished.write('POST /v1/logs HTTP/1.1\r\nhost: localhost\r\n');
      const closed = [silent, unfinished].map((socket) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve)));
      await waitFor('both to be taken', () => [silent, unfinished].every(({ readyState }) => readyState === 'open'));
      expect((await post(harness.httpPort, protobufBody('logs'))).status).toBe(200);
      expect((await post(harness.httpPort, protobufBody('logs'))).status).toBe(200);
      await closed[0];
      expect(harness.refused[0]).toEqual({ kind: 'limit', detail: `limits.${key}`, count: 1, address: '127.0.0.1' });
      unfinished.destroy();
      await closed[1];
    },
  );

  test.each([
    ['headers', 'POST /v1/logs HTTP/1.1\r\nhost: localhost\r\n', 'unknown'],
    ['a body', 'POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a"', 'logs'],
  ])('should answer 408 to %s that do not end within limits.request_ms', async (_name, sent, signal) => {
    await start({ limits: { request_ms: 100 } });
    const answer = await talk(harness.httpPort, sent);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await waitFor('the request to be counted', () => harness.requests.length === 1);
    expect(harness.requests).toMatchObject([{ outcome: 'timeout', signal }]);
    expect(harness.limitsHit).toEqual(['limits.request_ms']);
  });
});

/** Sends bytes as they are and reads until the server closes. */
function talk(port: number, sent: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('close', () => resolve(received)).on('error', reject);
    socket.write(sent, 'latin1');
  });
}

describe('connections', () => {
  test('should ingest nothing of a body whose connection closes in the middle, and stay alive', async () => {
    await start();
    const body = jsonBody('logs');
    for (const head of [`content-length: ${body.length}\r\n\r\n`, `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`]) {
      const socket = connect(harness.httpPort, '127.0.0.1');
      socket.write(`POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${head}`);
      socket.write(body.subarray(0, 40));
      await waitFor('the bytes to leave', () => socket.bytesWritten > 0 && socket.writableLength === 0 && socket.readyState === 'open');
      const before = harness.requests.length;
      socket.destroy();
      await waitFor('the broken request to be counted', () => harness.requests.length > before);
    }
    expect(harness.requests.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
    expect(harness.exports).toEqual([]);
    expect((await post(harness.httpPort, body, { type: 'application/json' })).status).toBe(200);
  });

  test('should answer 400 to what is not HTTP', async () => {
    await start();
    expect(await talk(harness.httpPort, 'hello there\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(harness.requests).toMatchObject([{ outcome: 'malformed', signal: 'unknown' }]);
  });

  test('should carry several exports on one connection', async () => {
    await start();
    const body = protobufBody('logs');
    const head = `POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n`;
    const both = `${head}\r\n${body.toString('latin1')}${head}connection: close\r\n\r\n${body.toString('latin1')}`;
    const answers = await talk(harness.httpPort, both);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(harness.exports).toHaveLength(2);
  });
});

describe('draining', () => {
  test('should answer what is in flight under load, and refuse new connections', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ ingest: () => commit.promise });
    const answers = Array.from({ length: 50 }, () => post(harness.httpPort, jsonBody('logs'), { type: 'application/json' }));
    await waitFor('all exports to be pending', () => harness.pending() === 50);
    const drained = harness.drain();
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    await drained;
    expect(harness.exports).toHaveLength(50);
    await expect(post(harness.httpPort, jsonBody('logs'))).rejects.toThrow(/ECONNREFUSED/);
  });

  test('should tell a request that arrives on an open connection to come back', async () => {
    await start();
    const body = jsonBody('logs').toString();
    const head = `POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const socket = connect(harness.httpPort, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(head);
    await waitFor('the request to arrive', () => socket.readyState === 'open' && socket.bytesWritten === head.length);
    const warm = await post(harness.httpPort, jsonBody('logs'), { type: 'application/json' });
    expect(warm.status).toBe(200);
    const drained = harness.drain();
    socket.write(body);
    await Promise.all([closed, drained]);
    expect(received).toMatch(/^HTTP\/1\.1 503 /);
    expect(received).toMatch(/retry-after: 1/);
    expect(received).toMatch(/connection: close/);
  });

  test('should end within its time although an export hangs', async () => {
    await start({ drainMs: 50, ingest: () => new Promise(() => {}) });
    const answer = post(harness.httpPort, jsonBody('logs'), { type: 'application/json' }).then(
      () => 'answered',
      () => 'cut off',
    );
    await waitFor('the export to be pending', () => harness.pending() === 1);
    await harness.drain();
    expect(await answer).toBe('cut off');
  });
});

describe('starting', () => {
  test('should name the key and the port when a port is taken, and leave nothing open', async () => {
    const first = await start({ tokens: [tokenOf('t')] });
    const { defaultConfig } = await import('../../../collector/config/config.ts');
    const config = defaultConfig();
    const attempt = (ports: { otlp_http_port: number; otlp_grpc_port: number }) =>
      startReceivers({
        server: { ...config.server, ...ports },
        limits: config.limits,
        authenticate: createAuthenticator([]),
        ingest: async () => ({ accepted: 0, rejected: 0, message: '' }),
        observer: { requestAnswered: () => {}, limitHit: () => {}, malformed: () => {}, refused: () => {}, failed: () => {} },
      });
    const http = attempt({ otlp_http_port: first.httpPort, otlp_grpc_port: 0 });
    await expect(http).rejects.toThrow(`server.otlp_http_port: port ${first.httpPort} on 127.0.0.1 is already in use.`);
    const grpc = attempt({ otlp_http_port: 0, otlp_grpc_port: first.grpcPort });
    await expect(grpc).rejects.toThrow(`server.otlp_grpc_port: port ${first.grpcPort} on 127.0.0.1 is already in use.`);
    await expect(grpc).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringContaining('--otlp-grpc-port') });
  });
});
