/**
 * Figures that are made of measures: ratios, differences and percentiles. Each is defined once, here; the boards, REST and PromQL are
 * renderings of it. A figure's name is a measure's name or one of these.
 */
import { isMeasure, MEASURES, type MeasureName, type Unit } from './measures.ts';

export type FigureUnit = Unit | 'ratio' | 'seconds';

/** (plus - minus) × scale / (over - overMinus). Without `over` it is a sum. Nothing to divide by: no figure, never zero. */
export interface Derived {
  readonly unit: FigureUnit;
  readonly plus: readonly MeasureName[];
  readonly minus?: readonly MeasureName[];
  readonly over?: readonly MeasureName[];
  readonly scale?: number;
  /** What a sum leaves out since its price is not known: where there is some of it and nothing of `plus`, there is no figure, never zero. */
  readonly unpriced?: MeasureName;
  readonly description: string;
}

/** A percentile of a classic histogram: interpolated within its bucket, as histogram_quantile does. Beyond the last bucket: the last bound. */
export interface Percentile {
  readonly unit: 'seconds';
  readonly quantile: number;
  /** Upper bounds in seconds and the cumulative count up to each, ascending. */
  readonly buckets: readonly (readonly [bound: number, count: MeasureName])[];
  /** All observations. */
  readonly count: MeasureName;
  readonly description: string;
}

