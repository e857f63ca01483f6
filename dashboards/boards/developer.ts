/** A person's own view: choose the person above. */
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeBars, gaugeTable } from '../panels/gauge.ts';
import { bars, barsOf, linesOf, perDay, perDayOf, stat } from '../panels/ledger.ts';

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

export const DEVELOPER: Board = {
  id: 'developer',
  title: 'Developer',
  description: 'For one user: select yourself above. What today cost, what is left, the most expensive sessions and how well the cache works.',
  variables: ['organization', 'team', 'user'],
  single: 'user',
  rows: [
    {
      title: 'Spend and sessions',
      panels: [
        stat('cost', 'range', { width: 6 }),
        stat('sessions', 'range', { width: 6 }),
        stat('cost_per_session', 'range', { width: 6 }),
        stat('cache_hit_ratio', 'range', { thresholds: [0.7, 0.4], width: 6 }),
      ],
    },
    {
      title: 'Over time',
      panels: [perDay({ by: 'model', width: 12 }), perDayOf(TOKENS, { id: 'tokens-per-day', title: 'Tokens per day by class', width: 12 })],
    },
    {
      title: 'Models and cache',
      panels: [
        bars({ by: 'model', width: 8, opens: 'models' }),
        barsOf(TOKENS, 'range', { id: 'tokens-by-class', title: 'Tokens by class', width: 8 }),
        linesOf(['cache_hit_ratio'], { id: 'cache-per-day', title: 'Cache hit ratio per day', width: 8 }),
      ],
    },
    {
      title: 'Output',
      panels: [
        stat('commits', 'range', { width: 6 }),
        stat('cost_per_commit', 'range', { width: 6 }),
        stat('pull_requests', 'range', { width: 6 }),
        stat('cost_per_pull_request', 'range', { width: 6 }),
      ],
    },
    {
      title: 'Now: spend to date',
      now: true,
      panels: [stat('cost', 'today', { width: 8 }), stat('cost', 'this_week', { width: 8 }), stat('cost', 'this_month', { width: 8 })],
    },
    {
      title: 'Now: sessions of this month, budgets',
      now: true,
      panels: [
        gaugeTable(['session_cost'], {
          title: 'Most expensive sessions this month',
          note: 'Only sessions among the 25 most expensive of all users. Filter the built-in board by user to see all of theirs.',
          by: ['session_id', 'user', 'workspace'],
          reduce: 'max',
          opens: 'sessions',
          width: 16,
        }),
        gaugeBars('budget_remaining', {
          title: 'Budget remaining, least first',
          by: ['budget'],
          reduce: 'max',
          least: true,
          empty: 'No budget is configured for this selection.',
          opens: 'budgets',
          width: 8,
          height: 10,
        }),
      ],
    },
  ],
};
