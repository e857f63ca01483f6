/** What a usage costs at list price, and what the cost that its client reports agrees with. */
import { explainCost } from '../pricing/explain/explain.ts';
import type { Explanation } from '../pricing/explain/request.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { Usage } from './usage.ts';

type PricedUsage = Pick<Usage, 'tokens' | 'hasLifetimes' | 'cost' | 'timeMs' | 'dimensions' | 'circumstances'>;

/** Undefined for a usage without tokens of its own. */
export function priceUsage(usage: PricedUsage, prices: PriceBook): Explanation | undefined {
  const explanation = explain(usage, prices);
  const { circumstances, dimensions, timeMs } = usage;
  if (explanation === undefined || circumstances === undefined) return explanation;
  return { ...explanation, list: prices.listPrice(dimensions.model ?? '', explanation.tokens, timeMs, { ...dimensions, ...circumstances }) };
}

function explain({ tokens, hasLifetimes, cost, timeMs, dimensions }: PricedUsage, prices: PriceBook): Explanation | undefined {
  if (tokens === undefined) return undefined;
  const { model = '', speed, client_version: clientVersion, query_source: coarse, query_source_detail: querySource = coarse } = dimensions;
  const { provider, region } = dimensions;
  const request = { model, tokens, hasLifetimes: hasLifetimes === true, reported: cost, timeMs, speed, clientVersion, querySource, provider, region };
  return explainCost(request, prices);
}
