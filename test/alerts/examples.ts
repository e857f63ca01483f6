/** An alert of each kind that the collector raises, with each severity it can have: as a real engine finds and ends it, or, for anomalies, as their detectors word it. */
import { type Alert, alertsOf } from '../../collector/alerts/alert.ts';
import type { Anomaly } from '../../collector/alerts/anomalies/anomaly.ts';
import { type MessageContext, messageOf, resolvedMessage } from '../../collector/alerts/message.ts';
import type { Delivery } from '../../collector/alerts/outbox.ts';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import { ALERTS, type AlertName, ANOMALY_ALERTS } from '../../collector/catalog/alert-names.ts';
import { event } from '../support/entries.ts';
import { startHook } from './receivers.ts';
import { type Alerting, DECEMBER, NOVEMBER, startAlerting } from './setup.ts';

export const SERVER = { public_url: 'https://ledgerline.example.com' };
export const BERLIN = 'Europe/Berlin';
export const LINKS = linkBases({ server: SERVER, auth: {}, alerts: {} });
const SEVERITIES = ['info', 'warning', 'critical'] as const;

/** Severities of each kind; the alerts of a threshold have what somebody configured. */
const RAISED: readonly (readonly [name: AlertName, severities: readonly Alert['severity'][]])[] = [
  [ALERTS.budgetThreshold, SEVERITIES],
  [ALERTS.budgetForecast, SEVERITIES],
  [ALERTS.budgetStopped, ['critical']],
  [ALERTS.sessionCost, ['warning']],
  [ALERTS.anomalySpend, ['warning', 'critical']],
  [ALERTS.anomalySession, ['warning', 'critical']],
  [ALERTS.anomalyModel, ['info']],
  [ALERTS.anomalyCache, ['warning']],
  [ALERTS.anomalyTelemetry, ['info', 'critical']],
  [ALERTS.unpriced, ['warning']],
  [ALERTS.unallocated, ['warning']],
  [ALERTS.rateLimitNear, ['warning']],
  [ALERTS.rateLimitReached, ['critical']],
  [ALERTS.rateLimited, ['warning']],
];
/** "LedgerlineBudgetThreshold-info" and so on. */
export const EXAMPLES: readonly string[] = RAISED.flatMap(([name, severities]) => severities.map((severity) => `${name}-${severity}`));

/** What the collector cannot find out about itself, or only from the history of a counter: docs/alerts.md. */
export const ONLY_BY_RULES: readonly AlertName[] = [
  ...[ALERTS.unreconciled, ALERTS.setAside, ALERTS.telemetryStopped],
  ...[ALERTS.collectorDown, ALERTS.ledgerConflicts, ALERTS.recordsExpired],
];

const month = (team: string, amount_usd: string, more: object = {}): object => ({
  name: team,
  scope: { team },
  period: 'month',
  amount_usd,
  ...more,
});
const forecast = (severity: string): object =>
  month('mobile', '250.00', { name: `mobile-${severity}`, thresholds: [{ at: 1, on: 'forecast', severity }] });
const BUDGETS = [
  month('platform', '1000.00', { session_warning_usd: '400' }),
  month('data', '12345.67', { hard_limit: true }),
  month('web', '500.00'),
  month('search', '500.00'),
  ...SEVERITIES.map(forecast),
];

/** A delivery as the store gives it. */
export const delivery = (id: string, message: Delivery['message'], kind: Delivery['kind'] = 'firing', labels: Delivery['labels'] = {}): Delivery => ({
  ...{ id, kind, channel: 'mail', subject: id, message, labels, to: undefined, createdMs: NOVEMBER },
  ...{ status: 'waiting', attempts: 0, nextMs: NOVEMBER, deliveredMs: undefined, error: undefined },
});

const DAY_MS = 86_400_000;

