/**
 * A budget alert from the ledger to people: a real ledger behind a real /metrics, a real Prometheus with the generated rules, a real
 * Alertmanager with the generated configuration, a webhook and a mail server. Only the collector's clock is the test's.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ALERTS } from '../../../collector/catalog/alert-names.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { alertFiles, RULE_FILE } from '../../../dashboards/alerts/files.ts';
import { type Hook, hookAndMail, type MailServer, startHook, startMailServer } from '../../alerts/receivers.ts';
import { startTestCollector, type TestCollector } from '../../exposition/collector.ts';
import { type ConfiguredServer, describeWithBackend, startAlertmanager, startPrometheus } from '../../support/backends.ts';
import { waitFor } from '../../support/wait.ts';

/** Alertmanager's documented webhook body. */
interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly { readonly status: string; readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[];
}

const BUDGETS = [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' }];
const NOVEMBER = Date.parse('2026-11-20T12:00:00Z');
const DECEMBER = Date.parse('2026-12-01T00:20:00Z');

describeWithBackend(['prometheus', 'alertmanager'], 'a budget alert', () => {
  let nowMs = NOVEMBER;
  let hook: Hook;
  let mail: MailServer;
  let collector: TestCollector;
  let alertmanager: ConfiguredServer;
  let prometheus: ConfiguredServer;

  beforeAll(async () => {
    hook = await startHook();
    mail = await startMailServer();
    const config = configSchema.parse({
      budgets: BUDGETS,
      server: { public_url: 'https://ledgerline.example.com/' },
      alerts: {
        ...{ interval_seconds: 1, group_wait_seconds: 1, keep_firing_minutes: 0 },
        channels: [...hookAndMail(hook, mail)],
      },
    });
    collector = await startTestCollector({ config: { budgets: BUDGETS }, now: () => nowMs });
    const generated = (target: 'rules' | 'alertmanager'): string => [...alertFiles(target, config, 'for a test').values()].join('');
    // A minute between two messages of a group is the only wait that is no setting.
    const settings = parse(generated('alertmanager')) as { route: object };
    alertmanager = await startAlertmanager({ config: { ...settings, route: { ...settings.route, group_interval: '1s' } } });
    prometheus = await startPrometheus({
      files: { [RULE_FILE]: generated('rules') },
      config: {
        // Long enough for a scrape on a busy machine: one that fails ends the alert, and a test of once would see it twice.
        global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '1s' },
        rule_files: [RULE_FILE],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
        scrape_configs: [{ job_name: 'ledgerline', static_configs: [{ targets: [collector.target] }] }],
      },
    });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    await collector?.stop();
    await mail?.stop();
    await hook?.stop();
  });

  const spend = (usd: number) => collector.spend({ timeMs: nowMs, usd, team: 'platform', user: 'alice@example.com' });
  // A wrong shape fails the expectations that read it.
  const notifications = (): Notification[] => hook.received.map(({ body }) => JSON.parse(body) as Notification);
  const alerts = (status: string, severity: string) =>
    notifications().flatMap((one) =>
      one.alerts.filter((alert) => alert.status === status && alert.labels.severity === severity && alert.labels.budget === 'platform'),
    );
  /** Of one severity, each notification counted. */
  const count = (status: string, severity: string): number => alerts(status, severity).length;

  /** It does not fire. */
  const belowTheThreshold = async (): Promise<void> => {
    await spend(49.99);
    await waitFor('the first evaluation of the budget', async () => {
      const query = encodeURIComponent('ledgerline_budget_used_ratio > 0.4');
      return JSON.stringify(await (await fetch(`${prometheus.url}/api/v1/query?query=${query}`)).json()).includes('platform');
    });
    expect(alerts('firing', 'warning')).toEqual([]);
    expect(notifications().filter(({ groupLabels }) => groupLabels.budget === 'platform')).toEqual([]);
  };

  /** A warning that names the figures, at the webhook and in the mail. */
  const atEightyPercent = async (): Promise<void> => {
    await spend(30.01);
    await waitFor('the warning', () => count('firing', 'warning') > 0);
    const [alert] = alerts('firing', 'warning');
    expect(alert?.labels).toMatchObject({
      alertname: ALERTS.budgetThreshold,
      budget: 'platform',
      scope: 'team=platform',
      period: 'month',
      at: '0.8',
      team: 'platform',
    });
    expect(alert?.annotations.summary).toBe('Budget platform: 80 % used.');
    expect(alert?.annotations.description).toMatch(
      /^Spent: \$80\.00 of \$100\.00 \(80 %\)\. Scope: team platform\. Period: month, ends Tue 1 Dec 2026, 00:00 \(UTC\)\.$/,
    );
    expect(alert?.annotations).toMatchObject({
      dashboard_url: 'https://ledgerline.example.com/boards/budgets?where=team:platform',
      runbook_url: 'https://ledgerline.example.com/runbooks/LedgerlineBudgetThreshold',
    });
    expect(alert?.annotations.contributor_1).toMatch(/^alice@example\.com: \$80\.00/);
    const letter = await waitFor('the mail', () => mail.received.find(({ text }) => text.includes('$80.00 of $100.00')));
    expect([letter.to, letter.subject]).toEqual([['lead@example.com'], '[warning] Budget platform: 80 % used.']);
  };

  /** Critical; the warning is held back. */
  const atHundredPercent = async (): Promise<void> => {
    await spend(25);
    await waitFor('the critical alert', () => count('firing', 'critical') > 0);
    expect(alerts('firing', 'critical')[0]?.annotations.description).toContain('Spent: $105.00 of $100.00 (105 %)');
    await waitFor('the mail', () => mail.received.find(({ text }) => text.includes('$105.00 of $100.00')));
    const held = await waitFor('the warning to be inhibited', async () => {
      // Alertmanager's documented answer of GET /api/v2/alerts.
      const all = (await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json()) as {
        labels: Record<string, string>;
        status: { state: string; inhibitedBy: string[] };
      }[];
      return all.find(({ labels, status }) => labels.severity === 'warning' && labels.budget === 'platform' && status.state === 'suppressed');
    });
    expect(held.status.inhibitedBy).toHaveLength(1);
  };

  /** Both are over, and each came once. */
  const inANewPeriod = async (): Promise<void> => {
    nowMs = DECEMBER;
    await waitFor('the end of both', () => count('resolved', 'critical') > 0 && count('resolved', 'warning') > 0);
    await waitFor('the mail about it', () => mail.received.find(({ subject }) => subject.startsWith('Resolved:')));
    expect([count('resolved', 'critical'), count('resolved', 'warning')]).toEqual([1, 1]);
    const letters = (words: string) => mail.received.filter(({ subject, text }) => !subject.startsWith('Resolved:') && text.includes(words));
    expect([letters('$80.00 of $100.00').length, letters('$105.00 of $100.00').length]).toEqual([1, 1]);
    // A message tells the whole group: what was new in it is what counts.
    const firing = notifications().filter(({ status, groupLabels }) => status === 'firing' && groupLabels.budget === 'platform');
    const first = (severity: string) => firing.findIndex((one) => one.alerts.some((alert) => alert.labels.severity === severity));
    expect(first('warning')).toBeLessThan(first('critical'));
    expect(firing.filter((one) => one.alerts.some(({ labels }) => labels.severity === 'critical'))).toHaveLength(1);
  };

  // One story: each part is about the same alert as the one before.
  test('is a warning at 80 %, critical at 100 % and over in a new period, and comes once each time, at the webhook and in the mail', async () => {
    await belowTheThreshold();
    await atEightyPercent();
    await atHundredPercent();
    await inANewPeriod();
  });
});
