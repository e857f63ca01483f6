/** One figure of a panel: a column of a table, or what its series show. */
import type { Panel } from '../../collector/catalog/panel.ts';

export interface Column {
  /** What the value is: the name of a figure or gauge, with the window it is compared with, or "change". Rows and their rest share it. */
  readonly key: string;
  /** Heading of a table's column. */
  readonly title: string;
  readonly unit: Panel['unit'];
  /** Its rows add up to the figure of all of them together. */
  readonly isAdditive?: true;
  /** The value is this many times the figure, because Grafana's unit is finer. */
  readonly factor?: number;
}
