/** Errors, latency, and the rate limits a team needs. */
import type { Board, Each } from '../../collector/catalog/panel.ts';
import { gaugeTable } from '../panels/gauge.ts';
import { linesOf, stat } from '../panels/ledger.ts';

const ERRORS: readonly [number, number] = [0.01, 0.05];

const PERCENTILES: Each = {
  label: 'quantile',
  values: [
    ['0.5', 'p50'],
    ['0.95', 'p95'],
    ['0.99', 'p99'],
  ],
};

export const RELIABILITY: Board = {
  id: 'reliability',
  title: 'Reliability and rate limits',
  description: 'Failed requests, latency by model, and tokens and requests per minute compared with the published recommendation and your own limit.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Failures',
      panels: [
        stat('errors', 'range', { width: 4 }),
        stat('error_ratio', 'range', { thresholds: ERRORS, width: 4 }),
        stat('retries_exhausted', 'range', { width: 4 }),
        stat('refusals', 'range', { width: 4 }),
        stat('tool_failure_ratio', 'range', { width: 4 }),
        stat('unbilled_tokens', 'range', { width: 4 }),
      ],
    },
    {
      title: 'Errors',
      panels: [
        // Lines: a failure after the last retry is one of the failures, so that a stack would count it twice.
        linesOf(['errors', 'retries_exhausted', 'refusals'], {
          id: 'errors-per-day',
          title: 'Failures per day',
          empty: 'No request failed.',
          width: 24,
        }),
      ],
    },
    {
      title: 'Latency',
      panels: [
        linesOf(['latency_p50', 'latency_p95'], {
          id: 'latency-per-day',
          title: 'Latency per day',
          note: 'A point at 160 s means 160 s or longer.',
          empty: 'No latency was reported.',
          width: 12,
        }),
        linesOf(['ttft_p50', 'ttft_p95'], {
          id: 'ttft-per-day',
          title: 'Time to first token per day',
          note: 'A point at 32 s means 32 s or longer.',
          empty: 'No time to first token was reported.',
          width: 12,
        }),
      ],
    },
    {
      title: 'Now: rate limits, last 7 days',
      now: true,
      panels: [
        gaugeTable(['tokens_per_minute'], { title: 'Tokens per minute by team', by: ['team', 'organization'], each: PERCENTILES, width: 12 }),
        gaugeTable(['requests_per_minute'], { title: 'Requests per minute by team', by: ['team', 'organization'], each: PERCENTILES, width: 12 }),
      ],
    },
    {
      title: 'Now: recommended limits and your own',
      now: true,
      panels: [
        gaugeTable(['recommended_tokens_per_minute', 'recommended_requests_per_minute'], {
          id: 'recommended-rates',
          title: 'Recommended for your active users',
          by: ['bound'],
          reduce: 'max',
          width: 14,
          height: 5,
        }),
        gaugeTable(['limit_tokens_per_minute', 'limit_requests_per_minute'], {
          id: 'configured-limits',
          title: 'Your limits',
          reduce: 'max',
          empty: 'No rate_limits are configured.',
          width: 10,
          height: 5,
        }),
      ],
    },
  ],
};
