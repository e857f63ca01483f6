/** The first page: what was spent, whose it was, and what it bought. */
import type { Board } from '../panel.ts';
import { spendBars, spendPerDay, spendStat, unallocatedStat } from '../panels/spend.ts';
import { activeUsersStat, countStat, tokensByClassBars } from '../panels/usage.ts';

export const OVERVIEW: Board = {
  id: 'overview',
  title: 'Overview',
  description: 'What Claude Code cost, whose it was and what it bought. Every figure comes from the ledger.',
  rows: [
    {
      title: 'Spend to date',
      panels: [
        spendStat('today', 5),
        spendStat('this_week', 5),
        spendStat('this_month', 5),
        unallocatedStat('team', 'this_month', 5),
        activeUsersStat('today', 4),
      ],
    },
    { title: 'Over time', panels: [spendPerDay('team', 16, 8), tokensByClassBars(8)] },
    {
      title: 'This month by team and user',
      panels: [
        spendBars({ dimension: 'team', window: 'this_month', width: 12, top: 15 }),
        spendBars({ dimension: 'user', window: 'this_month', width: 12, top: 15 }),
      ],
    },
    {
      title: 'This month by workspace and model',
      panels: [
        spendBars({ dimension: 'workspace', window: 'this_month', width: 12, top: 15 }),
        spendBars({ dimension: 'model', window: 'this_month', width: 12, top: 15 }),
      ],
    },
    {
      title: 'Use in the time range',
      panels: [
        countStat('sessions', 'Sessions', 5),
        countStat('requests', 'API requests', 5),
        countStat('errors', 'Failed API requests', 5),
        countStat('commits', 'Commits', 5),
        countStat('pull_requests', 'Pull requests', 4),
      ],
    },
  ],
};
