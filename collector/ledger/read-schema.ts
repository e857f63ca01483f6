/**
 * What others may read of a shared ledger, such as Grafana: names of the views and functions that storage/postgres/ makes of it and that
 * panels ask for.
 */
import { VARIABLES } from '../catalog/board-variables.ts';
import { GAUGES, type GaugeDeclaration } from '../catalog/gauges.ts';
import { COARSE, FINEST, type Rollup } from './rollups.ts';

export const READ_SCHEMA = 'ledgerline_read';

/** Sums by the periods and dimensions of a roll-up, what is not moved into it yet included. */
export const viewOf = ({ table }: Rollup): string => table.replace(/^rollup_/, '');

/** Roll-ups of which a whole time range can be asked for: whole days come from them, what lies before and after from the finest. */
export const RANGED: readonly Rollup[] = [...COARSE.filter(({ grain }) => grain === 'day'), FINEST];

/** The function that gives a roll-up's rows from one epoch second to another. */
export const rangeOf = (rollup: Rollup): string => (rollup === FINEST ? 'range_all' : viewOf(rollup).replace(/^day_/, 'range_'));

/** Periods of the calendar; cut by the collector, so that a database's own rules of time zones do not matter. */
export const CALENDAR_GRAINS = ['day', 'week', 'month'] as const;

/** Columns of labels of the view of gauges. A gauge without the label has an empty text there. */
export const GAUGE_LABELS: readonly string[] = [
  ...new Set([...VARIABLES, ...Object.values<GaugeDeclaration>(GAUGES).flatMap(({ labels }) => labels.map(labelColumn))]),
];

/** A label may be called like the column of the figure. */
export function labelColumn(label: string): string {
  return label === 'value' ? 'label_value' : label;
}
