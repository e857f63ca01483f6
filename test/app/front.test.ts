/** A whole collector whose reader ends: health and exports go on, and the reader comes back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendRequests } from '../exposition/live-collector.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { waitFor } from '../support/wait.ts';

let data: string;
let collector: CollectorProcess | undefined;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-front-'));
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
  await rm(data, { recursive: true, force: true });
});

const get = async (port: number, path: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
};

test('answers health and takes exports without its reader, says so, and starts it again', async () => {
  collector = await spawnCollector(data);
  const { ports, child } = collector;
  await sendRequests(ports.otlpHttp, [{ usd: 2 }]);
  expect((await get(ports.api, '/api/v1/spend')).text).toContain('"total":"2.00"');

  child.kill('SIGWINCH');
  const ready = await waitFor('readiness to say so', () => get(ports.api, '/readyz'), { until: ({ text }) => text.includes('REST and /metrics') });
  expect(ready.status).toBe(200);
  expect(ready.text).toContain('REST and /metrics answer 503: The reader thread ended. It restarts in 1 s.');
  expect((await get(ports.api, '/healthz')).status).toBe(200);
  await sendRequests(ports.otlpHttp, [{ usd: 3 }]);

  const spend = await waitFor('the reader', () => get(ports.api, '/api/v1/spend'), { until: ({ status }) => status === 200 });
  expect(spend.text).toContain('"total":"5.00"');
  const scraped = await waitFor('a scrape', () => get(ports.metrics, '/metrics'), { until: ({ status }) => status === 200 });
  expect(scraped.text).toMatch(/^ledgerline_cost_usd\{.*\} 5/m);
  await waitFor('readiness', () => get(ports.api, '/readyz'), { until: ({ text }) => !text.includes('503') });
});
