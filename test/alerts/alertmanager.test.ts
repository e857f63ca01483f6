/** What a real Alertmanager knows of the collector's alerts. Its clock is that of this machine. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConfiguredServer, describeWithBackend, startAlertmanager } from '../support/backends.ts';
import { usd } from '../support/entries.ts';
import { type Alerting, BUDGET, startAlerting } from './setup.ts';

const HOUR_MS = 3_600_000;

describeWithBackend('alertmanager', 'an Alertmanager', () => {
  let alertmanager: ConfiguredServer;
  let alerting: Alerting;

  beforeAll(async () => {
    alertmanager = await startAlertmanager({ config: { route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] } });
    const channels = [{ name: 'am', type: 'alertmanager', url: alertmanager.url }];
    alerting = await startAlerting({ alerts: { deliver: true, unallocated_share: 1, channels } });
    alerting.nowMs = Date.now();
  });
  afterAll(async () => {
    await alerting?.stop();
    await alertmanager?.stop();
  });

  /** Severities of what fires. */
  async function firing(): Promise<string[]> {
    // Alertmanager's documented answer; it leaves out what is resolved.
    const alerts = (await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json()) as { labels: Record<string, string> }[];
    return alerts.map(({ labels }) => labels.severity ?? '').sort();
  }

  test('keeps what still fires after a raise, and forgets what does not', async () => {
    const { nowMs } = alerting;
    const raise = (id: number, dollars: string) => ({
      ...{ id, key: BUDGET.name, amount: usd(dollars), fromMs: nowMs - HOUR_MS, untilMs: nowMs + HOUR_MS, why: 'release', who: 'ops', atMs: nowMs },
    });
    await alerting.spend('130');
    await alerting.round();
    expect(await firing()).toEqual(['critical', 'info', 'warning']);
    alerting.raises.push(raise(1, '20'));
    await alerting.round();
    expect(await firing()).toEqual(['critical', 'info', 'warning']);
    alerting.raises.push(raise(2, '20'));
    await alerting.round();
    expect(await firing()).toEqual(['info', 'warning']);
    expect(alerting.lines).toEqual([]);
  });
});
