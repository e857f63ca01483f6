/** Rows of the ledger under the text of their labels. */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import { OTHER, showValue } from '../catalog/values.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { clientValue } from './label-text.ts';

/** A label, and the dimension that its values are read from. */
export type LabelSource = readonly [label: string, from: DimensionName];

/** Amounts by the text of their labels (user="alice",model="opus"); values in the order of the measures that were asked for. */
export type LabeledRows = ReadonlyMap<string, readonly bigint[]>;

export interface RowsQuery {
  readonly labels: readonly LabelSource[];
  readonly measures: readonly MeasureName[];
  /** Added up. An empty span is all time. */
  readonly timeRanges: readonly TimeRange[];
  readonly timeZone: string;
}

/** Rows one question to the ledger may return. Beyond it the scrape fails and says so. */
export const ROWS_MAX = 1_000_000;

export const plainLabels = (names: readonly DimensionName[]): LabelSource[] => names.map((name) => [name, name]);
/** What the label sets beyond the limit are booked under, so that sums over /metrics stay exact. */
export const otherText = (labels: readonly string[]): string => labels.map((label) => `${label}="${OTHER}"`).join();

/** Asks the ledger for totals by the dimensions of the labels. */
export async function readRows(ledger: Pick<LedgerSnapshot, 'query'>, { labels, measures, timeRanges, timeZone }: RowsQuery): Promise<LabeledRows> {
  const by = labels.map(([, from]) => from);
  const rows = new Map<string, readonly bigint[]>();
  for (const timeRange of timeRanges) {
    const result = await ledger.query({ ...timeRange, measures, by, grain: 'total', timeZone, where: [], rowsMax: ROWS_MAX, beyond: 'other' });
    for (const { key, values } of result.rows) addRow(rows, labelsText(labels, key), values);
  }
  return rows;
}

export const labelsText = (labels: readonly LabelSource[], key: readonly string[]): string =>
  labels.map(([label, from], index) => `${label}="${shownValue(from, key[index] ?? '')}"`).join();

/** A stored value as it stands between the quotes. */
export const shownValue = (dimension: DimensionName, value: string): string => clientValue(showValue(dimension, value));

/** Two stored keys may look alike once shown: they are one label set then, since Prometheus would refuse it twice. */
export function addRow(rows: Map<string, readonly bigint[]>, labels: string, values: readonly bigint[]): void {
  const before = rows.get(labels);
  rows.set(labels, before === undefined ? values : values.map((value, index) => value + (before[index] ?? 0n)));
}
