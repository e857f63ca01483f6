/** What a reader may see: everything, or what filters over these dimensions leave. */
import type { DimensionName } from './measures.ts';
import type { Filter } from './values.ts';

/** A record is inside when it is by all of them. */
export const SCOPE_DIMENSIONS = ['organization', 'team', 'workspace', 'user'] as const satisfies readonly DimensionName[];
export type ScopeDimension = (typeof SCOPE_DIMENSIONS)[number];

export interface ScopeFilter extends Filter {
  readonly dimension: ScopeDimension;
}

/** All filters together; each dimension at most once. Never an empty list: who sees everything is 'all'. */
export type ReadScope = 'all' | readonly [ScopeFilter, ...ScopeFilter[]];
