/** A whole collector that writes files on a schedule. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { WholeStatus } from '../../collector/query/status.ts';
import { LOG_SETTINGS } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

let data: string;
let collector: Collector | undefined;
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-exports-'));
});
afterAll(() => rmSync(data, { recursive: true, force: true }));
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
});

async function start(exports: readonly object[]): Promise<Collector> {
  const server = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  collector = await startCollector(configSchema.parse({ data, server, exports }), { log: () => undefined, logSettings: LOG_SETTINGS });
  return collector;
}

const findings = async ({ ports }: Collector): Promise<readonly string[]> => {
  const status: WholeStatus = await (await fetch(`http://127.0.0.1:${ports.api}/api/v1/status`)).json();
  return status.findings.map(({ code }) => code);
};

test('writes a new export at once, and doctor has nothing to say about it', async () => {
  const running = await start([{ name: 'chargeback', format: 'focus', compression: 'gzip' }]);
  const folder = join(data, 'exports', 'chargeback');
  const manifest = await waitFor('the manifest of a whole run', () => {
    const read = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    return read.files.length === 1 && read.complete_to > read.files[0].to ? read : undefined;
  });
  expect(manifest).toMatchObject({ name: 'chargeback', format: 'focus', files: [{ rows: 0, cost_usd: '0.00', revision: 1 }] });
  expect(await findings(running)).not.toContain('export_behind');
});

test('says that one cannot write its files, and goes on with the others', async () => {
  // Where its folder should be is a file.
  const folder = join(data, 'ledger.sqlite');
  const running = await start([
    { name: 'nowhere', format: 'csv', folder },
    { name: 'beside', format: 'csv' },
  ]);
  await waitFor('the other', () => readFileSync(join(data, 'exports', 'beside', 'manifest.json'), 'utf8'));
  expect(await findings(running)).toContain('export_behind');
});

test('does not start with an export that asks for what its format has not', async () => {
  await expect(start([{ name: 'wrong', format: 'focus', grain: 'hour' }])).rejects.toThrow('grain=hour does not apply to format=focus');
});
