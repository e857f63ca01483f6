/**
 * Charges: what a group of records cost in one day, a row for each class of tokens. FOCUS and the AWS-shaped export are renderings of them.
 * The effective costs of a group's charges add up to its booked cost, to the last pico-dollar.
 */
import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { PicoUsd } from '../core/money.ts';
import type { Row } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { split } from './split.ts';
import { TOKEN_CLASSES, type TokenClass } from './token-classes.ts';

/** What charges are grouped by whatever else is asked for: price, provider and accounts hang on them. */
export const CHARGE_DIMENSIONS = ['organization', 'team', 'model', 'speed', 'provider', 'region'] as const satisfies readonly DimensionName[];

export const CHARGE_MEASURES = [
  'cost',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_creation_tokens',
  'cache_creation_1h_tokens',
] as const satisfies readonly MeasureName[];

/** Tokens of one class at its prices. */
export interface Priced {
  readonly tokenClass: TokenClass;
  readonly tokens: bigint;
  /** Pico-dollars for one token: as published, and as agreed (the operator's own price file, and `prices` of the configuration). */
  readonly listPrice: bigint;
  readonly contractedPrice: bigint;
}

export interface Charge {
  /** By dimension, as stored. */
  readonly values: ReadonlyMap<DimensionName, string>;
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined: what was booked without tokens, or for tokens that have no price. */
  readonly priced: Priced | undefined;
  /** Tokens that have no price. */
  readonly unpricedTokens: bigint;
  /** The booked cost. */
  readonly effective: PicoUsd;
  /** What a bill says of it; undefined until one is imported. Never an estimate. */
  readonly billed: PicoUsd | undefined;
}

/** The value of a dimension as stored; null where it is not known. */
export const nameOrNull = ({ values }: Charge, dimension: DimensionName): string | null => values.get(dimension) || null;

export interface ChargePrices {
  /** What is published. */
  readonly list: PriceBook;
  /** What is paid: under the operator's own prices, and what was agreed. */
  readonly contracted: PriceBook;
}

export interface ChargePeriod {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The charges of one row of a query by `by` over CHARGE_MEASURES. None where nothing was booked and nothing was used. */
export function chargesOf(row: Row, by: readonly DimensionName[], period: ChargePeriod, prices: ChargePrices): readonly Charge[] {
  const values = new Map(by.map((dimension, index) => [dimension, row.key[index] ?? '']));
  const [cost = 0n] = row.values;
  const tokens = tokensByClass(row.values);
  const common = { values, ...period, billed: undefined };
  const priced = pricedClasses(tokens, values, period.fromMs, prices);
  if (priced.length === 0) {
    const unpricedTokens = [...tokens.values()].reduce((sum, count) => sum + count, 0n);
    return cost === 0n && unpricedTokens === 0n ? [] : [{ ...common, priced: undefined, unpricedTokens, effective: cost }];
  }
  const parts = split(cost, weightsOf(priced));
  return priced.map((one, index) => ({ ...common, priced: one, unpricedTokens: 0n, effective: parts[index] ?? 0n }));
}

/** One-hour writes are part of all writes. The former are reported by events alone, so they may be more than what was booked. */
function tokensByClass([, input = 0n, output = 0n, cacheRead = 0n, written = 0n, written1h = 0n]: readonly bigint[]): Map<TokenClass, bigint> {
  const cacheWrite1h = written1h < written ? written1h : written;
  const counts = { input, output, cacheRead, cacheWrite5m: written - cacheWrite1h, cacheWrite1h };
  return new Map(TOKEN_CLASSES.map((tokenClass) => [tokenClass, counts[tokenClass]]));
}

/** Classes that have tokens. None where the model has no price. */
function pricedClasses(
  tokens: ReadonlyMap<TokenClass, bigint>,
  values: ReadonlyMap<DimensionName, string>,
  atMs: number,
  prices: ChargePrices,
): readonly Priced[] {
  const options = { speed: values.get('speed'), provider: values.get('provider'), region: values.get('region') };
  const model = values.get('model') ?? '';
  // The sums of a day do not say which requests had a long prompt: all are priced as ordinary ones.
  const own = prices.contracted.unitPrices(model, atMs, options);
  if (own === undefined) return [];
  // A price of the operator's own may be the only one there is.
  const list = prices.list.unitPrices(model, atMs, options)?.list ?? own.list;
  return [...tokens]
    .filter(([, count]) => count !== 0n)
    .map(([tokenClass, count]) => ({
      tokenClass,
      tokens: count,
      listPrice: list[tokenClass],
      contractedPrice: own.contracted[tokenClass],
    }));
}

/** By what each class costs at the price that is paid; by their tokens where all of them are free. */
function weightsOf(priced: readonly Priced[]): readonly bigint[] {
  const costs = priced.map(({ tokens, contractedPrice }) => notNegative(tokens * contractedPrice));
  if (costs.some((cost) => cost > 0n)) return costs;
  const counts = priced.map(({ tokens }) => notNegative(tokens));
  return counts.some((count) => count > 0n) ? counts : priced.map(() => 1n);
}

/** A correction may take away what another day has: its cost is what is left elsewhere. */
const notNegative = (amount: bigint): bigint => (amount < 0n ? 0n : amount);
