/**
 * Gauges: figures at an instant that are no sum of measures, such as active users, forecasts or the age of what a user last sent. Here is
 * what each is called, measured in and distinguished by; how it is read from the ledger is in query/gauges/.
 */
import { GAUGE_SERIES } from './names.ts';
import { TRUST_GAUGES } from './trust-gauges.ts';

export interface GaugeDeclaration {
  /** Name of the series, from names.ts. */
  readonly series: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly unit: 'usd' | 'tokens' | 'count' | 'ratio' | 'seconds' | 'timestamp';
  /** Can it be read for a past instant as it would have been then, from what the ledger knows today? */
  readonly isHistoric?: true;
  /** Is it found in the whole ledger? Then narrowed boards, and those who see a part, have none. */
  readonly isOfWhole?: true;
  /** Does it name what no record needs to have, such as models of a price list? Then its rows lead nowhere. */
  readonly isOfPriceList?: true;
  /** Is it about this month? Links of its panels lead on with that time. */
  readonly isOfMonth?: true;
  /**
   * Do its samples not add up over organizations and teams? Then there is one for each team, one for each organization (team empty), and one
   * of everything that the reader chose together (both empty), computed over all of it. On /metrics an empty label is absent.
   */
  readonly isOfSelection?: true;
}

export const GAUGES = {
  active_users: {
    series: GAUGE_SERIES.active_users,
    help: 'Users seen in the last day, week (7 days) or month (30 days), each in the team they were last seen in. A user of several organizations counts once in all of them together.',
    labels: ['organization', 'team', 'window'],
    unit: 'count',
    isOfSelection: true,
  },
  new_users: {
    series: GAUGE_SERIES.new_users,
    help: 'Users first seen in the last 30 days. In the first 30 days of a ledger, these are all users. A user of several organizations counts once in all of them together.',
    labels: ['organization', 'team'],
    unit: 'count',
    isOfSelection: true,
  },
  lapsed_users: {
    series: GAUGE_SERIES.lapsed_users,
    help: 'Users seen before, but not in the last 30 days. A user of several organizations counts once in all of them together.',
    labels: ['organization', 'team'],
    unit: 'count',
    isOfSelection: true,
  },
  stickiness: {
    series: GAUGE_SERIES.stickiness,
    help: 'Users active in the last day as a share of users active in the last 30 days, each in the team they were last seen in. Lower on weekends and in the morning.',
    labels: ['organization', 'team'],
    unit: 'ratio',
    isOfSelection: true,
  },
  user_last_seen: {
    series: GAUGE_SERIES.user_last_seen,
    help: 'When a user last sent anything, to the minute, in Unix time.',
    labels: ['organization', 'team', 'user'],
    unit: 'timestamp',
  },
  user_first_seen: {
    series: GAUGE_SERIES.user_first_seen,
    help: 'When a user was first seen, to the minute, in Unix time. Only users first seen in the last 30 days.',
    labels: ['organization', 'team', 'user'],
    unit: 'timestamp',
  },
  requests_by_hour: {
    series: GAUGE_SERIES.requests_by_hour,
    help: "Successful API requests of today and the 27 days before, by weekday (1: Monday) and hour of the day in the ledger's time zone.",
    labels: ['weekday', 'hour'],
    unit: 'count',
  },
  tokens_per_minute: {
    series: GAUGE_SERIES.tokens_per_minute,
    help: 'Tokens per minute without cache reads, which do not count against rate limits, over the minutes of the last 7 days in which requests were sent.',
    labels: ['organization', 'team', 'quantile'],
    unit: 'tokens',
    isOfSelection: true,
  },
  requests_per_minute: {
    series: GAUGE_SERIES.requests_per_minute,
    help: 'Successful API requests per minute, over the minutes of the last 7 days in which requests were sent.',
    labels: ['organization', 'team', 'quantile'],
    unit: 'count',
    isOfSelection: true,
  },
  recommended_tokens_per_minute: {
    series: GAUGE_SERIES.recommended_tokens_per_minute,
    help: "The provider's published recommendation per user for this number of users, times the users active in the last 30 days.",
    labels: ['bound'],
    unit: 'tokens',
  },
  recommended_requests_per_minute: {
    series: GAUGE_SERIES.recommended_requests_per_minute,
    help: "The provider's published recommendation per user for this number of users, times the users active in the last 30 days.",
    labels: ['bound'],
    unit: 'count',
  },
  limit_tokens_per_minute: {
    series: GAUGE_SERIES.limit_tokens_per_minute,
    help: 'Your own limit of tokens per minute, from rate_limits in the configuration.',
    labels: [],
    unit: 'tokens',
  },
  limit_requests_per_minute: {
    series: GAUGE_SERIES.limit_requests_per_minute,
    help: 'Your own limit of requests per minute, from rate_limits in the configuration.',
    labels: [],
    unit: 'count',
  },
  rate_limit_used: {
    series: GAUGE_SERIES.rate_limit_used,
    help: 'Share of each configured rate limit that the busiest of the last 15 minutes used; 1 is all of it. Tokens without cache reads.',
    labels: ['limit'],
    unit: 'ratio',
    isOfWhole: true,
  },
  rate_limited_requests: {
    series: GAUGE_SERIES.rate_limited_requests,
    help: 'Requests of the last hour that failed with status 429 after all retries of the client.',
    labels: [],
    unit: 'count',
    isOfWhole: true,
  },
  session_cost: {
    series: GAUGE_SERIES.session_cost,
    help: 'Booked cost of the 25 most expensive sessions seen this month, since each began.',
    labels: ['session_id', 'organization', 'team', 'user', 'workspace'],
    unit: 'usd',
    isOfMonth: true,
  },
  session_duration: {
    series: GAUGE_SERIES.session_duration,
    help: 'Time from first to last record, including pauses, of the 25 longest sessions seen this month.',
    labels: ['session_id', 'organization', 'team', 'user', 'workspace'],
    unit: 'seconds',
    isOfMonth: true,
  },
  sessions_by_cost: {
    series: GAUGE_SERIES.sessions_by_cost,
    help: 'Sessions seen this month by their booked cost in USD since each began. Each band includes its lower bound.',
    labels: ['organization', 'band'],
    unit: 'count',
    isOfMonth: true,
  },
  background_cost_per_session: {
    series: GAUGE_SERIES.background_cost_per_session,
    help: 'Booked cost of background requests this month (query source auxiliary: titles, summaries, suggestions) per session that began this month. Clients before 2.1.120 do not report the query source.',
    labels: ['organization', 'team'],
    unit: 'usd',
    isOfSelection: true,
    isOfMonth: true,
  },
  forecast: {
    series: GAUGE_SERIES.forecast,
    help: "Forecast of this month's booked cost at month end: the median (quantile 0.5) and the 90th percentile (0.9). Missing while there is too little history.",
    labels: ['organization', 'team', 'quantile'],
    unit: 'usd',
    isOfSelection: true,
    isOfMonth: true,
  },
  period_start: {
    series: GAUGE_SERIES.period_start,
    help: "When the current day, week and month began in the ledger's time zone, in Unix time.",
    labels: ['period'],
    unit: 'timestamp',
  },
  cost_per_active_user_day: {
    series: GAUGE_SERIES.cost_per_active_user_day,
    help: 'Booked cost of a user on an active day this month: the average, and the 90th percentile. Cost without a known user is left out.',
    labels: ['organization', 'team', 'stat'],
    unit: 'usd',
    isOfSelection: true,
    isOfMonth: true,
  },
  benchmark_cost_per_user_day: {
    series: GAUGE_SERIES.benchmark_cost_per_user_day,
    help: 'Published cost per user and active day, for comparison (benchmarks in the configuration).',
    labels: ['edition', 'stat'],
    unit: 'usd',
  },
  users_by_spend: {
    series: GAUGE_SERIES.users_by_spend,
    help: 'Users by their booked cost this month in USD. Each band includes its lower bound. Users without cost and cost without a known user are left out.',
    labels: ['organization', 'team', 'band'],
    unit: 'count',
    isOfSelection: true,
    isOfMonth: true,
  },
  spend_concentration: {
    series: GAUGE_SERIES.spend_concentration,
    help: "Share of this month's booked cost that came from the top 10 % of users by spend, rounded up to whole users. Cost without a known user is left out.",
    labels: ['organization', 'team'],
    unit: 'ratio',
    isOfSelection: true,
    isOfMonth: true,
  },
  list_price: {
    series: GAUGE_SERIES.list_price,
    help: 'Current list price in USD per million tokens, of models used this month and of the newest model of each line. Fast mode and long-prompt prices are left out.',
    labels: ['model', 'token_class'],
    unit: 'usd',
    isOfPriceList: true,
  },
  price_change: {
    series: GAUGE_SERIES.price_change,
    help: 'When the list price of a model used in the last 400 days changed, in Unix time. The label change has the prices in USD per million tokens.',
    labels: ['model', 'change'],
    unit: 'timestamp',
  },
  alternative_cost: {
    series: GAUGE_SERIES.alternative_cost,
    help: "What this month's tokens of all models would cost at the current list price of one model. Token counts are taken as they are, although another model counts and works differently. Fast mode and long-prompt prices are left out.",
    labels: ['model'],
    unit: 'usd',
    isOfPriceList: true,
  },
  client_fault: {
    series: GAUGE_SERIES.client_fault,
    help: 'Day on which a client version with a known fault was first seen in the last 400 days, in Unix time.',
    labels: ['client_version', 'fault'],
    unit: 'timestamp',
  },
  ...TRUST_GAUGES,
  budget_limit: {
    series: GAUGE_SERIES.budget_limit,
    help: 'Current budget amount, including raises and rollover. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
  },
  budget_spent: {
    series: GAUGE_SERIES.budget_spent,
    help: 'Booked in the scope of the budget since its period began. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
    isHistoric: true,
  },
  budget_remaining: {
    series: GAUGE_SERIES.budget_remaining,
    help: 'What is left of the budget amount; negative when over budget.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
    isHistoric: true,
  },
  budget_raised: {
    series: GAUGE_SERIES.budget_raised,
    help: 'Part of the budget amount that comes from raises. Where budgets have more than 200 members, whole budgets only.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
  },
  budget_forecast: {
    series: GAUGE_SERIES.budget_forecast,
    help: 'Forecast spend of the whole period: the median (quantile 0.5) and the 90th percentile (0.9). Missing while there is too little history, and for members where budgets have more than 200.',
    labels: ['budget', 'scope', 'team', 'period', 'quantile'],
    unit: 'usd',
  },
  budget_limit_tokens: {
    series: GAUGE_SERIES.budget_limit_tokens,
    help: 'Current budget amount, including raises and rollover. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
  },
  budget_spent_tokens: {
    series: GAUGE_SERIES.budget_spent_tokens,
    help: 'Booked in the scope of the budget since its period began. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
    isHistoric: true,
  },
  budget_remaining_tokens: {
    series: GAUGE_SERIES.budget_remaining_tokens,
    help: 'What is left of the budget amount; negative when over budget.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
    isHistoric: true,
  },
  budget_raised_tokens: {
    series: GAUGE_SERIES.budget_raised_tokens,
    help: 'Part of the budget amount that comes from raises. Where budgets have more than 200 members, whole budgets only.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
  },
  budget_forecast_tokens: {
    series: GAUGE_SERIES.budget_forecast_tokens,
    help: 'Forecast spend of the whole period: the median (quantile 0.5) and the 90th percentile (0.9). Missing while there is too little history, and for members where budgets have more than 200.',
    labels: ['budget', 'scope', 'team', 'period', 'quantile'],
    unit: 'tokens',
  },
  budget_used_ratio: {
    series: GAUGE_SERIES.budget_used_ratio,
    help: 'Spent as a share of the budget amount; 1 is used up.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
    isHistoric: true,
  },
  budget_elapsed_ratio: {
    series: GAUGE_SERIES.budget_elapsed_ratio,
    help: 'Elapsed share of the period, to compare with the used share: what is used faster than time passes runs out before the end. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
  },
  budget_forecast_ratio: {
    series: GAUGE_SERIES.budget_forecast_ratio,
    help: 'Median of the forecast as a share of the budget amount.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
  },
  budget_warning_ratio: {
    series: GAUGE_SERIES.budget_warning_ratio,
    help: 'Lowest ratio at which a warning about actual spend fires. Where budgets have more than 200 members, whole budgets only.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
  },
  budget_threshold: {
    series: GAUGE_SERIES.budget_threshold,
    help: 'Share of the budget amount at which an alert fires. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period', 'on', 'severity', 'at'],
    unit: 'ratio',
  },
  budget_period_start: {
    series: GAUGE_SERIES.budget_period_start,
    help: 'When the period of the budget began, in Unix time. Where budgets have more than 200 members, whole budgets only.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'timestamp',
  },
  budget_period_end: {
    series: GAUGE_SERIES.budget_period_end,
    help: 'When the period of the budget ends, in Unix time. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'timestamp',
  },
  budget_breach: {
    series: GAUGE_SERIES.budget_breach,
    help: 'When the budget is expected to run out, in Unix time; missing if not within the period.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'timestamp',
  },
  budget_stopped: {
    series: GAUGE_SERIES.budget_stopped,
    help: '1: the budget is used up and its hard limit stops further spend. Where budgets have more than 200 members, only members that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'count',
  },
  budget_session_warning: {
    series: GAUGE_SERIES.budget_session_warning,
    help: 'Cost of a single session at which a warning fires. Where budgets have more than 200 members, whole budgets only.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
  },
  budget_session: {
    series: GAUGE_SERIES.budget_session,
    help: 'Cost of each session of the last day that reached the session warning of its budget: the 200 most expensive of each budget.',
    labels: ['budget', 'scope', 'team', 'period', 'session', 'user'],
    unit: 'usd',
  },
  budget_past_used_ratio: {
    series: GAUGE_SERIES.budget_past_used_ratio,
    help: 'Spent as a share of the budget amount at the end of each of the 6 previous periods, by their first day. Whole budgets only.',
    labels: ['budget', 'period_start'],
    unit: 'ratio',
  },
  budget_contributor: {
    series: GAUGE_SERIES.budget_contributor,
    help: 'Spend of the three largest contributors to each budget that an alert fires for, by rank; at most 30 budgets, whole budgets only.',
    labels: ['budget', 'scope', 'rank', 'dimension', 'value'],
    unit: 'usd',
    isOfWhole: true,
  },
  budget_contributor_tokens: {
    series: GAUGE_SERIES.budget_contributor_tokens,
    help: 'The same of budgets in tokens.',
    labels: ['budget', 'scope', 'rank', 'dimension', 'value'],
    unit: 'tokens',
    isOfWhole: true,
  },
  budget_contributor_change: {
    series: GAUGE_SERIES.budget_contributor_change,
    help: 'Change of a contributor vs the same part of the previous period: 0.5 is 50 % more, +Inf is new. Missing without a previous period that the ledger knows all of.',
    labels: ['budget', 'scope', 'rank', 'dimension', 'value'],
    unit: 'ratio',
    isOfWhole: true,
  },
  budget_alert_time: {
    series: GAUGE_SERIES.budget_alert_time,
    help: 'Times that the text of an alert names, as text in the time zone of its budget (label time): the end of the period, and when the budget runs out.',
    labels: ['budget', 'scope', 'kind', 'time'],
    unit: 'timestamp',
    isOfWhole: true,
  },
  anomaly: {
    series: GAUGE_SERIES.anomaly,
    help: '1 while the anomaly is active.',
    labels: ['kind', 'scope', 'severity', 'team'],
    unit: 'count',
    isOfWhole: true,
  },
  anomaly_figure: {
    series: GAUGE_SERIES.anomaly_figure,
    help: 'The figures behind an anomaly, by name; money in USD.',
    labels: ['kind', 'scope', 'figure'],
    unit: 'count',
    isOfWhole: true,
  },
} as const satisfies Record<string, GaugeDeclaration>;

export type GaugeName = keyof typeof GAUGES;
// Object.keys() says string.
export const GAUGE_NAMES = Object.keys(GAUGES) as GaugeName[];
