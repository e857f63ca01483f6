/** The log of a start that has a ledger of a former version to convert. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startCollector } from '../../collector/app/collector.ts';
import { LOG_CODES } from '../../collector/catalog/log-codes.ts';
import { configSchema } from '../../collector/config/config.ts';
import { createLogger } from '../../collector/core/logger.ts';
import { toVersion12 } from '../support/former-ledger.ts';
import { LOG_SETTINGS } from '../support/log.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-conversion-'));
});
afterEach(() => rmSync(data, { recursive: true }));

/** Lines about converting that a start and an end of a collector leave in its log. */
async function logged(): Promise<unknown[]> {
  const lines: { readonly code: string }[] = [];
  const log = createLogger(LOG_CODES, LOG_SETTINGS, (line) => void lines.push(JSON.parse(line)));
  const server = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  await (await startCollector(configSchema.parse({ data, server }), { log, logSettings: LOG_SETTINGS })).stop();
  return lines.filter(({ code }) => code === 'ledger_converting');
}

test('says once how large it is and that it takes long', async () => {
  expect(await logged()).toEqual([]);
  toVersion12(join(data, 'ledger.sqlite'));
  expect(await logged()).toEqual([
    expect.objectContaining({
      level: 'info',
      component: 'ledger',
      msg: expect.stringMatching(/^The ledger \([1-9] MB\) was written by a former version/),
      hint: expect.stringContaining('20 seconds for each gigabyte'),
      bytes: expect.any(Number),
      from: 12,
    }),
  ]);
  expect(await logged()).toEqual([]);
});
