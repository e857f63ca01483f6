/**
 * What the collector finds worth a notification at an instant: thresholds reached, sessions that cost too much, anomalies, figures that cannot
 * be trusted. The same alerts as the generated Prometheus rules raise, under the same names and labels. Pure.
 */

import type { BudgetStatus, Severity, ThresholdStatus } from '../budgets/status.ts';
import { ALERTS, type AlertName, ANOMALY_ALERTS } from '../catalog/alert-names.ts';
import { isDimension } from '../catalog/measures.ts';
import { LABELS } from '../catalog/names.ts';
import { shownSessionId } from '../catalog/session-ids.ts';
import { showValue } from '../catalog/values.ts';
import { DAY_MS, HOUR_MS } from '../core/duration.ts';
import type { Anomaly } from './anomalies/anomaly.ts';
import { NEAR, type RateLimitUse } from './rate-limits.ts';

/** A session that reached the session warning of a budget. Cost in pico-dollars. */
export interface CostlySession {
  readonly sessionId: string;
  readonly user: string;
  readonly cost: bigint;
}

/** A share of the figures that nobody can account for. */
export interface ShareTooHigh {
  readonly what: 'unpriced' | 'unallocated';
  readonly share: number;
  readonly limit: number;
}

export type AlertSubject =
  | { readonly kind: 'threshold'; readonly status: BudgetStatus; readonly threshold: ThresholdStatus }
  | { readonly kind: 'stopped'; readonly status: BudgetStatus }
  | { readonly kind: 'session'; readonly status: BudgetStatus; readonly session: CostlySession }
  | { readonly kind: 'anomaly'; readonly anomaly: Anomaly }
  | { readonly kind: 'share'; readonly share: ShareTooHigh }
  | { readonly kind: 'rate'; readonly use: RateLimitUse }
  | { readonly kind: 'refused'; readonly requests: number };

export interface Alert {
  /** Stable: one threshold of one amount in one period, one session, one anomaly of one scope. Notified at most once. */
  readonly id: string;
  readonly name: AlertName;
  readonly severity: Severity;
  /** '' when no team is concerned. */
  readonly team: string;
  /** Alerts of one group are one matter: the worst of them hides the others. */
  readonly group: string;
  /** As Alertmanager gets them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Notified again at the earliest so long after the first time, and only once it was resolved. Undefined: never under this id. */
  readonly againAfterMs: number | undefined;
  /** What was notified before this instant does not count: something of the matter ended then. */
  readonly newsMs?: number | undefined;
  /** When the period it is about ends by itself; undefined where there is none. */
  readonly endsMs: number | undefined;
  readonly subject: AlertSubject;
}

export interface AlertFacts {
  readonly budgets: readonly BudgetStatus[];
  readonly sessions: readonly { readonly status: BudgetStatus; readonly session: CostlySession }[];
  readonly anomalies: readonly Anomaly[];
  readonly shares: readonly ShareTooHigh[];
  readonly rates: readonly RateLimitUse[];
  /** Requests that the provider refused because of a rate limit; 0 where none is configured. */
  readonly rateLimited: number;
}

export function alertsOf({ budgets, sessions, anomalies, shares, rates, rateLimited }: AlertFacts): Alert[] {
  return [
    ...budgets.flatMap(budgetAlerts),
    ...sessions.map(({ status, session }) => sessionAlert(status, session)),
    ...anomalies.map(anomalyAlert),
    ...shares.map(shareAlert),
    ...rates.filter(({ ratio }) => ratio >= NEAR).map(rateAlert),
    ...(rateLimited > 0 ? [refusedAlert(rateLimited)] : []),
  ];
}

function budgetAlerts(status: BudgetStatus): Alert[] {
  const reached = status.thresholds.filter((threshold) => threshold.reached).map((threshold) => thresholdAlert(status, threshold));
  if (!status.stopped) return reached;
  const stopped = { ...budgetAlert(status, 'stopped', ALERTS.budgetStopped, 'critical', {}), subject: { kind: 'stopped', status } as const };
  return [...reached, stopped];
}

function thresholdAlert(status: BudgetStatus, threshold: ThresholdStatus): Alert {
  const { at, on, severity } = threshold;
  const name = on === 'actual' ? ALERTS.budgetThreshold : ALERTS.budgetForecast;
  const alert = budgetAlert(status, `${on}/${at}`, name, severity, { [LABELS.on]: on, [LABELS.at]: String(at) });
  return { ...alert, subject: { kind: 'threshold', status, threshold } };
}

/** A forecast that wavers around its threshold is not notified more often. */
const FORECAST_AGAIN_MS = 6 * HOUR_MS;

/**
 * What was over and comes back is notified again: in a rolling period, which has no beginning of its own, a day after it was first notified, and a
 * forecast after six hours; what was spent, and anything after a raise has run out, at once. An amount that somebody changed or raised
 * is another matter; what rolled over into it is not, since late records change that by cents.
 */
