/** What a figure of the catalog amounts to, from the sums of its measures. */

import { DERIVED, type Derived, type FigureName, isDerived, isPercentile, PERCENTILES, type Percentile } from './figures.ts';
import { isMeasure, type MeasureName } from './measures.ts';
import type { Filter } from './values.ts';

/**
 * A bigint is exact: pico-dollars for money, the measure's own unit for the rest. A number is a ratio, a mean or a percentile.
 * Null: there is no such figure, since there is nothing to divide by, or nothing that has a price.
 */
export type FigureValue = bigint | number | null;

/** The sum of a measure. */
export type Sum = (measure: MeasureName) => bigint;

/** Every measure that the figures are made of, each once. */
export function measuresOf(figures: readonly FigureName[]): readonly MeasureName[] {
  return [...new Set(figures.flatMap(partsOf))];
}

function partsOf(name: FigureName): readonly MeasureName[] {
  if (isMeasure(name)) return [name];
  if (isPercentile(name)) return [...PERCENTILES[name].buckets.map(([, count]) => count), PERCENTILES[name].count];
  if (!isDerived(name)) return [];
  const { plus, minus = [], over = [] }: Derived = DERIVED[name];
  const unpriced = unpricedOf(name);
  return [...plus, ...minus, ...over, ...(unpriced === undefined ? [] : [unpriced])];
}

/**
 * Is it a share of what is shown beside it, of a whole that is not? Then it says nothing of its own where it is zero: no model has a row for
 * a share of no errors.
 */
export function isShareOfShown(name: FigureName, shown: readonly FigureName[]): boolean {
  const { plus, over = [] }: Partial<Derived> = isDerived(name) ? DERIVED[name] : {};
  if (plus === undefined || over.length === 0) return false;
  const parts = new Set(shown.filter(isSum).flatMap(partsOf));
  return plus.every((measure) => parts.has(measure)) && !over.every((measure) => parts.has(measure));
}

/** What a figure leaves out where its price is not known. */
export const unpricedOf = (name: FigureName): MeasureName | undefined => {
  const { unpriced }: Partial<Derived> = isDerived(name) ? DERIVED[name] : {};
  return unpriced;
};

/** Clients name the model of what a request makes; of all this they do not. */
const NOT_BY_MODEL: ReadonlySet<MeasureName> = new Set([
  'sessions',
  'session_starts',
  'prompts',
  'active_user_ms',
  'active_cli_ms',
  'lines_added',
  'lines_removed',
  'commits',
  'pull_requests',
  'edits_accepted',
  'edits_rejected',
  'tool_calls',
  'tool_failures',
  'tool_duration_ms',
  'compactions',
]);

/** Is the figure known for what the filters leave? Zero would pretend to know. */
export function isAvailable(name: FigureName, where: readonly Filter[]): boolean {
  const isOfModels = where.some(({ dimension, values }) => dimension === 'model' && !values.includes(''));
  return !isOfModels || !partsOf(name).some((measure) => NOT_BY_MODEL.has(measure));
}

/** Can the figure be added up: is the whole the sum of its parts? */
export const isSum = (name: FigureName): boolean => isMeasure(name) || (isDerived(name) && !('over' in DERIVED[name]));

export function figureValue(name: FigureName, sum: Sum): FigureValue {
  if (isMeasure(name)) return sum(name);
  if (isPercentile(name)) return percentileOf(PERCENTILES[name], sum);
  return isDerived(name) ? derivedValue(DERIVED[name], sum) : null;
}

function derivedValue({ unit, plus, minus = [], over, scale = 1, unpriced }: Derived, sum: Sum): FigureValue {
  const total = (names: readonly MeasureName[]) => names.reduce((before, measure) => before + sum(measure), 0n);
  const amount = total(plus) - total(minus);
  if (unpriced !== undefined && total(plus) === 0n && sum(unpriced) > 0n) return null;
  if (over === undefined) return amount;
  const parts = total(over);
  if (parts === 0n) return null;
  // Money stays exact to the pico-dollar; everything else that is divided is for the eye.
  return unit === 'usd' ? (amount * BigInt(scale)) / parts : (Number(amount) / Number(parts)) * scale;
}

/** As histogram_quantile has it: evenly spread within the bucket, the first one from zero; beyond the last bucket its bound. */
function percentileOf({ quantile, buckets, count }: Percentile, sum: Sum): number | null {
  const all = Number(sum(count));
  if (all <= 0) return null;
  const rank = quantile * all;
  let [below, from] = [0, 0];
  for (const [bound, measure] of buckets) {
    const upTo = Number(sum(measure));
    if (upTo >= rank) return from + (bound - from) * ((rank - below) / (upTo - below));
    [below, from] = [upTo, bound];
  }
  return from;
}
