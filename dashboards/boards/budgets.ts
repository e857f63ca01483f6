/** What is left, and when it will be gone. */
import type { Board } from '../../collector/catalog/panel.ts';
import { budgetTrack, gaugeLines, gaugeTable } from '../panels/gauge.ts';
import { stat } from '../panels/ledger.ts';
import { FORECAST_QUANTILES } from './quantiles.ts';

/** Of thousands of members those who matter first. */
const SHOWN = 25;
/** Keys of members: "budget/member". */
const MEMBER = '.*/.*';
const NONE = 'No budget is configured, or none matches the filters.';

export const BUDGETS: Board = {
  id: 'budgets',
  title: 'Budgets',
  description: 'What is spent and left of each budget, when it runs out, the forecast for its period, previous periods, and anomalies.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Now: budgets in their current periods',
      now: true,
      panels: [
        budgetTrack({
          title: 'Used',
          note: '100 %: used up. Ticks are thresholds, the upright mark is how much of the period has elapsed; the most used first.',
          top: SHOWN,
          empty: NONE,
          width: 24,
          height: 12,
        }),
      ],
    },
    {
      title: 'Now: amounts',
      now: true,
      panels: [
        gaugeTable(
          [
            'budget_used_ratio',
            'budget_elapsed_ratio',
            'budget_limit',
            'budget_spent',
            'budget_remaining',
            'budget_raised',
            'budget_breach',
            'budget_period_end',
          ],
          {
            id: 'amounts',
            title: 'All budgets',
            by: ['budget', 'scope', 'period'],
            reduce: 'max',
            thresholds: [0.8, 1],
            empty: NONE,
            width: 24,
          },
        ),
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
        stat('cost', 'range', { width: 8, height: 9 }),
      ],
    },
    {
      title: 'Now: forecasts, previous periods and anomalies',
      now: true,
      panels: [
        gaugeTable(['budget_forecast'], {
          title: 'Forecast for the end of the period',
          by: ['budget'],
          each: FORECAST_QUANTILES,
          reduce: 'max',
          empty: 'No budget, or too little history for a forecast.',
          width: 8,
        }),
        gaugeTable(['budget_past_used_ratio'], {
          title: 'Previous periods',
          note: 'Over 100 %: the budget was exceeded.',
          by: ['budget', 'period_start'],
          reduce: 'max',
          thresholds: [0.8, 1],
          empty: 'No budget period has ended yet.',
          width: 8,
        }),
        gaugeTable(['anomaly'], { title: 'Current anomalies', by: ['kind', 'scope', 'severity'], reduce: 'max', empty: 'No anomalies.', width: 8 }),
      ],
    },
  ],
};