async function spendSomething(alerting: Alerting): Promise<void> {
  // Changes are known only where the ledger has the whole of the period before.
  await alerting.spend('1', { team: 'archive', user: 'ken@example.com', timeMs: Date.parse('2026-09-20T12:00:00Z'), session: 'a1' });
  const october = Date.parse('2026-10-10T12:00:00Z');
  await alerting.spend('300', { timeMs: october, session: 'o1' });
  for (let days = 40; days > 0; days--) {
    const who = { team: 'mobile', user: days % 2 === 0 ? 'radia@example.com' : 'barbara@example.com', session: `m${days}` };
    await alerting.spend(days % 3 === 0 ? '11' : '10', { ...who, timeMs: NOVEMBER - days * DAY_MS });
  }
  await alerting.spend('412.50', { session: 'long-session' });
  await alerting.spend('251.20', { user: 'grace@example.com', session: 's2' });
  await alerting.spend('176.30', { user: 'linus@example.com', session: 's3' });
  await alerting.spend('13000', { team: 'data', user: 'edsger@example.com', session: 's4' });
  await alerting.spend('250', { team: 'web', user: 'tim@example.com', session: 's5' });
  await alerting.spend('525.05', { team: 'search', user: 'karen@example.com', session: 's7' });
  await alerting.spend('9000', { team: '', user: 'unknown@example.com', session: 's6' });
  const amounts = { requests: 1, input_tokens: 60, output_tokens: 40, unpriced_tokens: 100 };
  await alerting.append([
    event({ id: 'unpriced', cost: '1', user: 'ada@example.com', sessionId: 's2', timeMs: NOVEMBER, model: 'claude-next-1', amounts }),
  ]);
}

export interface Found {
  /** By the name of the example. */
  readonly firing: ReadonlyMap<string, Delivery>;
  readonly resolved: ReadonlyMap<string, Delivery>;
}

/** Everything but anomalies and rate limits, in Berlin; `more` looks at the same ledger. */
export async function found<Result>(more: (alerting: Alerting) => Promise<Result>): Promise<Found & { readonly more: Result }> {
  const hook = await startHook();
  const channels = [{ name: 'hook', type: 'webhook', url: hook.url }];
  const alerting = await startAlerting({
    timezone: BERLIN,
    server: SERVER,
    budgets: BUDGETS,
    alerts: { deliver: true, channels },
  });
  try {
    await spendSomething(alerting);
    await alerting.round();
    alerting.nowMs = DECEMBER;
    await alerting.round();
    const all = await alerting.outbox.deliveries(undefined, 1_000);
    return { firing: named(all, 'firing'), resolved: named(all, 'resolved'), more: await more(alerting) };
  } finally {
    await alerting.stop();
    await hook.stop();
  }
}

/** A busy minute near one limit and beyond another, and requests that were refused; two hours later nothing of it. */
export async function foundRates(): Promise<Found> {
  const hook = await startHook();
  const alerting = await startAlerting({
    ...{ timezone: BERLIN, server: SERVER, budgets: [], rate_limits: { tokens_per_minute: 2_000_000, requests_per_minute: 48 } },
    alerts: { deliver: true, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] },
  });
  try {
    const at = { user: 'ada@example.com', team: 'platform', timeMs: NOVEMBER - 300_000 } as const;
    const busy = { requests: 50, input_tokens: 1_650_000, output_tokens: 50_000, cache_read_tokens: 90_000_000 };
    await alerting.append([
      event({ ...at, id: 'busy', amounts: busy }),
      ...[1, 2, 3].map((index) => event({ ...at, id: `refused ${index}`, cost: '0', amounts: { errors: 1 }, dimensions: { status: '429' } })),
    ]);
    await alerting.round();
    alerting.nowMs = NOVEMBER + 2 * 3_600_000;
    await alerting.round();
    const all = (await alerting.outbox.deliveries(undefined, 1_000)).filter(({ labels }) => RATES.has(labels.alertname ?? ''));
    return { firing: named(all, 'firing'), resolved: named(all, 'resolved') };
  } finally {
    await alerting.stop();
    await hook.stop();
  }
}

