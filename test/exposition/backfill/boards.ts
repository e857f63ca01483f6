/** What the boards' expressions over time show on a store, day by day, beside what the ledger says. */

import { isVariable, type VariableName } from '../../../collector/catalog/board-variables.ts';
import { type DimensionName, MEASURES, type MeasureName } from '../../../collector/catalog/measures.ts';
import type { Panel } from '../../../collector/catalog/panel.ts';
import { FAMILIES, FAMILY_NAMES, type FamilyName, FEATURE_DIMENSIONS, featureMeasures } from '../../../collector/catalog/series-families.ts';
import { showValue } from '../../../collector/catalog/values.ts';
import type { LedgerReader } from '../../../collector/ledger/ledger.ts';
import { panelTargets } from '../../../dashboards/grafana/promql.ts';
import { ALL_FAMILIES } from '../../../dashboards/grafana/surroundings.ts';
import { interpolate } from '../../dashboards/grafana.ts';
import { queryInstant, queryRange } from '../../dashboards/prometheus-api.ts';
import { DAY } from './past.ts';

/** One measure by one dimension, day by day. */
export interface Bars {
  readonly id: string;
  readonly measure: MeasureName;
  readonly by: DimensionName;
  /** Labels of the family, so that the panel is drawn from it. */
  readonly variables: readonly VariableName[];
}

/** "value of the dimension@unix seconds of the bar" -> figure; USD for money, else the unit of the measure. */
export type Figures = Readonly<Record<string, number>>;

/** A dimension that only this family has beside its measures, so that the panel is drawn from it. */
const BY: Readonly<Record<Exclude<FamilyName, 'feature'>, DimensionName>> = {
  person_model: 'user',
  person: 'user',
  workspace_model: 'repository',
  workspace: 'workspace',
  team: 'team',
  team_model: 'model',
  model: 'model',
};

/** One for every measure that each family shows; a bucket alone is no figure of a panel. */
export const ALL_BARS: readonly Bars[] = FAMILY_NAMES.flatMap((family) =>
  FAMILIES[family].measures
    .filter((measure) => !measure.includes('_le_'))
    .map(
      (measure): Bars => ({
        id: `${family} ${measure}`,
        measure,
        by: family === 'feature' ? featureWith(measure) : BY[family],
        variables: FAMILIES[family].labels.filter(isVariable),
      }),
    ),
);

function featureWith(measure: MeasureName): DimensionName {
  const dimension = FEATURE_DIMENSIONS.find((name) => featureMeasures(name).includes(measure));
  if (dimension === undefined) throw new Error(`no feature shows ${measure}`);
  return dimension;
}

const panelOf = ({ id, measure, by }: Bars, visualization: 'timeseries' | 'stat'): Panel => ({
  id,
  title: id,
  description: '',
  visualization,
  unit: 'count',
  query:
    visualization === 'timeseries'
      ? { source: 'ledger', figures: [measure], by: [by], window: 'range', grain: 'day' }
      : { source: 'ledger', figures: [measure], by: [], window: 'range' },
  width: 24,
  height: 9,
});

/** Rounded to a micro-unit, which is finer than a cent and coarser than a float. A bar of zero and no bar are the same bar. */
const rounded = (figures: readonly (readonly [string, number])[]): Figures =>
  Object.fromEntries(
    figures
      .map(([label, value]): [string, number] => [label, Math.round(value * 1e6) / 1e6])
      .filter(([, value]) => value !== 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const targetsOf = (bars: Bars, visualization: 'stat' | 'timeseries') =>
  panelTargets(panelOf(bars, visualization), { variables: bars.variables, families: ALL_FAMILIES });

export async function shown(url: string, bars: Bars, { fromMs, toMs }: Range): Promise<Figures> {
  const figures: [string, number][] = [];
  const timeRange = { startMs: fromMs, endMs: toMs - DAY, stepSeconds: DAY / 1000 };
  for (const { expr, labels } of targetsOf(bars, 'timeseries')) {
    const asked = interpolate(expr, { rangeSeconds: (toMs - fromMs) / 1000, toMs });
    for (const { metric, values } of await queryRange(url, asked, timeRange)) {
      for (const [time, value] of values) figures.push([`${metric[labels[0] ?? '']}@${time}`, value]);
    }
  }
  return rounded(figures);
}

export async function booked(reader: LedgerReader, { measure, by }: Bars, range: Range): Promise<Figures> {
  const divisor = MEASURES[measure].unit === 'usd' ? 1e12 : 1;
  const { rows } = await reader.query({ ...range, measures: [measure], by: [by], grain: 'day', timeZone: 'UTC', where: [], rowsMax: 10_000 });
  return rounded(rows.map(({ key, startMs = 0, values }) => [`${showValue(by, key[0] ?? '')}@${startMs / 1000}`, Number(values[0] ?? 0n) / divisor]));
}

/** The figure of a panel over a range that ends at the instant. */
export async function shownInRange(url: string, bars: Bars, { fromMs, toMs }: Range, atMs: number): Promise<number | undefined> {
  const [target] = targetsOf(bars, 'stat');
  if (target === undefined) throw new Error(`${bars.id} has no expression`);
  const [figure] = await queryInstant(url, interpolate(target.expr, { rangeSeconds: (toMs - fromMs) / 1000, toMs }), atMs);
  return figure?.values[0]?.[1];
}
