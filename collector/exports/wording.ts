/** What charges are called in the files of others. */
import type { DimensionName } from '../catalog/measures.ts';
import type { Charge } from './charges.ts';
import type { TokenClass } from './token-classes.ts';

/** Prices are published for so many tokens. */
export const TOKENS_PER_UNIT = 1_000_000n;

interface TokenWords {
  /** Part of an id: small letters and underscores. */
  readonly id: string;
  readonly meter: string;
}

const WORDS: Readonly<Record<TokenClass, TokenWords>> = {
  input: { id: 'input', meter: 'Input Tokens' },
  output: { id: 'output', meter: 'Output Tokens' },
  cacheRead: { id: 'cache_read', meter: 'Cache Read Tokens' },
  cacheWrite5m: { id: 'cache_write_5m', meter: 'Cache Write Tokens (5 Minutes)' },
  cacheWrite1h: { id: 'cache_write_1h', meter: 'Cache Write Tokens (1 Hour)' },
};

export const tokenWords = (tokenClass: TokenClass): TokenWords => WORDS[tokenClass];

/** What is known of these dimensions as a JSON object; null where nothing is. `prefix` stands before each key. */
export function tagsOf(charge: Charge, dimensions: readonly DimensionName[], prefix = ''): string | null {
  const known = dimensions.flatMap((dimension) => {
    const value = charge.values.get(dimension) ?? '';
    return value === '' ? [] : [[`${prefix}${dimension}`, value] as const];
  });
  return known.length === 0 ? null : JSON.stringify(Object.fromEntries(known));
}
