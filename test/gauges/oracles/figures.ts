/** Figures that are no plain sums, as plain arithmetic over the raw entries, from docs/metrics.md and the descriptions of the figures. */
import type { FigureName } from '../../../collector/catalog/figures.ts';
import { isMeasure } from '../../../collector/catalog/measures.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';

/** Of entries that are each a session, reported by events alone. USD for money. */
export function measured(name: FigureName, { amounts, cost, listCost }: Entry): number {
  if (name === 'cost' || name === 'cost_events') return Number(cost) / 1e12;
  if (name === 'cost_list') return Number(listCost) / 1e12;
  if (name === 'cost_metrics') return 0;
  if (name === 'sessions') return 1;
  const amount = isMeasure(name) ? (amounts[name] ?? 0) : Number.NaN;
  return name === 'cost_list_uncached' ? amount / 1e12 : amount;
}

type Sum = (...names: FigureName[]) => number;
type Figure = (sum: Sum, entries: readonly Entry[]) => number | null;

const over = (part: number, whole: number, scale = 1): number | null => (whole === 0 ? null : (part / whole) * scale);
const INPUT = ['input_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;
const TOKENS = [...INPUT, 'output_tokens'] as const;

/** Spread evenly within the bucket that the rank falls in; beyond the last its bound. */
const percentile =
  (quantile: number, of: 'api_duration_ms' | 'ttft_ms', bounds: readonly number[]): Figure =>
  (_, entries) => {
    const seconds = entries.flatMap(({ amounts }) => (amounts[of] === undefined ? [] : [amounts[of] / 1000]));
    if (seconds.length === 0) return null;
    const upTo = (bound: number): number => seconds.filter((one) => one <= bound).length;
    const rank = quantile * seconds.length;
    const index = bounds.findIndex((bound) => upTo(bound) >= rank);
    const [bound, below] = [bounds[index], bounds[index - 1] ?? 0];
    if (bound === undefined) return bounds.at(-1) ?? null;
    const under = index === 0 ? 0 : upTo(below);
    return below + (bound - below) * ((rank - under) / (upTo(bound) - under));
  };
const LATENCY = [2.5, 5, 10, 20, 40, 80, 160];
const TTFT = [1, 2, 4, 8, 16, 32];

export const FIGURES: Readonly<Partial<Record<FigureName, Figure>>> = {
  cache_savings: (sum) => (sum('cost_list_uncached') === 0 && sum('unpriced_tokens') > 0 ? null : sum('cost_list_uncached') - sum('cost_list')),
  cache_hit_ratio: (sum) => over(sum('cache_read_tokens'), sum(...INPUT)),
  cache_write_1h_share: (sum) => over(sum('cache_creation_1h_tokens'), sum('cache_creation_tokens')),
  cost_per_million_tokens: (sum) => over(sum('cost'), sum(...TOKENS), 1e6),
  cost_per_session: (sum) => over(sum('cost'), sum('sessions')),
  cost_per_request: (sum) => over(sum('cost'), sum('requests')),
  cost_per_commit: (sum) => over(sum('cost'), sum('commits')),
  cost_per_pull_request: (sum) => over(sum('cost'), sum('pull_requests')),
  cost_per_line_added: (sum) => over(sum('cost'), sum('lines_added')),
  cost_per_prompt: (sum) => over(sum('cost'), sum('prompts')),
  tokens: (sum) => sum(...TOKENS),
  tokens_per_request: (sum) => over(sum(...TOKENS), sum('requests')),
  tokens_per_session: (sum) => over(sum(...TOKENS), sum('sessions')),
  lines_per_million_tokens: (sum) => over(sum('lines_added'), sum(...TOKENS), 1e6),
  prompts_per_session: (sum) => over(sum('prompts'), sum('sessions')),
  requests_per_session: (sum) => over(sum('requests'), sum('sessions')),
  compactions_per_session: (sum) => over(sum('compactions'), sum('sessions')),
  subagents_per_session: (sum) => over(sum('subagents'), sum('sessions')),
  accept_ratio: (sum) => over(sum('edits_accepted'), sum('edits_accepted', 'edits_rejected')),
  error_ratio: (sum) => over(sum('errors'), sum('requests', 'errors')),
  refusal_ratio: (sum) => over(sum('refusals'), sum('requests')),
  tool_failure_ratio: (sum) => over(sum('tool_failures'), sum('tool_calls')),
  latency_average: (sum) => over(sum('api_duration_ms'), sum('requests')),
  ttft_average: (sum) => over(sum('ttft_ms'), sum('ttft_requests')),
  tool_duration_average: (sum) => over(sum('tool_duration_ms'), sum('tool_calls')),
  cli_time_ratio: (sum) => over(sum('active_cli_ms'), sum('active_user_ms', 'active_cli_ms')),
  unpriced_share: (sum) => over(sum('unpriced_tokens'), sum(...TOKENS)),
  events_share: (sum) => over(sum('cost_events'), sum('cost')),
  metrics_share: (sum) => over(sum('cost_metrics'), sum('cost')),
  reported_to_list: (sum) => over(sum('cost_events'), sum('cost_list')),
  latency_p50: percentile(0.5, 'api_duration_ms', LATENCY),
  latency_p95: percentile(0.95, 'api_duration_ms', LATENCY),
  ttft_p50: percentile(0.5, 'ttft_ms', TTFT),
  ttft_p95: percentile(0.95, 'ttft_ms', TTFT),
};

/** Null: there is no such figure. */
export function figureOf(name: FigureName, entries: readonly Entry[]): number | null {
  const sum: Sum = (...names) => entries.reduce((all, entry) => names.reduce((own, one) => own + measured(one, entry), all), 0);
  const own = FIGURES[name];
  return own === undefined ? sum(name) : own(sum, entries);
}

/** Do its parts add up to the whole? */
export const isAdditive = (name: FigureName): boolean => FIGURES[name] === undefined || name === 'tokens' || name === 'cache_savings';
