/** What is asked of Prometheus for a panel. */
import type { Column } from './column.ts';
import type { Step } from './readings.ts';

export interface Target extends Column {
  readonly expr: string;
  /** The labels of its rows, in the order of the panel's `by`. */
  readonly labels: readonly string[];
  /** Grafana's legend format. */
  readonly legend: string;
  /** Set for panels over time: the step, which is also the width of one bar. */
  readonly step?: Step;
  /** Holds only what `top` leaves out, as the row "other". */
  readonly isRest?: true;
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
