/**
 * How late a warning is: from the moment the collector acknowledged the export that crosses a threshold to the moment a webhook has the
 * message, on loopback. One budget for each sample; the samples are spread over the intervals, so that chance meets every phase of them.
 *   node bin/node26.mjs test/bench/alert-latency.ts        (about six minutes; docs/alerts.md shows a run)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { configSchema } from '../../collector/config.ts';
import { alertFiles, RULE_FILE } from '../../dashboards/alerts/files.ts';
import { type Hook, startHook } from '../notify/receivers.ts';
import { sendRequests } from '../prometheus/live-collector.ts';
import { startAlertmanager, startPrometheus } from '../support/backends-servers.ts';
import { spawnCollector } from '../support/collector-process.ts';
import { waitFor } from '../support/wait.ts';

const SAMPLES = 20;
const TIMEOUT_MS = 300_000;
const teams = Array.from({ length: SAMPLES }, (_, index) => `team-${index}`);
const budgets = teams.map((team) => ({
  ...{ name: team, scope: { team }, period: 'month', amount_usd: '100.00' },
  thresholds: [{ at: 0.8, on: 'actual', severity: 'warning' }],
}));

interface Measured {
  readonly chain: string;
  readonly settings: string;
  readonly seconds: readonly number[];
}

/** Crosses the threshold of one budget after the other over a stretch of time; resolves to how long each message took. */
async function sample(otlpHttpPort: number, hook: Hook, overMs: number): Promise<number[]> {
  const sent = new Map<string, number>();
  const arrived = new Map<string, number>();
  const watch = setInterval(() => {
    for (const { body } of hook.received.splice(0))
      for (const team of teams) if (body.includes(`"${team}"`) && !arrived.has(team)) arrived.set(team, performance.now());
  }, 5);
  for (const team of teams) {
    await sendRequests(otlpHttpPort, [{ usd: 85, team, user: `somebody@${team}.example` }]);
    sent.set(team, performance.now());
    await delay(overMs / SAMPLES);
  }
  await waitFor('every message', () => arrived.size === SAMPLES, { timeoutMs: TIMEOUT_MS, everyMs: 50 });
  clearInterval(watch);
  return teams.map((team) => ((arrived.get(team) ?? 0) - (sent.get(team) ?? 0)) / 1000);
}

async function own(intervalSeconds: number): Promise<Measured> {
  const data = await mkdtemp(join(tmpdir(), 'ledgerline-latency-'));
  const hook = await startHook();
  const alerts = { deliver: true, interval_seconds: intervalSeconds, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] };
  const collector = await spawnCollector(data, { budgets, alerts });
  const seconds = await sample(collector.ports.otlpHttp, hook, Math.max(10, intervalSeconds) * 1000);
  await collector.stop();
  await hook.stop();
  await rm(data, { recursive: true, force: true });
  return { chain: 'the collector itself', settings: `interval_seconds: ${intervalSeconds}`, seconds };
}

async function throughPrometheus(scrapeSeconds: number, intervalSeconds: number, waitSeconds: number): Promise<Measured> {
  const data = await mkdtemp(join(tmpdir(), 'ledgerline-latency-'));
  const hook = await startHook();
  const alerts = { interval_seconds: intervalSeconds, group_wait_seconds: waitSeconds, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] };
  const config = configSchema.parse({ budgets, alerts });
  const generated = (target: 'rules' | 'alertmanager'): string => [...alertFiles(target, config, 'for a measurement').values()].join('');
  const collector = await spawnCollector(data, { budgets, alerts });
  const alertmanager = await startAlertmanager({ config: parse(generated('alertmanager')) as object });
  const prometheus = await startPrometheus({
    files: { [RULE_FILE]: generated('rules') },
    config: {
      global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
      rule_files: [RULE_FILE],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
      scrape_configs: [{ job_name: 'ledgerline', static_configs: [{ targets: [`127.0.0.1:${collector.ports.metrics}`] }] }],
    },
  });
  const seconds = await sample(collector.ports.otlpHttp, hook, Math.max(10, intervalSeconds) * 1000);
  await prometheus.stop();
  await alertmanager.stop();
  await collector.stop();
  await hook.stop();
  await rm(data, { recursive: true, force: true });
  return {
    chain: 'Prometheus and Alertmanager',
    settings: `scrape ${scrapeSeconds} s, interval_seconds: ${intervalSeconds}, group_wait_seconds: ${waitSeconds}`,
    seconds,
  };
}

function row({ chain, settings, seconds }: Measured): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(1);
  return `| ${chain} | ${settings} | ${at(0.01)} | ${at(0.5)} | ${at(0.9)} | ${at(1)} |`;
}

console.log('| delivered by | settings | least | median | 9 of 10 | most |\n| --- | --- | --- | --- | --- | --- |');
console.log(row(await own(1)));
console.log(row(await own(60)));
console.log(row(await throughPrometheus(1, 1, 1)));
console.log(row(await throughPrometheus(15, 60, 10)));
process.exit(0);
