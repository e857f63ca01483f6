/** What parts of a request cost: at its own list price, or less where it cost less than that. */
import type { PicoUsd } from '../../core/money.ts';
import { type PriceBook, priceAt, type TokenRates } from '../../pricing/price-book.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { CourseRequest } from '../explain/courses.ts';

export type Prices = Pick<PriceBook, 'history' | 'models'>;

/** Those of its model, day, speed and length; undefined where it has no list price. */
export function ratesOf(prices: Prices, { dims, timeMs, prompt }: CourseRequest): TokenRates | undefined {
  const period = priceAt(prices, dims.model, timeMs);
  if (period === undefined || dims.speed === 'fast') return period?.fast;
  return prompt > period.longPromptTokens ? period.long : period.normal;
}

const times = (tokens: number, rate: number): PicoUsd => BigInt(tokens) * BigInt(rate);

/** At list price. Exact. */
export const priced = (tokens: Partial<RequestTokens>, rates: TokenRates): PicoUsd =>
  times(tokens.input ?? 0, rates.input) +
  times(tokens.output ?? 0, rates.output) +
  times(tokens.cacheRead ?? 0, rates.cacheRead) +
  times(tokens.cacheCreation5m ?? 0, rates.cacheWrite5m) +
  times(tokens.cacheCreation1h ?? 0, rates.cacheWrite1h);

/**
 * A part of a request's list price as a part of what it cost. What it cost beyond list price may be a fee, such as that of a web search, and
 * is nothing that other tokens would have saved.
 */
export function asPaid(part: PicoUsd, { cost, tokens }: CourseRequest, rates: TokenRates): PicoUsd {
  const list = priced(tokens, rates);
  return list > cost && list > 0n ? (part * cost) / list : part;
}

/**
 * What of a prompt lies between two places in it, in tokens from its beginning. A prompt is what was read from the cache, then what was
 * written to it, the longer lifetime first, then the rest.
 */
export function between({ tokens }: CourseRequest, from: number, to: number): RequestTokens {
  let start = 0;
  const take = (count: number): number => {
    const part = Math.min(to, start + count) - Math.max(from, start);
    start += count;
    return Math.max(0, part);
  };
  const cacheRead = take(tokens.cacheRead);
  const cacheCreation1h = take(tokens.cacheCreation1h);
  const cacheCreation5m = take(tokens.cacheCreation5m);
  return { cacheRead, cacheCreation1h, cacheCreation5m, input: take(tokens.input), output: 0 };
}
