/** Bodies that are small on the way and large at their destination: refused before anything is built for them. */
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { defaultConfig, type Limits } from '../../../collector/config/config.ts';
import { measure } from '../../../collector/ingest/otlp/decode/decoding.ts';
import { type Answer, createExportHandler, type ExportHandler } from '../../../collector/ingest/otlp/export-handler.ts';
import type { Compression } from '../../../collector/ingest/otlp/inflate.ts';
import type { Encoding } from '../../../collector/ingest/otlp/observer.ts';
import type { Export, IngestOutcome, OtlpSignal } from '../../../collector/ingest/telemetry.ts';
import { waitFor } from '../../support/wait.ts';
import { MESSAGES } from './decode/otlp-schema.ts';
import { jsonBody, protobufBody, recordsOf } from './harness.ts';

interface Bench {
  readonly handler: ExportHandler;
  readonly exports: Export[];
  readonly limitsHit: string[];
  send(
    body: Buffer,
    given?: { address?: string; encoding?: Encoding; compression?: Compression; signal?: OtlpSignal; waitMs?: number },
  ): Promise<Answer>;
}

const commits: ((outcome?: IngestOutcome) => void)[] = [];
afterEach(() => {
  for (const commit of commits.splice(0)) commit();
});

/** A handler; where `waits`, its ingest answers when `commits` are called. */
function open(given: Partial<Limits> = {}, waits = false): Bench {
  const limits = { ...defaultConfig().limits, ...given };
  const exports: Export[] = [];
  const limitsHit: string[] = [];
  const ingest = async (received: Export): Promise<IngestOutcome> => {
    exports.push(received);
    if (waits) await new Promise<void>((resolve) => commits.push(() => resolve()));
    return { accepted: recordsOf(received), rejected: 0, message: '' };
  };
  const nothing = () => undefined;
  const observer = {
    requestAnswered: nothing,
    limitHit: (limit: string) => void limitsHit.push(limit),
    malformed: nothing,
    refused: nothing,
    failed: nothing,
  };
  const handler = createExportHandler({ limits, ingest, observer });
  const send: Bench['send'] = async (
    body,
    { address = '127.0.0.1', encoding = 'protobuf', compression = 'identity', signal = 'logs', waitMs = 0 } = {},
  ) => {
    const holding = handler.admission.arrive(address);
    holding.add(body.length);
    const limit = { name: 'limits.body_bytes', bytes: limits.body_bytes } as const;
    const request = { signal, encoding, compression, body, limit, credentials: {}, holding, waitMs, onSize: nothing };
    return handler.handle(request).finally(() => holding.release());
  };
  return { handler, exports, limitsHit, send };
}

