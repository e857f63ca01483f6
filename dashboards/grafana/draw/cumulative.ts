/** Cumulative spend as lines: the time range filled, the previous period and what lies ahead dashed. */

import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { AS_LONG_BEFORE } from '../cumulative-targets.ts';
import type { Drawing } from '../drawing.ts';

const color = (fixedColor: string): dashboard.DynamicConfigValue => ({ id: 'color', value: { mode: 'fixed', fixedColor } });
const dashed: readonly dashboard.DynamicConfigValue[] = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
  { id: 'custom.fillOpacity', value: 0 },
];

export function cumulativeBuilder(drawing: Drawing): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(12)
    .min(0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Right)
        .calcs(['lastNotNull']),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
    .overrideByName('Spent', [color('blue')])
    .overrideByName(AS_LONG_BEFORE, [color('text'), ...dashed])
    .overrideByQuery('C', [color('red'), ...dashed])
    .overrideByQuery('D', [color('purple'), ...dashed])
    .overrideByQuery('E', [color('light-purple'), ...dashed])
    .targets([...drawing.asks.series]);
}
