/** Every alert by its name: the same in Prometheus' rules, in Grafana's, in what the collector delivers itself, and as the file of its runbook. */

export const ALERTS = {
  budgetThreshold: 'LedgerlineBudgetThreshold',
  budgetForecast: 'LedgerlineBudgetForecast',
  budgetStopped: 'LedgerlineBudgetStopped',
  sessionCost: 'LedgerlineSessionCost',
  anomalySpend: 'LedgerlineAnomalySpend',
  anomalySession: 'LedgerlineAnomalySession',
  anomalyModel: 'LedgerlineAnomalyModel',
  anomalyCache: 'LedgerlineAnomalyCache',
  anomalyTelemetry: 'LedgerlineAnomalyTelemetry',
  unpriced: 'LedgerlineUnpricedTokens',
  unallocated: 'LedgerlineUnallocatedSpend',
  rateLimitNear: 'LedgerlineRateLimitNear',
  rateLimitReached: 'LedgerlineRateLimitReached',
  rateLimited: 'LedgerlineRequestsRateLimited',
  telemetryStopped: 'LedgerlineTelemetryStopped',
  collectorDown: 'LedgerlineCollectorDown',
  ledgerConflicts: 'LedgerlineLedgerConflicts',
  recordsExpired: 'LedgerlineRecordsExpired',
  unreconciled: 'LedgerlineUnreconciledCost',
  setAside: 'LedgerlineCostSetAside',
} as const;
export type AlertName = (typeof ALERTS)[keyof typeof ALERTS];

export const ANOMALY_ALERTS = {
  spend: ALERTS.anomalySpend,
  runaway_session: ALERTS.anomalySession,
  new_model: ALERTS.anomalyModel,
  cache_collapse: ALERTS.anomalyCache,
  telemetry_stopped: ALERTS.anomalyTelemetry,
} as const satisfies Readonly<Record<AnomalyKind, AlertName>>;

/** The board that shows what an alert is about: its uid in Grafana. */
export const ALERT_BOARDS: Readonly<Record<AlertName, string>> = {
  [ALERTS.budgetThreshold]: 'ledgerline-budgets',
  [ALERTS.budgetForecast]: 'ledgerline-budgets',
  [ALERTS.budgetStopped]: 'ledgerline-budgets',
  [ALERTS.sessionCost]: 'ledgerline-sessions',
  [ALERTS.anomalySpend]: 'ledgerline-overview',
  [ALERTS.anomalySession]: 'ledgerline-sessions',
  [ALERTS.anomalyModel]: 'ledgerline-overview',
  [ALERTS.anomalyCache]: 'ledgerline-overview',
  [ALERTS.anomalyTelemetry]: 'ledgerline-trust',
  [ALERTS.unpriced]: 'ledgerline-trust',
  [ALERTS.unallocated]: 'ledgerline-trust',
  [ALERTS.rateLimitNear]: 'ledgerline-limits',
  [ALERTS.rateLimitReached]: 'ledgerline-limits',
  [ALERTS.rateLimited]: 'ledgerline-limits',
  [ALERTS.telemetryStopped]: 'ledgerline-trust',
  [ALERTS.collectorDown]: 'ledgerline-collector',
  [ALERTS.ledgerConflicts]: 'ledgerline-trust',
  [ALERTS.recordsExpired]: 'ledgerline-trust',
  [ALERTS.unreconciled]: 'ledgerline-trust',
  [ALERTS.setAside]: 'ledgerline-trust',
};

export const ANOMALY_KINDS = ['spend', 'runaway_session', 'new_model', 'cache_collapse', 'telemetry_stopped'] as const;

export type AnomalyKind = (typeof ANOMALY_KINDS)[number];
