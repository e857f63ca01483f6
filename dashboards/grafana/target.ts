/** What is asked of Prometheus for a panel. */
import type { Panel } from '../../collector/catalog/panel.ts';
import type { Step } from './readings.ts';

export interface Target {
  readonly expr: string;
  /** The labels of its rows, in the order of the panel's `by`. */
  readonly labels: readonly string[];
  /** Grafana's legend format. */
  readonly legend: string;
  /** Set for panels over time: the step, which is also the width of one bar. */
  readonly step?: Step;
  /** What the value is: the name of a figure or gauge, with the window it is compared with, or "change". Rows and their rest share it. */
  readonly key: string;
  /** Heading of a table's column. */
  readonly title: string;
  readonly unit: Panel['unit'];
  /** Its rows add up to the figure of all of them together. */
  readonly isAdditive?: true;
  /** Holds only what `top` leaves out, as the row "other". */
  readonly isRest?: true;
  /** The expression's value is this many times the figure, because Grafana's unit is finer. */
  readonly factor?: number;
}

/** /metrics has no series that could answer: an error of the declaration, unless the operator has switched labels off. */
export class NotExposed extends Error {
  override readonly name = 'NotExposed';
}

/** The row that holds what `top` leaves out. */
export const REST = 'other';

export const legendOf = (by: readonly string[]): string => by.map((name) => `{{${name}}}`).join(' · ');

/** "session_id" reads "Session id". */
export const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1).replaceAll('_', ' ');
