/** gRPC messages while they arrive: counted, paused where there is no room, and refused when that takes too long. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { defaultConfig, type Limits } from '../../../collector/config/config.ts';
import { Account } from '../../../collector/ingest/otlp/account.ts';
import { createExportHandler, type ExportHandler } from '../../../collector/ingest/otlp/export-handler.ts';
import { SERVICES } from '../../../collector/ingest/otlp/grpc/answer.ts';
import { Arrival, type InterceptedCall } from '../../../collector/ingest/otlp/grpc/arrival.ts';
import { startGrpcReceiver } from '../../../collector/ingest/otlp/grpc/receiver.ts';
import type { ReceivedRequest } from '../../../collector/ingest/otlp/observer.ts';
import type { SenderAccess } from '../../../collector/ingest/otlp/sender-access.ts';
import type { StartedReceiver } from '../../../collector/ingest/otlp/transport.ts';
import type { Export, IngestOutcome } from '../../../collector/ingest/telemetry.ts';
import { waitFor } from '../../support/wait.ts';
import { protobufBody, recordsOf } from './harness.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

let receiver: StartedReceiver;
let handler: ExportHandler;
let requests: ReceivedRequest[];
let limitsHit: string[];
let exports: Export[];
const sessions: ClientHttp2Session[] = [];

/** Lets everybody in. */
const OPEN: SenderAccess = { assertHost: () => {}, admit: () => ({}), answerTo: async (error) => error };

async function start(given: Partial<Limits> = {}, commit: Promise<void> = Promise.resolve()): Promise<void> {
  const config = defaultConfig();
  const limits = { ...config.limits, ...given };
  // Of this receiver alone: one that is closed may still report.
  const answered: ReceivedRequest[] = [];
  const hit: string[] = [];
  requests = answered;
  limitsHit = hit;
  exports = [];
  const observer = {
    requestAnswered: (request: ReceivedRequest) => void answered.push(request),
    limitHit: (limit: string) => void hit.push(limit),
    malformed: () => {},
    refused: () => {},
    failed: () => {},
  };
  const ingest = async (received: Export): Promise<IngestOutcome> => {
    exports.push(received);
    await commit;
    return { accepted: recordsOf(received), rejected: 0, message: '' };
  };
  handler = createExportHandler({ limits, ingest, observer });
  const server = { ...config.server, otlp_grpc_port: 0 };
  receiver = await startGrpcReceiver({ server, tls: undefined, limits, access: OPEN, handler, observer });
}

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await receiver.drain(0);
});

function connectFrom(localAddress: string): ClientHttp2Session {
  const { port } = receiver;
  const session = connect(`http://127.0.0.1:${port}`, { createConnection: () => connectSocket({ port, host: '127.0.0.1', localAddress }) });
  session.on('error', () => {});
  sessions.push(session);
  return session;
}

function open(session: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({ ':method': 'POST', ':path': SERVICES.logs, 'content-type': 'application/grpc', te: 'trailers', ...headers });
  return stream.on('error', () => {}).resume();
}

