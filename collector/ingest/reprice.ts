/** Prices a request that is in the ledger as if it came today: what ingestion books of a price, at the request's own date. */
import type { Dimensions } from '../catalog/measures.ts';
import type { HistoryItem } from '../ledger/history.ts';
import type { PriceItem } from '../ledger/repricing.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { RequestTokens } from '../pricing/tokens.ts';
import { booked } from './charge.ts';
import { priceUsage } from './price.ts';

export function createPriceItem(prices: PriceBook, dimensionsOf: (dims: number) => Dimensions): PriceItem {
  return (item) => {
    if (!isRequest(item)) return undefined;
    const { timeMs, cost } = item;
    const isKnown = hasLifetimes(item);
    // What was reported says nothing but which cache writes are for an hour. Where that is not asked, no cause has to be found.
    const isAsked = !isKnown && (item.amounts.cache_creation_tokens ?? 0) > 0;
    const reported = isAsked && item.isCostMissing !== true ? cost : undefined;
    const request = {
      tokens: tokensOf(item),
      timeMs,
      cost: reported,
      dimensions: dimensionsOf(item.dims),
      ...(isKnown && { hasLifetimes: isKnown }),
    };
    const priced = priceUsage(request, prices);
    if (priced === undefined) return undefined;
    const price = booked(priced);
    // What the record itself says stays.
    const { cache_creation_1h_tokens: hourWrites } = item.amounts;
    return isKnown && hourWrites !== undefined ? { ...price, amounts: { ...price.amounts, cache_creation_1h_tokens: hourWrites } } : price;
  };
}

/**
 * Failed attempts without a cost have no tokens of their own. What an import brought keeps its price: it may have been a batch, or searched
 * the web, which its entry does not say.
 */
const isRequest = ({ source, amounts, isStandIn, listCost }: HistoryItem): boolean =>
  source === 'events' &&
  !(isStandIn === true && listCost > 0n) &&
  amounts.requests !== undefined &&
  amounts.unbilled_tokens === undefined &&
  amounts.input_tokens !== undefined;

function tokensOf({ amounts }: HistoryItem): RequestTokens {
  const { input_tokens: input = 0, output_tokens: output = 0, cache_read_tokens: cacheRead = 0, cache_creation_tokens: written = 0 } = amounts;
  const cacheCreation1h = Math.min(written, amounts.cache_creation_1h_tokens ?? 0);
  return { input, output, cacheRead, cacheCreation5m: written - cacheCreation1h, cacheCreation1h };
}

/** Did the event say which writes are for how long? It says so of each or of none, then with zeros or nothing. What was solved once stays solved. */
function hasLifetimes({ amounts, listCost }: HistoryItem): boolean {
  const { cache_creation_1h_tokens: hourWrites, cost_list_uncertain: uncertain } = amounts;
  return hourWrites !== undefined && (hourWrites > 0 || (listCost > 0n && uncertain === undefined));
}
