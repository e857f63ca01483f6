/** Figures made of amounts: what collector/catalog/figures.ts defines, as PromQL. */
import { DERIVED, type Derived, type FigureName, isDerived, PERCENTILES, type Percentile } from '../../collector/catalog/figures.ts';
import { isMeasure, MEASURES, type MeasureName } from '../../collector/catalog/measures.ts';

/** How a figure reads its amounts: by which labels, and when. */
export interface Amounts {
  /** `like`: measures whose rows are zero where these have none. */
  sum(measures: readonly MeasureName[], like?: readonly MeasureName[]): string;
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

/** A figure without rows. Of rows those that are zero fall away, and those that are not known with them. */
export function totalExpr(name: FigureName, amounts: Amounts): string {
  const total = figureExpr(name, amounts);
  if (!isDerived(name)) return total;
  const { plus, unpriced }: Derived = DERIVED[name];
  return unpriced === undefined ? total : `${total} unless (${amounts.sum([unpriced])} > 0 unless ${amounts.sum(plus)} > ${NOTHING})`;
}

/** Can what a figure shows of several rows be added up? */
export const isSum = (name: FigureName): boolean => isMeasure(name) || (isDerived(name) && !('over' in DERIVED[name]));

/** Nothing is subtracted outside of its parentheses. */
const isOneCall = (expr: string): boolean => !outermost(expr).includes(' - ');
const outermost = (expr: string): string => {
  const shorter = expr.replaceAll(/\([^()]*\)/g, '');
  return shorter === expr ? expr : outermost(shorter);
};
const grouped = (expr: string): string => (isOneCall(expr) ? expr : `(${expr})`);
const times = (factor: number, expr: string): string => (factor === 1 ? expr : `${factor} * ${grouped(expr)}`);

function derivedExpr({ unit, plus, minus, over, scale = 1 }: Derived, amounts: Amounts): string {
  const factor = scale * (unit === 'ms' ? MS_PER_SECOND : 1);
  if (over === undefined) return times(factor, difference(plus, minus, amounts));
  if (minus !== undefined) throw new Error('A share of a difference has no expression yet.');
  // Nothing to divide by is no figure, never zero.
  return times(factor, shareOf(amounts.sum(plus, over), amounts.sum(over)));
}

export const shareOf = (part: string, whole: string): string => `${grouped(part)} / (${whole} > ${NOTHING})`;

function difference(plus: readonly MeasureName[], minus: readonly MeasureName[] | undefined, amounts: Amounts): string {
  if (minus === undefined) return amounts.sum(plus);
  return `${grouped(amounts.sum(plus))} - ${grouped(amounts.sum(minus, plus))}`;
}

/** The quantile of nothing is no number, which a comparison drops. */
const percentileExpr = (percentile: Percentile, amounts: Amounts): string =>
  `histogram_quantile(${percentile.quantile}, ${amounts.buckets(percentile)}) >= 0`;
