import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { Metadata } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import type { IngestOutcome, OtlpSignal } from '../../../collector/ingest/telemetry.ts';
import { waitFor } from '../../support/wait.ts';
import { type GrpcCaller, grpcCaller, type Harness, type HarnessOptions, protobufBody, recordsOf, startHarness } from './harness.ts';

let harness: Harness;
let caller: GrpcCaller;
const start = async (options: HarnessOptions = {}, compression: 'identity' | 'gzip' | 'deflate' = 'identity'): Promise<void> => {
  harness = await startHarness(options);
  caller = grpcCaller(harness.grpcPort, undefined, compression);
};
afterEach(async () => {
  caller.close();
  await harness.drain();
});

const { NGHTTP2_CANCEL: CANCEL } = constants;
const SIGNALS: readonly OtlpSignal[] = ['logs', 'metrics', 'traces'];
const outcomes = (): string[] => harness.requests.map(({ outcome }) => outcome);

describe('gRPC', () => {
  test.each(['identity', 'gzip', 'deflate'] as const)('should take the three signals with %s', async (compression) => {
    await start({}, compression);
    for (const signal of SIGNALS) expect(await caller.call(signal, protobufBody(signal))).toHaveLength(0);
    expect(harness.exports.map(recordsOf)).toEqual([2, 2, 2]);
    expect(harness.requests).toMatchObject(SIGNALS.map((signal) => ({ signal, transport: 'grpc', outcome: 'accepted', accepted: 2 })));
  });

  test('should report rejected records as partial success', async () => {
    await start({ ingest: async () => ({ accepted: 0, rejected: 300, message: 'no' }) });
    expect([...(await caller.call('metrics', protobufBody('metrics')))]).toEqual([0x0a, 7, 0x08, 0xac, 0x02, 0x12, 2, 0x6e, 0x6f]);
  });

  test('should answer only after ingest has resolved', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ ingest: () => commit.promise });
    let answered = false;
    const answer = caller.call('logs', protobufBody('logs')).finally(() => {
      answered = true;
    });
    await waitFor('the export to reach ingest', () => harness.pending() === 1);
    expect(answered).toBe(false);
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    await answer;
  });

  test('should refuse malformed bytes with INVALID_ARGUMENT', async () => {
    await start();
    await expect(caller.call('logs', Buffer.from([0x0a, 0x7f]))).rejects.toMatchObject({ code: 3, details: expect.stringContaining('at byte 0') });
    expect(outcomes()).toEqual(['malformed']);
  });

  test('should survive a message for the sender that is no well-formed text', async () => {
    await start({ ingest: () => Promise.reject(new LedgerlineError('invalid', 'half a pair: \ud800')) });
    await expect(caller.call('logs', protobufBody('logs'))).rejects.toMatchObject({ code: 3 });
  });

  test('should say when to come back, in a RetryInfo, where a retry helps', async () => {
    await start({ ingest: () => Promise.reject(new LedgerlineError('unavailable', 'disk')) });
    const error = await caller.call('logs', protobufBody('logs')).catch((reason: { code: number; metadata: Metadata }) => reason);
    if (Buffer.isBuffer(error)) throw new Error('it was accepted');
    expect(error.code).toBe(14);
    expect(error.metadata.get('grpc-status-details-bin').join()).toContain('google.rpc.RetryInfo');
  });

  test('should not answer to a name that is not of this machine while nothing guards it', async () => {
    await start();
    const { status } = await rawCall(LOGS, frame(protobufBody('logs')), { ':authority': 'evil.example' });
    expect(status).toBe('7');
    expect(harness.refused).toMatchObject([{ kind: 'host_unknown', detail: 'evil.example', address: '127.0.0.1' }]);
    expect(harness.exports).toEqual([]);
  });

  test('should not answer methods that OTLP does not have', async () => {
    await start();
    const { status } = await rawCall('/opentelemetry.proto.collector.logs.v1.LogsService/Import', frame(Buffer.alloc(0)));
    expect(status).toBe('12');
  });
});

