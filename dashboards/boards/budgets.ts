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
  description: 'What is spent and left of each budget, the forecast for its period, previous periods, and anomalies.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Status',
      panels: [
        gaugeBars('budget_used_ratio', { title: 'Used', by: ['budget'], reduce: 'max', top: SHOWN, thresholds: [0.8, 1], empty: NONE, width: 12 }),
        gaugeBars('budget_remaining', {
          title: 'Closest to the limit, USD',
          note: 'Below zero: over budget.',
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
      title: 'Budget amounts',
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
          title: 'Remaining at the end of each day',
          note: 'Whole budgets only, not single members.',
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
          title: 'Forecast for the end of the period',
          by: ['budget'],
          each: {
            label: 'quantile',
            values: [
              ['0.5', 'Median'],
              ['0.9', '90th percentile'],
            ],
          },
          reduce: 'max',
          empty: 'No budget, or too little history for a forecast.',
          width: 8,
        }),
        gaugeTable(['budget_breach'], {
          title: 'Runs out on',
          by: ['budget'],
          reduce: 'min',
          empty: 'No budget is expected to run out in its period.',
          width: 8,
        }),
        gaugeTable(['budget_period_end'], { title: 'Period ends', by: ['budget'], reduce: 'max', empty: NONE, width: 8 }),
      ],
    },
    {
      title: 'History and anomalies',
      panels: [
        gaugeTable(['budget_past_used_ratio'], {
          title: 'Previous periods',
          note: 'Over 100 %: the budget was exceeded.',
          by: ['budget', 'period_start'],
          reduce: 'max',
          thresholds: [0.8, 1],
          empty: 'No budget period has ended yet.',
          width: 12,
        }),
        gaugeTable(['anomaly'], { title: 'Current anomalies', by: ['kind', 'scope', 'severity'], reduce: 'max', empty: 'No anomalies.', width: 12 }),
      ],
    },
  ],
};
