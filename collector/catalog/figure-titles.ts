/** What figures are called where people read them. */
import { DERIVED, type FigureName, isDerived, isPercentile, PERCENTILES } from './figures.ts';
import { isMeasure, MEASURES } from './measures.ts';

/** Where each figure's own panels need a word that its name does not give. */
export const FIGURE_WORDS: Readonly<Partial<Record<FigureName, string>>> = {
  cost: 'Spend',
  cost_list: 'List cost',
  cost_contracted: 'Contracted cost',
  cost_events: 'From events',
  cost_metrics: 'From metrics',
  cache_creation_tokens: 'Cache write tokens',
  cache_creation_1h_tokens: 'Cache write tokens, one hour',
  requests: 'API requests',
  errors: 'Failed API requests',
  ttft_average: 'Time to first token, mean',
  ttft_p50: 'Time to first token, median',
  ttft_p95: 'Time to first token, p95',
  latency_average: 'Latency, mean',
  latency_p50: 'Latency, median',
  latency_p95: 'Latency, p95',
  cache_write_1h_share: 'One-hour cache writes',
  cost_per_million_tokens: 'Cost per million tokens',
  cost_per_line_added: 'Cost per line added',
  cache_savings: 'Cache savings',
  reported_to_list: 'Reported to list cost',
  active_user_ms: 'User active time',
  active_cli_ms: 'CLI active time',
  cli_time_ratio: 'CLI share of active time',
  accept_ratio: 'Edit acceptance ratio',
  events_share: 'Covered by events',
  metrics_share: 'Covered by metrics',
  subagents: 'Subagent runs',
  tool_duration_average: 'Tool duration, mean',
};

export function figureWords(name: FigureName): string {
  const words = FIGURE_WORDS[name] ?? name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function figureText(name: FigureName): string {
  if (isMeasure(name)) return MEASURES[name].description;
  if (isDerived(name)) return DERIVED[name].description;
  return isPercentile(name) ? PERCENTILES[name].description : '';
}