function budgetAlert(
  status: BudgetStatus,
  part: string,
  name: AlertName,
  severity: Severity,
  labels: Readonly<Record<string, string>>,
): Omit<Alert, 'subject'> {
  const isRolling = status.period.startsWith('rolling');
  const period = isRolling ? 'rolling' : new Date(status.periodStartMs).toISOString();
  return {
    id: `budget/${status.key}/${period}/${status.base + status.raised}/${part}`,
    name,
    severity,
    team: status.team,
    group: `budget/${status.key}`,
    labels: labelsOf(name, severity, status.team, {
      [LABELS.budget]: status.key,
      [LABELS.scope]: status.scope,
      [LABELS.period]: status.period,
      ...labels,
    }),
    againAfterMs: isRolling ? DAY_MS : name === ALERTS.budgetForecast ? FORECAST_AGAIN_MS : 0,
    newsMs: status.raiseEndedMs,
    endsMs: isRolling ? undefined : status.periodEndMs,
  };
}

function sessionAlert(status: BudgetStatus, session: CostlySession): Alert {
  const labels = {
    [LABELS.budget]: status.key,
    [LABELS.scope]: status.scope,
    [LABELS.period]: status.period,
    [LABELS.session]: shownSessionId(session.sessionId),
  };
  return {
    id: `session/${session.sessionId}/${status.key}`,
    name: ALERTS.sessionCost,
    severity: 'warning',
    team: status.team,
    // A session is a matter of its own: an exhausted budget does not hide it.
    group: `session/${session.sessionId}`,
    labels: labelsOf(ALERTS.sessionCost, 'warning', status.team, labels),
    againAfterMs: undefined,
    endsMs: undefined,
    subject: { kind: 'session', status, session },
  };
}

function anomalyAlert(anomaly: Anomaly): Alert {
  const { kind, severity, scope } = anomaly;
  const name = ANOMALY_ALERTS[kind];
  const text = scopeText(scope);
  const team = teamOf(anomaly);
  // Sessions may be shown alike, and are alerts of their own.
  const subject = scope.dimension === 'session' ? `session=${scope.value}` : text;
  return {
    // What becomes worse is another alert of the same matter.
    id: `anomaly/${kind}/${severity}/${subject}`,
    name,
    severity,
    team,
    group: `anomaly/${kind}/${subject}`,
    labels: labelsOf(name, severity, team, { [LABELS.kind]: kind, [LABELS.scope]: text }),
    againAfterMs: DAY_MS,
    // It began after the telemetry that ended the one before: another loss, however soon.
    newsMs: kind === 'telemetry_stopped' ? anomaly.atMs : undefined,
    endsMs: undefined,
    subject: { kind: 'anomaly', anomaly },
  };
}

function shareAlert(share: ShareTooHigh): Alert {
  const name = share.what === 'unpriced' ? ALERTS.unpriced : ALERTS.unallocated;
  return {
    id: `share/${share.what}`,
    name,
    severity: 'warning',
    team: '',
    group: `share/${share.what}`,
    labels: labelsOf(name, 'warning', '', {}),
    againAfterMs: DAY_MS,
    endsMs: undefined,
    subject: { kind: 'share', share },
  };
}

/** Use that wavers around a limit is not notified more often. */
const RATE_AGAIN_MS = 6 * HOUR_MS;

function rateAlert(use: RateLimitUse): Alert {
  const [name, severity] = use.ratio >= 1 ? ([ALERTS.rateLimitReached, 'critical'] as const) : ([ALERTS.rateLimitNear, 'warning'] as const);
  return {
    id: `rate-limit/${use.limit}/${use.perMinute}/${severity}`,
    ...{ name, severity, team: '', group: `rate-limit/${use.limit}` },
    labels: labelsOf(name, severity, '', { [LABELS.limit]: use.limit }),
    againAfterMs: RATE_AGAIN_MS,
    endsMs: undefined,
    subject: { kind: 'rate', use },
  };
}

function refusedAlert(requests: number): Alert {
  return {
    id: 'rate-limit/refused',
    ...{ name: ALERTS.rateLimited, severity: 'warning', team: '', group: 'rate-limit/refused' },
    labels: labelsOf(ALERTS.rateLimited, 'warning', '', {}),
    againAfterMs: RATE_AGAIN_MS,
    endsMs: undefined,
    subject: { kind: 'refused', requests },
  };
}

export function scopeText({ dimension, value }: Anomaly['scope']): string {
  if (dimension === '') return 'everything';
  if (dimension === 'session') return `session=${shownSessionId(value)}`;
  return `${dimension}=${isDimension(dimension) ? showValue(dimension, value) : value}`;
}

/** Whom an anomaly concerns: the team it is about, or that of its session. */
export const teamOf = ({ scope, figures }: Anomaly): string => (scope.dimension === 'team' ? scope.value : String(figures.team ?? ''));

/** An empty label is no label, to Prometheus as to Alertmanager. */
function labelsOf(name: AlertName, severity: Severity, team: string, others: Readonly<Record<string, string>>): Record<string, string> {
  const labels = { alertname: name, severity, [LABELS.team]: team, ...others };
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
