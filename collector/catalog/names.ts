/** Every metric, label, route and file name that Ledgerline owns. Generators, tests and docs import them from here. */

export const PRODUCT = 'ledgerline';
export const ENV_PREFIX = 'LEDGERLINE_';

export const PORTS = { otlpGrpc: 4317, otlpHttp: 4318, api: 8484, metrics: 9464 } as const;

export const ROUTES = {
  logs: '/v1/logs',
  metrics: '/v1/metrics',
  traces: '/v1/traces',
  alive: '/healthz',
  ready: '/readyz',
  session: '/api/v1/sessions',
  spend: '/api/v1/spend',
  export: '/api/v1/export',
  catalog: '/api/v1/catalogue',
  status: '/api/v1/status',
  budgets: '/api/v1/budgets',
  myBudget: '/api/v1/me/budget',
  myRequests: '/api/v1/me/budget/requests',
  guard: '/api/v1/me/guard',
  budgetRequests: '/api/v1/budget-requests',
  alerts: '/api/v1/alerts',
  erasures: '/api/v1/privacy/erasures',
  adjustments: '/api/v1/adjustments',
  closedMonths: '/api/v1/closed-months',
  merges: '/api/v1/directory/merges',
  repricings: '/api/v1/repricings',
  boards: '/api/v1/boards',
  mcp: '/mcp',
  /** Version 2.0 of the System for Cross-domain Identity Management. */
  scim: '/scim/v2',
  openapi: '/api/v1/openapi.json',
  reference: '/docs/api',
  runbooks: '/runbooks',
  /** Below it stand signed links to requests for more budget. */
  requestPages: '/budget-requests',
  /** Below it stand signed links to ask for more budget. Short: they stand in a sentence. */
  morePages: '/more',
  exposition: '/metrics',
  /** The parts of it, where several replicas share a ledger: what is the same wherever it is asked for, and what each replica says of itself. */
  ledgerSeries: '/metrics/ledger',
  replicaSeries: '/metrics/replica',
} as const;

/** Series of the ledger on /metrics. Money in USD as gauges, since a correction may lower it. */
export const SERIES = {
  buildInfo: 'ledgerline_build_info',
  /** Some of the series that series-families.ts names: lifetime booked cost by person and model, cost to date and requests by person. */
  cost: 'ledgerline_cost_usd',
  costPeriod: 'ledgerline_cost_period_usd',
  requests: 'ledgerline_requests',
  /** One for each period in the past that the ledger knows, by the label period: what is missing of it is zero. */
  periodKnown: 'ledgerline_period_known',
  asOf: 'ledgerline_ledger_as_of_timestamp_seconds',
  unreconciledCost: 'ledgerline_unreconciled_cost_usd',
  setAsideCost: 'ledgerline_set_aside_cost_usd',
  droppedSeries: 'ledgerline_exposition_dropped_series',
  budgetLimit: 'ledgerline_budget_limit_usd',
  budgetSpent: 'ledgerline_budget_spent_usd',
  budgetUsedRatio: 'ledgerline_budget_used_ratio',
  budgetPeriodEnd: 'ledgerline_budget_period_end_timestamp_seconds',
  budgetWarningRatio: 'ledgerline_budget_warning_ratio',
  budgetPeriodStart: 'ledgerline_budget_period_start_timestamp_seconds',
  budgetRemaining: 'ledgerline_budget_remaining_usd',
  budgetRaised: 'ledgerline_budget_raised_usd',
  /** Spend to be expected by the period's end; label quantile = 0.5, 0.9. */
  budgetForecast: 'ledgerline_budget_forecast_usd',
  /** Budgets in tokens have series of their own: an amount of money is never added to one of tokens. */
  budgetLimitTokens: 'ledgerline_budget_limit_tokens',
  budgetSpentTokens: 'ledgerline_budget_spent_tokens',
  budgetRemainingTokens: 'ledgerline_budget_remaining_tokens',
  budgetRaisedTokens: 'ledgerline_budget_raised_tokens',
  budgetForecastTokens: 'ledgerline_budget_forecast_tokens',
  /** The middle of the forecast over the limit. */
  budgetForecastRatio: 'ledgerline_budget_forecast_ratio',
  budgetBreach: 'ledgerline_budget_breach_timestamp_seconds',
  /** Labels on = actual, forecast; severity; at. */
  budgetThreshold: 'ledgerline_budget_threshold_ratio',
  budgetStopped: 'ledgerline_budget_stopped',
  /** Cost of each session that reached its budget's session warning; label session. */
  budgetSession: 'ledgerline_budget_session_usd',
  budgetSessionWarning: 'ledgerline_budget_session_warning_usd',
  /** Largest contributors to a budget that an alert fires for; labels rank, dimension, value. */
  budgetContributor: 'ledgerline_budget_contributor_usd',
  budgetContributorTokens: 'ledgerline_budget_contributor_tokens',
  budgetContributorChange: 'ledgerline_budget_contributor_change_ratio',
  /** Times that an alert's text names; labels kind = period_end, runs_out; time, as people read it in the budget's zone. */
  budgetAlertTime: 'ledgerline_budget_alert_time_timestamp_seconds',
  /** Label limit, as rate_limits calls it. */
  rateLimitUsedRatio: 'ledgerline_rate_limit_used_ratio',
  rateLimitedRequests: 'ledgerline_rate_limited_requests',
  /** Labels kind, scope, severity, team. */
  anomaly: 'ledgerline_anomaly',
  /** Numbers behind an anomaly; labels kind, scope, figure. */
  anomalyFigure: 'ledgerline_anomaly_figure',
} as const;

