/** The last row of every Grafana board: how far the figures above can be trusted. */
import { SELF_SERIES, SERIES } from '../../collector/catalog/names.ts';
import type { TrustPanel } from './language.ts';

export const TRUST_TITLE = 'Data quality';

/** About the collector as a whole: the reader's selection does not narrow them. */
export const TRUST_PANELS: readonly (TrustPanel & { readonly expr: string })[] = [
  {
    id: 'trust-age',
    title: 'Time since the last record',
    description: 'Time since the ledger last committed. Every figure on this board is that old.',
    unit: 'seconds',
    expr: `time() - max(${SERIES.asOf})`,
    thresholds: [3_600, 86_400],
    empty: 'Nothing received yet.',
  },
  {
    id: 'trust-conflicts',
    title: 'Conflicting entries',
    description: 'Records received again with different content since the collector started. They are not in the totals; the log names them.',
    unit: 'count',
    expr: `sum(${SELF_SERIES.ledgerConflicts}_total) or max(${SERIES.buildInfo}) * 0`,
    thresholds: [1, 100],
  },
  {
    id: 'trust-folded',
    title: 'Series grouped into (other)',
    description: 'Label sets beyond limits.exposition_series. Totals stay exact; the smallest users or workspaces are not shown by name.',
    unit: 'count',
    expr: `max(${SERIES.droppedSeries})`,
    thresholds: [1, 10_000],
  },
];
