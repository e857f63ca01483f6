/** Spend by workspace and repository, for whoever bills projects. */
import type { Board } from '../../collector/catalog/panel.ts';
import { absentShare, bars, perDay, stat, table } from '../panels/ledger.ts';

export const WORKSPACE: Board = {
  id: 'workspace',
  title: 'Workspace and repository',
  description: 'What each workspace and repository cost, by team and model. A session without a workspace counts under its repository.',
  rows: [
    {
      title: 'Spend to date',
      panels: [
        stat('cost', 'today', { width: 5 }),
        stat('cost', 'this_week', { width: 5 }),
        stat('cost', 'this_month', { width: 5 }),
        absentShare('workspace', 'this_month', { width: 5 }),
        absentShare('repository', 'this_month', { width: 4 }),
      ],
    },
    { title: 'Over time', panels: [perDay({ by: 'workspace', width: 12 }), perDay({ by: 'repository', width: 12 })] },
    {
      title: 'This month',
      panels: [
        bars({ by: 'workspace', window: 'this_month', width: 8 }),
        bars({ by: 'repository', window: 'this_month', width: 8 }),
        bars({ by: 'team', window: 'this_month', width: 8, opens: 'team' }),
      ],
    },
    {
      title: 'In the time range',
      panels: [
        table({ id: 'workspace-team', title: 'Workspaces by team', figures: ['cost'], by: ['workspace', 'team'], width: 12 }),
        table({ id: 'workspace-model', title: 'Workspaces by model', figures: ['cost'], by: ['workspace', 'model'], width: 12 }),
      ],
    },
  ],
};