/** As many empty log records. */
function emptyRecords(count: number): Buffer {
  const logRecords = Array.from({ length: count }, () => ({}));
  return Buffer.from(MESSAGES.logs.encode(MESSAGES.logs.fromObject({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })).finish());
}
const emptyJsonRecords = (count: number): Buffer =>
  Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${Array.from({ length: count }, () => '{}').join(',')}]}]}]}`);

describe('a body made to cost', () => {
  test('of 100,000 empty records in some hundred bytes of gzip is refused unbuilt, however many come', async () => {
    const bench = open();
    const body = gzipSync(emptyRecords(100_000));
    expect(body.length).toBeLessThan(500);
    const answers = await Promise.all(Array.from({ length: 24 }, () => bench.send(body, { compression: 'gzip' })));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['too_large']));
    expect(answers[0]?.message).toBe(
      'The export has more records than limits.records_per_export (10000). Send less at once, or raise limits.records_per_export.',
    );
    expect(bench.exports).toEqual([]);
    expect(bench.limitsHit).toHaveLength(24);
    expect([bench.handler.pending(), bench.handler.admission.bytes.held, bench.handler.admission.records.held]).toEqual([0, 0, 0]);
  });

  test('of a million times {} is refused before the parser sees it', async () => {
    const bench = open();
    const answer = await bench.send(emptyJsonRecords(1_000_000), { encoding: 'json' });
    expect([answer.outcome, bench.limitsHit]).toEqual(['too_large', ['limits.decoded_bytes']]);
  });

  test.each(['logs', 'metrics'] as const)('of %s with thousands of tiny attributes is refused by what it would take', async (signal) => {
    const attributes = Array.from({ length: 5_000 }, (_, index) => ({ key: String(index % 10), value: { intValue: 1 } }));
    const records = Array.from({ length: 20 }, () => ({ attributes }));
    const request = {
      logs: { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] },
      metrics: { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', sum: { dataPoints: records } }] }] }] },
    }[signal];
    const body = Buffer.from(MESSAGES[signal].encode(MESSAGES[signal].fromObject(request)).finish());
    const bench = open({ decoded_bytes: 8 * 1024 * 1024 });
    expect((await bench.send(body, { signal })).message).toContain('limits.decoded_bytes (8388608)');
    expect((await bench.send(Buffer.from(JSON.stringify(request)), { signal, encoding: 'json' })).outcome).toBe('too_large');
    expect(bench.exports).toEqual([]);
  });

  test('of resources and scopes that each hold one record counts these too', () => {
    const { limits } = defaultConfig();
    const resources = Array.from({ length: 1_000 }, () => ({ resource: {}, scopeLogs: [{ scope: {}, logRecords: [{}] }] }));
    const body = Buffer.from(MESSAGES.logs.encode(MESSAGES.logs.fromObject({ resourceLogs: resources })).finish());
    const size = measure({ signal: 'logs', encoding: 'protobuf', body }, limits);
    expect(size.records).toBe(1_000);
    expect(size.decodedBytes).toBeGreaterThan(1_000_000);
  });

  test('of control characters in a list, which as text are six times as long, breaks the limit of a value in both encodings', async () => {
    const value = { arrayValue: { values: [{ stringValue: '\u0001'.repeat(1_000) }] } };
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ key: 'k', value }] }, {}] }] }] };
    const bench = open({ attribute_value_bytes: 2_000 });
    const answers = [
      await bench.send(Buffer.from(MESSAGES.logs.encode(MESSAGES.logs.fromObject(request)).finish())),
      await bench.send(Buffer.from(JSON.stringify(request)), { encoding: 'json' }),
    ];
    expect(answers.map(({ accepted, rejected }) => [accepted, rejected])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(bench.limitsHit).toEqual(['limits.attribute_value_bytes', 'limits.attribute_value_bytes']);
  });

  test('is measured as it is decoded, in both encodings and all signals', () => {
    const { limits } = defaultConfig();
    for (const signal of ['logs', 'metrics', 'traces'] as const) {
      expect(measure({ signal, encoding: 'protobuf', body: protobufBody(signal) }, limits).records).toBe(2);
      expect(measure({ signal, encoding: 'json', body: jsonBody(signal) }, limits).records).toBe(2);
    }
  });
});

describe('exports in flight', () => {
  const large = emptyRecords(1_000);

  test('that are large are decoded one at a time, and small ones pass them', async () => {
    const bench = open({}, true);
    const first = bench.send(large);
    const second = bench.send(large);
    await waitFor('the first to be ingested', () => bench.exports.length === 1);
    const small = bench.send(protobufBody('logs'));
    await waitFor('the small one to be ingested', () => bench.exports.length === 2);
    expect(bench.exports.map(recordsOf)).toEqual([1_000, 2]);
    for (let ingested = 2; ingested <= 3; ingested++) {
      await waitFor('the next to be ingested', () => bench.exports.length >= ingested);
      for (const commit of commits.splice(0)) commit();
    }
    await waitFor('the second to be ingested', () => commits.length > 0 || bench.handler.pending() === 0);
    for (const commit of commits.splice(0)) commit();
    expect((await Promise.all([first, second, small])).map(({ accepted }) => accepted)).toEqual([1_000, 1_000, 2]);
  });

  test('hold no more records than limits.pending_records, of which large ones leave some to the small', async () => {
    const bench = open({ pending_records: 4_000 }, true);
    const sent = ['a', 'b', 'c', 'd'].map((address) => bench.send(large, { address }));
    const refused = await sent[3];
    expect(refused).toMatchObject({ outcome: 'busy', message: expect.stringContaining('limits.pending_records (4000)') });
    expect(bench.limitsHit).toEqual(['limits.pending_records']);
    expect(bench.handler.admission.records.held).toBe(3_000);
    const small = bench.send(protobufBody('logs'));
    for (let answered = 0; answered < 4; answered++) {
      await waitFor('the next to be ingested', () => commits.length > 0);
      for (const commit of commits.splice(0)) commit();
    }
    expect((await Promise.all([...sent.slice(0, 3), small])).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(bench.handler.admission.records.held).toBe(0);
  });

  test('that cannot be measured before their turn count with all that an export may have', async () => {
    const bench = open({ pending_records: 20_000 }, true);
    // Decompressed here and now, it would be more than a small body may be.
    const bomb = gzipSync(Buffer.alloc(4_000_000, 0x12));
    const first = bench.send(large);
    await waitFor('the first to be ingested', () => bench.exports.length === 1);
    const answers = ['a', 'b', 'c'].map((address) => bench.send(bomb, { address, compression: 'gzip' }));
    await expect(answers[1]).resolves.toMatchObject({ outcome: 'busy' });
    await expect(answers[2]).resolves.toMatchObject({ outcome: 'busy' });
    for (const commit of commits.splice(0)) commit();
    expect((await answers[0])?.outcome).toBe('accepted');
    expect((await first).outcome).toBe('accepted');
  });

  test('count for the network that they come from, where it is one of IPv6', () => {
    const { admission } = open().handler;
    expect(admission.arrive('2001:db8::1').address).toBe(admission.arrive('2001:db8:0:0:9::2').address);
    expect(admission.arrive('::ffff:10.0.0.1').address).toBe(admission.arrive('10.0.0.1').address);
  });

  test('count what they are after decompression', async () => {
    const bench = open({ pending_bytes: 100_000 }, true);
    const padded = { attributes: [{ key: 'k', value: { stringValue: 'x'.repeat(60_000) } }] };
    const body = gzipSync(Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [padded] }] }] })));
    const first = bench.send(body, { compression: 'gzip', encoding: 'json', address: 'a' });
    await waitFor('the first to be ingested', () => bench.exports.length === 1);
    expect(bench.handler.admission.bytes.held).toBeGreaterThan(60_000);
    expect((await bench.send(body, { compression: 'gzip', encoding: 'json', address: 'b' })).outcome).toBe('busy');
    expect(bench.limitsHit).toEqual(['limits.pending_bytes']);
    for (const commit of commits.splice(0)) commit();
    await first;
  });
});