describe('limits over gRPC', () => {
  test('should refuse a message beyond limits.grpc_message_bytes, as sent or after decompression, by its name', async () => {
    await start({ limits: { grpc_message_bytes: 1000 } });
    const big = Buffer.alloc(1001);
    await expect(caller.call('logs', big)).rejects.toMatchObject({ code: 8, details: expect.stringContaining('limits.grpc_message_bytes (1000)') });
    const bomb = await rawCall(LOGS, frame(gzipSync(Buffer.alloc(500_000)), 1), { 'grpc-encoding': 'gzip' });
    expect(bomb.status).toBe('8');
    expect(harness.limitsHit).toEqual(['limits.grpc_message_bytes', 'limits.grpc_message_bytes']);
    expect(outcomes()).toEqual(['too_large', 'too_large']);
  });

  test('should wait for its place when the collector is busy, instead of being refused', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ limits: { pending_exports: 1 }, ingest: () => commit.promise });
    const answers = [1, 2, 3].map(() => caller.call('logs', protobufBody('logs')));
    await waitFor('one export to be pending', () => harness.pending() === 1);
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    await Promise.all(answers);
    expect(outcomes()).toEqual(['accepted', 'accepted', 'accepted']);
  });

  test('should be refused when its place does not come within limits.pending_wait_ms', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ limits: { pending_exports: 1, pending_wait_ms: 20 }, ingest: () => commit.promise });
    const first = caller.call('logs', protobufBody('logs'));
    await waitFor('the first export to be pending', () => harness.pending() === 1);
    await expect(caller.call('logs', protobufBody('logs'))).rejects.toMatchObject({
      code: 14,
      details: expect.stringContaining('limits.pending_wait_ms (20)'),
    });
    expect(harness.limitsHit).toEqual(['limits.pending_wait_ms']);
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    await first;
  });

  test('should drop connections beyond limits.connections while all others are busy', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ limits: { connections: 1 }, ingest: () => commit.promise });
    const first = caller.call('logs', protobufBody('logs'));
    await waitFor('the first connection to be busy', () => harness.pending() === 1);
    const second = grpcCaller(harness.grpcPort);
    await expect(second.call('logs', protobufBody('logs'))).rejects.toMatchObject({ code: 14 });
    second.close();
    expect(harness.limitsHit).toContain('limits.connections');
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    await first;
  });

  test('should close an idle connection rather than keep out another', async () => {
    await start({ limits: { connections_per_address: 1 } });
    await caller.call('logs', protobufBody('logs'));
    const second = grpcCaller(harness.grpcPort);
    await second.call('logs', protobufBody('logs'));
    second.close();
    expect(harness.refused).toEqual([{ kind: 'limit', detail: 'limits.connections_per_address', count: 1, address: '127.0.0.1' }]);
    // Its connection is gone, and it opens another.
    await caller.call('logs', protobufBody('logs'));
  });

  test('should close a connection that only cancels calls rather than keep out another', async () => {
    await start({ limits: { connections: 1 } });
    const session = connectHttp2(`http://127.0.0.1:${harness.grpcPort}`).on('error', () => {});
    const closed = new Promise((resolve) => session.on('close', resolve));
    for (let index = 0; index < 50; index++) {
      const stream = session.request({ ':method': 'POST', ':path': LOGS, 'content-type': 'application/grpc', te: 'trailers' }).on('error', () => {});
      stream.close(CANCEL);
    }
    await new Promise((resolve) => session.once('connect', () => session.ping(resolve)));
    await waitFor('them all to be counted', () => outcomes().length === 50);
    await caller.call('logs', protobufBody('logs'));
    await closed;
    expect(outcomes()).toEqual([...Array.from({ length: 50 }, () => 'aborted'), 'accepted']);
  });

  test('should drop a message that does not arrive within limits.request_ms', async () => {
    await start({ limits: { request_ms: 50 } });
    const { status } = await rawCall(LOGS, frame(protobufBody('logs')).subarray(0, 9), {}, false);
    expect(status).toBe('4');
    expect(harness.limitsHit).toEqual(['limits.request_ms']);
    expect(harness.exports).toEqual([]);
  });
});

