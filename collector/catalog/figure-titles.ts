/** What figures are called where people read them. */
import { DERIVED, type FigureName, isDerived, isPercentile, PERCENTILES } from './figures.ts';
import { isMeasure, MEASURES } from './measures.ts';

/** Where each figure's own panels need a word that its name does not give. */
export const FIGURE_WORDS: Readonly<Partial<Record<FigureName, string>>> = {
  cost: 'Spend',
  cost_list: 'At list price',
  cost_events: 'As events tell',
  cost_metrics: 'As metrics tell',
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
  cache_savings: 'Saved by the cache',
  reported_to_list: 'Reported over list price',
  active_user_ms: 'People active',
  active_cli_ms: 'Tools and models working',
  cli_time_ratio: 'Machine share of active time',
  accept_ratio: 'Edit accept ratio',
  events_share: 'Told by events',
  metrics_share: 'Told by metrics',
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
