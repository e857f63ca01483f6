/** What is drawn, without what it means: a declared panel with its targets, ready for any visualization. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as units from '@grafana/grafana-foundation-sdk/units';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import type { Panel, Thresholds } from '../../collector/catalog/panel.ts';
import type { Target } from './target.ts';

/** The board's data source variable; Grafana fills it in. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export interface Drawing extends Pick<Panel, 'title' | 'description' | 'visualization' | 'unit' | 'width' | 'height'> {
  readonly targets: readonly Target[];
  /** Labels of the rows, in order. */
  readonly by: readonly string[];
  readonly thresholds?: Thresholds | undefined;
  readonly empty?: string | undefined;
  /** Ids of the board that a click on a row opens, and of the board it is on. */
  readonly opens: string;
  readonly own: string;
  /** What the board it is on can be narrowed by. */
  readonly variables: readonly VariableName[];
}

const UNITS: Readonly<Record<Drawing['unit'], string>> = {
  usd: units.Dollars,
  tokens: units.Short,
  ms: units.Milliseconds,
  count: units.Short,
  ratio: units.PercentUnit,
  seconds: units.Seconds,
  timestamp: units.DatetimeISO,
};

export const unitOf = (unit: Drawing['unit']): string => UNITS[unit];
export const decimalsOf = (unit: Drawing['unit']): number | undefined => (unit === 'usd' ? 2 : unit === 'ratio' ? 1 : undefined);

/** [0.8, 1]: yellow from 0.8, red from 1. [1, 0.8], where less is worse: yellow below 1, red below 0.8. */
export function thresholdsOf([warning, critical]: Thresholds): dashboard.ThresholdsConfigBuilder {
  const isLessWorse = critical < warning;
  const [base, first, second] = isLessWorse ? ['red', critical, warning] : ['green', warning, critical];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([
    { value: null, color: String(base) },
    { value: Number(first), color: 'yellow' },
    { value: Number(second), color: isLessWorse ? 'green' : 'red' },
  ]);
}

export const refIdOf = (index: number): string => (index < 26 ? '' : refIdOf(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26));

/** Figures are one instant; only panels over time ask for a range, at the step their expression is written for. */
export function queryOf(target: Target, index: number, format: PromQueryFormat): DataqueryBuilder {
  const builder = new DataqueryBuilder().refId(refIdOf(index)).datasource(DATASOURCE).expr(target.expr).legendFormat(target.legend).format(format);
  return target.step === undefined ? builder.instant() : builder.range().interval(target.step);
}

export const asSeries = ({ targets }: Drawing): DataqueryBuilder[] =>
  targets.map((target, index) => queryOf(target, index, PromQueryFormat.TimeSeries));
export const asTable = ({ targets }: Drawing): DataqueryBuilder[] => targets.map((target, index) => queryOf(target, index, PromQueryFormat.Table));

export const lastValue = (): common.ReduceDataOptionsBuilder => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
export const colorByName = (): dashboard.FieldColorBuilder => new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName);
