/** The last row of every Grafana board: the budgets, and how far the figures above can be trusted. */
import { SELF_SERIES, SERIES } from '../../collector/names.ts';
import type { Target } from './promql.ts';

export interface TrustPanel {
  readonly title: string;
  readonly description: string;
  readonly visualisation: 'stat' | 'bars';
  readonly unit: 'ratio' | 'seconds' | 'count';
  readonly target: Target;
  /** From this value on the figure is yellow, then red. */
  readonly thresholds: readonly [number, number];
  /** Shown when there is no series at all. */
  readonly noValue?: string;
  readonly width: number;
  readonly height: number;
}

export const TRUST_TITLE = 'Budgets and trust';

export const TRUST_PANELS: readonly TrustPanel[] = [
  {
    title: 'Budgets used',
    description: 'Booked cost in the scope of each budget since its period began, over its amount. 100 % is exhausted.',
    visualisation: 'bars',
    unit: 'ratio',
    target: { expr: `sort_desc(max by (budget, period) (${SERIES.budgetUsedRatio}))`, legend: '{{budget}} ({{period}})' },
    thresholds: [0.8, 1],
    noValue: 'No budget is configured.',
    width: 12,
    height: 6,
  },
  {
    title: 'Since the last record',
    description: 'Time since the ledger last committed. Every figure on this board is that old.',
    visualisation: 'stat',
    unit: 'seconds',
    target: { expr: `time() - max(${SERIES.asOf})`, legend: 'age' },
    thresholds: [3_600, 86_400],
    noValue: 'Nothing received yet.',
    width: 4,
    height: 6,
  },
  {
    title: 'Conflicting entries',
    description: 'Records that came again with other content since the collector started. They are kept out of the totals; the log names them.',
    visualisation: 'stat',
    unit: 'count',
    target: { expr: `sum(${SELF_SERIES.ledgerConflicts}_total)`, legend: 'conflicts' },
    thresholds: [1, 100],
    width: 4,
    height: 6,
  },
  {
    title: 'Series folded into (other)',
    description: 'Label sets beyond limits.exposition_series. Totals stay exact; the smallest users or workspaces are not shown by name.',
    visualisation: 'stat',
    unit: 'count',
    target: { expr: `max(${SERIES.droppedSeries})`, legend: 'folded' },
    thresholds: [1, 10_000],
    width: 4,
    height: 6,
  },
];
