/**
 * The price book: what tokens cost at list price on the day they were used. Prices are dated data (anthropic.yaml
 * and the operator's own file); a new price is a new row, so that the past is never restated.
 */
import { startOfDay } from '../core/day.ts';
import { type PicoUsd, parseUsd } from '../core/money.ts';
import type { RequestTokens } from './tokens.ts';

/** USD per million tokens, as decimal strings with at most six decimals. */
export interface Rates {
  readonly input: string;
  readonly output: string;
  readonly cache_write_5m: string;
  readonly cache_write_1h: string;
  readonly cache_read: string;
}

/** From `from` (UTC day) until the model's next row. */
export interface PriceRow {
  readonly from: string;
  readonly normal: Rates;
  /** Absent: the model has no fast mode in this time, and fast requests have no list price. */
  readonly fast?: Rates | undefined;
  /** Rates for all tokens of a request whose prompt (input, cache reads and cache writes) is longer. */
  readonly above?: { readonly prompt_tokens: number; readonly normal: Rates } | undefined;
}

export type PriceTable = Readonly<Record<string, readonly PriceRow[]>>;

/** What one request costs at list price. */
export interface ListPrice {
  readonly cost: PicoUsd;
  /** The same without a prompt cache: every input token, read from it or written to it, at the price of uncached input. */
  readonly uncached: PicoUsd;
}

export interface PriceBook {
  /** Exact; undefined when the model, or the model at this speed, has no list price. */
  listPrice(model: string, tokens: RequestTokens, timeMs: number, options?: { readonly speed?: string | undefined }): ListPrice | undefined;
  /** The cost alone. Exact; undefined when the model, or the model at this speed, has no list price. */
  listCost(model: string, tokens: RequestTokens, timeMs: number, options?: { readonly speed?: string | undefined }): PicoUsd | undefined;
  /** Models that have a price, for views that say what is covered. */
  readonly models: readonly string[];
  /** What a model's tokens cost from when on, oldest first. Empty for a model without a price. */
  history(model: string): readonly PricePeriod[];
}

/** Pico-dollars for one token: whole numbers, since rates have at most six decimals per million. */
export interface TokenRates {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
}

type RatesOf = (...request: Parameters<PriceBook['listPrice']>) => TokenRates | undefined;

/** Holds until the model's next one begins. */
export interface PricePeriod {
  readonly fromMs: number;
  readonly normal: TokenRates;
  /** Undefined: no fast mode. */
  readonly fast: TokenRates | undefined;
  /** Prompts longer than this cost `long`; infinite where there is one price for all. */
  readonly longPromptTokens: number;
  readonly long: TokenRates;
}

/**
 * From the first day of a model's rows in a later table on, only that table's rows count for the model; before, the
 * earlier table's. So an operator's contract price neither restates the past nor ends when the built-in table grows.
 */
export function createPriceBook(tables: readonly PriceTable[]): PriceBook {
  const periods = new Map<string, readonly PricePeriod[]>();
  for (const table of tables) {
    for (const [model, rows] of Object.entries(table)) periods.set(model, overlay(periods.get(model), rows.map(toPeriod).sort(byStart)));
  }
  const ratesOf: RatesOf = (model, tokens, timeMs, options) => findRates(periods.get(model) ?? [], tokens, timeMs, options?.speed);
  return {
    models: [...periods.keys()],
    history: (model) => periods.get(model) ?? [],
    listPrice(model, tokens, timeMs, options) {
      const rates = ratesOf(model, tokens, timeMs, options);
      return rates && { cost: priceRequest(tokens, rates), uncached: priceRequest(uncache(tokens), rates) };
    },
    listCost(model, tokens, timeMs, options) {
      const rates = ratesOf(model, tokens, timeMs, options);
      return rates && priceRequest(tokens, rates);
    },
  };
}

function overlay(earlier: readonly PricePeriod[] = [], later: readonly PricePeriod[]): readonly PricePeriod[] {
  const firstMs = later[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  return [...earlier.filter((period) => period.fromMs < firstMs), ...later];
}

const byStart = (left: PricePeriod, right: PricePeriod): number => left.fromMs - right.fromMs;

function toPeriod(row: PriceRow): PricePeriod {
  const normal = toTokenRates(row.normal);
  return {
    fromMs: startOfDay(row.from),
    normal,
    fast: row.fast === undefined ? undefined : toTokenRates(row.fast),
    longPromptTokens: row.above?.prompt_tokens ?? Number.POSITIVE_INFINITY,
    long: row.above === undefined ? normal : toTokenRates(row.above.normal),
  };
}

function toTokenRates(rates: Rates): TokenRates {
  return {
    input: toTokenRate(rates.input),
    output: toTokenRate(rates.output),
    cacheWrite5m: toTokenRate(rates.cache_write_5m),
    cacheWrite1h: toTokenRate(rates.cache_write_1h),
    cacheRead: toTokenRate(rates.cache_read),
  };
}

/** Throws RangeError for what is no rate; files are checked with better words before (load.ts). */
function toTokenRate(perMillion: string): number {
  const amount = parseUsd(perMillion);
  if (amount === undefined || amount < 0n || amount % 1_000_000n !== 0n)
    throw new RangeError(`"${perMillion}" is not a price in USD per million tokens.`);
  return Number(amount / 1_000_000n);
}

/** The length of the prompt, and with it the band of its price, stays the same. */
const uncache = (tokens: RequestTokens): RequestTokens => ({
  input: promptTokens(tokens),
  output: tokens.output,
  cacheRead: 0,
  cacheCreation5m: 0,
  cacheCreation1h: 0,
});

const promptTokens = (tokens: RequestTokens): number => tokens.input + tokens.cacheRead + tokens.cacheCreation5m + tokens.cacheCreation1h;

/** The prices of a model that hold at an instant; undefined where it has none. */
export const priceAt = (prices: Pick<PriceBook, 'history'>, model: string, atMs: number): PricePeriod | undefined =>
  holdingAt(prices.history(model), atMs);

/** Before its first row a model has that row's price: announced and actual first days differ by a day or two. */
const holdingAt = (history: readonly PricePeriod[], atMs: number): PricePeriod | undefined =>
  history.findLast(({ fromMs }) => fromMs <= atMs) ?? history[0];

function findRates(history: readonly PricePeriod[], tokens: RequestTokens, timeMs: number, speed: string | undefined): TokenRates | undefined {
  const period = holdingAt(history, timeMs);
  if (period === undefined) return undefined;
  if (speed === 'fast') return period.fast;
  return promptTokens(tokens) > period.longPromptTokens ? period.long : period.normal;
}

/** In doubles while every step is a whole number below 2^53, which is exact; beyond that in bigints. */
function priceRequest(tokens: RequestTokens, rates: TokenRates): PicoUsd {
  const sum =
    tokens.input * rates.input +
    tokens.output * rates.output +
    tokens.cacheRead * rates.cacheRead +
    tokens.cacheCreation5m * rates.cacheWrite5m +
    tokens.cacheCreation1h * rates.cacheWrite1h;
  if (sum <= Number.MAX_SAFE_INTEGER) return BigInt(sum);
  return (
    BigInt(tokens.input) * BigInt(rates.input) +
    BigInt(tokens.output) * BigInt(rates.output) +
    BigInt(tokens.cacheRead) * BigInt(rates.cacheRead) +
    BigInt(tokens.cacheCreation5m) * BigInt(rates.cacheWrite5m) +
    BigInt(tokens.cacheCreation1h) * BigInt(rates.cacheWrite1h)
  );
}
