/** Tokens and requests per minute: what is used, what is allowed, what is recommended. */
import type { Board, Each, Thresholds } from '../../collector/catalog/panel.ts';
import { gaugeBars, gaugeStat, gaugeTable, textPanel } from '../panels/gauge.ts';

/** Where the alerts are. */
export const LIMIT_USED: Thresholds = [0.8, 1];
/** One is worth a look; ten an hour stop people. */
export const REFUSED: Thresholds = [1, 10];
export const NO_LIMITS = 'No rate_limits are configured.';

const PERCENTILES: Each = {
  label: 'quantile',
  values: [
    ['0.5', 'p50'],
    ['0.95', 'p95'],
    ['0.99', 'p99'],
  ],
};

const SHARED = { by: ['team', 'organization'], each: PERCENTILES, width: 12 } as const;

export const LIMITS: Board = {
  id: 'limits',
  title: 'Rate limits',
  description: 'Tokens and requests per minute: your limits and what is used of them, the published recommendation, and what each team asks for.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Now: your limits',
      now: true,
      panels: [
        gaugeBars('rate_limit_used', { title: 'Used', by: ['limit'], reduce: 'max', thresholds: LIMIT_USED, empty: NO_LIMITS, width: 8, height: 6 }),
        gaugeStat('rate_limited_requests', { title: 'Refused with 429', thresholds: REFUSED, width: 4, height: 6 }),
        gaugeTable(['limit_tokens_per_minute', 'limit_requests_per_minute'], {
          id: 'configured-limits',
          title: 'Your limits',
          reduce: 'max',
          empty: NO_LIMITS,
          width: 12,
          height: 6,
        }),
      ],
    },
    {
      title: 'Now: recommended for your users',
      now: true,
      panels: [
        gaugeTable(['recommended_tokens_per_minute', 'recommended_requests_per_minute'], {
          id: 'recommended-rates',
          title: 'Recommended for your active users',
          by: ['bound'],
          reduce: 'max',
          width: 24,
          height: 6,
        }),
      ],
    },
    {
      title: 'Now: tokens and requests per minute, last 7 days',
      now: true,
      panels: [
        gaugeTable(['tokens_per_minute'], { title: 'Tokens per minute by team', ...SHARED }),
        gaugeTable(['requests_per_minute'], { title: 'Requests per minute by team', ...SHARED }),
      ],
    },
    {
      title: 'Plan',
      panels: [
        textPanel({
          id: 'plan',
          title: 'Plan',
          text: '`ledgerline limits plan --users 200 --training 40` compares this with your own percentiles, users at once, input and output apart, and says when growth meets a limit. With `--aws` it writes the request for a higher quota.',
          width: 24,
          height: 4,
        }),
      ],
    },
  ],
};
