/** What the column of a gauge is headed in a table. What it is in full says the panel's title and description. */
import { GAUGES, type GaugeDeclaration, type GaugeName } from './gauges.ts';
import type { GaugeQuery } from './panel.ts';

const WORDS: Readonly<Partial<Record<GaugeName, string>>> = {
  budget_limit: 'Budget amount',
  budget_spent: 'Spent',
  budget_raised: 'Raised',
  budget_remaining: 'Remaining',
  budget_used_ratio: 'Used',
  budget_elapsed_ratio: 'Elapsed',
  budget_breach: 'Runs out on',
  budget_period_end: 'Period ends',
  budget_past_used_ratio: 'Used',
  sequence_received: 'Received',
  sequence_missing: 'Missing',
  recommended_tokens_per_minute: 'Tokens per minute',
  recommended_requests_per_minute: 'Requests per minute',
  limit_tokens_per_minute: 'Tokens per minute',
  limit_requests_per_minute: 'Requests per minute',
  rate_limit_used: 'Used',
  rate_limited_requests: 'Refused',
  session_cost: 'Cost',
};

/** For the one column of figures. */
const VALUE_WORDS: Readonly<Record<GaugeDeclaration['unit'], string>> = {
  usd: 'USD',
  tokens: 'Tokens',
  count: 'Count',
  ratio: 'Share',
  seconds: 'Duration',
  timestamp: 'When',
};

export function gaugeColumn({ gauges, as }: Pick<GaugeQuery, 'gauges' | 'as'>, name: GaugeName): string {
  if (as === 'age') return 'Time since';
  const words = WORDS[name];
  if (words !== undefined) return words;
  if (gauges.length === 1) return VALUE_WORDS[GAUGES[name].unit];
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}
