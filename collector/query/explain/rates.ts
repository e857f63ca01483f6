/** What tokens cost at list price, where findings say what they would have cost otherwise. */
import type { TokenRates } from '../../pricing/price-book.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { Slice } from './slice.ts';

/** Sums of several requests: more than one request could have. */
export const tokensOf = (slice: Slice): RequestTokens => {
  const written = slice.count('cache_creation_tokens');
  const cacheCreation1h = Math.min(written, slice.count('cache_creation_1h_tokens'));
  return {
    input: slice.count('input_tokens'),
    output: slice.count('output_tokens'),
    cacheRead: slice.count('cache_read_tokens'),
    cacheCreation5m: written - cacheCreation1h,
    cacheCreation1h,
  };
};

/** In pico-dollars. */
const inputCost = (tokens: RequestTokens, rates: TokenRates): number =>
  tokens.input * rates.input +
  tokens.cacheRead * rates.cacheRead +
  tokens.cacheCreation5m * rates.cacheWrite5m +
  tokens.cacheCreation1h * rates.cacheWrite1h;

export const costAt = (tokens: RequestTokens, rates: TokenRates): number => inputCost(tokens, rates) + tokens.output * rates.output;

/** What of the cost is that of the input, by list price; undefined where there is no price or no token. */
export function inputShare(tokens: RequestTokens, rates: TokenRates | undefined): number | undefined {
  if (rates === undefined) return undefined;
  const all = costAt(tokens, rates);
  return all > 0 ? inputCost(tokens, rates) / all : undefined;
}
