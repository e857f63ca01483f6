/** For the lead of a team: choose it above. */
import type { Board } from '../../collector/catalog/panel.ts';
import { cumulativeSpend } from '../panels/cumulative.ts';
import { bars, perDay, stat, table } from '../panels/ledger.ts';
import { budgetsAndForecasts, spendNow } from './now-rows.ts';

export const TEAM: Board = {
  id: 'team',
  title: 'Team',
  description: 'One team or several: select them above. Who spends, on what, and what is left of the budget.',
  variables: ['organization', 'team'],
  rows: [
    { title: 'Spend', panels: [cumulativeSpend({ width: 24 })] },
    {
      title: 'By user, workspace and model',
      panels: [
        bars({ by: 'user', opens: 'developer', width: 8 }),
        bars({ by: 'workspace', opens: 'workspace', width: 8 }),
        bars({ by: 'model', opens: 'models', width: 8 }),
      ],
    },
    { title: 'Over time', panels: [perDay({ by: 'user', width: 12, opens: 'developer' }), perDay({ by: 'model', width: 12, opens: 'models' })] },
    {
      title: 'Users',
      panels: [
        table({
          id: 'people',
          title: 'Users',
          note: 'Lines, commits and hours say little about a single user, so this board leaves them out.',
          figures: ['cost', 'sessions', 'requests', 'cost_per_session'],
          by: ['team', 'user'],
          opens: 'developer',
          width: 16,
        }),
        bars({ by: 'team', width: 8, height: 10 }),
      ],
    },
    {
      title: 'Unit costs',
      panels: [
        stat('cost_per_session', 'range', { width: 6 }),
        stat('cost_per_commit', 'range', { width: 6 }),
        stat('cost_per_pull_request', 'range', { width: 6 }),
        stat('cache_hit_ratio', 'range', { thresholds: [0.7, 0.4], width: 6 }),
      ],
    },
    {
      title: 'Tokens',
      panels: [
        bars({ figure: 'tokens', by: 'team', width: 8, height: 10 }),
        table({
          id: 'tokens-by-person',
          title: 'Token mix by user',
          figures: ['tokens', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens', 'cache_hit_ratio'],
          by: ['user'],
          opens: 'developer',
          width: 16,
        }),
      ],
    },
    spendNow('this_month'),
    budgetsAndForecasts({ empty: 'No budget is configured for this selection.' }),
  ],
};
