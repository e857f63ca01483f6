/** What a token of each class costs: as files have it, and as whole numbers. */
import { parseUsd } from '../core/money.ts';

/** USD per million tokens, as decimal strings with at most six decimals. */
export interface Rates {
  readonly input: string;
  readonly output: string;
  readonly cache_write_5m: string;
  readonly cache_write_1h: string;
  readonly cache_read: string;
}

/** Pico-dollars for one token: whole numbers, since rates have at most six decimals per million. */
export interface TokenRates {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
}

export type RateClass = keyof TokenRates;

/** How files and the configuration spell the classes. */
export const RATE_CLASSES = {
  input: 'input',
  output: 'output',
  cache_write_5m: 'cacheWrite5m',
  cache_write_1h: 'cacheWrite1h',
  cache_read: 'cacheRead',
} as const satisfies Record<keyof Rates, RateClass>;

export const RATE_CLASS_NAMES = Object.keys(RATE_CLASSES) as (keyof Rates)[];

export const toTokenRates = (rates: Rates): TokenRates => ({
  input: toTokenRate(rates.input),
  output: toTokenRate(rates.output),
  cacheWrite5m: toTokenRate(rates.cache_write_5m),
  cacheWrite1h: toTokenRate(rates.cache_write_1h),
  cacheRead: toTokenRate(rates.cache_read),
});

/** Throws RangeError for what is no rate; files are checked with better words before (load.ts). */
function toTokenRate(perMillion: string): number {
  const amount = parseUsd(perMillion);
  if (amount === undefined || amount < 0n || amount % 1_000_000n !== 0n)
    throw new RangeError(`"${perMillion}" is not a price in USD per million tokens.`);
  return Number(amount / 1_000_000n);
}
