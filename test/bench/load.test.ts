/** What the load generator says of servers that do not take what it sends. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { successBody } from '../../collector/ingest/otlp/response.ts';
import { closedPort } from '../support/closed-port.ts';
import { StandInServer } from '../support/stand-in-server.ts';
import { tookAllOfFrame, tookAllOfJson, tookAllOfProtobuf } from './answer.ts';
import { Bodies } from './bodies.ts';
import type { LoadOrder } from './load.ts';
import { killChildren, runLoad, startIdleClients, startServer } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-load-'));
const file = join(folder, 'bodies');

beforeAll(async () => {
  const wire = { encoding: 'protobuf', gzip: false } as const;
  await new Bodies(20, Date.now()).write({ ...wire, file, load: 'live', signals: ['logs'], count: 20 });
});
afterEach(killChildren);
afterAll(() => rmSync(folder, { recursive: true }));

const orderTo = (port: number, transport: LoadOrder['transport'] = 'http'): LoadOrder => ({
  ...{ file, port, transport, encoding: 'protobuf', gzip: false, lanes: 4, warmMs: 0, measureMs: 60_000 },
});

const answerOf = (rejected: number, message: string) => ({ outcome: 'accepted', accepted: 5, rejected, message }) as const;
const PARTIAL = answerOf(2, 'two had no time');
/** A warning: all were taken. */
const WARNED = answerOf(0, 'your clock is slow');
const WHOLE = answerOf(0, '');

test.each([
  [PARTIAL, false],
  [WARNED, true],
  [WHOLE, true],
])('an answer such as %j has taken all: %p', (answer, tookAll) => {
  for (const signal of ['logs', 'metrics'] as const) {
    const protobuf = successBody(signal, 'protobuf', answer);
    const frame = (isPacked: boolean, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([isPacked ? 1 : 0, 0, 0, 0, bytes.length]), bytes]);
    expect(tookAllOfProtobuf(protobuf)).toBe(tookAll);
    expect(tookAllOfJson(successBody(signal, 'json', answer))).toBe(tookAll);
    expect(tookAllOfFrame(frame(false, protobuf))).toBe(tookAll);
    expect(tookAllOfFrame(frame(true, gzipSync(protobuf)))).toBe(tookAll);
  }
});

test('a partial success that another collector spells out, though nothing was rejected, has taken all', () => {
  expect(tookAllOfProtobuf(Buffer.from([0x0a, 0]))).toBe(true);
  expect(tookAllOfJson(Buffer.from('{"partialSuccess":{}}'))).toBe(true);
  expect(tookAllOfJson(Buffer.from('{"partialSuccess":{"rejectedDataPoints":3}}'))).toBe(false);
});

class StandIn extends StandInServer {
  readonly #answer: (response: ServerResponse) => void;

  constructor(answer: (response: ServerResponse) => void) {
    super();
    this.#answer = answer;
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await request.toArray();
    this.#answer(response);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }
}

const answering = (status: number, body: Buffer) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-length': body.length }).end(body);

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function standIn(answer: (response: ServerResponse) => void): Promise<StandIn> {
  const server = await new StandIn(answer).start();
  stops.push(() => server.stop());
  return server;
}

test.each([
  ['what is rejected in part', 200, successBody('logs', 'protobuf', PARTIAL), true],
  ['503', 503, Buffer.alloc(0), true],
  ['a warning', 200, successBody('logs', 'protobuf', WARNED), false],
])('%s is counted', async (_, status, body, isRefused) => {
  const server = await standIn(answering(status, body));
  const { answered, refused } = await runLoad(orderTo(server.port));
  expect(answered).toBeGreaterThan(0);
  expect(refused).toBe(isRefused ? answered : 0);
});

const inChunks = (response: ServerResponse): void => {
  response.write('so');
  response.end();
};

test.each([
  ['that closes connections', (response: ServerResponse) => void response.destroy(), 'The server closed a connection.'],
  ['that never answers', () => undefined, 'Some exports were not answered within 5 s.'],
  ['without Content-Length', inChunks, 'The server answered without Content-Length, which this client does not read.'],
])('a server %s ends the load with a sentence', async (_, answer, sentence) => {
  const server = await standIn(answer);
  await expect(runLoad({ ...orderTo(server.port), measureMs: 1_000 }, 4_000)).rejects.toThrow(sentence);
});

test.each(['http', 'grpc'] as const)('a server that is not there is named, over %s', async (transport) => {
  const { port, release } = await closedPort();
  stops.push(release);
  await expect(runLoad(orderTo(port, transport))).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${port}`);
});

test('our own server takes all, over HTTP and gRPC', async () => {
  const server = await startServer('discard', folder);
  for (const transport of ['http', 'grpc'] as const) {
    const { exports, refused } = await runLoad(orderTo(server.ports[transport], transport));
    expect([exports > 0, refused]).toEqual([true, 0]);
  }
  await server.stop();
});

test('clients notice that they are not answered', async () => {
  const server = await standIn((response) => void response.destroy());
  const clients = startIdleClients();
  await expect(clients.open({ port: server.port, addresses: ['127.0.0.1'], count: 1 })).rejects.toThrow(
    'Clients could not connect: The server closed a connection instead of answering.',
  );
  clients.close();
});
