/** Where a sum of measures is read from: the one family of series that has them under all labels that a panel and its board need. */

import type { DimensionName, MeasureName } from '../../collector/catalog/measures.ts';
import { LABELS, SERIES } from '../../collector/catalog/names.ts';
import type { Fixed } from '../../collector/catalog/panel.ts';
import {
  completeSeries,
  type ExposedPeriod,
  type ExposedSeries,
  exposedSeries,
  FAMILIES,
  type FamilyName,
  FEATURE_DIMENSIONS,
  FEATURE_LABELS,
  familySeries,
  featureMeasures,
  isPastPeriod,
  periodSeries,
  type SeriesFamily,
} from '../../collector/catalog/series-families.ts';
import type { Families, Surroundings } from './surroundings.ts';
import { NOT_NARROWED, SCRAPED, selector, valueMatcher } from './variables.ts';

/** Those with the fewest series first. */
const PREFERENCE: readonly FamilyName[] = ['team', 'model', 'team_model', 'workspace', 'person', 'workspace_model', 'person_model', 'feature'];

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
  /** The series, narrowed. */
  readonly selected: string;
  /**
   * The same series of everyone: where only their rows are needed, or each is compared with itself, a shorter expression says as much. Of
   * thousands, those of users, only those of the teams that are chosen, or of a single user: what is read decides how long a query takes.
   */
  readonly rows: string;
  /** Of several names, which arithmetic between vectors would not tell apart. */
  readonly isSeveral: boolean;
  /** Present where everything that there was is shown by its own name. */
  readonly complete: string;
  /** Present where a total without any series is zero. */
  readonly known: string;
  /** What the series call a dimension: features are told apart by the value of a label. */
  readonly label: (name: DimensionName) => string;
}

/** Undefined: /metrics does not have it. */
export function sourceOf(wanted: Wanted, surroundings: Surroundings): Source | undefined {
  const { families, variables } = surroundings;
  const feature = wanted.period === undefined ? featureOf(wanted, families) : undefined;
  const needed: readonly string[] = [...labelsOf(wanted).filter((label) => label !== feature), ...variables];
  const name = PREFERENCE.filter((one) => (one === 'feature') === (feature !== undefined)).find(
    (one) => has(families[one], wanted, feature) && needed.every((label) => families[one].labels.some((own) => own === label)),
  );
  return name === undefined ? undefined : source(name, wanted, feature, surroundings);
}

const labelsOf = ({ by, where }: Wanted): DimensionName[] => [...new Set([...by, ...where.map(({ dimension }) => dimension)])];

const has = ({ measures, periods }: SeriesFamily, wanted: Wanted, feature: DimensionName | undefined): boolean => {
  if (wanted.period !== undefined) return periods.includes(wanted.period) && wanted.measures.every((name) => name === 'cost');
  const exposed = feature === undefined ? measures : featureMeasures(feature);
  return wanted.measures.every((name) => exposed.includes(name));
};

/** The one dimension that only the family of features has; two of them at once are in no series. */
function featureOf(wanted: Wanted, families: Families): DimensionName | undefined {
  const [dimension, ...more] = labelsOf(wanted).filter((name) => FEATURE_DIMENSIONS.includes(name) && !families.feature.labels.includes(name));
  return more.length === 0 ? dimension : undefined;
}

function source(family: FamilyName, wanted: Wanted, feature: DimensionName | undefined, { variables, single }: Surroundings): Source {
  const label = (name: DimensionName): string => (name === feature ? FEATURE_LABELS.value : name);
  const fixed = wanted.where.map(({ dimension, values, not }) => valueMatcher(label(dimension), values, not));
  const [name, own] = wanted.period === undefined ? seriesOf(family, wanted) : [periodSeries(family), [`${LABELS.period}="${wanted.period}"`]];
  const dimension = feature === undefined ? [] : [`${FEATURE_LABELS.dimension}="${feature}"`];
  const isOfUsers = FAMILIES[family].labels.includes('user');
  return {
    selected: selector(name, [...own, ...dimension, ...fixed], { variables, single }),
    rows: selector(name, own, { variables: variables.filter((one) => one === single || (one === 'team' && isOfUsers)), single }),
    isSeveral: name === '',
    complete: completeSeries(family),
    known: knownOf(wanted.period),
    label,
  };
}

const knownOf = (period: ExposedPeriod | undefined): string =>
  period !== undefined && isPastPeriod(period) ? selector(SERIES.periodKnown, [`${LABELS.period}="${period}"`], NOT_NARROWED) : SCRAPED;

/** Name and own matchers of measures that are added up: one series, or several of one name, or several names. */
function seriesOf(family: FamilyName, { measures, buckets }: Wanted): [name: string, matchers: string[]] {
  const all = measures.map((measure) => exposedSeries(family, measure));
  const [first = exposedSeries(family, 'cost')] = all;
  if (buckets === true) return [first.name, []];
  const names = [...new Set(all.map(({ name }) => name))];
  if (names.length === 1) return [first.name, isAllOf(family, first.name, all) ? [] : sharedMatchers(all)];
  if (all.some(({ labels }) => Object.keys(labels).length > 0)) throw new Error(`${measures.join(', ')} cannot be added up in one selector.`);
  return ['', [valueMatcher('__name__', names)]];
}

/** Token classes, say, need no matcher where all of them are added up. */
const isAllOf = (family: FamilyName, name: string, series: readonly ExposedSeries[]): boolean =>
  familySeries(family).filter((one) => one.name === name).length === series.length;

const sharedMatchers = (all: readonly ExposedSeries[]): string[] => {
  const labels = [...new Set(all.flatMap((series) => Object.keys(series.labels)))];
  return labels.map((label) =>
    valueMatcher(
      label,
      all.flatMap((series) => series.labels[label] ?? []),
    ),
  );
};
