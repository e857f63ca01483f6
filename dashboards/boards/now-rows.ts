/** Rows about the present that boards on spend have in common. */
import type { BoardRow, Window } from '../../collector/catalog/panel.ts';
import { budgetTrack, type GaugePanel, gaugeTable } from '../panels/gauge.ts';
import { activePeople, stat } from '../panels/ledger.ts';
import { FORECAST_QUANTILES, forecastStats } from './quantiles.ts';

/** `activeIn`: the time in which users count as active. */
export const spendNow = (activeIn: Window): BoardRow => ({
  title: 'Now: today, this week and this month',
  now: true,
  panels: [
    stat('cost', 'today', { width: 3 }),
    stat('cost', 'this_week', { width: 3 }),
    stat('cost', 'this_month', { width: 4 }),
    ...forecastStats(4),
    stat('cost', 'last_month_to_date', { width: 3 }),
    activePeople(activeIn, { width: 3 }),
  ],
});

export const budgetsAndForecasts = (budgets: Pick<GaugePanel, 'note' | 'empty'>): BoardRow => ({
  title: 'Now: budgets, and forecasts for this month',
  now: true,
  panels: [
    budgetTrack({ title: 'Budgets', ...budgets, top: 25, opens: 'budgets', width: 11 }),
    gaugeTable(['forecast'], {
      title: 'Month-end forecast by team',
      by: ['team', 'organization'],
      each: FORECAST_QUANTILES,
      empty: 'Too little history for a forecast.',
      opens: 'team',
      width: 13,
      height: 9,
    }),
  ],
});
