/** The classes of tokens that charges are split by. */
import type { TokenRates } from '../pricing/price-book.ts';

/** In the order of the rows. */
export const TOKEN_CLASSES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const satisfies readonly (keyof TokenRates)[];
export type TokenClass = (typeof TOKEN_CLASSES)[number];
