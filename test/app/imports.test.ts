/** A whole collector that imports on a schedule. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { WholeStatus } from '../../collector/query/status.ts';
import { openStatementStore, readStatements } from '../../collector/storage/sqlite/statement-store.ts';
import { ADMIN_KEY, AnthropicStandIn } from '../support/imports/anthropic.ts';
import { LOG_SETTINGS } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

const ALL = { from: '', to: '~' };
let api: AnthropicStandIn;
let folder: string;
let collector: Collector | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-imports-'));
  writeFileSync(join(folder, 'key'), ADMIN_KEY);
  api = await new AnthropicStandIn().start();
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

const data = (): string => join(folder, 'data');
const file = (): string => join(data(), 'statements.sqlite');

async function start(imports: readonly object[]): Promise<Collector> {
  const server = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  const entries = imports.map((entry) => ({ url: api.url, key_file: join(folder, 'key'), schedule: '0 0 1 1 *', ...entry }));
  collector = await startCollector(configSchema.parse({ data: data(), server, imports: entries }), {
    log: () => undefined,
    logSettings: LOG_SETTINGS,
  });
  return collector;
}

const findings = async ({ ports }: Collector): Promise<readonly string[]> => {
  const status: WholeStatus = await (await fetch(`http://127.0.0.1:${ports.api}/api/v1/status`)).json();
  return status.findings.map(({ code }) => code);
};

const lastRun = async (source: string) => {
  const reader = readStatements(file());
  const [run] = await reader.runs({ source, account: '' }, 1);
  await reader.close();
  return run;
};

test('imports at the first start, and doctor has nothing to say about it', async () => {
  const running = await start([{ source: 'anthropic-cost' }]);
  await waitFor('the import to end', async () => (await lastRun('anthropic-cost'))?.outcome, { until: (outcome) => outcome === 'done' });
  expect(await lastRun('anthropic-cost')).toMatchObject({ days: 30, remarks: [] });
  expect(await findings(running)).not.toContain('import_behind');
  // Not again before its time.
  const asked = api.received.length;
  await collector?.stop();
  await start([{ source: 'anthropic-cost' }, { source: 'anthropic-usage' }]);
  await waitFor('the other import to end', async () => (await lastRun('anthropic-usage'))?.outcome, { until: (outcome) => outcome === 'done' });
  expect(api.received.slice(asked).filter(({ pathname }) => pathname.endsWith('cost_report'))).toEqual([]);
});

test('says that one fails, and goes on with the others', async () => {
  api.interfere = ({ pathname }) => (pathname.endsWith('cost_report') ? { status: 403, body: {} } : undefined);
  const running = await start([
    { source: 'anthropic-cost' },
    { source: 'anthropic-usage', key_file: join(folder, 'none') },
    { source: 'claude-code-analytics' },
  ]);
  await waitFor('the third import to end', async () => (await lastRun('claude-code-analytics'))?.outcome, { until: (outcome) => outcome === 'done' });
  expect(await findings(running)).toEqual(expect.arrayContaining(['import_failed', 'import_behind']));
});

test('stops in the middle of a run, and goes on at the next start', async () => {
  api.interfere = (_, count) => (count > 3 ? 'silent' : undefined);
  await start([{ source: 'anthropic-cost' }]);
  await waitFor('the fourth day to be asked for', () => api.received.length, { until: (count) => count > 3 });
  await collector?.stop();
  expect(await lastRun('anthropic-cost')).toMatchObject({ outcome: 'stopped', days: 3 });
  api.interfere = () => undefined;
  await start([{ source: 'anthropic-cost' }]);
  await waitFor('the import to end', async () => (await lastRun('anthropic-cost'))?.outcome, { until: (outcome) => outcome === 'done' });
  const store = openStatementStore(file());
  expect([(await store.days(ALL)).length, (await store.versions(ALL)).length]).toEqual([30, 30]);
  await store.close();
});

test('does not start with a schedule that is none', async () => {
  await expect(start([{ source: 'anthropic-cost', schedule: '99 7 * * *' }])).rejects.toThrow(
    'imports: anthropic-cost: schedule: "99 7 * * *" is not a cron expression',
  );
});
