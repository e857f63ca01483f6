/** The running totals of one family, as the series that /metrics makes of it. */

import type { DimensionName, MeasureName } from '../../catalog/measures.ts';
import {
  type FamilyName,
  type FamilySeries,
  FEATURE_DIMENSIONS,
  FEATURE_LABELS,
  familySeries,
  featureMeasures,
  type SeriesFamily,
} from '../../catalog/series-families.ts';
import { showValue } from '../../catalog/values.ts';
import { framedKey } from '../../core/framed.ts';
import type { Row } from '../../ledger/ledger.ts';
import { boundedValue } from '../label-text.ts';

export type Labels = Readonly<Record<string, string>>;

/** One series, and its value at the instant that was handed out last. */
export interface Track {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export class FamilyTotals {
  readonly measures: readonly MeasureName[];
  /** What its rows are asked by. */
  readonly by: readonly DimensionName[];
  readonly #labels: readonly DimensionName[];
  readonly #isFeature: boolean;
  readonly #series: readonly FamilySeries[];
  readonly #common: Labels;
  readonly #tracks: Track[];
  readonly #sets = new Map<string, LabelSet>();

  /** Adds its series to `tracks` as they appear; `common` are labels that a scrape would add. */
  constructor(name: FamilyName, family: SeriesFamily, common: Labels, tracks: Track[]) {
    this.#isFeature = name === 'feature';
    this.measures = family.measures;
    this.by = this.#isFeature ? [...family.labels, ...FEATURE_DIMENSIONS] : family.labels;
    this.#labels = family.labels;
    this.#series = familySeries(name);
    this.#common = common;
    this.#tracks = tracks;
  }

  add({ key, values }: Row): void {
    const shown = this.by.map((name, index) => boundedValue(showValue(name, key[index] ?? '')));
    const own = shown.slice(0, this.#labels.length);
    if (!this.#isFeature) this.#set(own, () => this.#series).add(values);
    else for (const [index, dimension] of FEATURE_DIMENSIONS.entries()) this.#feature(own, dimension, shown[own.length + index] ?? '').add(values);
  }

  #feature(own: readonly string[], dimension: DimensionName, value: string): LabelSet {
    const measures = featureMeasures(dimension);
    const series = () => this.#series.filter(({ measure }) => measures.includes(measure));
    return this.#set([...own, dimension, value], series);
  }

  #set(values: readonly string[], series: () => readonly FamilySeries[]): LabelSet {
    return this.#sets.getOrInsertComputed(framedKey(values), () => {
      const names = this.#isFeature ? [...this.#labels, FEATURE_LABELS.dimension, FEATURE_LABELS.value] : this.#labels;
      const labels = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
      return new LabelSet({ ...this.#common, ...labels }, this.measures, series(), this.#tracks);
    });
  }
}

type OwnTrack = { -readonly [key in keyof Track]: Track[key] };

/** Like on /metrics, cost is there from the beginning, others from their first amount. */
class LabelSet {
  readonly #labels: Labels;
  readonly #measures: readonly MeasureName[];
  readonly #series: readonly FamilySeries[];
  readonly #all: Track[];
  readonly #totals: bigint[];
  readonly #own: (OwnTrack | undefined)[] = [];

  constructor(labels: Labels, measures: readonly MeasureName[], series: readonly FamilySeries[], all: Track[]) {
    this.#labels = labels;
    this.#measures = measures;
    this.#series = series;
    this.#all = all;
    this.#totals = measures.map(() => 0n);
  }

  add(values: readonly bigint[]): void {
    for (const [index, value] of values.entries()) this.#totals[index] = (this.#totals[index] ?? 0n) + value;
    for (const [index, series] of this.#series.entries()) {
      const track = this.#own[index] ?? this.#appearing(index, series);
      if (track !== undefined) track.value = Number(this.#total(series.measure)) / series.divisor;
    }
  }

  #appearing(index: number, { name, labels, measure, shownWith }: FamilySeries): OwnTrack | undefined {
    if (measure !== 'cost' && this.#total(shownWith) === 0n) return undefined;
    const track = { name, labels: { ...this.#labels, ...labels }, value: 0 };
    this.#own[index] = track;
    this.#all.push(track);
    return track;
  }

  #total(measure: MeasureName): bigint {
    return this.#totals[this.#measures.indexOf(measure)] ?? 0n;
  }
}
