/** For whoever pays: how much, against what was expected, who spent it, what changed, and what is not known. */

import type { Board } from '../../collector/catalog/panel.ts';
import { SPEND_BANDS } from '../../collector/query/gauges/spread.ts';
import { cumulativeSpend } from '../panels/cumulative.ts';
import { gaugeBars, gaugeStat, gaugeTable, inOrder } from '../panels/gauge.ts';
import { absentShare, bars, barsOf, movers, perDay, stat } from '../panels/ledger.ts';
import { budgetsAndForecasts, spendNow } from './now-rows.ts';

export const OVERVIEW: Board = {
  id: 'overview',
  title: 'Overview',
  description: 'What Claude Code cost, against the time before, the forecast and the budget; who spent it and what changed.',
  variables: ['organization', 'team'],
  rows: [
    { title: 'Spend', panels: [cumulativeSpend({ width: 24 })] },
    {
      title: 'By team, user and workspace',
      panels: [
        bars({ by: 'team', width: 8, opens: 'team' }),
        bars({ by: 'user', width: 8, opens: 'developer' }),
        bars({ by: 'workspace', width: 8, opens: 'workspace' }),
      ],
    },
    {
      title: 'Over time',
      panels: [perDay({ by: 'team', width: 12, opens: 'team' }), perDay({ by: 'model', width: 12, opens: 'models' })],
    },
    {
      title: 'What changed',
      panels: [
        movers('team', { title: 'Teams: spend and change', opens: 'team', width: 12 }),
        movers('model', { title: 'Models: spend and change', opens: 'models', width: 12 }),
      ],
    },
    {
      title: 'Models and tokens',
      panels: [
        bars({ by: 'model', width: 12, opens: 'models' }),
        barsOf(['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'], 'range', {
          id: 'tokens-by-class',
          title: 'Tokens by class',
          note: 'The four classes do not overlap: they add up to all billed tokens.',
          width: 12,
        }),
      ],
    },
    {
      title: 'Usage',
      panels: [
        stat('sessions', 'range', { width: 5, opens: 'sessions' }),
        stat('requests', 'range', { width: 5 }),
        stat('errors', 'range', { width: 5, opens: 'reliability' }),
        stat('commits', 'range', { width: 5, opens: 'productivity' }),
        stat('pull_requests', 'range', { width: 4, opens: 'productivity' }),
      ],
    },
    {
      title: 'Unattributed spend',
      panels: [
        absentShare('team', 'range', { width: 6 }),
        absentShare('user', 'range', { width: 6 }),
        absentShare('workspace', 'range', { width: 6 }),
        stat('unpriced_share', 'range', { thresholds: [0.001, 0.05], opens: 'trust', width: 6 }),
      ],
    },
    spendNow('today'),
    budgetsAndForecasts({ note: '100 %: used up.', empty: 'No budget is configured, or none matches the filters.' }),
    {
      title: 'Now: spend distribution this month',
      now: true,
      panels: [
        gaugeBars('users_by_spend', {
          title: 'Users by spend this month, USD',
          by: ['band'],
          each: inOrder('band', SPEND_BANDS),
          empty: 'No spend this month.',
          opens: 'adoption',
          width: 8,
          height: 8,
        }),
        gaugeStat('spend_concentration', {
          title: 'Share of spend, top 10 % of users',
          note: '10 % if all users spend the same.',
          empty: 'No spend this month.',
          width: 4,
          height: 8,
        }),
        gaugeTable(['cost_per_active_user_day'], { title: 'Cost per active user and day', by: ['stat'], width: 5, height: 8 }),
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
          width: 7,
          height: 8,
        }),
      ],
    },
  ],
};
