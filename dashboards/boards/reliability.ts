/** Errors and latency, and whether rate limits are near. */
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeBars, gaugeStat } from '../panels/gauge.ts';
import { linesOf, stat } from '../panels/ledger.ts';
import { LIMIT_USED, NO_LIMITS, REFUSED } from './limits.ts';

const ERRORS: readonly [number, number] = [0.01, 0.05];

export const RELIABILITY: Board = {
  id: 'reliability',
  title: 'Reliability',
  description: 'Failed requests and latency, and how much of your rate limits is used.',
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
      title: 'Now: rate limits',
      now: true,
      panels: [
        gaugeBars('rate_limit_used', {
          title: 'Rate limits used',
          by: ['limit'],
          reduce: 'max',
          thresholds: LIMIT_USED,
          empty: NO_LIMITS,
          opens: 'limits',
          width: 16,
          height: 5,
        }),
        gaugeStat('rate_limited_requests', { title: 'Refused with 429', thresholds: REFUSED, opens: 'limits', width: 8, height: 5 }),
      ],
    },
  ],
};
