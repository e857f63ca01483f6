/** What is drawn, without what it means: a declared panel with its targets, ready for any visualization. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import type { Panel, Thresholds } from '../../collector/catalog/panel.ts';
import type { Column } from './column.ts';

/** The queries of a panel, in the language of its data source. */
export interface Asks {
  readonly datasource: common.DataSourceRef;
  readonly series: readonly Builder<Dataquery>[];
  readonly table: readonly Builder<Dataquery>[];
  /** Makes one table of what the queries answer, its columns by their titles. */
  readonly joining: readonly dashboard.DataTransformerConfig[];
  /** What series are called, where the data source does not say. */
  readonly displayName?: string | undefined;
}

export interface Drawing extends Pick<Panel, 'title' | 'description' | 'visualization' | 'unit' | 'width' | 'height'> {
  readonly asks: Asks;
  readonly columns: readonly Column[];
  /** Has it a row or series of all that is left out, called "other"? */
  readonly hasRest: boolean;
  /** Labels of the rows, in order. */
  readonly by: readonly string[];
  readonly thresholds?: Thresholds | undefined;
  readonly empty?: string | undefined;
  /** Ids of the board that a click on a row opens, and of the board it is on. */
  readonly opens: string;
  readonly own: string;
  /** What the uids of its boards begin with. */
  readonly prefix: string;
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

export const lastValue = (): common.ReduceDataOptionsBuilder => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
export const colorByName = (): dashboard.FieldColorBuilder => new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName);
