/** What tokens cost at given rates, and the lifetimes that cache writes may have had. */
import type { PicoUsd } from '../../core/money.ts';
import type { TokenRates } from '../price-book.ts';
import type { RequestTokens } from '../tokens.ts';

/** Exact: in doubles while every step is a whole number below 2^53, beyond that in bigints. */
export function costOf(tokens: RequestTokens, rates: TokenRates): PicoUsd {
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

export const writesOf = ({ cacheCreation5m, cacheCreation1h }: RequestTokens): number => cacheCreation5m + cacheCreation1h;

/** So many of its cache writes for an hour, the others for five minutes. */
export const withHourWrites = (tokens: RequestTokens, hourWrites: number): RequestTokens => ({
  ...tokens,
  cacheCreation5m: writesOf(tokens) - hourWrites,
  cacheCreation1h: hourWrites,
});

export const allFiveMinutes = (tokens: RequestTokens): RequestTokens => withHourWrites(tokens, 0);
export const allOneHour = (tokens: RequestTokens): RequestTokens => withHourWrites(tokens, writesOf(tokens));
