/** What clients report beside list price and what is agreed. What the provider bills is no series: the page asks for it (dashboards/web/reconcile.ts). */
import type { Board } from '../../collector/catalog/panel.ts';
import { textPanel } from '../panels/gauge.ts';
import { bars, linesOf, stat, table } from '../panels/ledger.ts';

export const RECONCILIATION: Board = {
  id: 'reconciliation',
  title: 'Reconciliation',
  description:
    'What clients report, what it costs at list price and at your prices, and what the provider bills: with the cause of every difference.',
  variables: ['organization'],
  rows: [
    {
      title: 'Reported, list and contracted cost',
      panels: [
        stat('cost', 'range', { width: 6 }),
        stat('cost_events', 'range', { width: 6 }),
        stat('cost_list', 'range', { width: 6 }),
        stat('cost_contracted', 'range', { width: 6 }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        linesOf(['cost', 'cost_list', 'cost_contracted'], {
          id: 'costs-per-day',
          title: 'Reported, list and contracted cost per day',
          note: 'Days begin in the time zone of the board; providers bill by days in UTC.',
          width: 24,
        }),
      ],
    },
    {
      title: 'By model and plan',
      panels: [
        table({
          id: 'costs-by-model',
          title: 'Models: reported, list and contracted',
          figures: ['cost', 'cost_list', 'cost_contracted'],
          by: ['model'],
          opens: 'models',
          width: 16,
        }),
        bars({ by: 'plan', note: 'What plans cover is notional: the seat is paid for. "none" is metered.', width: 8, height: 10 }),
      ],
    },
    {
      title: 'The bill',
      panels: [
        textPanel({
          id: 'bill',
          title: 'What the provider bills',
          text: '`ledgerline import` brings the records of the provider, and `ledgerline reconcile --month 2026-10` explains the difference. The page of the collector shows it below this board; series have no bill.',
          width: 24,
          height: 4,
        }),
      ],
    },
  ],
};
