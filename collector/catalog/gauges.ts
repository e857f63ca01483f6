/**
 * Gauges: figures at an instant that are no sum of measures, such as active users, forecasts or the age of what a user last sent. Here is
 * what each is called, measured in and told apart by; how it is read from the ledger is in query/gauges/.
 */
import { GAUGE_SERIES } from './names.ts';

export interface GaugeDeclaration {
  /** Name of the series, from names.ts. */
  readonly series: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly unit: 'usd' | 'tokens' | 'count' | 'ratio' | 'seconds' | 'timestamp';
  /** Can it be read for a past instant as it would have been then, from what the ledger knows today? */
  readonly isHistoric?: true;
}

export const GAUGES = {
  active_users: {
    series: GAUGE_SERIES.active_users,
    help: 'People seen in the last day, week (7 days) or month (30 days), each in the team last seen in.',
    labels: ['organisation', 'team', 'window'],
    unit: 'count',
  },
  new_users: {
    series: GAUGE_SERIES.new_users,
    help: 'People first seen in the last 30 days. In the first 30 days of a ledger that is everybody.',
    labels: ['organisation', 'team'],
    unit: 'count',
  },
  lapsed_users: {
    series: GAUGE_SERIES.lapsed_users,
    help: 'People seen before, but not in the last 30 days.',
    labels: ['organisation', 'team'],
    unit: 'count',
  },
  stickiness: {
    series: GAUGE_SERIES.stickiness,
    help: 'People active in the last day over people active in the last 30 days, each in the team last seen in. Team (all): the whole organisation. On weekends and in the morning it is lower.',
    labels: ['organisation', 'team'],
    unit: 'ratio',
  },
  user_last_seen: {
    series: GAUGE_SERIES.user_last_seen,
    help: 'When a person last sent anything, to the minute, Unix time.',
    labels: ['organisation', 'team', 'user'],
    unit: 'timestamp',
  },
  user_first_seen: {
    series: GAUGE_SERIES.user_first_seen,
    help: 'When a person was first seen, to the minute, Unix time. Only people first seen in the last 30 days.',
    labels: ['organisation', 'team', 'user'],
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
    help: 'Tokens per minute without cache reads, which do not count against rate limits, over the minutes of the last 7 days in which the team asked for anything. Team (all): the whole organisation.',
    labels: ['organisation', 'team', 'quantile'],
    unit: 'tokens',
  },
  requests_per_minute: {
    series: GAUGE_SERIES.requests_per_minute,
    help: 'Successful API requests per minute, over the minutes of the last 7 days in which the team asked for anything. Team (all): the whole organisation.',
    labels: ['organisation', 'team', 'quantile'],
    unit: 'count',
  },
  recommended_tokens_per_minute: {
    series: GAUGE_SERIES.recommended_tokens_per_minute,
    help: "The providers' published recommendation for each user, by the number of people active in the last 30 days, times that number.",
    labels: ['bound'],
    unit: 'tokens',
  },
  recommended_requests_per_minute: {
    series: GAUGE_SERIES.recommended_requests_per_minute,
    help: "The providers' published recommendation for each user, by the number of people active in the last 30 days, times that number.",
    labels: ['bound'],
    unit: 'count',
  },
  limit_tokens_per_minute: {
    series: GAUGE_SERIES.limit_tokens_per_minute,
    help: 'Your own limit of tokens per minute, as rate_limits in the configuration says.',
    labels: [],
    unit: 'tokens',
  },
  limit_requests_per_minute: {
    series: GAUGE_SERIES.limit_requests_per_minute,
    help: 'Your own limit of requests per minute, as rate_limits in the configuration says.',
    labels: [],
    unit: 'count',
  },
  session_cost: {
    series: GAUGE_SERIES.session_cost,
    help: 'Booked cost of the 25 dearest sessions seen this month, from their beginning.',
    labels: ['session_id', 'organisation', 'team', 'user', 'workspace'],
    unit: 'usd',
  },
  session_duration: {
    series: GAUGE_SERIES.session_duration,
    help: 'From first to last record, pauses included, of the 25 longest sessions seen this month.',
    labels: ['session_id', 'organisation', 'team', 'user', 'workspace'],
    unit: 'seconds',
  },
  sessions_by_cost: {
    series: GAUGE_SERIES.sessions_by_cost,
    help: 'Sessions seen this month by what each cost from its beginning: booked cost in USD, the lower bound included.',
    labels: ['organisation', 'band'],
    unit: 'count',
  },
  background_cost_per_session: {
    series: GAUGE_SERIES.background_cost_per_session,
    help: 'Booked cost of background requests this month (query source auxiliary: titles, summaries, suggestions) over the sessions that began in it. Clients before 2.1.120 do not tell the query source.',
    labels: ['organisation'],
    unit: 'usd',
  },
  forecast: {
    series: GAUGE_SERIES.forecast,
    help: 'Expected booked cost of this month at its end: half, and nine of ten, of the outcomes lie below. Team (all): the whole organisation. Missing while there is too little history.',
    labels: ['organisation', 'team', 'quantile'],
    unit: 'usd',
  },
  cost_per_active_user_day: {
    series: GAUGE_SERIES.cost_per_active_user_day,
    help: 'Booked cost of a person on a day with cost, this month: the average, and what 90 % of these days do not exceed. Cost without a known user is left out.',
    labels: ['stat'],
    unit: 'usd',
  },
  benchmark_cost_per_user_day: {
    series: GAUGE_SERIES.benchmark_cost_per_user_day,
    help: 'Published cost per developer and active day, to compare with (benchmarks in the configuration).',
    labels: ['edition', 'stat'],
    unit: 'usd',
  },
  users_by_spend: {
    series: GAUGE_SERIES.users_by_spend,
    help: 'People by what each cost this month: booked cost in USD, the lower bound included. Who cost nothing is not counted, nor is cost without a known user.',
    labels: ['organisation', 'band'],
    unit: 'count',
  },
  spend_concentration: {
    series: GAUGE_SERIES.spend_concentration,
    help: "Share of this month's booked cost that the dearest tenth of the people spent, rounded up to whole people. Cost without a known user is left out.",
    labels: ['organisation'],
    unit: 'ratio',
  },
  list_price: {
    series: GAUGE_SERIES.list_price,
    help: 'List price that holds now, in USD per million tokens, of models in use this month and of the newest of each line. Without fast mode and bands for long prompts.',
    labels: ['model', 'token_class'],
    unit: 'usd',
  },
  price_change: {
    series: GAUGE_SERIES.price_change,
    help: 'When the list price of a model changed that was used in the last 400 days, Unix time; in USD per million tokens.',
    labels: ['model', 'change'],
    unit: 'timestamp',
  },
  alternative_cost: {
    series: GAUGE_SERIES.alternative_cost,
    help: "What this month's tokens of all models would cost at the present list price of one model. The counts are taken as they are: another model's tokenizer would count otherwise, and it would work otherwise. Without fast mode and bands for long prompts.",
    labels: ['model'],
    unit: 'usd',
  },
  client_fault: {
    series: GAUGE_SERIES.client_fault,
    help: 'Day on which a client version with a known fault was first seen, Unix time; of the last 400 days.',
    labels: ['client_version', 'fault'],
    unit: 'timestamp',
  },
  records: {
    series: GAUGE_SERIES.records,
    help: 'Records since the beginning: appended; of these late (received more than an hour after their time); duplicates and conflicts (same identity, other content), which were not booked; expired (older than the retention).',
    labels: ['outcome'],
    unit: 'count',
  },
  sequence_received: {
    series: GAUGE_SERIES.sequence_received,
    help: 'Numbered events received, of sessions seen in the last 7 days. Clients before 2.1.59 number none.',
    labels: ['organisation', 'team'],
    unit: 'count',
  },
  sequence_missing: {
    series: GAUGE_SERIES.sequence_missing,
    help: 'Numbers missing between the events received, of sessions seen in the last 7 days. What was lost before the first or after the last event of a process cannot be seen.',
    labels: ['organisation', 'team'],
    unit: 'count',
  },
  ledger_cost: {
    series: GAUGE_SERIES.ledger_cost,
    help: 'Booked cost since the beginning, read apart from the series of people, workspaces, teams and models: each of them adds up to it.',
    labels: [],
    unit: 'usd',
  },
  budget_limit: {
    series: GAUGE_SERIES.budget_limit,
    help: 'Amount of the budget that holds now, raises and what was rolled over included. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
  },
  budget_spent: {
    series: GAUGE_SERIES.budget_spent,
    help: 'Booked in the scope of the budget since its period began. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
    isHistoric: true,
  },
  budget_remaining: {
    series: GAUGE_SERIES.budget_remaining,
    help: 'What is left of the amount; negative when it is overspent.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
    isHistoric: true,
  },
  budget_raised: {
    series: GAUGE_SERIES.budget_raised,
    help: 'Part of the amount that was added for a time. Where budgets have more than 200 members, not of single members.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
  },
  budget_forecast: {
    series: GAUGE_SERIES.budget_forecast,
    help: 'Expected spend of the whole period: half, and nine of ten, of the outcomes lie below. Missing while there is too little history, and of single members where budgets have more than 200.',
    labels: ['budget', 'scope', 'team', 'period', 'quantile'],
    unit: 'usd',
  },
  budget_limit_tokens: {
    series: GAUGE_SERIES.budget_limit_tokens,
    help: 'Amount of the budget that holds now, raises and what was rolled over included. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
  },
  budget_spent_tokens: {
    series: GAUGE_SERIES.budget_spent_tokens,
    help: 'Booked in the scope of the budget since its period began. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
    isHistoric: true,
  },
  budget_remaining_tokens: {
    series: GAUGE_SERIES.budget_remaining_tokens,
    help: 'What is left of the amount; negative when it is overspent.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
    isHistoric: true,
  },
  budget_raised_tokens: {
    series: GAUGE_SERIES.budget_raised_tokens,
    help: 'Part of the amount that was added for a time. Where budgets have more than 200 members, not of single members.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'tokens',
  },
  budget_forecast_tokens: {
    series: GAUGE_SERIES.budget_forecast_tokens,
    help: 'Expected spend of the whole period: half, and nine of ten, of the outcomes lie below. Missing while there is too little history, and of single members where budgets have more than 200.',
    labels: ['budget', 'scope', 'team', 'period', 'quantile'],
    unit: 'tokens',
  },
  budget_used_ratio: {
    series: GAUGE_SERIES.budget_used_ratio,
    help: 'Spent over limit; 1 is exhausted.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
    isHistoric: true,
  },
  budget_forecast_ratio: {
    series: GAUGE_SERIES.budget_forecast_ratio,
    help: 'Middle of the forecast over limit.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
  },
  budget_warning_ratio: {
    series: GAUGE_SERIES.budget_warning_ratio,
    help: 'Lowest ratio at which a warning about actual spend fires. Where budgets have more than 200 members, not of single members.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'ratio',
  },
  budget_threshold: {
    series: GAUGE_SERIES.budget_threshold,
    help: 'Share of the amount at which an alert fires. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period', 'on', 'severity', 'at'],
    unit: 'ratio',
  },
  budget_period_start: {
    series: GAUGE_SERIES.budget_period_start,
    help: 'When the period of the budget began, Unix time. Where budgets have more than 200 members, not of single members.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'timestamp',
  },
  budget_period_end: {
    series: GAUGE_SERIES.budget_period_end,
    help: 'When the period of the budget ends, Unix time. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'timestamp',
  },
  budget_breach: {
    series: GAUGE_SERIES.budget_breach,
    help: 'When the amount is expected to be used up, Unix time; missing when not within the period.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'timestamp',
  },
  budget_stopped: {
    series: GAUGE_SERIES.budget_stopped,
    help: '1: the amount is used up and spending beyond it is to be stopped. Where budgets have more than 200 members, only of those that reached a threshold.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'count',
  },
  budget_session_warning: {
    series: GAUGE_SERIES.budget_session_warning,
    help: 'Cost of a single session at which a warning fires. Where budgets have more than 200 members, not of single members.',
    labels: ['budget', 'scope', 'team', 'period'],
    unit: 'usd',
  },
  budget_session: {
    series: GAUGE_SERIES.budget_session,
    help: 'Cost of each session of the last day that reached the session warning of its budget.',
    labels: ['budget', 'scope', 'team', 'period', 'session', 'user'],
    unit: 'usd',
  },
  budget_past_used_ratio: {
    series: GAUGE_SERIES.budget_past_used_ratio,
    help: 'Spent over limit at the end of each of the 6 periods before, by their first day. Not of single members.',
    labels: ['budget', 'period_start'],
    unit: 'ratio',
  },
  anomaly: {
    series: GAUGE_SERIES.anomaly,
    help: '1 while something unusual is seen.',
    labels: ['kind', 'scope', 'severity', 'team'],
    unit: 'count',
  },
  anomaly_figure: {
    series: GAUGE_SERIES.anomaly_figure,
    help: 'Each number that an anomaly rests on, by its name; money in USD.',
    labels: ['kind', 'scope', 'figure'],
    unit: 'count',
  },
} as const satisfies Record<string, GaugeDeclaration>;

export type GaugeName = keyof typeof GAUGES;
export const isGauge = (name: string): name is GaugeName => Object.hasOwn(GAUGES, name);
