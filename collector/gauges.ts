/** The catalogue of gauges. A new gauge is one entry here: it appears on /metrics, in REST and for the boards. */
import type { Gauge } from './gauge.ts';
import { GAUGE_SERIES as SERIES } from './names.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const PEOPLE = ['organisation', 'team'];
const SESSION = ['session_id', 'organisation', 'team', 'user', 'workspace'];
const BUDGET = ['budget', 'scope', 'team', 'period'];
const nothing = () => [];

const gauge = (series: string, unit: Gauge['unit'], labels: readonly string[], help: string, maxAgeMs = 0): Gauge => ({
  series,
  help,
  labels,
  unit,
  maxAgeMs,
  read: nothing,
});
const historic = (of: Gauge): Gauge => ({ ...of, isHistoric: true });

export const GAUGES = {
  active_users: gauge(
    SERIES.active_users,
    'count',
    [...PEOPLE, 'window'],
    'People seen in the last day, week (7 days) or month (30 days).',
    MINUTE_MS,
  ),
  new_users: gauge(SERIES.new_users, 'count', PEOPLE, 'People first seen in the last 30 days.', MINUTE_MS),
  lapsed_users: gauge(SERIES.lapsed_users, 'count', PEOPLE, 'People seen before, but not in the last 30 days.', MINUTE_MS),
  user_last_seen: gauge(SERIES.user_last_seen, 'timestamp', [...PEOPLE, 'user'], 'When a person last sent anything, Unix time.', MINUTE_MS),
  user_first_seen: gauge(
    SERIES.user_first_seen,
    'timestamp',
    [...PEOPLE, 'user'],
    'When a person of the last 30 days was first seen, Unix time.',
    MINUTE_MS,
  ),
  requests_by_hour: gauge(
    SERIES.requests_by_hour,
    'count',
    ['weekday', 'hour'],
    'API requests of the last 28 days by ISO weekday and local hour.',
    QUARTER_MS,
  ),
  tokens_per_minute: gauge(
    SERIES.tokens_per_minute,
    'tokens',
    [...PEOPLE, 'quantile'],
    'Tokens per minute without cache reads, over busy minutes of the last 7 days. Team (all): everybody of the organisation.',
    QUARTER_MS,
  ),
  requests_per_minute: gauge(
    SERIES.requests_per_minute,
    'count',
    [...PEOPLE, 'quantile'],
    'API requests per minute, over busy minutes of the last 7 days. Team (all): everybody of the organisation.',
    QUARTER_MS,
  ),
  recommended_tokens_per_minute: gauge(
    SERIES.recommended_tokens_per_minute,
    'tokens',
    ['bound'],
    'Published recommendation for the number of people active in the last 30 days.',
    MINUTE_MS,
  ),
  recommended_requests_per_minute: gauge(
    SERIES.recommended_requests_per_minute,
    'count',
    ['bound'],
    'Published recommendation for the number of people active in the last 30 days.',
    MINUTE_MS,
  ),
  limit_tokens_per_minute: gauge(SERIES.limit_tokens_per_minute, 'tokens', [], 'Your own limit, from rate_limits in the configuration.'),
  limit_requests_per_minute: gauge(SERIES.limit_requests_per_minute, 'count', [], 'Your own limit, from rate_limits in the configuration.'),
  session_cost: gauge(SERIES.session_cost, 'usd', SESSION, 'Booked cost of the 25 dearest sessions seen this month.', MINUTE_MS),
  session_duration: gauge(
    SERIES.session_duration,
    'seconds',
    SESSION,
    'From first to last record, of the 25 longest sessions seen this month.',
    MINUTE_MS,
  ),
  background_cost_per_session: gauge(
    SERIES.background_cost_per_session,
    'usd',
    ['organisation'],
    'Cost of background requests (query source auxiliary) this month over its sessions.',
    QUARTER_MS,
  ),
  forecast: gauge(
    SERIES.forecast,
    'usd',
    [...PEOPLE, 'quantile'],
    'Expected cost of this month at its end. Team (all): the whole organisation.',
    QUARTER_MS,
  ),
  cost_per_active_user_day: gauge(
    SERIES.cost_per_active_user_day,
    'usd',
    ['stat'],
    'Cost of a person on a day with cost, this month: average, and what 90 % do not exceed.',
    QUARTER_MS,
  ),
  benchmark_cost_per_user_day: gauge(SERIES.benchmark_cost_per_user_day, 'usd', ['edition', 'stat'], 'Published cost per developer and active day.'),
  list_price: gauge(SERIES.list_price, 'usd', ['model', 'token_class'], 'List price in USD per million tokens that holds now.'),
  price_change: gauge(
    SERIES.price_change,
    'timestamp',
    ['model', 'change'],
    'When the list price of a model in use changed, Unix time; the last 400 days.',
    QUARTER_MS,
  ),
  alternative_cost: gauge(
    SERIES.alternative_cost,
    'usd',
    ['model'],
    "This month's tokens at the list price of each current model; tokenizers differ, so the counts would too.",
    MINUTE_MS,
  ),
  client_fault: gauge(
    SERIES.client_fault,
    'timestamp',
    ['client_version', 'fault'],
    'When a client version with a known fault was first seen, Unix time.',
    QUARTER_MS,
  ),
  records: gauge(SERIES.records, 'count', ['outcome'], 'What became of the records the ledger was offered, since the beginning.'),
  sequence_received: gauge(SERIES.sequence_received, 'count', PEOPLE, 'Numbered events received, of sessions of the last 7 days.', MINUTE_MS),
  sequence_missing: gauge(
    SERIES.sequence_missing,
    'count',
    PEOPLE,
    'Numbers missing between the events received, of sessions of the last 7 days.',
    MINUTE_MS,
  ),
  ledger_cost: gauge(SERIES.ledger_cost, 'usd', [], 'Booked cost since the beginning, read apart from the other series; they must add up to it.'),
  anomaly: gauge(SERIES.anomaly, 'count', ['kind', 'scope', 'severity', 'team'], '1 while something unusual is seen.', MINUTE_MS),
  budget_limit: gauge(SERIES.budget_limit, 'usd', BUDGET, 'Amount of the budget that holds now, raises and what was rolled over included.'),
  budget_spent: historic(gauge(SERIES.budget_spent, 'usd', BUDGET, 'Booked in the scope of the budget since its period began.')),
  budget_remaining: historic(gauge(SERIES.budget_remaining, 'usd', BUDGET, 'What is left of the amount; negative when it is overspent.')),
  budget_raised: gauge(SERIES.budget_raised, 'usd', BUDGET, 'Part of the amount that was added for a time.'),
  budget_forecast: gauge(
    SERIES.budget_forecast,
    'usd',
    [...BUDGET, 'quantile'],
    'Expected spend of the whole period. Missing while there is too little history.',
    MINUTE_MS,
  ),
  budget_limit_tokens: gauge(
    SERIES.budget_limit_tokens,
    'tokens',
    BUDGET,
    'Amount of the budget that holds now, raises and what was rolled over included.',
  ),
  budget_spent_tokens: historic(gauge(SERIES.budget_spent_tokens, 'tokens', BUDGET, 'Booked in the scope of the budget since its period began.')),
  budget_remaining_tokens: historic(
    gauge(SERIES.budget_remaining_tokens, 'tokens', BUDGET, 'What is left of the amount; negative when it is overspent.'),
  ),
  budget_raised_tokens: gauge(SERIES.budget_raised_tokens, 'tokens', BUDGET, 'Part of the amount that was added for a time.'),
  budget_forecast_tokens: gauge(
    SERIES.budget_forecast_tokens,
    'tokens',
    [...BUDGET, 'quantile'],
    'Expected spend of the whole period. Missing while there is too little history.',
    MINUTE_MS,
  ),
  budget_used_ratio: historic(gauge(SERIES.budget_used_ratio, 'ratio', BUDGET, 'Spent over limit; 1 is exhausted.')),
  budget_past_used_ratio: gauge(
    SERIES.budget_past_used_ratio,
    'ratio',
    ['budget', 'period_start'],
    'Spent over limit at the end of each of the six periods before.',
    QUARTER_MS,
  ),
  budget_forecast_ratio: gauge(SERIES.budget_forecast_ratio, 'ratio', BUDGET, 'Middle of the forecast over limit.', MINUTE_MS),
  budget_warning_ratio: gauge(SERIES.budget_warning_ratio, 'ratio', BUDGET, 'Lowest ratio at which a warning about actual spend fires.'),
  budget_threshold: gauge(SERIES.budget_threshold, 'ratio', [...BUDGET, 'on', 'severity', 'at'], 'Share of the amount at which an alert fires.'),
  budget_period_start: gauge(SERIES.budget_period_start, 'timestamp', BUDGET, 'When the period of the budget began, Unix time.'),
  budget_period_end: gauge(SERIES.budget_period_end, 'timestamp', BUDGET, 'When the period of the budget ends, Unix time.'),
  budget_breach: gauge(
    SERIES.budget_breach,
    'timestamp',
    BUDGET,
    'When the amount is expected to be used up, Unix time; missing when not within the period.',
    MINUTE_MS,
  ),
  budget_stopped: gauge(SERIES.budget_stopped, 'count', BUDGET, '1: the amount is used up and spending beyond it is to be stopped.'),
  budget_session: gauge(
    SERIES.budget_session,
    'usd',
    [...BUDGET, 'session'],
    'Cost of each session that reached the session warning of its budget.',
    MINUTE_MS,
  ),
} as const satisfies Record<string, Gauge>;

export type GaugeName = keyof typeof GAUGES;
export const isGauge = (name: string): name is GaugeName => Object.hasOwn(GAUGES, name);
