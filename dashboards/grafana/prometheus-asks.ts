/** Targets as queries of Grafana's Prometheus data source. */
import type * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { type Asks, refIdOf } from './drawing.ts';
import { capitalized, type Target } from './target.ts';

/** The board's data source variable; Grafana fills it in. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export function prometheusAsks(targets: readonly Target[], by: readonly string[]): Asks {
  const queries = (format: PromQueryFormat) => targets.map((target, index) => queryOf(target, index, format));
  return {
    datasource: DATASOURCE,
    series: queries(PromQueryFormat.TimeSeries),
    table: queries(PromQueryFormat.Table),
    joining: [{ id: 'merge', options: {} }, columns(by, targets)],
  };
}

/** Figures are one instant; only panels over time ask for a range, at the step their expression is written for. */
function queryOf(target: Target, index: number, format: PromQueryFormat): DataqueryBuilder {
  const builder = new DataqueryBuilder().refId(refIdOf(index)).datasource(DATASOURCE).expr(target.expr).legendFormat(target.legend).format(format);
  return target.step === undefined ? builder.instant() : builder.range().interval(target.step);
}

/** Each target is a column; Grafana joins them by the labels that they share. Labels come first. With a single target its column is called "Value". */
function columns(by: readonly string[], targets: readonly Target[]): dashboard.DataTransformerConfig {
  const fields = targets.map((_, index) => (targets.length === 1 ? 'Value' : `Value #${refIdOf(index)}`));
  const titles = [
    ...by.map((label) => [label, capitalized(label)] as const),
    ...targets.map(({ title }, index) => [fields[index] ?? '', title] as const),
  ];
  const order = [...by, ...fields].map((field, index) => [field, index] as const);
  return {
    id: 'organize',
    options: { excludeByName: { Time: true }, indexByName: Object.fromEntries(order), renameByName: Object.fromEntries(titles) },
  };
}
