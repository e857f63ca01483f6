/** Which models, which tokens, what the cache saves, and what the same would cost elsewhere. */
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeTable } from '../panels/gauge.ts';
import { bars, barsOf, linesOf, perDay, perDayOf, stat, table } from '../panels/ledger.ts';

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

export const MODELS: Board = {
  id: 'models',
  title: 'Models and tokens',
  description: 'Cost and tokens by model and token class, how well the prompt cache works and what it saves, and list prices with their changes.',
  annotations: [{ id: 'price-changes', title: 'Price changes', gauge: 'price_change', labels: ['model', 'change'] }],
  variables: ['organization', 'model'],
  rows: [
    {
      title: 'Spend, tokens and cache',
      panels: [
        stat('cost', 'range', { width: 4 }),
        stat('tokens', 'range', { width: 4 }),
        stat('cost_per_million_tokens', 'range', { width: 4 }),
        stat('cache_hit_ratio', 'range', { thresholds: [0.7, 0.4], width: 4 }),
        stat('cache_savings', 'range', { width: 4 }),
        stat('cache_write_1h_share', 'range', { width: 4 }),
      ],
    },
    {
      title: 'Over time',
      panels: [perDay({ by: 'model', width: 12 }), perDayOf(TOKENS, { id: 'tokens-per-day', title: 'Tokens per day by class', width: 12 })],
    },
    {
      title: 'Models',
      panels: [
        table({
          id: 'models',
          title: 'Models',
          figures: ['cost', 'tokens', 'requests', 'cost_per_million_tokens', 'cost_per_request', 'cache_hit_ratio', 'cache_savings', 'latency_p50'],
          by: ['model'],
          width: 24,
        }),
      ],
    },
    {
      title: 'Tokens and cache',
      panels: [
        barsOf(TOKENS, 'range', { id: 'tokens-by-class', title: 'Tokens by class', width: 8 }),
        linesOf(['cache_hit_ratio', 'cache_write_1h_share'], { id: 'cache-per-day', title: 'Cache usage per day', width: 8 }),
        bars({ figure: 'cache_savings', by: 'model', width: 8 }),
      ],
    },
    {
      title: 'Latency and failures',
      panels: [
        table({
          id: 'latency-by-model',
          title: 'Latency by model',
          note: 'Percentiles are estimated from buckets up to 160 s (first token: 32 s).',
          figures: ['requests', 'latency_average', 'latency_p50', 'latency_p95', 'ttft_average', 'ttft_p95'],
          by: ['model'],
          width: 16,
          height: 9,
        }),
        table({
          id: 'errors-by-model',
          title: 'Errors by model',
          figures: ['errors', 'error_ratio'],
          by: ['model'],
          empty: 'No request failed.',
          width: 8,
          height: 9,
        }),
      ],
    },
    {
      title: 'Agreement and prices',
      panels: [
        table({
          id: 'agreement-by-model',
          title: 'Reported and list cost',
          figures: ['cost', 'reported_to_list', 'unpriced_share'],
          by: ['model'],
          width: 24,
        }),
      ],
    },
    {
      title: 'Now: list prices',
      now: true,
      panels: [
        gaugeTable(['list_price'], {
          title: 'Current list prices, USD per million tokens',
          by: ['model'],
          each: {
            label: 'token_class',
            values: [
              ['input', 'Input'],
              ['output', 'Output'],
              ['cache_read', 'Cache read'],
              ['cache_creation', 'Cache write, 5 min'],
              ['cache_creation_1h', 'Cache write, 1 h'],
            ],
          },
          reduce: 'max',
          width: 24,
          height: 11,
        }),
      ],
    },
  ],
};
