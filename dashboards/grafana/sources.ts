/** Where a sum of measures can be read from: every family of series that has them under the labels asked for, best first. */

import { VARIABLES } from '../../collector/catalog/board-variables.ts';
import type { DimensionName, MeasureName } from '../../collector/catalog/measures.ts';
import { LABELS } from '../../collector/catalog/names.ts';
import type { Fixed } from '../../collector/catalog/panel.ts';
import {
  type ExposedPeriod,
  type ExposedSeries,
  exposedSeries,
  FAMILIES,
  type FamilyName,
  FEATURE_DIMENSIONS,
  FEATURE_LABELS,
  featureMeasures,
  periodSeries,
  type SeriesFamily,
} from '../../collector/catalog/series-families.ts';
import { answersWith, selector, valueMatcher } from './variables.ts';

export type Families = Readonly<Record<FamilyName, SeriesFamily>>;
export const ALL_FAMILIES: Families = FAMILIES;

/** The finest first: what it answers when nothing is chosen, the others answer too, so that the first that can is enough. */
const PREFERENCE: readonly FamilyName[] = ['person_model', 'person', 'workspace_model', 'workspace', 'model', 'team', 'feature'];

export interface Wanted {
  readonly measures: readonly MeasureName[];
  readonly by: readonly DimensionName[];
  readonly where: readonly Fixed[];
  /** Spend to date; otherwise lifetime totals. */
  readonly period?: ExposedPeriod | undefined;
  /** The buckets of the histogram that the first measure is one of, by the label le. */
  readonly buckets?: true | undefined;
}

export interface Source {
  readonly labels: readonly string[];
  /** Present when this source has what the reader chose. */
  readonly answers: string;
  /** The vector, after `at` has put a time on its selector. A feature's value carries the dimension's own name. */
  vector(at: (selector: string) => string): string;
}

/** Sources in order of preference, without those that answer nothing that an earlier one does not. Empty: /metrics does not have it. */
export function sourcesOf(wanted: Wanted, families: Families): Source[] {
  const feature = wanted.period === undefined ? featureOf(wanted, families) : undefined;
  const needed = labelsOf(wanted).filter((label) => label !== feature);
  const able = PREFERENCE.filter((name) => (name === 'feature') === (feature !== undefined)).filter(
    (name) => has(families[name], wanted, feature) && isSubset(needed, families[name].labels),
  );
  const useful = able.filter((name, index) => {
    const variables = variablesOf(families[name]);
    return !able.slice(0, index).some((earlier) => isSubset(variables, variablesOf(families[earlier])));
  });
  return useful.map((name) => source(name, families[name].labels, wanted, feature));
}

const labelsOf = ({ by, where }: Wanted): DimensionName[] => [...new Set([...by, ...where.map(({ dimension }) => dimension)])];
const variablesOf = ({ labels }: SeriesFamily): readonly string[] => labels.filter((label) => VARIABLES.some((name) => name === label));
const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((item) => all.includes(item));

const has = ({ measures, periods }: SeriesFamily, wanted: Wanted, feature: DimensionName | undefined): boolean =>
  wanted.period === undefined
    ? isSubset(wanted.measures, feature === undefined ? measures : featureMeasures(feature))
    : periods.includes(wanted.period) && wanted.measures.every((name) => name === 'cost');

/** The one dimension that only the family of features has; two of them at once are in no series. */
function featureOf(wanted: Wanted, families: Families): DimensionName | undefined {
  const [dimension, ...more] = labelsOf(wanted).filter((name) => FEATURE_DIMENSIONS.includes(name) && !families.feature.labels.includes(name));
  return more.length === 0 ? dimension : undefined;
}

function source(family: FamilyName, labels: readonly string[], wanted: Wanted, feature: DimensionName | undefined): Source {
  const label = (name: DimensionName): string => (name === feature ? FEATURE_LABELS.value : name);
  const fixed = wanted.where.map(({ dimension, values, not }) => valueMatcher(label(dimension), values, not));
  const [name, own] = wanted.period === undefined ? seriesOf(family, wanted) : [periodSeries(family), [`${LABELS.period}="${wanted.period}"`]];
  const dimension = feature === undefined ? [] : [`${FEATURE_LABELS.dimension}="${feature}"`];
  const selected = selector(name, [...own, ...dimension, ...fixed]);
  const isRenamed = feature !== undefined && wanted.by.includes(feature);
  return {
    labels,
    answers: answersWith(labels),
    vector: (at) => (isRenamed ? `label_replace(${at(selected)}, "${feature}", "$1", "${FEATURE_LABELS.value}", "(.*)")` : at(selected)),
  };
}

/** Name and own matchers of measures that are added up: one series, or several of one name, or several names. */
function seriesOf(family: FamilyName, { measures, buckets }: Wanted): [name: string, matchers: string[]] {
  const all = measures.map((measure) => exposedSeries(family, measure));
  const [first = exposedSeries(family, 'cost')] = all;
  if (buckets === true) return [first.name, []];
  const names = [...new Set(all.map(({ name }) => name))];
  if (names.length === 1) return [first.name, sharedMatchers(all)];
  if (all.some(({ labels }) => Object.keys(labels).length > 0)) throw new Error(`${measures.join(', ')} cannot be added up in one selector.`);
  return ['', [valueMatcher('__name__', names)]];
}

const sharedMatchers = (all: readonly ExposedSeries[]): string[] => {
  const labels = [...new Set(all.flatMap((series) => Object.keys(series.labels)))];
  return labels.map((label) =>
    valueMatcher(
      label,
      all.flatMap((series) => series.labels[label] ?? []),
    ),
  );
};
