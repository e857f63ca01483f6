/**
 * A panel is declared once and rendered twice: as Grafana JSON with PromQL over /metrics (grafana/), and as part
 * of the built-in web board over REST (web/). Both must show the same figure at the same instant.
 */
import type { DimensionName, MeasureName, Unit } from '../collector/measures.ts';

/** Period-to-date windows need no history; 'range' is the time range that the reader picked. */
export type Window = 'today' | 'this_week' | 'this_month' | 'range';

export interface PanelQuery {
  readonly measures: readonly MeasureName[];
  readonly by: readonly DimensionName[];
  readonly window: Window;
  /** Set for panels over time: the width of one bar. */
  readonly grain?: 'hour' | 'day';
  /** Show only the largest N rows, and the rest as one row "other". */
  readonly top?: number;
  /**
   * What a stat shows of the rows. sum (the default): the total. distinct: how many known values of `by[0]` have a first
   * measure other than zero. absent_share: the share (0 to 1) of the first measure that has no known value of `by[0]`.
   */
  readonly figure?: 'sum' | 'distinct' | 'absent_share';
}

export interface Panel {
  /** Stable, kebab-case, unique within its board. */
  readonly id: string;
  readonly title: string;
  /** What it counts and what it does not. */
  readonly description: string;
  readonly visualisation: 'stat' | 'bars' | 'timeseries' | 'table';
  readonly unit: Unit;
  readonly query: PanelQuery;
  /** In Grafana's 24-column grid. */
  readonly width: number;
  readonly height: number;
}

export interface Board {
  /** Also the file name and the Grafana uid, behind the prefix "ledgerline-". */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** In reading order; each row's widths add up to 24. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}
