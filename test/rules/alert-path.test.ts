/** A budget alert from OTLP bytes to somebody's webhook: real collector, real Prometheus, real Alertmanager, the generated rules. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ALERTS } from '../../collector/alert-names.ts';
import { alertmanagerConfig } from '../../dashboards/alerts/alertmanager.ts';
import { type LiveCollector, startLiveCollector } from '../prometheus/live-collector.ts';
import { type ConfiguredServer, describeWithBackend, startAlertmanager, startPrometheus } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';

const RULES = readFileSync(join(import.meta.dirname, '../../dashboards/generated/prometheus/ledgerline-rules.yaml'), 'utf8');
const BUDGETS = [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00', warning_threshold: 0.8 } as const];

interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly { readonly status: string; readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[];
}

interface Webhook {
  readonly server: Server;
  readonly url: string;
  readonly received: Notification[];
}

async function startWebhook(): Promise<Webhook> {
  const received: Notification[] = [];
  const server = createServer(async (request, response) => {
    // Alertmanager's documented webhook body; a wrong shape fails the test that reads it.
    received.push(JSON.parse(Buffer.concat(await request.toArray()).toString()) as Notification);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen() on a TCP port: the address is an object.
  return { server, received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describeWithBackend(['prometheus', 'alertmanager'], 'a budget alert', () => {
  let webhook: Webhook;
  let collector: LiveCollector;
  let alertmanager: ConfiguredServer;
  let prometheus: ConfiguredServer;

  beforeAll(async () => {
    webhook = await startWebhook();
    collector = await startLiveCollector({ budgets: BUDGETS });
    alertmanager = await startAlertmanager({ config: alertmanagerConfig({ webhookUrl: webhook.url, groupWait: '1s', groupInterval: '1s' }) });
    prometheus = await startPrometheus({
      files: { 'ledgerline-rules.yaml': RULES },
      config: {
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['ledgerline-rules.yaml'],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
        scrape_configs: [{ job_name: 'ledgerline', static_configs: [{ targets: [collector.target] }] }],
      },
    });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    await collector?.stop();
    webhook?.server.closeAllConnections();
    webhook?.server.close();
  });

  const spend = (usd: number) => collector.send({ usd, team: 'platform', user: 'alice@example.com' });
  const firing = (alert: string) =>
    webhook.received.flatMap(({ alerts }) => alerts).find((one) => one.status === 'firing' && one.labels.alertname === alert);

  test('does not fire below the threshold', async () => {
    await spend(79.99);
    const scraped = 'ledgerline_budget_used_ratio > 0.7';
    await waitFor('the first evaluation of the budget', async () => {
      const url = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(scraped)}`;
      return JSON.stringify(await (await fetch(url)).json()).includes('platform');
    });
    expect(webhook.received).toEqual([]);
  });

  test('arrives at the webhook as a warning that tells the figures', async () => {
    await spend(0.01);
    const alert = await waitFor('the warning', () => firing(ALERTS.budgetWarning));
    expect(alert.labels).toMatchObject({ budget: 'platform', scope: 'team=platform', period: 'month', severity: 'warning' });
    expect(alert.annotations.summary).toBe('Budget platform: 80% used.');
    expect(alert.annotations.description).toMatch(/^team=platform has spent \$80\.00 of \$100\.00 \(80%\) this month\./);
    expect(alert.annotations.runbook_url).toBe('dashboards/runbooks/LedgerlineBudgetWarning.md');
    expect(webhook.received.map(({ groupLabels }) => groupLabels)).toContainEqual({ budget: 'platform' });
  });

  test('arrives as critical once the budget is exhausted, and holds back the warning', async () => {
    await spend(25);
    const alert = await waitFor('the critical alert', () => firing(ALERTS.budgetExhausted));
    expect(alert.annotations.description).toContain('has spent $105.00 of $100.00 (105%)');
    const held = await waitFor('the warning to be inhibited', async () => {
      // Alertmanager's documented answer of GET /api/v2/alerts.
      const alerts = (await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json()) as {
        labels: Record<string, string>;
        status: { state: string; inhibitedBy: string[] };
      }[];
      return alerts.find(({ labels, status }) => labels.alertname === ALERTS.budgetWarning && status.state === 'suppressed');
    });
    expect(held.status.inhibitedBy).toHaveLength(1);
  });
});
