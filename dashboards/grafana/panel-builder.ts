/** A drawing as a Grafana panel. Ids and places are ours: the SDK's own layout puts a panel outside the grid. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel } from '../../collector/catalog/panel.ts';
import { budgetsBuilder } from './draw/budgets.ts';
import { cumulativeBuilder } from './draw/cumulative.ts';
import { heatmapBuilder } from './draw/heatmap.ts';
import { linesBuilder, timeseriesBuilder } from './draw/over-time.ts';
import { barsBuilder, statBuilder, textBuilder } from './draw/single.ts';
import { tableBuilder } from './draw/table.ts';
import { type Drawing, decimalsOf, thresholdsOf, unitOf } from './drawing.ts';

export interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

const BUILDERS = {
  stat: statBuilder,
  bars: barsBuilder,
  timeseries: timeseriesBuilder,
  lines: linesBuilder,
  table: tableBuilder,
  heatmap: heatmapBuilder,
  text: textBuilder,
  cumulative: cumulativeBuilder,
  budgets: budgetsBuilder,
} as const satisfies Record<Panel['visualization'], (drawing: Drawing) => unknown>;

export function buildPanel(drawing: Drawing, place: Place): Builder<dashboard.Panel> {
  const builder = BUILDERS[drawing.visualization](drawing)
    .id(place.id)
    .title(drawing.title)
    .description(drawing.description)
    .datasource(drawing.asks.datasource)
    .gridPos({ x: place.x, y: place.y, w: drawing.width, h: drawing.height })
    .unit(unitOf(drawing.unit))
    .noValue(drawing.empty ?? 'No data');
  if (drawing.asks.displayName !== undefined) builder.displayName(drawing.asks.displayName);
  const decimals = decimalsOf(drawing.unit);
  if (decimals !== undefined) builder.decimals(decimals);
  if (drawing.thresholds !== undefined) builder.thresholds(thresholdsOf(drawing.thresholds));
  return builder;
}
