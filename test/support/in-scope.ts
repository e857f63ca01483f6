/** What a scope leaves, said once more and independently of any store. */
import type { ReadScope, ScopeDimension } from '../../collector/catalog/read-scope.ts';

/** A dimension that `values` does not have is outside of every filter on it. */
export const isInScope = (scope: ReadScope, values: Readonly<Partial<Record<ScopeDimension, string>>>): boolean =>
  scope === 'all' ||
  scope.every(({ dimension, values: seen }) => {
    const value = values[dimension];
    return value !== undefined && seen.includes(value);
  });
