/** What tokens cost at list price, on the model that used them or on another. */
import type { Sum } from '../catalog/figure-values.ts';
import type { MeasureName } from '../catalog/measures.ts';
import type { PriceBook, TokenRates } from '../pricing/price-book.ts';

/** The classes of the series of tokens; writes with the one-hour lifetime apart, since they cost more. */
export const RATE_OF_CLASS = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_creation: 'cacheWrite5m',
  cache_creation_1h: 'cacheWrite1h',
} as const satisfies Record<string, keyof TokenRates>;

/** Tokens by the class they are priced in. */
export type PricedTokens = Readonly<Record<keyof TokenRates, bigint>>;

export const TOKEN_MEASURES = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_creation_tokens',
  'cache_creation_1h_tokens',
] as const satisfies readonly MeasureName[];

export function pricedTokens(sum: Sum): PricedTokens {
  const [written, writtenForAnHour] = [sum('cache_creation_tokens'), sum('cache_creation_1h_tokens')];
  // Both come from different sources; one may know less than the other.
  const cacheWrite1h = writtenForAnHour < written ? writtenForAnHour : written;
  return {
    input: sum('input_tokens'),
    output: sum('output_tokens'),
    cacheRead: sum('cache_read_tokens'),
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
  };
}

/** Exact: tokens are whole, and so are pico-dollars for one. */
export const listCostOf = (tokens: PricedTokens, rates: TokenRates): bigint =>
  Object.values(RATE_OF_CLASS).reduce((sum, name) => sum + tokens[name] * BigInt(rates[name]), 0n);

/** The newest of each line of models, such as claude-opus: what somebody would change to. */
export function newestModels({ models, history }: PriceBook, atMs: number): string[] {
  const newest = new Map<string, { readonly model: string; readonly fromMs: number }>();
  for (const model of models) {
    const line = model
      .split('-')
      .filter((part) => !/^\d|^preview$/.test(part))
      .join('-');
    const fromMs = history(model)[0]?.fromMs ?? 0;
    if (fromMs <= atMs && fromMs > (newest.get(line)?.fromMs ?? -1)) newest.set(line, { model, fromMs });
  }
  return [...newest.values()].map(({ model }) => model);
}