const RATES = new Set<string>([ALERTS.rateLimitNear, ALERTS.rateLimitReached, ALERTS.rateLimited]);

function named(deliveries: readonly Delivery[], kind: Delivery['kind']): Map<string, Delivery> {
  const anomalies = new Set<string>(Object.values(ANOMALY_ALERTS));
  return new Map(
    deliveries
      .filter((one) => one.kind === kind && !anomalies.has(one.labels.alertname ?? ''))
      .map((one) => [`${one.labels.alertname}-${one.labels.severity}`, { ...one, id: 'an-id' }]),
  );
}

const inTeam = (value: string): Anomaly['scope'] => ({ dimension: 'team', value });
const ofSession = { dimension: 'session', value: '6f1c2d5e-0000-4000-8000-000000000001' } as const;
const ANOMALIES: readonly Pick<Anomaly, 'kind' | 'severity' | 'scope' | 'words'>[] = [
  {
    ...{ kind: 'spend', severity: 'warning', scope: inTeam('platform') },
    words: 'platform spent $1,234.50 today until 13:00, 4.2 times the median of $293.93 for a Friday until that time (8 weeks).',
  },
  {
    ...{ kind: 'spend', severity: 'critical', scope: inTeam('platform') },
    words: 'platform spent $12,934.50 today until 13:00, 44 times the median of $293.93 for a Friday until that time (8 weeks).',
  },
  ...(['warning', 'critical'] as const).map((severity) => ({
    ...({ kind: 'runaway_session', severity, scope: ofSession } as const),
    words: 'Session 6f1c2d5e of ada@example.com in checkout has cost $212.40 in 3.5 h and is still active.',
  })),
  {
    ...{ kind: 'new_model', severity: 'info', scope: { dimension: 'model', value: 'claude-next-1' } },
    words:
      'claude-next-1 was first used yesterday or today, and not in the 28 days before. It has cost $31.20 so far. Check that it has a price and that its use is intended.',
  },
  {
    ...{ kind: 'cache_collapse', severity: 'warning', scope: inTeam('platform') },
    words: '12 % of the input of platform came from the prompt cache today, compared with 91 % over the last 14 days.',
  },
  {
    ...{ kind: 'telemetry_stopped', severity: 'critical', scope: { dimension: '', value: '' } },
    words:
      'No telemetry has arrived for 3 h, although there was some in the same hours of 4 of the last 4 weeks. Current spend is unknown, and budgets cannot warn.',
  },
  {
    ...{ kind: 'telemetry_stopped', severity: 'info', scope: { dimension: 'user', value: 'ada@example.com' } },
    words: 'No telemetry from ada@example.com for 9 days, 6 of which are days they usually work.',
  },
];

const context: MessageContext = { nowMs: NOVEMBER, timeZone: BERLIN, asOfMs: NOVEMBER - 40_000, links: LINKS };

/** The delivery of an anomaly that fires. */
export function anomalyDelivery(given: Pick<Anomaly, 'kind' | 'severity' | 'scope' | 'words'>): Delivery {
  const [alert] = alertsOf({
    budgets: [],
    sessions: [],
    anomalies: [{ ...given, atMs: NOVEMBER, figures: {} }],
    shares: [],
    rates: [],
    rateLimited: 0,
  });
  if (alert === undefined) throw new Error('no alert');
  return delivery('an-id', messageOf(alert, context), 'firing', alert.labels);
}

export function foundAnomalies(): Found {
  const firing = new Map(ANOMALIES.map((one) => [`${ANOMALY_ALERTS[one.kind]}-${one.severity}`, anomalyDelivery(one)]));
  const later = { ...context, nowMs: NOVEMBER + 3_600_000, asOfMs: NOVEMBER + 3_590_000 };
  const over = ({ message, labels }: Delivery): Delivery =>
    delivery('an-id', resolvedMessage(message, { firedMs: NOVEMBER }, 'The condition no longer holds.', later), 'resolved', labels);
  return { firing, resolved: new Map([...firing].map(([name, one]) => [name, over(one)])) };
}
