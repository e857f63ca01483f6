/** Spend by workspace and repository, for whoever bills projects. */
import type { Board } from '../../collector/catalog/panel.ts';
import { absentShare, bars, perDay, stat, table } from '../panels/ledger.ts';

export const WORKSPACE: Board = {
  id: 'workspace',
  title: 'Workspace and repository',
  description: 'What each workspace and repository cost, by team and model. A session without a workspace counts under its repository.',
  variables: ['organization', 'team', 'workspace', 'repository'],
  rows: [
    {
      title: 'Spend',
      panels: [
        stat('cost', 'range', { width: 8 }),
        absentShare('workspace', 'range', { width: 8 }),
        absentShare('repository', 'range', { width: 8 }),
      ],
    },
    { title: 'Over time', panels: [perDay({ by: 'workspace', width: 12 }), perDay({ by: 'repository', width: 12 })] },
    {
      title: 'By workspace, repository and team',
      panels: [bars({ by: 'workspace', width: 8 }), bars({ by: 'repository', width: 8 }), bars({ by: 'team', width: 8, opens: 'team' })],
    },
    {
      title: 'Workspaces',
      panels: [
        table({ id: 'workspace-team', title: 'Workspaces by team', figures: ['cost'], by: ['workspace', 'team'], width: 12 }),
        table({ id: 'workspace-model', title: 'Workspaces by model', figures: ['cost'], by: ['workspace', 'model'], width: 12 }),
      ],
    },
    {
      title: 'Now: spend to date',
      now: true,
      panels: [stat('cost', 'today', { width: 8 }), stat('cost', 'this_week', { width: 8 }), stat('cost', 'this_month', { width: 8 })],
    },
  ],
};
