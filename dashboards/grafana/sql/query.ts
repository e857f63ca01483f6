/** What is asked of PostgreSQL for a panel. */
import type { Column } from '../column.ts';

export interface SqlQuery {
  readonly sql: string;
  /** Columns of text that its rows are named by, as the answer has them. */
  readonly labels: readonly string[];
  /** Columns of figures, in order. */
  readonly columns: readonly SqlColumn[];
  /** Has a column "time", in epoch seconds: a series of points, or one point at the end of the range. */
  readonly isTimed: boolean;
  /** Its text column "rest" says 'true' on the row that holds what `top` leaves out. */
  readonly hasRest?: true;
}

export interface SqlColumn extends Column {
  /** What the answer calls it. */
  readonly name: string;
}

/** Grafana shows a series of this name by its label alone. */
export const VALUE = 'Value';
