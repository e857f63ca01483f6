/** Whether something of these values is inside a scope. A dimension that `values` does not have is outside of every filter on it. */
import type { ReadScope, ScopeDimension } from '../../collector/catalog/read-scope.ts';

export const isInScope = (scope: ReadScope, values: Readonly<Partial<Record<ScopeDimension, string>>>): boolean =>
  scope === 'all' || scope.every(({ dimension, values: seen }) => seen.some((value) => value === values[dimension]));