function frame(message: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A message of that size whose last byte does not come. */
const unfinished = (bytes: number): Buffer => frame(Buffer.alloc(bytes)).subarray(0, bytes + 4);

const statusOf = (stream: ClientHttp2Stream): Promise<string> =>
  new Promise((resolve) => {
    const note = (headers: Record<string, unknown>): void => {
      if (headers['grpc-status'] !== undefined) resolve(String(headers['grpc-status']));
    };
    stream.on('response', note).on('trailers', note);
  });

const send = (session: ClientHttp2Session): Promise<string> => {
  const stream = open(session);
  stream.end(frame(protobufBody('logs')));
  return statusOf(stream);
};

/** Resolves when everything that was sent before, and may be, has been read. */
const flushed = (session: ClientHttp2Session): Promise<void> => new Promise((resolve) => session.ping(() => resolve()));

describe('a gRPC message that arrives', () => {
  test('counts before it is complete, and no more after it has been answered', async () => {
    await start();
    const session = connectFrom('127.0.0.1');
    const stream = open(session);
    const message = frame(protobufBody('logs'));
    stream.write(message.subarray(0, 50));
    await waitFor('its bytes to be counted', () => handler.admission.bytes.held > 50);
    stream.end(message.subarray(50));
    expect(await statusOf(stream)).toBe('0');
    expect(handler.admission.bytes.held).toBe(0);
  });

  test('counts no more when its sender leaves', async () => {
    await start();
    const session = connectFrom('127.0.0.1');
    open(session).write(unfinished(30_000));
    await waitFor('its bytes to be counted', () => handler.admission.bytes.held > 30_000);
    session.destroy();
    await waitFor('its bytes to be given back', () => handler.admission.bytes.held === 0);
  });

  test('is refused by its announced length beyond limits.grpc_message_bytes, before the rest comes', async () => {
    await start();
    const stream = open(connectFrom('127.0.0.1'));
    stream.write(frame(Buffer.alloc(5 * MIB)).subarray(0, 10));
    expect(await statusOf(stream)).toBe('8');
    expect(limitsHit).toEqual(['limits.grpc_message_bytes']);
    expect(handler.admission.bytes.held).toBe(0);
  });

  test('is decompressed in its turn, and refused beyond limits.grpc_message_bytes', async () => {
    await start();
    const stream = open(connectFrom('127.0.0.1'), { 'grpc-encoding': 'gzip' });
    stream.end(frame(gzipSync(Buffer.alloc(5 * MIB)), 1));
    expect(await statusOf(stream)).toBe('8');
    expect(limitsHit).toEqual(['limits.grpc_message_bytes']);
  });
});

describe('200 unfinished messages of 3 MiB from one address', () => {
  test('hold a part of limits.pending_bytes, and keep out nobody else', async () => {
    const limits = { pending_bytes: 16 * MIB };
    await start(limits);
    const session = connectFrom('127.0.0.1');
    for (let count = 0; count < 200; count++) open(session).write(unfinished(3 * MIB));
    await waitFor('the calls to be counted', () => handler.admission.bytes.held > 3 * MIB);
    await flushed(session);
    expect(handler.admission.bytes.held).toBeLessThanOrEqual(limits.pending_bytes / 2);
    expect(await send(connectFrom('127.0.0.2'))).toBe('0');
    expect(requests.map(({ outcome }) => outcome)).toEqual(['accepted']);
  });

  test('are refused in the end, as bytes that find no room', async () => {
    await start({ pending_bytes: 8 * MIB, request_ms: 300 });
    const session = connectFrom('127.0.0.1');
    for (let count = 0; count < 20; count++) open(session).write(unfinished(3 * MIB));
    await waitFor('all to be answered', () => requests.length === 20);
    // Those that were let on did not come to their end; the others were waiting for them.
    expect(new Set(requests.map(({ outcome }) => outcome))).toEqual(new Set(['busy', 'timeout']));
    expect(new Set(limitsHit)).toEqual(new Set(['limits.pending_bytes', 'limits.request_ms']));
    await waitFor('everything to be given back', () => handler.admission.bytes.held === 0);
  });
});

describe('a gRPC message that finds no room', () => {
  test('waits without being read on, and is taken when there is some', async () => {
    const commit = Promise.withResolvers<void>();
    await start({ pending_bytes: 40 * KIB }, commit.promise);
    const first = send(connectFrom('127.0.0.1'));
    await waitFor('the first export to be pending', () => handler.pending() === 1);
    const second = send(connectFrom('127.0.0.2'));
    const third = send(connectFrom('127.0.0.3'));
    await waitFor('another export to be pending', () => handler.pending() === 2);
    expect(exports).toHaveLength(2);
    commit.resolve();
    expect(await Promise.all([first, second, third])).toEqual(['0', '0', '0']);
    expect(limitsHit).toEqual([]);
    expect(handler.admission.bytes.held).toBe(0);
  });
});

test('a grpc-js that hides how a message arrives is noticed', () => {
  const call = {} as unknown as InterceptedCall;
  const holding = new Account({ max: 1, smallMax: 1 }).open('');
  expect(() => new Arrival(call, holding, () => {})).toThrow('This release of @grpc/grpc-js hides how a message arrives.');
});
