/** Figures without a time axis: numbers, bars and words. */
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { asSeries, colorByName, type Drawing, decimalsOf, lastValue, refIdOf, unitOf } from '../drawing.ts';
import { rowLinks } from '../links.ts';
import { REST } from '../target.ts';

export function statBuilder(drawing: Drawing): StatBuilder {
  return new StatBuilder()
    .reduceOptions(lastValue())
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(drawing.thresholds === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value)
    .targets(asSeries(drawing));
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
    .targets(asSeries(drawing));
  overrideRows(builder, drawing);
  return drawing.thresholds === undefined ? builder.colorScheme(colorByName()) : builder;
}

/** The rest leads to no row of its own, and each figure has its unit. */
function overrideRows(builder: BarGaugeBuilder, { targets, unit }: Drawing): void {
  if (targets.some(({ isRest }) => isRest === true)) builder.overrideByName(REST, [{ id: 'links', value: [] }]);
  for (const [index, target] of targets.entries()) {
    const decimals = decimalsOf(target.unit);
    if (unitOf(target.unit) === unitOf(unit) || target.factor !== undefined) continue;
    builder.overrideByQuery(refIdOf(index), [
      { id: 'unit', value: unitOf(target.unit) },
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ]);
  }
}

export const textBuilder = ({ description }: Drawing): TextBuilder => new TextBuilder().mode(TextMode.Markdown).content(description);
