import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { DataPoint, Export, LogRecord, OtlpSignal, ScopeRecords } from '../../../collector/ingest/telemetry.ts';
import { type Harness, startHarness, tokenOf } from './harness.ts';

let harness: Harness;
afterEach(() => harness.drain());

/** Runs the stranger to its end; resolves to what it complained about. */
async function runStranger(protocol: string, compression: string): Promise<string> {
  const port = protocol === 'grpc' ? harness.grpcPort : harness.httpPort;
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'stranger.ts')], {
    env: {
      PATH: process.env.PATH,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer s3cret',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_RESOURCE_ATTRIBUTES: 'team.id=platform',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      OTEL_LOG_LEVEL: 'warn',
    },
  });
  return stdout + stderr;
}

const exportsOf = <Signal extends OtlpSignal>(signal: Signal): Extract<Export, { signal: Signal }>[] =>
  harness.exports.filter((received): received is Extract<Export, { signal: Signal }> => received.signal === signal);

const flat = <Item>(groups: readonly { readonly scopes: readonly ScopeRecords<Item>[] }[]): Item[] =>
  groups.flatMap(({ scopes }) => scopes.flatMap(({ records }) => records));

describe.each(['grpc', 'http/protobuf', 'http/json'])('an unmodified OpenTelemetry SDK over %s', (protocol) => {
  test.each(['none', 'gzip'])('should be understood and be content, with compression %s', async (compression) => {
    harness = await startHarness({ tokens: [tokenOf('s3cret')] });
    expect(await runStranger(protocol, compression)).toBe('');

    const scopes = exportsOf('logs').flatMap((received) => received.scopes);
    expect(scopes).toMatchObject([{ scopeName: 'stranger', scopeVersion: '1.2.3' }]);
    expect(scopes[0]?.resource.get('team.id')).toBe('platform');
    const [record]: LogRecord[] = flat(exportsOf('logs'));
    expect(record).toMatchObject({ timeMs: 1763600000123, body: 'hello', eventName: 'greeting' });
    expect(Object.fromEntries(record?.attributes ?? [])).toEqual({ 'session.id': 'stranger', count: 3, ratio: 0.25, flag: true, list: '["a","b"]' });

    const points: DataPoint[] = flat(exportsOf('metrics'));
    const ours = points.filter(({ metric }) => ['things', 'level', 'spread'].includes(metric));
    expect(ours.map(({ metric, type, value, unit }) => ({ metric, type, value, unit }))).toEqual([
      { metric: 'things', type: 'sum', value: 0.125, unit: 'USD' },
      { metric: 'level', type: 'gauge', value: 7, unit: '' },
      { metric: 'spread', type: 'other', value: Number.NaN, unit: '' },
    ]);
    expect(ours.find(({ metric }) => metric === 'things')).toMatchObject({ temporality: 'delta' });
    expect(ours.map(({ attributes }) => attributes.get('kind'))).toEqual(['sum', 'gauge', 'histogram']);

    expect(exportsOf('traces')).toEqual([{ signal: 'traces', spans: 1, scopes: [] }]);
    expect(new Set(harness.requests.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
  });
});