/** The collector's own health, through @opentelemetry/sdk-metrics. */
export const SELF_SERIES = {
  receivedRequests: 'ledgerline_receiver_requests',
  acceptedRecords: 'ledgerline_receiver_accepted_records',
  rejectedRecords: 'ledgerline_receiver_rejected_records',
  ignoredRecords: 'ledgerline_receiver_ignored_records',
  refusedRequests: 'ledgerline_receiver_refused_requests',
  refusals: 'ledgerline_receiver_refusals',
  unknownAttributes: 'ledgerline_receiver_unknown_attributes',
  correctedTimes: 'ledgerline_receiver_corrected_times',
  limitsHit: 'ledgerline_limits_hit',
  requestDuration: 'ledgerline_receiver_request_duration_seconds',
  ledgerAppended: 'ledgerline_ledger_appended_entries',
  ledgerDuplicates: 'ledgerline_ledger_duplicate_entries',
  ledgerConflicts: 'ledgerline_ledger_conflicting_entries',
  ledgerExpired: 'ledgerline_ledger_expired_entries',
  commitDuration: 'ledgerline_ledger_commit_duration_seconds',
  pendingExports: 'ledgerline_ledger_pending_exports',
  replicaInfo: 'ledgerline_replica_info',
  standbyBehind: 'ledgerline_standby_behind_seconds',
} as const;

