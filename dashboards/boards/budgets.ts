/** What is left, and when it will be gone. */
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeBars, gaugeLines, gaugeTable } from '../panels/gauge.ts';
import { stat } from '../panels/ledger.ts';

/** Of thousands of members those who matter first. */
const SHOWN = 25;
/** Keys of members: "budget/member". */
const MEMBER = '.*/.*';
const NONE = 'No budget is configured; see docs/budgets.md.';

export const BUDGETS: Board = {
  id: 'budgets',
  title: 'Budgets',
  description: 'What is spent and left of each budget, the forecast to the end of its period, periods before, and what is unusual.',
  rows: [
    {
      title: 'Now',
      panels: [
        gaugeBars('budget_used_ratio', { title: 'Used', by: ['budget'], reduce: 'max', top: SHOWN, thresholds: [0.8, 1], empty: NONE, width: 12 }),
        gaugeBars('budget_remaining', {
          title: 'Least left, USD',
          note: 'Below zero: overspent.',
          by: ['budget'],
          reduce: 'min',
          top: SHOWN,
          least: true,
          empty: NONE,
          width: 12,
        }),
      ],
    },
    {
      title: 'Amounts',
      panels: [
        gaugeTable(['budget_limit', 'budget_spent', 'budget_raised'], {
          id: 'amounts',
          title: 'Budgets',
          by: ['budget', 'scope', 'period'],
          reduce: 'max',
          empty: NONE,
          width: 24,
        }),
      ],
    },
    {
      title: 'Burn-down',
      panels: [
        gaugeLines('budget_remaining', {
          id: 'burn-down',
          title: 'Left at the end of each day',
          note: 'Of whole budgets, not of single members.',
          by: ['budget'],
          whereNot: { budget: MEMBER },
          reduce: 'max',
          empty: NONE,
          width: 16,
        }),
        stat('cost', 'this_month', { width: 8, height: 9 }),
      ],
    },
    {
      title: 'Forecast',
      panels: [
        gaugeTable(['budget_forecast'], {
          title: 'Expected at the end of the period',
          by: ['budget'],
          each: {
            label: 'quantile',
            values: [
              ['0.5', 'Expected'],
              ['0.9', 'Cautious'],
            ],
          },
          reduce: 'max',
          empty: 'No budget, or too little history for a forecast.',
          width: 8,
        }),
        gaugeTable(['budget_breach'], {
          title: 'Used up on',
          by: ['budget'],
          reduce: 'min',
          empty: 'No budget is expected to be used up in its period.',
          width: 8,
        }),
        gaugeTable(['budget_period_end'], { title: 'Period ends', by: ['budget'], reduce: 'max', empty: NONE, width: 8 }),
      ],
    },
    {
      title: 'History and anomalies',
      panels: [
        gaugeTable(['budget_past_used_ratio'], {
          title: 'Periods before',
          note: 'Over 100 %: the budget was exceeded.',
          by: ['budget', 'period_start'],
          reduce: 'max',
          thresholds: [0.8, 1],
          empty: 'No period of a budget has ended yet.',
          width: 12,
        }),
        gaugeTable(['anomaly'], { title: 'Unusual now', by: ['kind', 'scope', 'severity'], reduce: 'max', empty: 'Nothing unusual.', width: 12 }),
      ],
    },
  ],
};
