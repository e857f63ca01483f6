/** A whole collector that refuses: log, status, doctor, /metrics and the board all name it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { watchRefusals } from '../../collector/app/refusal-watch.ts';
import { LOG_CODES } from '../../collector/catalog/log-codes.ts';
import { SELF_SERIES } from '../../collector/catalog/names.ts';
import { configSchema } from '../../collector/config/config.ts';
import { createLogger } from '../../collector/core/logger.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { WholeStatus } from '../../collector/query/status.ts';
import { outcome } from '../cli/command.ts';
import { samplesOf, sumOf } from '../exposition/collector.ts';
import { LOG_SETTINGS } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-refusals-'));
});
afterAll(() => rm(data, { recursive: true, force: true }));

interface Line {
  readonly code: string;
  readonly kind?: string;
  readonly [key: string]: unknown;
}

function remembered() {
  const lines: Line[] = [];
  const log = createLogger(LOG_CODES, LOG_SETTINGS, (line) => void lines.push(JSON.parse(line)));
  return { log, refusals: () => lines.filter(({ code }) => code.startsWith('receiver_')) };
}

async function run(use: (collector: Collector, refusals: () => readonly Line[]) => Promise<void>): Promise<void> {
  const { log, refusals } = remembered();
  const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  const config = configSchema.parse({ data, server: ports });
  const collector = await startCollector(config, { log, logSettings: LOG_SETTINGS });
  await use(collector, refusals).finally(() => collector.stop());
}

const get = async <Body>(url: string): Promise<Body> => (await fetch(url)).json() as Promise<Body>;
const send = (port: number, path: string, body: object): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const client = { attributes: [{ key: 'service.name', value: { stringValue: 'claude-code' } }] };
const timeUnixNano = `${Date.now()}000000`;
const cost = { name: 'claude_code.cost.usage', sum: { aggregationTemporality: 0, dataPoints: [{ timeUnixNano, asDouble: 0.25 }] } };
const level = { name: 'claude_code.token.usage', gauge: { dataPoints: [{ timeUnixNano, asInt: 5 }] } };
const foreign = { resourceLogs: [{ scopeLogs: [{ scope: { name: 'checkout' }, logRecords: [{ timeUnixNano, body: { stringValue: 'paid' } }] }] }] };

describe('a collector to which everything is sent wrongly', () => {
  test('names each mistake everywhere, with one line of the log for a thousand', async () => {
    await run(async ({ ports }, refusals) => {
      for (let index = 0; index < 1_000; index++) await send(ports.otlpHttp, '/v1/log', {});
      await send(ports.otlpHttp, '/v1/metrics', { resourceLogs: [] });
      await send(ports.otlpHttp, '/v1/metrics', { resourceMetrics: [{ resource: client, scopeMetrics: [{ metrics: [cost, level] }] }] });
      await send(ports.otlpHttp, '/v1/logs', foreign);
      const api = `http://127.0.0.1:${ports.api}/api/v1`;

      const lines = refusals();
      expect(lines.map(({ kind }) => kind)).toEqual(['wrong_path', 'wrong_signal', 'rejected', 'rejected', 'other_service']);
      expect(lines[0]).toMatchObject({
        ...{ level: 'warn', code: 'receiver_refused', component: 'receiver', count: 1, address: '127.0.0.1' },
        ...{ msg: '1 export went to the path /v1/log, where no OTLP is received.', hint: 'Write /v1/logs instead of /v1/log at the sender.' },
      });

      const status = await get<WholeStatus>(`${api}/status`);
      expect(status.refusals.map(({ kind, detail, count }) => `${kind} ${detail} ${count}`).sort()).toEqual([
        'other_service checkout 1',
        'rejected unspecified_temporality 1',
        'rejected unsupported_metric_type 1',
        'wrong_path /v1/log 1000',
        'wrong_signal logs to the path of metrics, as JSON 1',
      ]);
      expect(status.refusals.find(({ kind }) => kind === 'wrong_path')).toMatchObject({
        ...{ unit: 'export', senders: [{ address: '127.0.0.1', count: 1_000 }], has_more_senders: false },
        remedy: 'Write /v1/logs instead of /v1/log at the sender.',
      });
      expect(status.findings[0]?.code).toBe('nothing_booked');

      const board = await get<BoardAnswer>(`${api}/boards/trust`);
      expect(board.findings).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'wrong_path' })]));

      const samples = samplesOf(await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text());
      expect(sumOf(samples, `${SELF_SERIES.refusals}_total`, { kind: 'wrong_path' })).toBe(1_000);
      expect(sumOf(samples, `${SELF_SERIES.refusals}_total`, { kind: 'rejected' })).toBe(2);
    });
  });

  test('doctor knows it without the collector, and beside it', async () => {
    const doctor = async (): Promise<string> => (await outcome(['doctor', '--data', data], { now: Date.now() })).text;
    const wrongPath = /^! 1000 exports went to the path \/v1\/log, .*: last \d+ s ago, first \d+ s ago, from 127\.0\.0\.1\.$/m;
    const stopped = await doctor();
    expect(stopped).toMatch(wrongPath);
    expect(stopped).toContain('  Write /v1/logs instead of /v1/log at the sender.');
    expect(stopped).toContain('Senders have reached the collector, but nothing has been booked');
    expect(stopped).not.toMatch(/No telemetry/);
    await run(async ({ ports }) => {
      await send(ports.otlpHttp, '/v1/logs/', {});
      await waitFor('the refusal on disk', async () => (await doctor()).includes('the path /v1/logs/,'));
      expect(await doctor()).toMatch(wrongPath);
    });
  });
});

describe('the watch over refusals', () => {
  test('sums up hourly what came after the first, and is silent when nothing did', async () => {
    const { log, refusals } = remembered();
    const watch = watchRefusals({ file: join(data, 'other.json'), log, now: Date.now, summaryMs: 20 });
    for (let index = 0; index < 10; index++) watch.refused({ kind: 'token_missing', detail: '', count: 1 }, '10.0.0.7');
    await waitFor('the summary', () => refusals().length > 1);
    watch.refused({ kind: 'aborted', detail: '', count: 1 }, '10.0.0.8');
    await waitFor('a summary of nothing', () => refusals().length > 2);
    await watch.close();
    expect(refusals().map(({ code, msg, count, address }) => [code, msg, count, address])).toEqual([
      ['receiver_refused', '1 export had no bearer token.', 1, '10.0.0.7'],
      ['receiver_refused', 'Since the last line about it, 9 exports had no bearer token.', 9, '10.0.0.7'],
      ['receiver_ignored', '1 export broke off in the middle of the body.', 1, '10.0.0.8'],
    ]);
  });
});
