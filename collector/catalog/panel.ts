/**
 * A panel is declared once and rendered three times: as Grafana JSON with PromQL over /metrics (dashboards/grafana/), the same with SQL over a
 * ledger in PostgreSQL (dashboards/grafana/sql/), and as part of the built-in web board over REST. All must show the same figure at the same instant.
 */

import type { VariableName } from './board-variables.ts';
import type { FigureName, FigureUnit } from './figures.ts';
import type { GaugeName } from './gauges.ts';
import type { DimensionName } from './measures.ts';

/**
 * 'range' is the time range that the reader picked, 'previous_range' the time before that it is compared with; the others need no history in
 * Prometheus. 'ever': since the ledger began.
 */
export type Window = 'today' | 'this_week' | 'this_month' | 'last_month' | 'last_month_to_date' | 'ever' | 'range' | 'previous_range';

/** A fixed filter of the panel, beside what the reader picked. Values as shown ("unallocated", "none"). */
export interface Fixed {
  readonly dimension: DimensionName;
  readonly values: readonly string[];
  /** Everything but these values. */
  readonly not?: true;
}

/** Figures of the ledger, by dimensions, in a window. */
export interface LedgerQuery {
  readonly source: 'ledger';
  /** In a table each is a column; without `by`, each is a bar. */
  readonly figures: readonly FigureName[];
  readonly by: readonly DimensionName[];
  readonly window: Window;
  readonly where?: readonly Fixed[];
  /** Set for panels over time: the width of one bar. With `summary: 'distinct'` each bar counts the values seen in it; without `by`, each figure is a series. */
  readonly grain?: 'hour' | 'day';
  /** Show only the largest N rows of the first figure, and, where it is a sum, the rest as one row "other". */
  readonly top?: number;
  /**
   * What a stat shows of the rows. sum (the default): the total. distinct: how many known values of `by[0]` have a first
   * figure other than zero. absent_share: the share (0 to 1) of the first figure that has no known value of `by[0]`.
   */
  readonly summary?: 'sum' | 'distinct' | 'absent_share';
  /** Tables: each figure also in this window, and the change between the two (window less versus). */
  readonly versus?: Window;
}

export interface Each {
  readonly label: string;
  readonly values: readonly (readonly [value: string, title: string])[];
}

/**
 * A gauge's samples at the instant, by some of its labels: added up, the largest, the smallest. one: of gauges of a selection, whose samples
 * are of everything, of each organization and of each team, those that are of what `by` asks for; none is made from others.
 */
export interface GaugeQuery {
  readonly source: 'gauge';
  /** In a table each is a column (their labels `by` must agree); otherwise one. */
  readonly gauges: readonly GaugeName[];
  readonly by: readonly string[];
  readonly where?: Readonly<Record<string, string>>;
  /** Samples whose label is no match of this whole regular expression. */
  readonly whereNot?: Readonly<Record<string, string>>;
  readonly reduce: 'sum' | 'max' | 'min' | 'one';
  /** Show only the largest N rows; with `least` the smallest N, the smallest first. */
  readonly top?: number;
  readonly least?: true;
  /** The gauge once for each of these values of a label, in this order: a column each, or a row each where the label is in `by`. */
  readonly each?: Each;
  /** A timestamp is shown as the time since then. */
  readonly as?: 'age';
  /** The time that it is about, where links lead on with it. */
  readonly window?: 'this_month';
  /** Set for panels over time: the gauge as it was at the end of each day (only gauges that can be read for a past instant, Gauge.isHistoric). */
  readonly grain?: 'day';
}

/** The collector's own counters and gauges. Over time in Grafana only: the built-in page shows them since the start. */
export interface SelfQuery {
  readonly source: 'self';
  readonly series: string;
  readonly by: readonly string[];
  readonly where?: Readonly<Record<string, string>>;
  /** counter: what was counted (in Grafana: in the time range). gauge: the value now. p99: of a histogram in seconds. */
  readonly kind: 'counter' | 'gauge' | 'p99';
}

export type PanelQuery = LedgerQuery | GaugeQuery | SelfQuery;

/** The value from which on a figure is yellow, then red. Descending (1, 0.8) where less is worse. */
export type Thresholds = readonly [warning: number, critical: number];

export interface Panel {
  /** Stable, kebab-case, unique within its board. */
  readonly id: string;
  readonly title: string;
  /** What it counts and what it does not. */
  readonly description: string;
  /**
   * heatmap: two labels in `by`, rows and columns. lines: over time without stacking, for ratios and percentiles. cumulative: a sum from the
   * beginning of the time range on, beside the time before, with what lies ahead. budgets: each budget on a track from nothing to its whole amount.
   */
  readonly visualization: 'stat' | 'bars' | 'timeseries' | 'lines' | 'table' | 'heatmap' | 'text' | 'cumulative' | 'budgets';
  readonly unit: FigureUnit | 'timestamp';
  /** Absent for visualization text, which shows its description. */
  readonly query: PanelQuery;
  readonly thresholds?: Thresholds;
  /** Said when there is nothing to show. */
  readonly empty?: string;
  /** Clicking a row opens this board narrowed to the row's first label; default: the board itself. */
  readonly opens?: string;
  /** In Grafana's 24-column grid. */
  readonly width: number;
  readonly height: number;
}

/** Marks on the time axis: each sample of the gauge is an instant (Unix seconds) with its labels as text. */
export interface Annotation {
  readonly id: string;
  readonly title: string;
  readonly gauge: GaugeName;
  readonly labels: readonly string[];
}

export interface BoardRow {
  readonly title: string;
  /** Its panels show the present, whatever time range the reader picked; the title says so. Without it, they follow the picker. */
  readonly now?: true;
  /** Their widths add up to 24. */
  readonly panels: readonly Panel[];
}

export interface Board {
  /** Also the file name and the Grafana uid, behind the prefix "ledgerline-". */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /**
   * What the board in Grafana can be narrowed by. Each of its panels reads one family of series that has all of these labels; the built-in page
   * narrows every board by every dimension.
   */
  readonly variables: readonly VariableName[];
  /** Which of them has one value in Grafana, and no "All": the board is about one user, say, and slow for thousands. */
  readonly single?: VariableName;
  /** In reading order. */
  readonly rows: readonly BoardRow[];
  readonly annotations?: readonly Annotation[];
}
