/** How far the figures can be trusted: completeness, agreement, age. */
import { SELF_SERIES } from '../../collector/catalog/names.ts';
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeBars, gaugeStat, gaugeTable, selfPanel } from '../panels/gauge.ts';
import { absentShare, barsOf, linesOf, stat, table } from '../panels/ledger.ts';

/** Events and metrics report the same cost; a tenth apart is worth a look, a third means that one is missing. */
const AGREEMENT: readonly [number, number] = [0.9, 0.67];

export const TRUST: Board = {
  id: 'trust',
  title: 'Data quality',
  description: 'Is the data complete and recent, and do the two sources of the same cost, events and metrics, agree?',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Spend and agreement',
      panels: [
        stat('cost', 'range', { width: 6 }),
        stat('events_share', 'range', { thresholds: AGREEMENT, width: 6 }),
        stat('metrics_share', 'range', { thresholds: AGREEMENT, width: 6 }),
        stat('reported_to_list', 'range', { width: 6 }),
      ],
    },
    {
      title: 'Attribution and prices',
      panels: [
        absentShare('team', 'range', { width: 8 }),
        absentShare('user', 'range', { width: 8 }),
        stat('unpriced_share', 'range', { thresholds: [0.001, 0.05], width: 8 }),
      ],
    },
    {
      title: 'Two sources of the same cost',
      panels: [
        barsOf(['cost', 'cost_events', 'cost_metrics', 'cost_list'], 'range', {
          id: 'accounts',
          title: 'Booked, from events, from metrics, at list price',
          width: 12,
        }),
        linesOf(['events_share', 'metrics_share', 'reported_to_list'], { id: 'agreement-per-day', title: 'Agreement per day', width: 12 }),
      ],
    },
    {
      title: 'By team',
      panels: [table({ id: 'by-team', title: 'Teams', figures: ['cost', 'events_share', 'metrics_share'], by: ['team'], opens: 'team', width: 24 })],
    },
    {
      title: 'Now: self-check of the whole ledger',
      now: true,
      panels: [
        gaugeStat('ledger_cost', { title: 'Ledger total', note: 'Must equal the sum of the boards to the cent.', width: 6 }),
        stat('cost', 'ever', { title: 'Sum of the boards', width: 6 }),
        gaugeStat('unreconciled_cost', { title: 'Held back', note: 'Should be zero.', thresholds: [0.01, 10], width: 6 }),
        gaugeStat('set_aside_cost', { title: 'Set aside', note: 'Should be zero.', thresholds: [0.01, 10], width: 6 }),
      ],
    },
    {
      title: 'Now: refused, ignored and corrected',
      now: true,
      panels: [
        selfPanel({
          id: 'refusals',
          title: 'Refusals by kind',
          description:
            'Exports, records and connections that were refused, ignored or corrected. `ledgerline doctor` names the senders and the remedy of each.',
          series: SELF_SERIES.refusals,
          kind: 'counter',
          by: ['kind'],
          visualization: 'bars',
          empty: 'Nothing was refused.',
          width: 24,
        }),
      ],
    },
    {
      title: 'Now: completeness',
      now: true,
      panels: [
        gaugeTable(['sequence_received', 'sequence_missing'], {
          id: 'sequence',
          title: 'Missing events by team',
          note: 'Clients number their events. A gap in the numbers is an event that was lost on the way.',
          by: ['team'],
          empty: 'No numbered events were received.',
          width: 7,
        }),
        gaugeBars('records', { title: 'Records by outcome', by: ['outcome'], width: 7, height: 10 }),
        gaugeTable(['user_last_seen'], {
          title: 'Time since the last record by user',
          by: ['user', 'team'],
          reduce: 'max',
          as: 'age',
          opens: 'developer',
          width: 10,
        }),
      ],
    },
  ],
};
