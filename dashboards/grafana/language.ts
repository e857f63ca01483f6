/** How a board asks its data source: PromQL over /metrics, or SQL over the ledger itself. What is drawn is the same. */

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import type { Annotation, Panel } from '../../collector/catalog/panel.ts';
import type { Drawing } from './drawing.ts';

/** What the language decides of a panel. */
export type Drawn = Pick<Drawing, 'by' | 'columns' | 'hasRest' | 'asks'> & Partial<Pick<Drawing, 'description' | 'visualization'>>;

export type TrustPanel = Pick<Panel, 'id' | 'title' | 'description' | 'unit' | 'thresholds' | 'empty'>;

export interface Language {
  /** Before the titles of boards. */
  readonly title: string;
  /** Of the uids of boards; also the tag that their menu finds them by. */
  readonly prefix: string;
  /** What the board can be narrowed by. */
  readonly variables: readonly VariableName[];
  readonly toolbar: readonly Builder<dashboard.VariableModel>[];
  annotate(annotation: Annotation): dashboard.AnnotationQueryBuilder;
  draw(panel: Panel): Drawn;
  /** The last row: how far the figures above can be trusted. */
  readonly trust: readonly { readonly panel: TrustPanel; readonly drawn: Drawn }[];
}
