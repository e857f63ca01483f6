/** Figures made of sums: what collector/catalog/figures.ts defines, as SQL. Money is numeric throughout, never a float. */
import { DERIVED, type Derived, type FigureName, figureUnit, isDerived, PERCENTILES, type Percentile } from '../../../collector/catalog/figures.ts';
import { isMeasure, type MeasureName } from '../../../collector/catalog/measures.ts';
import { text } from './names.ts';

/** USD of pico-dollars. */
const USD = '1e-12::numeric';

/** `isAlone`: not by anything, where a sum of no rows is zero. `isRaw`: to be compared only, in the ledger's own units. */
export interface Sums {
  readonly isAlone: boolean;
  readonly isRaw?: true;
}

export function figureSql(name: FigureName, sums: Sums): string {
  if (isMeasure(name)) return scaled(sum([name], [], sums), name, sums);
  if (isDerived(name)) return derivedSql(name, DERIVED[name], sums);
  return percentileSql(PERCENTILES[name]);
}

export function sum(plus: readonly MeasureName[], minus: readonly MeasureName[], { isAlone }: Sums): string {
  const total = `sum(${[plus.join(' + '), ...minus].join(' - ')})`;
  return isAlone ? `coalesce(${total}, 0)` : total;
}

const scaled = (amount: string, name: FigureName, { isRaw }: Sums): string =>
  figureUnit(name) === 'usd' && isRaw !== true ? `${amount} * ${USD}` : amount;

function derivedSql(name: FigureName, { plus, minus = [], over, scale = 1, unpriced }: Derived, sums: Sums): string {
  const amount = scaled(sum(plus, minus, sums), name, sums);
  // Nothing to divide by is no figure, never zero.
  if (over !== undefined) return `${scale === 1 ? '' : `${scale} * `}${amount} / nullif(sum(${over.join(' + ')}), 0)`;
  if (unpriced === undefined) return amount;
  return `CASE WHEN ${sum(plus, [], sums)} <> 0 OR ${sum([unpriced], [], sums)} = 0 THEN ${amount} END`;
}

function percentileSql({ quantile, buckets, count }: Percentile): string {
  const bounds = text(`{${buckets.map(([bound]) => bound).join()}}`);
  return `quantile(${quantile}, sum(${count}), ${bounds}, ARRAY[${buckets.map(([, measure]) => `sum(${measure})`).join(', ')}])`;
}
