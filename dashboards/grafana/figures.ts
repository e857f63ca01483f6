/** Figures made of amounts: what collector/catalog/figures.ts defines, as PromQL. */
import { DERIVED, type Derived, type FigureName, isDerived, PERCENTILES, type Percentile } from '../../collector/catalog/figures.ts';
import { isMeasure, MEASURES, type MeasureName } from '../../collector/catalog/measures.ts';
import type { Source } from './sources.ts';

/** How a figure reads its amounts: by which labels, when, and of which rows. */
export interface Amounts {
  readonly by: readonly string[];
  /** Rows without an amount are absent, not zero. */
  readonly isSparse: boolean;
  sources(measures: readonly MeasureName[]): readonly Source[];
  sum(measures: readonly MeasureName[]): string;
  /** Cumulative counts by the labels and le. */
  buckets(percentile: Percentile): string;
}

/** Series are in seconds, figures in milliseconds. */
const MS_PER_SECOND = 1_000;

/** Two sums of floats that differ by less are the same amount: a cached token costs more. */
export const NOTHING = '1e-9';

export function figureExpr(name: FigureName, amounts: Amounts): string {
  if (isMeasure(name)) return times(MEASURES[name].unit === 'ms' ? MS_PER_SECOND : 1, amounts.sum([name]));
  if (isDerived(name)) return derivedExpr(DERIVED[name], amounts);
  return percentileExpr(PERCENTILES[name], amounts);
}

/** The measures whose presence decides whether there is a figure at all. */
export function mainMeasures(name: FigureName): readonly MeasureName[] {
  if (isMeasure(name)) return [name];
  return isDerived(name) ? DERIVED[name].plus : [PERCENTILES[name].count];
}

/** Can what a figure shows of several rows be added up? */
export const isSum = (name: FigureName): boolean => isMeasure(name) || (isDerived(name) && !('over' in DERIVED[name]));

const times = (factor: number, expr: string): string => (factor === 1 ? expr : `${factor} * ${expr}`);

function derivedExpr({ unit, plus, minus, over, scale = 1 }: Derived, amounts: Amounts): string {
  const factor = scale * (unit === 'ms' ? MS_PER_SECOND : 1);
  if (over === undefined) return times(factor, difference(plus, minus, amounts));
  const below = amounts.sum(over);
  const above = filledFrom(difference(plus, minus, amounts), below, guardOf(amounts.sources(plus), amounts.sources(over)), amounts);
  // Nothing to divide by is no figure, never zero.
  return times(factor, `(${above} / (${below} > ${NOTHING}))`);
}

function difference(plus: readonly MeasureName[], minus: readonly MeasureName[] | undefined, amounts: Amounts): string {
  const first = amounts.sum(plus);
  if (minus === undefined) return first;
  return `(${first} - ${filledFrom(amounts.sum(minus), first, guardOf(amounts.sources(minus), amounts.sources(plus)), amounts)})`;
}

/** What a row of `from` lacks is zero there, unless it lacks it because it does not have what was chosen. */
export function filledFrom(expr: string, from: string, answers: string | undefined, { isSparse }: Amounts): string {
  if (!isSparse) return expr;
  return `(${expr} or ${answers === undefined ? `${from} * 0` : `(${from} * 0 and on () (${answers}))`})`;
}

/** When the others answer for a choice that these do not have: the condition under which these can. */
export function guardOf(these: readonly Source[], others: readonly Source[]): string | undefined {
  const answers = [...new Set(these.map((source) => source.answers))];
  return others.every((source) => answers.includes(source.answers)) ? undefined : answers.join(' or ');
}

/** The quantile of nothing is no number, which a comparison drops. */
const percentileExpr = (percentile: Percentile, amounts: Amounts): string =>
  `(histogram_quantile(${percentile.quantile}, ${amounts.buckets(percentile)}) >= 0)`;
