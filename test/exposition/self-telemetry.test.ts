import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SELF_SERIES } from '../../collector/catalog/names.ts';
import { type SelfTelemetry, startSelfTelemetry } from '../../collector/exposition/self-telemetry.ts';
import { samplesOf, sumOf } from './collector.ts';

const request = { signal: 'logs', transport: 'http', encoding: 'protobuf', outcome: 'accepted', accepted: 3, durationMs: 4 };
const nothing = { appended: 0, duplicates: 0, conflicts: 0, expired: 0 };

let telemetry: SelfTelemetry | undefined;
const environment = { ...process.env };
beforeEach(() => {
  process.env.OTEL_SDK_DISABLED = 'true';
});
afterEach(async () => {
  await telemetry?.close();
  telemetry = undefined;
  process.env = { ...environment };
});

describe('the collector’s own series', () => {
  test('count what the receivers tell', async () => {
    telemetry = startSelfTelemetry();
    telemetry.requestAnswered(request);
    telemetry.requestAnswered({ ...request, outcome: 'too_large', accepted: 0 });
    telemetry.limitHit('limits.body_bytes');
    telemetry.correctedTimes('metrics', 2);
    telemetry.watchPending(() => 7);
    const samples = samplesOf(await telemetry.collectSelfText());
    expect(sumOf(samples, `${SELF_SERIES.receivedRequests}_total`)).toBe(2);
    expect(sumOf(samples, `${SELF_SERIES.acceptedRecords}_total`, { signal: 'logs' })).toBe(3);
    expect(sumOf(samples, `${SELF_SERIES.refusedRequests}_total`, { outcome: 'too_large' })).toBe(1);
    expect(sumOf(samples, `${SELF_SERIES.limitsHit}_total`, { limit: 'limits.body_bytes' })).toBe(1);
    expect(sumOf(samples, `${SELF_SERIES.correctedTimes}_total`, { signal: 'metrics' })).toBe(2);
    expect(sumOf(samples, SELF_SERIES.pendingExports)).toBe(7);
    expect(sumOf(samples, `${SELF_SERIES.requestDuration}_bucket`, { le: '0.005' })).toBe(2);
  });

  test('start at zero, so that the first conflict is already an increase', async () => {
    telemetry = startSelfTelemetry();
    const text = await telemetry.collectSelfText();
    expect(text).toMatch(new RegExp(`^${SELF_SERIES.ledgerConflicts}_total 0$`, 'm'));
    telemetry.committed({ ...nothing, conflicts: 1 }, 0.002);
    expect(sumOf(samplesOf(await telemetry.collectSelfText()), `${SELF_SERIES.ledgerConflicts}_total`)).toBe(1);
  });

  test('go on from the counts that the ledger kept', async () => {
    telemetry = startSelfTelemetry({ ...nothing, late: 0, appended: 40 });
    telemetry.committed({ ...nothing, appended: 2 }, 0.001);
    expect(sumOf(samplesOf(await telemetry.collectSelfText()), `${SELF_SERIES.ledgerAppended}_total`)).toBe(42);
  });

  test('keep apart more label values than the SDK’s instruments would by default in one metric of a thousand names', async () => {
    telemetry = startSelfTelemetry();
    for (let index = 0; index < 1_001; index++) telemetry.ignored(`event-${index}`, 1);
    const samples = samplesOf(await telemetry.collectSelfText()).filter(({ name }) => name === `${SELF_SERIES.ignoredRecords}_total`);
    expect(samples).toHaveLength(1_001);
    expect(samples.some(({ labels }) => 'otel_metric_overflow' in labels)).toBe(false);
  });

  test('never send anything, whatever the shell says', async () => {
    let hits = 0;
    const server = createServer((_, response) => {
      hits++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // listen() on a TCP port: the address is an object.
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.OTEL_METRICS_EXPORTER = 'otlp';
    process.env.OTEL_LOGS_EXPORTER = 'otlp';
    telemetry = startSelfTelemetry();
    telemetry.requestAnswered(request);
    await telemetry.close(); // flushes every exporter there is
    telemetry = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(hits).toBe(0);
    expect(Object.keys(process.env).filter((name) => name.startsWith('OTEL_'))).toEqual([]);
  });
});
