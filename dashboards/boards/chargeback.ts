/** Spend by what it is charged to: cost centers, departments and teams. */
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeBars } from '../panels/gauge.ts';
import { bars, stat } from '../panels/ledger.ts';

export const CHARGEBACK: Board = {
  id: 'chargeback',
  title: 'Chargeback',
  description: 'Spend by cost center, department and team, for whoever passes the cost on. Last month is complete; the time range may not be.',
  variables: ['organization'],
  rows: [
    {
      title: 'Spend',
      panels: [stat('cost', 'range', { width: 8, height: 9 }), bars({ by: 'cost_center', width: 8 }), bars({ by: 'department', width: 8 })],
    },
    { title: 'By team', panels: [bars({ by: 'team', width: 24, opens: 'team' })] },
    {
      title: 'Now: last month',
      now: true,
      panels: [
        stat('cost', 'last_month', { width: 8, height: 9 }),
        bars({ by: 'team', window: 'last_month', id: 'last-month-by-team', width: 16, opens: 'team' }),
      ],
    },
    {
      title: 'Now: what this month would cost on one model',
      now: true,
      panels: [
        gaugeBars('alternative_cost', {
          title: "This month's tokens priced on one model",
          note: 'A rough guide: another model would use a different number of tokens for the same work.',
          by: ['model'],
          reduce: 'max',
          width: 24,
          height: 11,
        }),
      ],
    },
  ],
};
