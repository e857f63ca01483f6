/** What one token of each class costs at an instant, in pico-dollars. */
import { type PriceBook, priceAt, type TokenRates } from '../pricing/price-book.ts';

/** In the order of the rows. */
export const TOKEN_CLASSES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const satisfies readonly (keyof TokenRates)[];
export type TokenClass = (typeof TOKEN_CLASSES)[number];

/** The price of ordinary prompts: the sums of a day do not say which requests had a longer one. Undefined: the model has no price at this speed. */
export function unitPrices(prices: PriceBook, model: string, speed: string, atMs: number): TokenRates | undefined {
  const period = priceAt(prices, model, atMs);
  return speed === 'fast' ? period?.fast : period?.normal;
}
