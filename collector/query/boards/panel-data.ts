/**
 * What a panel shows, as the page draws it and REST answers it. Amounts are exact (decimal strings for money), labels are
 * telemetry's and must be shown as text only. Which field is set follows from what there is to show: a panel of words has none.
 */

import type { DimensionName } from '../../catalog/measures.ts';
import type { Panel } from '../../catalog/panel.ts';
import type { Grain } from '../../core/calendar.ts';
import type { Amount } from '../render.ts';

/** USD, tokens, ms, seconds, ratio (0 to 1), count, or timestamp (Unix seconds). */
export type PanelUnit = Panel['unit'];

/** Null: there is no such figure, such as a ratio with nothing to divide by. Never shown as zero. */
export type Figure = Amount | null;

/** What to narrow a board by to see only this row. */
export interface RowFilter {
  readonly dimension: DimensionName;
  /** As shown ("unallocated", "none"). */
  readonly value: string;
}

/** What a row, a bar or a line is about. */
export interface RowLabel {
  readonly label: string;
  /** Empty where there is nothing to narrow by: for figures, for the rest, for labels that are no dimension. */
  readonly filters: readonly RowFilter[];
  /** Set on the row that stands for values beyond the largest N: how many they are. */
  readonly rest?: number;
  /** Set on rows about one session. */
  readonly session?: string;
  /** Is the value not known? */
  readonly absent: boolean;
}

export interface StatData {
  readonly value: Figure;
  readonly unit: PanelUnit;
  /** The same figure over the same elapsed part of the period before; null when there is none. */
  readonly previous: Figure;
  /** The figure's course inside its window, one amount for each hour or day. Only of sums; otherwise empty. */
  readonly trend: readonly Amount[];
}

export interface BarRow extends RowLabel {
  readonly value: Figure;
  /** Of the panel's total, 0 to 1; null where the bars are no parts of a whole. */
  readonly share: number | null;
}

export interface BarsData {
  readonly unit: PanelUnit;
  /** Largest first, the rest last. */
  readonly rows: readonly BarRow[];
  /** Null where the bars are no parts of a whole. */
  readonly total: Figure;
}

export interface SeriesLine extends RowLabel {
  readonly share: number | null;
  /** The figure over the whole time range. */
  readonly total: Figure;
  /** One for each of SeriesData.starts. Null: no point there. */
  readonly values: readonly Figure[];
}

export interface SeriesData {
  readonly unit: PanelUnit;
  readonly grain: Grain;
  /** Start of each bar, epoch seconds. Every bar of the time range is there, also the empty ones. */
  readonly starts: readonly number[];
  /** Largest first, the rest last. */
  readonly series: readonly SeriesLine[];
  readonly total: Figure;
}

export interface TableColumn {
  readonly key: string;
  readonly title: string;
  /** 'label': text that names the row; otherwise the unit of its figures. */
  readonly unit: PanelUnit | 'label';
  /** The column holds a change (this window less the other): show its sign. */
  readonly isChange?: true;
}

export interface TableRow extends Omit<RowLabel, 'label'> {
  /** In the order of the columns: labels are strings, figures as above. */
  readonly cells: readonly Figure[];
  /** Board to open, narrowed by `filters`. */
  readonly opens: string;
}

export interface TableData {
  /** Labels first, then figures. */
  readonly columns: readonly TableColumn[];
  /** By the first figure, largest first; the rest last. */
  readonly rows: readonly TableRow[];
  /** The whole, in the order of the columns; null for labels and where there is no whole. */
  readonly totals: readonly Figure[];
}

export interface HeatmapData {
  readonly unit: PanelUnit;
  /** Names of the two labels. */
  readonly rowTitle: string;
  readonly columnTitle: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** values[row][column]; null: nothing there. */
  readonly values: readonly (readonly Figure[])[];
}

export interface PanelData {
  readonly id: string;
  /** The declared title, or what fits the time range that the reader picked. */
  readonly title: string;
  readonly stat?: StatData;
  /** Also of the collector's own counters that Grafana shows over time: here they are counted since the collector started. */
  readonly bars?: BarsData;
  /** Of visualizations timeseries (stacked bars) and lines. */
  readonly series?: SeriesData;
  readonly table?: TableData;
  readonly heatmap?: HeatmapData;
}

/** A mark on the time axes of a board. */
export interface AnnotationMark {
  /** Epoch seconds. */
  readonly at: number;
  /** Telemetry's words among them: text only. */
  readonly text: string;
}

export interface AnnotationData {
  readonly id: string;
  readonly title: string;
  readonly marks: readonly AnnotationMark[];
}