/** Gauges (gauges/registry.ts) by their key in the catalog. */
export const GAUGE_SERIES = {
  active_users: 'ledgerline_active_users',
  new_users: 'ledgerline_new_users',
  lapsed_users: 'ledgerline_lapsed_users',
  stickiness: 'ledgerline_stickiness_ratio',
  users_by_spend: 'ledgerline_users_by_spend',
  spend_concentration: 'ledgerline_spend_concentration_ratio',
  user_last_seen: 'ledgerline_user_last_seen_timestamp_seconds',
  user_first_seen: 'ledgerline_user_first_seen_timestamp_seconds',
  requests_by_hour: 'ledgerline_requests_by_hour',
  tokens_per_minute: 'ledgerline_tokens_per_minute',
  requests_per_minute: 'ledgerline_requests_per_minute',
  recommended_tokens_per_minute: 'ledgerline_recommended_tokens_per_minute',
  recommended_requests_per_minute: 'ledgerline_recommended_requests_per_minute',
  limit_tokens_per_minute: 'ledgerline_limit_tokens_per_minute',
  limit_requests_per_minute: 'ledgerline_limit_requests_per_minute',
  rate_limit_used: SERIES.rateLimitUsedRatio,
  rate_limited_requests: SERIES.rateLimitedRequests,
  session_cost: 'ledgerline_session_cost_usd',
  session_duration: 'ledgerline_session_duration_seconds',
  sessions_by_cost: 'ledgerline_sessions_by_cost',
  background_cost_per_session: 'ledgerline_background_cost_per_session_usd',
  forecast: 'ledgerline_forecast_usd',
  period_start: 'ledgerline_period_start_timestamp_seconds',
  cost_per_active_user_day: 'ledgerline_cost_per_active_user_day_usd',
  benchmark_cost_per_user_day: 'ledgerline_benchmark_cost_per_user_day_usd',
  list_price: 'ledgerline_list_price_usd_per_million_tokens',
  price_change: 'ledgerline_price_change_timestamp_seconds',
  alternative_cost: 'ledgerline_alternative_cost_usd',
  client_fault: 'ledgerline_client_fault_timestamp_seconds',
  records: 'ledgerline_ledger_records',
  sequence_received: 'ledgerline_sequence_received',
  sequence_missing: 'ledgerline_sequence_missing',
  ledger_cost: 'ledgerline_ledger_cost_usd',
  unreconciled_cost: SERIES.unreconciledCost,
  set_aside_cost: SERIES.setAsideCost,
  anomaly: SERIES.anomaly,
  anomaly_figure: SERIES.anomalyFigure,
  budget_limit: SERIES.budgetLimit,
  budget_spent: SERIES.budgetSpent,
  budget_remaining: SERIES.budgetRemaining,
  budget_raised: SERIES.budgetRaised,
  budget_forecast: SERIES.budgetForecast,
  budget_limit_tokens: SERIES.budgetLimitTokens,
  budget_spent_tokens: SERIES.budgetSpentTokens,
  budget_remaining_tokens: SERIES.budgetRemainingTokens,
  budget_raised_tokens: SERIES.budgetRaisedTokens,
  budget_forecast_tokens: SERIES.budgetForecastTokens,
  budget_used_ratio: SERIES.budgetUsedRatio,
  budget_elapsed_ratio: 'ledgerline_budget_elapsed_ratio',
  budget_past_used_ratio: 'ledgerline_budget_past_used_ratio',
  budget_forecast_ratio: SERIES.budgetForecastRatio,
  budget_warning_ratio: SERIES.budgetWarningRatio,
  budget_threshold: SERIES.budgetThreshold,
  budget_period_start: SERIES.budgetPeriodStart,
  budget_period_end: SERIES.budgetPeriodEnd,
  budget_breach: SERIES.budgetBreach,
  budget_stopped: SERIES.budgetStopped,
  budget_session: SERIES.budgetSession,
  budget_session_warning: SERIES.budgetSessionWarning,
  budget_contributor: SERIES.budgetContributor,
  budget_contributor_tokens: SERIES.budgetContributorTokens,
  budget_contributor_change: SERIES.budgetContributorChange,
  budget_alert_time: SERIES.budgetAlertTime,
} as const;

/** Labels beside the dimensions of the catalog, which keep their names. */
export const LABELS = {
  tokenClass: 'token_class',
  period: 'period',
  budget: 'budget',
  scope: 'scope',
  type: 'type',
  team: 'team',
  severity: 'severity',
  on: 'on',
  at: 'at',
  quantile: 'quantile',
  session: 'session',
  kind: 'kind',
  figure: 'figure',
  rank: 'rank',
  dimension: 'dimension',
  value: 'value',
  time: 'time',
  limit: 'limit',
} as const;

/** Series that community dashboards for Claude Code query, as the OpenTelemetry Collector's prometheus exporter names them. */
export const COMMUNITY_SERIES = {
  cost: 'claude_code_cost_usage_USD_total',
  costBare: 'claude_code_cost_usage_total',
  tokens: 'claude_code_token_usage_tokens_total',
  tokensBare: 'claude_code_token_usage_total',
  sessions: 'claude_code_session_count_total',
  linesOfCode: 'claude_code_lines_of_code_count_total',
  commits: 'claude_code_commit_count_total',
  pullRequests: 'claude_code_pull_request_count_total',
  editDecisions: 'claude_code_code_edit_tool_decision_total',
  activeTime: 'claude_code_active_time_seconds_total',
} as const;
