/**
 * How late a warning is: from the moment the collector acknowledged the export that crosses a threshold to the moment a webhook has the
 * message, on loopback. One budget for each sample; the samples are spread over the intervals, so that chance meets every phase of them.
 * And how far a limit is overrun meanwhile: teams that go on spending at a fixed pace while they cross it, until the message arrives.
 *   node bin/node26.mjs test/bench/alert-latency.ts latency    (about six minutes; docs/alerts.md shows a run)
 *   node bin/node26.mjs test/bench/alert-latency.ts overrun    (about six minutes; with "prometheus" behind it only those chains)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { configSchema } from '../../collector/config/config.ts';
import { alertFiles, RULE_FILE } from '../../dashboards/alerts/files.ts';
import { type Hook, startHook } from '../alerts/receivers.ts';
import { sendRequests } from '../exposition/live-collector.ts';
import { startAlertmanager, startPrometheus } from '../support/backends-servers.ts';
import { spawnCollector } from '../support/collector-process.ts';
import { waitFor } from '../support/wait.ts';

const SAMPLES = 20;
const TIMEOUT_MS = 300_000;
const teams = Array.from({ length: SAMPLES }, (_, index) => `team-${index}`);
const budgets = teams.map((team) => ({
  ...{ name: team, scope: { team }, period: 'month', amount_usd: '100.00' },
  thresholds: [
    { at: 0.8, on: 'actual', severity: 'warning' },
    { at: 1, on: 'actual', severity: 'critical' },
  ],
}));

interface Chain {
  readonly name: string;
  readonly settings: string;
  readonly otlpHttpPort: number;
  readonly hook: Hook;
  /** The longest of its intervals: samples are spread over it. */
  readonly seconds: number;
}
type Measure = (chain: Chain) => Promise<string>;

/** Crosses the threshold of one budget after the other over a time range; resolves to how long each message took. */
async function latency({ name, settings, otlpHttpPort, hook, seconds }: Chain): Promise<string> {
  const overMs = Math.max(10, seconds) * 1000;
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
  const took = teams.map((team) => ((arrived.get(team) ?? 0) - (sent.get(team) ?? 0)) / 1000);
  return `| ${name} | ${settings} | ${[0.01, 0.5, 0.9, 1].map((share) => quantile(took, share).toFixed(1)).join(' | ')} |`;
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)] ?? 0;

/** Each team spends so much every second: 360 USD an hour. */
const PACE_USD = 0.1;
const LIMIT_USD = 100;

interface Spender {
  readonly team: string;
  /** Acknowledged. */
  spent: number;
  crossedMs: number | undefined;
  arrivedMs: number | undefined;
  /** When the message of the limit arrived. */
  spentThen: number;
}

/** All teams go on spending until each has its message. They cross their limit one after the other, spread over the intervals. */
async function overrun({ name, settings, otlpHttpPort, hook, seconds }: Chain): Promise<string> {
  const apart = (Math.max(10, seconds) * PACE_USD) / SAMPLES;
  const spenders = teams.map(
    (team, index): Spender => ({ team, spent: LIMIT_USD - 1 - apart * index, crossedMs: undefined, arrivedMs: undefined, spentThen: 0 }),
  );
  const spend = async (usdOf: (spender: Spender) => number): Promise<void> => {
    await sendRequests(
      otlpHttpPort,
      spenders.map((spender) => ({ usd: usdOf(spender), team: spender.team, user: `somebody@${spender.team}.example` })),
    );
  };
  const watch = setInterval(() => {
    for (const { body } of hook.received.splice(0))
      for (const spender of spenders)
        if (spender.arrivedMs === undefined && body.includes(`"${spender.team}"`) && body.includes('"critical"')) {
          spender.arrivedMs = performance.now();
          spender.spentThen = spender.spent;
        }
  }, 5);
  await spend(({ spent }) => spent);
  const deadline = performance.now() + TIMEOUT_MS;
  while (spenders.some(({ arrivedMs }) => arrivedMs === undefined) && performance.now() < deadline) {
    const began = performance.now();
    await spend(() => PACE_USD);
    for (const spender of spenders) {
      spender.spent += PACE_USD;
      if (spender.spent >= LIMIT_USD - 1e-9) spender.crossedMs ??= performance.now();
    }
    await delay(Math.max(0, 1_000 - (performance.now() - began)));
  }
  clearInterval(watch);
  const late = spenders.map(({ arrivedMs = Number.NaN, crossedMs = Number.NaN }) => (arrivedMs - crossedMs) / 1000);
  const beyond = spenders.map(({ spentThen }) => spentThen - LIMIT_USD);
  const figures = [quantile(late, 0.5).toFixed(1), quantile(late, 1).toFixed(1), quantile(beyond, 0.5).toFixed(2), quantile(beyond, 1).toFixed(2)];
  return `| ${name} | ${settings} | ${figures.join(' | ')} |`;
}

async function own(intervalSeconds: number, measure: Measure): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'ledgerline-latency-'));
  const hook = await startHook();
  // Every message by itself: what comes together is measured elsewhere.
  const limits = { messages_at_once: 1_000, messages_per_hour: 3_600 };
  const alerts = { ...limits, deliver: true, interval_seconds: intervalSeconds, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] };
  const collector = await spawnCollector(data, { budgets, alerts });
  const settings = `interval_seconds: ${intervalSeconds}`;
  const row = await measure({ name: 'the collector itself', settings, otlpHttpPort: collector.ports.otlpHttp, hook, seconds: intervalSeconds });
  await collector.stop();
  await hook.stop();
  await rm(data, { recursive: true, force: true });
  return row;
}

async function throughPrometheus(scrapeSeconds: number, intervalSeconds: number, waitSeconds: number, measure: Measure): Promise<string> {
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
  const settings = `scrape ${scrapeSeconds} s, interval_seconds: ${intervalSeconds}, group_wait_seconds: ${waitSeconds}`;
  const row = await measure({
    name: 'Prometheus and Alertmanager',
    settings,
    otlpHttpPort: collector.ports.otlpHttp,
    hook,
    seconds: intervalSeconds,
  });
  await prometheus.stop();
  await alertmanager.stop();
  await collector.stop();
  await hook.stop();
  await rm(data, { recursive: true, force: true });
  return row;
}

const HEADS: Readonly<Record<string, { readonly measure: Measure; readonly head: string }>> = {
  latency: { measure: latency, head: '| delivered by | settings | least | median | 9 of 10 | most |\n| --- | --- | --- | --- | --- | --- |' },
  overrun: {
    measure: overrun,
    head: '| delivered by | settings | seconds beyond the limit: median | most | USD beyond the limit: median | most |\n| --- | --- | --- | --- | --- | --- |',
  },
};
const chosen = HEADS[process.argv[2] ?? 'latency'];
if (chosen === undefined) throw new Error(`Measure ${Object.keys(HEADS).join(' or ')}, not ${process.argv[2]}.`);
console.log(chosen.head);
const { measure } = chosen;
if (process.argv[3] !== 'prometheus') for (const seconds of [1, 60]) console.log(await own(seconds, measure));
console.log(await throughPrometheus(1, 1, 1, measure));
console.log(await throughPrometheus(15, 60, 10, measure));
process.exit(0);
