/** One declared panel as a Grafana panel. Ids and places are ours: the SDK's own layout puts a panel outside the grid. */
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Panel } from '../panel.ts';
import type { Target } from './promql.ts';

/** The board's data source variable; Grafana fills it in. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** What is drawn, without what it means. */
export interface Drawing {
  readonly title: string;
  readonly description: string;
  readonly visualisation: Panel['visualisation'];
  readonly unit: Panel['unit'] | 'ratio' | 'seconds';
  readonly targets: readonly Target[];
  readonly width: number;
  readonly height: number;
  readonly thresholds?: readonly [number, number];
  readonly noValue?: string;
  /** Clicking a row narrows the board to it. */
  readonly link?: { readonly title: string; readonly url: string };
}

export type AnyPanelBuilder = StatBuilder | BarGaugeBuilder | TimeseriesBuilder | TableBuilder;

const UNITS: Readonly<Record<Drawing['unit'], string>> = {
  usd: units.Dollars,
  tokens: units.Short,
  ms: units.Milliseconds,
  count: units.Short,
  ratio: units.PercentUnit,
  seconds: units.Seconds,
};

export function buildPanel(drawing: Drawing, place: Place): Builder<dashboard.Panel> {
  const builder = visualisationBuilder(drawing)
    .id(place.id)
    .title(drawing.title)
    .description(drawing.description)
    .datasource(DATASOURCE)
    .gridPos({ x: place.x, y: place.y, w: drawing.width, h: drawing.height })
    .unit(UNITS[drawing.unit])
    .targets(drawing.targets.map((target, index) => query(target, index, drawing.visualisation)))
    .noValue(drawing.noValue ?? 'No data');
  if (drawing.unit === 'usd') builder.decimals(2);
  if (drawing.thresholds !== undefined) builder.thresholds(thresholds(drawing.thresholds));
  if (drawing.link !== undefined) builder.dataLinks([new dashboard.DashboardLinkBuilder(drawing.link.title).url(drawing.link.url)]);
  return builder;
}

function visualisationBuilder(drawing: Drawing): AnyPanelBuilder {
  if (drawing.visualisation === 'stat') return statBuilder(drawing);
  if (drawing.visualisation === 'bars') return barsBuilder(drawing);
  return drawing.visualisation === 'table' ? new TableBuilder() : timeseriesBuilder();
}

const lastValue = () => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);

function statBuilder(drawing: Drawing): StatBuilder {
  return new StatBuilder()
    .reduceOptions(lastValue())
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(drawing.thresholds === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value);
}

function barsBuilder(drawing: Drawing): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .reduceOptions(lastValue())
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .orientation(common.VizOrientation.Horizontal)
    .namePlacement(common.BarGaugeNamePlacement.Left)
    .showUnfilled(false)
    .min(0);
  if (drawing.thresholds !== undefined) return builder;
  return builder.colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName));
}

/** A bar begins at its timestamp; bars of one day stand on each other. */
function timeseriesBuilder(): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .drawStyle(common.GraphDrawStyle.Bars)
    .barAlignment(common.BarAlignment.After)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Right)
        .calcs(['sum']),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
}

function thresholds([warning, critical]: readonly [number, number]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([
    { value: null, color: 'green' },
    { value: warning, color: 'yellow' },
    { value: critical, color: 'red' },
  ]);
}

/** Figures are one instant; only panels over time ask for a range, at the step their expression is written for. */
function query(target: Target, index: number, visualisation: Panel['visualisation']): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .datasource(DATASOURCE)
    .expr(target.expr)
    .legendFormat(target.legend)
    .format(visualisation === 'table' ? PromQueryFormat.Table : PromQueryFormat.TimeSeries);
  return target.step === undefined ? builder.instant() : builder.range().interval(target.step);
}
