/** Figures over time: bars that stand on each other for what can be added up, lines for what cannot. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { colorByName, type Drawing } from '../drawing.ts';
import { NAMELESS, rowLinks, WITHOUT_LINKS } from '../links.ts';
import { REST } from '../target.ts';

/** A bar begins at its timestamp; bars of one day stand on each other. */
export function timeseriesBuilder(drawing: Drawing): TimeseriesBuilder {
  return overTime(drawing, ['sum'])
    .drawStyle(common.GraphDrawStyle.Bars)
    .barAlignment(common.BarAlignment.After)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
}

/** A point stands at the beginning of its step. Where there is none, the line is broken: nothing was measured there. */
export function linesBuilder(drawing: Drawing): TimeseriesBuilder {
  return overTime(drawing, ['lastNotNull'])
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Always)
    .pointSize(6)
    .spanNulls(false);
}

function overTime(drawing: Drawing, calcs: readonly string[]): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .colorScheme(colorByName())
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(drawing.width < 12 ? common.LegendPlacement.Bottom : common.LegendPlacement.Right)
        .calcs([...calcs]),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
    .dataLinks(rowLinks(drawing))
    .targets([...drawing.asks.series]);
  if (rowLinks(drawing).length > 0) builder.overrideByRegexp(NAMELESS, WITHOUT_LINKS);
  if (drawing.hasRest) builder.overrideByName(REST, WITHOUT_LINKS);
  return builder;
}
