/** The last row of every board over SQL: how old its figures are, and what is not in them. */
import { SELF_SERIES } from '../../../collector/catalog/names.ts';
import type { TrustPanel } from '../language.ts';
import { TO, text } from './names.ts';
import { type SqlQuery, VALUE } from './query.ts';

const one = (key: string, unit: 'seconds' | 'count', value: string, from: string): SqlQuery => ({
  sql: `SELECT ${TO} AS "time", ${value} AS "${VALUE}"\nFROM ${from}`,
  labels: [],
  columns: [{ key, title: VALUE, name: VALUE, unit }],
  isTimed: true,
});

/** About the collector as a whole: the reader's selection does not narrow them. */
export const TRUST_QUERIES: readonly (TrustPanel & { readonly query: SqlQuery })[] = [
  {
    id: 'trust-age',
    title: 'Time since the last record',
    description: 'Time since the ledger last committed. Every sum on this board is that old.',
    unit: 'seconds',
    query: one('age', 'seconds', 'extract(epoch FROM now()) - as_of_s', 'ledger'),
    thresholds: [3_600, 86_400],
    empty: 'Nothing received yet.',
  },
  {
    id: 'trust-gauges-age',
    title: 'Time since gauges were computed',
    description:
      'Forecasts, budgets, active users and all else that is no sum is computed by a collector and written beside the ledger, every minute. That old are these figures.',
    unit: 'seconds',
    query: one('gauges', 'seconds', 'extract(epoch FROM now()) - gauges_s', 'ledger'),
    thresholds: [300, 3_600],
    empty: 'No collector has computed them yet.',
  },
  {
    id: 'trust-conflicts',
    title: 'Conflicting entries',
    description: 'Records received again with different content since the collectors started. They are not in the totals; the log names them.',
    unit: 'count',
    query: one('conflicts', 'count', 'sum(value)', `collector_series\nWHERE series = ${text(`${SELF_SERIES.ledgerConflicts}_total`)}`),
    thresholds: [1, 100],
    empty: '0',
  },
];
