/** What the tokens of a request cost at given rates. */
import type { PicoUsd } from '../core/money.ts';
import type { RateClass } from './rates.ts';
import type { Price, ScaledRates } from './tariff.ts';
import type { RequestTokens } from './tokens.ts';

export const promptTokens = (tokens: RequestTokens): number => tokens.input + tokens.cacheRead + tokens.cacheCreation5m + tokens.cacheCreation1h;

/** The same request without a prompt cache. The length of the prompt, and with it the band of its price, stays the same. */
export const uncache = (tokens: RequestTokens): RequestTokens => ({
  input: promptTokens(tokens),
  output: tokens.output,
  cacheRead: 0,
  cacheCreation5m: 0,
  cacheCreation1h: 0,
});

/** The rates of one request or iteration. Fast mode has one price for prompts of any length. */
export function ratesFor(price: Price, tokens: RequestTokens, isFast: boolean): ScaledRates | undefined {
  if (isFast) return price.fast;
  return promptTokens(tokens) > price.longPromptTokens ? price.long : price.normal;
}

/** Pico-dollars, rounded half up. In doubles while every step is a whole number below 2^53, which is exact; beyond that in bigints. */
export function costOf(tokens: RequestTokens, { rates, exact }: ScaledRates, denominator: number): PicoUsd {
  const sum =
    tokens.input * rates.input +
    tokens.output * rates.output +
    tokens.cacheRead * rates.cacheRead +
    tokens.cacheCreation5m * rates.cacheWrite5m +
    tokens.cacheCreation1h * rates.cacheWrite1h;
  if (sum <= Number.MAX_SAFE_INTEGER) return BigInt(denominator === 1 ? sum : dividedHalfUp(sum, denominator));
  return bigDividedHalfUp(exactSum(tokens, exact), BigInt(denominator));
}

/** What one token of each class costs. */
export interface UnitPrices {
  readonly list: Readonly<Record<RateClass, bigint>>;
  readonly contracted: Readonly<Record<RateClass, bigint>>;
}

/** Pico-dollars for one token of each class, to the nearest. */
export function tokenPrices({ exact }: ScaledRates, denominator: number): UnitPrices['list'] {
  const price = (over: bigint): bigint => bigDividedHalfUp(over, BigInt(denominator));
  return {
    ...{ input: price(exact.input), output: price(exact.output), cacheRead: price(exact.cacheRead) },
    ...{ cacheWrite5m: price(exact.cacheWrite5m), cacheWrite1h: price(exact.cacheWrite1h) },
  };
}

/** The same of a request in parts that have bands of their own: rounded once, for all of them. Undefined where a part has no price. */
export function costOfParts(
  parts: readonly RequestTokens[],
  price: Price,
  isFast: boolean,
  charged = (part: RequestTokens) => part,
): PicoUsd | undefined {
  let sum = 0n;
  for (const part of parts) {
    const rates = ratesFor(price, part, isFast);
    if (rates === undefined) return undefined;
    sum += exactSum(charged(part), rates.exact);
  }
  return bigDividedHalfUp(sum, BigInt(price.denominator));
}

const exactSum = (tokens: RequestTokens, exact: ScaledRates['exact']): bigint =>
  BigInt(tokens.input) * exact.input +
  BigInt(tokens.output) * exact.output +
  BigInt(tokens.cacheRead) * exact.cacheRead +
  BigInt(tokens.cacheCreation5m) * exact.cacheWrite5m +
  BigInt(tokens.cacheCreation1h) * exact.cacheWrite1h;

/** The remainder of whole numbers is exact, and so is what it leaves divided. */
function dividedHalfUp(sum: number, denominator: number): number {
  const rest = sum % denominator;
  return (sum - rest) / denominator + (rest * 2 >= denominator ? 1 : 0);
}

const bigDividedHalfUp = (sum: bigint, denominator: bigint): bigint => (sum * 2n + denominator) / (denominator * 2n);
