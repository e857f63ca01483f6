/** The dated rows of price tables, and the periods that they are for a model. */
import { startOfDay } from '../core/day.ts';
import { type Rates, type TokenRates, toTokenRates } from './rates.ts';

/** From `from` (UTC day) until the model's next row. */
export interface PriceRow {
  readonly from: string;
  /** Where the price was read. */
  readonly source?: string | undefined;
  /** Do factors of regions, batches and inference apply? Without it: to what is published, not to the operator's own rows. */
  readonly factors?: boolean | undefined;
  readonly normal: Rates;
  /** Absent: the model has no fast mode in this time, and fast requests have no list price. */
  readonly fast?: Rates | undefined;
  /** Rates for all tokens of a request whose prompt (input, cache reads and cache writes) is longer. */
  readonly above?: { readonly prompt_tokens: number; readonly normal: Rates } | undefined;
}

export type PriceTable = Readonly<Record<string, readonly PriceRow[]>>;

/** Built in, of the operator's own file, or learnt from what clients charged. */
export type PriceOrigin = 'built_in' | 'own' | 'learnt';

/** Holds until the model's next one begins. */
export interface PricePeriod {
  readonly fromMs: number;
  readonly normal: TokenRates;
  /** Undefined: no fast mode. */
  readonly fast: TokenRates | undefined;
  /** Prompts longer than this cost `long`; infinite where there is one price for all. */
  readonly longPromptTokens: number;
  readonly long: TokenRates;
  readonly hasFactors: boolean;
  readonly origin: PriceOrigin;
  readonly source: string | undefined;
}

/**
 * From the first day of a model's rows in a later table on, only that table's rows count for the model; before, the
 * earlier table's. So an operator's own price neither restates the past nor ends when the built-in table grows.
 */
export function periodsOf(tables: readonly PriceTable[]): ReadonlyMap<string, readonly PricePeriod[]> {
  const periods = new Map<string, readonly PricePeriod[]>();
  for (const [index, table] of tables.entries()) {
    for (const [model, rows] of Object.entries(table)) {
      const later = rows.map((row) => toPeriod(row, index === 0 ? 'built_in' : 'own')).sort(byStart);
      periods.set(model, overlay(periods.get(model), later));
    }
  }
  return periods;
}

function overlay(earlier: readonly PricePeriod[] = [], later: readonly PricePeriod[]): readonly PricePeriod[] {
  const firstMs = later[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  return [...earlier.filter((period) => period.fromMs < firstMs), ...later];
}

const byStart = (left: PricePeriod, right: PricePeriod): number => left.fromMs - right.fromMs;

export function toPeriod(row: PriceRow, origin: PriceOrigin): PricePeriod {
  const normal = toTokenRates(row.normal);
  return {
    fromMs: startOfDay(row.from),
    normal,
    fast: row.fast === undefined ? undefined : toTokenRates(row.fast),
    longPromptTokens: row.above?.prompt_tokens ?? Number.POSITIVE_INFINITY,
    long: row.above === undefined ? normal : toTokenRates(row.above.normal),
    hasFactors: row.factors ?? origin !== 'own',
    origin,
    source: row.source,
  };
}

/** Before its first row a model has that row's price: announced and actual first days differ by a day or two. */
export const holdingAt = <Dated extends { readonly fromMs: number }>(history: readonly Dated[], atMs: number): Dated | undefined =>
  history.findLast(({ fromMs }) => fromMs <= atMs) ?? history[0];
