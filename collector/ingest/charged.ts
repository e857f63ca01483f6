/** What a client charged for a request, for learning prices from it. */
import type { Charged } from '../pricing/learn/learner.ts';
import type { Usage } from './usage.ts';

/** Its cost includes searches that nobody counts. */
const WITH_SEARCHES = 'web_search_tool';

/** Undefined for what is no request with a cost of its tokens alone. */
export function chargedOf({ tokens, cost, hasLifetimes, timeMs, identity, dimensions, isSetAside }: Usage): Charged | undefined {
  const { model = '', speed, client_version: clientVersion = '', query_source_detail: source } = dimensions;
  if (tokens === undefined || cost === undefined || isSetAside === true || source === WITH_SEARCHES) return undefined;
  return { model, isFast: speed === 'fast', tokens, hasLifetimes: hasLifetimes === true, cost, timeMs, clientVersion, identity };
}