describe('broken gRPC calls', () => {
  test.each([
    ['bytes that are not gzip', frame(Buffer.from('nonsense'), 1), { 'grpc-encoding': 'gzip' }, '3', 'malformed'],
    ['a gzip stream that is cut off', frame(gzipSync(protobufBody('logs')).subarray(0, 20), 1), { 'grpc-encoding': 'gzip' }, '3', 'malformed'],
    ['an unknown compression', frame(protobufBody('logs'), 1), { 'grpc-encoding': 'br' }, '12', 'unsupported_encoding'],
    ['no message at all', Buffer.alloc(0), {}, '3', 'aborted'],
    ['two messages', Buffer.concat([frame(protobufBody('logs')), frame(protobufBody('logs'))]), {}, '3', 'malformed'],
    ['half a message', frame(protobufBody('logs')).subarray(0, 20), {}, '3', 'aborted'],
  ])('should answer %s by the table', async (_name, bytes, headers, status, outcome) => {
    await start();
    expect((await rawCall(LOGS, bytes, headers)).status).toBe(status);
    expect(outcomes()).toEqual([outcome]);
    expect(harness.exports).toEqual([]);
  });

  test.each([
    ['is cancelled', (session: ClientHttp2Session, stream: ClientHttp2Stream) => void stream.close(CANCEL, () => session.destroy())],
    ['loses its connection', (session: ClientHttp2Session) => session.destroy()],
  ] as const)('should ingest nothing of a call that %s in the middle, and stay alive', async (_name, leave) => {
    await start();
    const session = connectHttp2(`http://127.0.0.1:${harness.grpcPort}`).on('error', () => {});
    const stream = session.request({ ':method': 'POST', ':path': LOGS, 'content-type': 'application/grpc', te: 'trailers' }).on('error', () => {});
    stream.write(frame(protobufBody('logs')).subarray(0, 20));
    // The answer to a ping comes after everything that was sent before it has been read.
    await new Promise((resolve) => session.once('connect', () => session.ping(resolve)));
    leave(session, stream);
    await waitFor('the broken call to be counted', () => harness.requests.length === 1);
    await caller.call('logs', protobufBody('logs'));
    expect(outcomes()).toEqual(['aborted', 'accepted']);
    expect(harness.exports).toHaveLength(1);
  });
});

describe('draining gRPC', () => {
  test('should answer what is in flight under load and close the connections', async () => {
    const commit = Promise.withResolvers<IngestOutcome>();
    await start({ ingest: () => commit.promise });
    const answers = Array.from({ length: 40 }, () => caller.call('logs', protobufBody('logs')));
    await waitFor('all exports to be pending', () => harness.pending() === 40);
    const drained = harness.drain();
    commit.resolve({ accepted: 2, rejected: 0, message: '' });
    await Promise.all(answers);
    await drained;
    expect(harness.exports).toHaveLength(40);
    await expect(caller.call('logs', protobufBody('logs'))).rejects.toMatchObject({ code: 14 });
  });

  test('should end within its time although an export hangs', async () => {
    await start({ drainMs: 50, ingest: () => new Promise(() => {}) });
    const answer = caller.call('logs', protobufBody('logs')).then(
      () => 'answered',
      () => 'cut off',
    );
    await waitFor('the export to be pending', () => harness.pending() === 1);
    await harness.drain();
    expect(await answer).toBe('cut off');
  });
});

const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

function frame(message: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A gRPC call by hand, for what a gRPC library would not send. */
function rawCall(path: string, bytes: Buffer, headers: Record<string, string> = {}, end = true): Promise<{ status: string }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${harness.grpcPort}`).on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers });
    let status = '';
    const note = (given: Record<string, unknown>): void => {
      if (given['grpc-status'] !== undefined) status = String(given['grpc-status']);
    };
    stream.on('response', note).on('trailers', note).on('error', reject).resume();
    stream.on('end', () => {
      session.destroy();
      resolve({ status });
    });
    if (end) stream.end(bytes);
    else stream.write(bytes);
  });
}
