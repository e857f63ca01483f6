/**
 * What descriptions of Google Cloud's SKUs say of Claude's tokens. Google documents the columns, not these texts; "Claude Opus 5 Cache Read Tokens" and
 * the like are taken by their words, in this order.
 */
import type { TokenClass } from '../statement-line.ts';

const CLASSES: readonly (readonly [words: RegExp, tokenClass: TokenClass])[] = [
  [/cach\w*.*(?:write|creat).*\b(?:1\s*h|1[- ]?hour|one[- ]hour)|\b(?:1\s*h|1[- ]?hour|one[- ]hour)\b.*cach\w*.*(?:write|creat)/i, 'cache_write_1h'],
  [/cach\w*.*(?:write|creat).*\b5\s*-?\s*m|\b5\s*-?\s*m\w*\b.*cach\w*.*(?:write|creat)/i, 'cache_write_5m'],
  [/cach\w*.*(?:write|creat)/i, 'cache_write'],
  [/cach\w*.*(?:read|hit)|cached input/i, 'cache_read'],
  [/\boutput\b|\bresponse\b/i, 'output'],
  [/\binput\b|\bprompt\b/i, 'input'],
];

export interface Sku {
  readonly tokenClass: TokenClass | undefined;
  readonly serviceTier: string | undefined;
}

export function skuOf(description: string): Sku {
  const tokenClass = CLASSES.find(([words]) => words.test(description))?.[1];
  return { tokenClass, serviceTier: tokenClass === undefined ? undefined : /\bbatch/i.test(description) ? 'batch' : 'standard' };
}