const INPUT = ['input_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;
const TOKENS = [...INPUT, 'output_tokens'] as const;

const ratio = (plus: readonly MeasureName[], over: readonly MeasureName[], description: string): Derived => ({
  unit: 'ratio',
  plus,
  over,
  description,
});
const usdPer = (over: MeasureName, description: string): Derived => ({ unit: 'usd', plus: ['cost'], over: [over], description });
const per = (plus: MeasureName, over: MeasureName, description: string): Derived => ({ unit: 'count', plus: [plus], over: [over], description });

export const DERIVED = {
  tokens: { unit: 'tokens', plus: TOKENS, description: 'All booked tokens: uncached input, output, cache reads and cache writes.' },
  cache_hit_ratio: ratio(['cache_read_tokens'], INPUT, 'Cache reads as a share of all input tokens (uncached, cache read and cache write).'),
  cache_savings: {
    unit: 'usd',
    plus: ['cost_list_uncached'],
    minus: ['cost_list'],
    unpriced: 'unpriced_tokens',
    description:
      'What the prompt cache saved at list price: all input tokens at the uncached price, less their list cost. Cache writes cost extra. Models without a list price are left out.',
  },
  cache_write_1h_share: ratio(
    ['cache_creation_1h_tokens'],
    ['cache_creation_tokens'],
    'Share of cache writes with the one-hour lifetime, which cost 2 times the input price instead of 1.25 times.',
  ),
  cost_per_million_tokens: { unit: 'usd', plus: ['cost'], over: TOKENS, scale: 1e6, description: 'Booked cost per million tokens of any class.' },
  cost_per_session: usdPer('sessions', 'Booked cost per session that began in the same time range.'),
  cost_per_request: usdPer('requests', 'Booked cost per successful API request.'),
  cost_per_commit: usdPer('commits', 'Booked cost per commit made through Claude Code. Other commits are not counted.'),
  cost_per_pull_request: usdPer('pull_requests', 'Booked cost per pull request made through Claude Code. Other pull requests are not counted.'),
  cost_per_line_added: usdPer('lines_added', 'Booked cost per line of code added. Lines do not measure value.'),
  cost_per_prompt: usdPer('prompts', 'Booked cost per prompt that users sent.'),
  tokens_per_request: { unit: 'tokens', plus: TOKENS, over: ['requests'], description: 'All booked tokens per successful API request.' },
  tokens_per_session: { unit: 'tokens', plus: TOKENS, over: ['sessions'], description: 'All booked tokens per session.' },
  lines_per_million_tokens: {
    unit: 'count',
    plus: ['lines_added'],
    over: TOKENS,
    scale: 1e6,
    description: 'Lines of code added per million booked tokens of any class.',
  },
  prompts_per_session: per('prompts', 'sessions', 'Prompts that users sent, per session.'),
  requests_per_session: per('requests', 'sessions', 'Successful API requests per session.'),
  compactions_per_session: per('compactions', 'sessions', 'Context compactions per session.'),
  subagents_per_session: per('subagents', 'sessions', 'Completed subagent runs per session.'),
  accept_ratio: ratio(['edits_accepted'], ['edits_accepted', 'edits_rejected'], 'Share of edit permission decisions that were granted.'),
  error_ratio: ratio(['errors'], ['requests', 'errors'], 'Share of API requests that failed after all retries.'),
  refusal_ratio: ratio(['refusals'], ['requests'], 'Requests the model refused, relative to successful requests.'),
  tool_failure_ratio: ratio(['tool_failures'], ['tool_calls'], 'Share of tool executions that failed.'),
  latency_average: { unit: 'ms', plus: ['api_duration_ms'], over: ['requests'], description: 'Mean duration of successful API requests.' },
  ttft_average: { unit: 'ms', plus: ['ttft_ms'], over: ['ttft_requests'], description: 'Mean time to first token of requests that report it.' },
  tool_duration_average: { unit: 'ms', plus: ['tool_duration_ms'], over: ['tool_calls'], description: 'Mean duration of tool executions.' },
  cli_time_ratio: ratio(['active_cli_ms'], ['active_user_ms', 'active_cli_ms'], 'Time tools and models were running, as a share of all active time.'),
  unpriced_share: ratio(['unpriced_tokens'], TOKENS, 'Tokens of models without a list price, as a share of all booked tokens.'),
  events_share: ratio(['cost_events'], ['cost'], 'Cost reported by events, as a share of booked cost. Below 100 %: events are missing.'),
  metrics_share: ratio(['cost_metrics'], ['cost'], 'Cost reported by metrics, as a share of booked cost. Below 100 %: data points are missing.'),
  reported_to_list: ratio(
    ['cost_events'],
    ['cost_list'],
    'Cost reported by events, relative to the list cost of the same requests. 100 %: they agree.',
  ),
} as const satisfies Record<string, Derived>;

const LATENCY_BUCKETS = [
  [2.5, 'requests_le_2500_ms'],
  [5, 'requests_le_5000_ms'],
  [10, 'requests_le_10000_ms'],
  [20, 'requests_le_20000_ms'],
  [40, 'requests_le_40000_ms'],
  [80, 'requests_le_80000_ms'],
  [160, 'requests_le_160000_ms'],
] as const;
const TTFT_BUCKETS = [
  [1, 'ttft_requests_le_1000_ms'],
  [2, 'ttft_requests_le_2000_ms'],
  [4, 'ttft_requests_le_4000_ms'],
  [8, 'ttft_requests_le_8000_ms'],
  [16, 'ttft_requests_le_16000_ms'],
  [32, 'ttft_requests_le_32000_ms'],
] as const;

const latency = (quantile: number, words: string): Percentile => ({
  unit: 'seconds',
  quantile,
  buckets: LATENCY_BUCKETS,
  count: 'requests',
  description: `Duration that ${words} of successful API requests do not exceed, estimated from histogram buckets up to 160 s.`,
});
const ttft = (quantile: number, words: string): Percentile => ({
  unit: 'seconds',
  quantile,
  buckets: TTFT_BUCKETS,
  count: 'ttft_requests',
  description: `Time to first token that ${words} of requests do not exceed, estimated from histogram buckets up to 32 s.`,
});

export const PERCENTILES = {
  latency_p50: latency(0.5, 'half'),
  latency_p95: latency(0.95, '95 %'),
  ttft_p50: ttft(0.5, 'half'),
  ttft_p95: ttft(0.95, '95 %'),
} as const satisfies Record<string, Percentile>;

export type FigureName = MeasureName | keyof typeof DERIVED | keyof typeof PERCENTILES;

export const isDerived = (name: FigureName): name is keyof typeof DERIVED => Object.hasOwn(DERIVED, name);
export const isPercentile = (name: FigureName): name is keyof typeof PERCENTILES => Object.hasOwn(PERCENTILES, name);

export const FIGURE_NAMES: readonly FigureName[] = [
  ...(Object.keys(MEASURES) as MeasureName[]),
  ...(Object.keys(DERIVED) as (keyof typeof DERIVED)[]),
  ...(Object.keys(PERCENTILES) as (keyof typeof PERCENTILES)[]),
];

export function figureUnit(name: FigureName): FigureUnit {
  if (isMeasure(name)) return MEASURES[name].unit;
  return isDerived(name) ? DERIVED[name].unit : 'seconds';
}

export const isFigure = (name: string): name is FigureName => FIGURE_NAMES.some((known) => known === name);
