import { Agent, request as httpRequest } from 'node:http';
import { expect, test } from '@jest/globals';
import { defaultConfig } from '../../../../collector/config/config.ts';
import type { Attributes } from '../../../../collector/ingest/attribution/claims.ts';
import { createExportHandler } from '../../../../collector/ingest/otlp/export-handler.ts';
import { type Outcome, replyOf } from '../../../../collector/ingest/otlp/status.ts';
import type { DataPoint, Export, Ingest, LogRecord, ScopeRecords } from '../../../../collector/ingest/telemetry.ts';
import { seededRandom } from '../../../support/random.ts';
import { grpcCaller, recordsOf, startHarness } from '../harness.ts';
import { type HostileInput, hostileInput } from './hostile.ts';
import { specimensOf } from './specimens.ts';

// After a change to the decoder: LEDGERLINE_HOSTILE_INPUTS=1000000 npm test -- hostile --testTimeout=3600000, and on a whole collector
// npm run bench:hostile -- --fuzz 1000000.
const IN_PROCESS = Number(process.env.LEDGERLINE_HOSTILE_INPUTS ?? 100_000);
/** A request costs thirty times what decoding does. */
const OVER_SOCKETS = Math.ceil(IN_PROCESS / 333) * 10;
// Small enough that hostile bodies reach it, large enough for every honest one.
const limits = { ...defaultConfig().limits, body_bytes: 256 * 1024, attribute_value_bytes: 4096, records_per_export: 500 };

const ALLOWED: readonly Outcome[] = ['accepted', 'partial', 'malformed', 'too_large'];

const areScalars = (attributes: Attributes): boolean =>
  [...attributes].every(([key, value]) => typeof key === 'string' && ['string', 'number', 'boolean'].includes(typeof value));

function isSound(record: LogRecord | DataPoint): boolean {
  const times = 'startMs' in record ? [record.timeMs, record.startMs] : [record.timeMs];
  const texts = 'metric' in record ? [record.metric, record.unit] : [record.body, record.eventName];
  return (
    times.every((time) => Number.isInteger(time) && time >= 0) && texts.every((text) => typeof text === 'string') && areScalars(record.attributes)
  );
}

/** What gets past the decoder must be what the types promise, or the next stage would pay for it. */
function assertSound(received: Export): void {
  if (received.signal === 'traces') return;
  const scopes: readonly ScopeRecords<LogRecord | DataPoint>[] = received.scopes;
  const isWhole = scopes.every((scope) => areScalars(scope.resource) && scope.records.every(isSound));
  if (!isWhole) throw new Error('a hostile input got past the decoder');
}

const ingest: Ingest = async (received) => {
  assertSound(received);
  return { accepted: recordsOf(received), rejected: 0, message: '' };
};

test(`${IN_PROCESS.toLocaleString('en')} hostile inputs should each be answered by the table, none of them as our own fault`, async () => {
  const random = seededRandom('hostile inputs');
  const specimens = specimensOf(random);
  const failures: unknown[] = [];
  const observer = {
    requestAnswered: () => {},
    limitHit: () => {},
    malformed: () => {},
    refused: () => {},
    failed: (error: Error) => void failures.push(error.cause),
  };
  const handler = createExportHandler({ limits, ingest, observer });
  const answer = async ({ signal, encoding, compression, body }: HostileInput): Promise<Outcome> => {
    const holding = handler.admission.bytes.open('127.0.0.1');
    const limit = { name: 'limits.body_bytes', bytes: limits.body_bytes } as const;
    const sent = { signal, encoding, compression, body, limit };
    const { outcome } = await handler.handle({ ...sent, credentials: {}, holding, waitMs: 0, onSize: () => {} });
    holding.release();
    return outcome;
  };
  const seen = new Map<string, number>();
  for (let count = 0; count < IN_PROCESS; count++) {
    const input = hostileInput(random, specimens);
    const outcome = await answer(input);
    if (!ALLOWED.includes(outcome))
      throw new Error(`${outcome} for ${input.kind} ${input.encoding} ${input.body.toString('base64')}`, { cause: failures[0] });
    const key = `${input.encoding} ${outcome}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  expect(failures).toEqual([]);
  expect([handler.pending(), handler.admission.bytes.held, handler.admission.records.held]).toEqual([0, 0, 0]);
  // Every kind of answer occurred in both encodings, so the inputs did reach the code they were made for.
  for (const encoding of ['protobuf', 'json']) for (const outcome of ALLOWED) expect(seen.get(`${encoding} ${outcome}`)).toBeGreaterThan(0);
});

test(`${OVER_SOCKETS.toLocaleString('en')} hostile inputs over HTTP and gRPC should leave the receivers answering`, async () => {
  const random = seededRandom('hostile inputs over sockets');
  const specimens = specimensOf(random);
  const harness = await startHarness({ limits, ingest });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const caller = grpcCaller(harness.grpcPort);
  const statuses = new Set(ALLOWED.map((outcome) => replyOf(outcome).http));
  const codes = new Set<number>(ALLOWED.map((outcome) => replyOf(outcome).grpc));
  const post = (input: HostileInput): Promise<number> => postWith(agent, harness.httpPort, input);
  const call = ({ signal, body }: HostileInput): Promise<number> =>
    caller.call(signal, body).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  try {
    for (let sent = 0; sent < OVER_SOCKETS; sent += 10) {
      const inputs = Array.from({ length: 10 }, () => hostileInput(random, specimens));
      const overGrpc = inputs.filter(({ encoding, compression }) => encoding === 'protobuf' && compression === 'identity').slice(0, 5);
      const overHttp = inputs.filter((input) => !overGrpc.includes(input));
      for (const status of await Promise.all(overHttp.map(post))) expect(statuses).toContain(status);
      for (const code of await Promise.all(overGrpc.map(call))) expect(codes).toContain(code);
    }
    expect(harness.failures).toEqual([]);
    expect(harness.requests).toHaveLength(OVER_SOCKETS);
  } finally {
    agent.destroy();
    caller.close();
    await harness.drain();
  }
});

function postWith(agent: Agent, port: number, { signal, encoding, compression, body }: HostileInput): Promise<number> {
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  const headers = { 'content-type': type, 'content-encoding': compression, 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path: `/v1/${signal}`, method: 'POST', agent, headers });
    request.on('error', reject);
    request.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)));
    request.end(body);
  });
}
