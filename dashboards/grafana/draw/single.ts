/** Figures without a time axis: numbers, bars and words. */
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { colorByName, type Drawing, lastValue } from '../drawing.ts';
import { NAMELESS, rowLinks, WITHOUT_LINKS } from '../links.ts';
import { REST } from '../target.ts';

export function statBuilder(drawing: Drawing): StatBuilder {
  return new StatBuilder()
    .reduceOptions(lastValue())
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(drawing.thresholds === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value)
    .targets([...drawing.asks.series]);
}

export function barsBuilder(drawing: Drawing): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .reduceOptions(lastValue())
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .orientation(common.VizOrientation.Horizontal)
    .namePlacement(common.BarGaugeNamePlacement.Left)
    .valueMode(common.BarGaugeValueMode.Text)
    .showUnfilled(false)
    .min(0)
    .dataLinks(rowLinks(drawing))
    .targets([...drawing.asks.series]);
  if (rowLinks(drawing).length > 0) builder.overrideByRegexp(NAMELESS, WITHOUT_LINKS);
  // The rest leads to no row of its own.
  if (drawing.hasRest) builder.overrideByName(REST, WITHOUT_LINKS);
  return drawing.thresholds === undefined ? builder.colorScheme(colorByName()) : builder;
}

export const textBuilder = ({ description }: Drawing): TextBuilder => new TextBuilder().mode(TextMode.Markdown).content(description);
