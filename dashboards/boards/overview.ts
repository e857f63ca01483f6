/** For whoever pays: how much, how much it will be, who spent it, what changed, and what is not known. */

import type { Board } from '../../collector/catalog/panel.ts';
import { SPEND_BANDS } from '../../collector/query/gauges/spread.ts';
import { cumulativeSpend } from '../panels/cumulative.ts';
import { gaugeBars, gaugeStat, gaugeTable, inOrder } from '../panels/gauge.ts';
import { absentShare, activePeople, bars, barsOf, perDay, stat, table } from '../panels/ledger.ts';

export const OVERVIEW: Board = {
  id: 'overview',
  title: 'Overview',
  description: 'What Claude Code cost, the forecast for this month, who spent it and what changed. Every figure comes from the ledger.',
  variables: ['organization', 'team'],
  rows: [
    { title: 'Spend', panels: [cumulativeSpend({ width: 24 })] },
    {
      title: 'Spend to date',
      panels: [
        stat('cost', 'today', { width: 4 }),
        stat('cost', 'this_week', { width: 4 }),
        stat('cost', 'this_month', { width: 4 }),
        stat('cost', 'last_month_to_date', { width: 4 }),
        gaugeStat('forecast', {
          id: 'forecast-p50',
          title: 'Month-end forecast (median)',
          note: 'Half of the outcomes lie below.',
          where: { quantile: '0.5' },
          empty: 'Too little history for a forecast.',
          width: 4,
        }),
        gaugeStat('forecast', {
          id: 'forecast-p90',
          title: 'Month-end forecast (90th percentile)',
          note: 'Nine of ten outcomes lie below.',
          where: { quantile: '0.9' },
          empty: 'Too little history for a forecast.',
          width: 4,
        }),
      ],
    },
    {
      title: 'Budgets and users',
      panels: [
        gaugeBars('budget_used_ratio', {
          title: 'Budget used',
          note: '100 %: used up.',
          by: ['budget'],
          reduce: 'max',
          top: 12,
          thresholds: [0.8, 1],
          empty: 'No budget is configured.',
          opens: 'budgets',
          width: 8,
        }),
        gaugeTable(['cost_per_active_user_day'], {
          title: 'Cost per active user and day',
          by: ['stat'],
          width: 4,
          height: 9,
        }),
        gaugeTable(['benchmark_cost_per_user_day'], {
          title: 'Published benchmarks',
          by: ['edition'],
          each: {
            label: 'stat',
            values: [
              ['average', 'Average'],
              ['p90', 'p90'],
            ],
          },
          reduce: 'max',
          width: 6,
          height: 9,
        }),
        activePeople('today', { width: 3, height: 9 }),
        activePeople('this_month', { width: 3, height: 9 }),
      ],
    },
    {
      title: 'Over time',
      panels: [perDay({ by: 'team', width: 12, opens: 'team' }), perDay({ by: 'model', width: 12, opens: 'models' })],
    },
    {
      title: 'Month over month',
      panels: [
        table({
          id: 'movers-team',
          title: 'Teams: this month vs the same days of last month',
          figures: ['cost'],
          by: ['team'],
          window: 'this_month',
          versus: 'last_month_to_date',
          opens: 'team',
          width: 12,
        }),
        table({
          id: 'movers-model',
          title: 'Models: this month vs the same days of last month',
          figures: ['cost'],
          by: ['model'],
          window: 'this_month',
          versus: 'last_month_to_date',
          opens: 'models',
          width: 12,
        }),
      ],
    },
    {
      title: 'This month',
      panels: [
        bars({ by: 'team', window: 'this_month', width: 8, opens: 'team' }),
        bars({ by: 'user', window: 'this_month', width: 8, opens: 'developer' }),
        bars({ by: 'workspace', window: 'this_month', width: 8, opens: 'workspace' }),
      ],
    },
    {
      title: 'Spend distribution this month',
      panels: [
        gaugeBars('users_by_spend', {
          title: 'Users by spend this month, USD',
          by: ['band'],
          each: inOrder('band', SPEND_BANDS),
          empty: 'No spend this month.',
          opens: 'adoption',
          width: 16,
          height: 8,
        }),
        gaugeStat('spend_concentration', {
          title: 'Share of spend, top 10 % of users',
          note: '10 % if all users spend the same.',
          empty: 'No spend this month.',
          width: 8,
          height: 8,
        }),
      ],
    },
    {
      title: 'Models this month and usage in the time range',
      panels: [
        bars({ by: 'model', window: 'this_month', width: 8, opens: 'models' }),
        barsOf(['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'], 'range', {
          id: 'tokens-by-class',
          title: 'Tokens by class',
          note: 'The four classes do not overlap: they add up to all billed tokens.',
          width: 8,
        }),
        barsOf(['sessions', 'requests', 'errors', 'commits', 'pull_requests'], 'range', { id: 'use', title: 'Usage in the time range', width: 8 }),
      ],
    },
    {
      title: 'Unattributed spend',
      panels: [
        absentShare('team', 'this_month', { width: 6 }),
        absentShare('user', 'this_month', { width: 6 }),
        absentShare('workspace', 'this_month', { width: 6 }),
        stat('unpriced_share', 'range', { thresholds: [0.001, 0.05], opens: 'trust', width: 6 }),
      ],
    },
  ],
};
