/** Why the reported cost of a request is not its list price, in a sentence. */
import { isPriceBasis, PRICE_BASES } from '../catalog/price-basis.ts';
import type { CourseStep } from '../ledger/session-course.ts';
import { explainCost } from '../pricing/explain/explain.ts';
import type { PriceBook } from '../pricing/price-book.ts';

/**
 * Null where it is list price, or where nothing is reported. What the ledger keeps is the cause; the particulars are worked out again, and
 * left out where the price book has other ones today.
 */
export function priceNote(step: CourseStep, prices: PriceBook): string | null {
  const basis = step.dims.price_basis;
  if (!isPriceBasis(basis) || basis === 'list') return null;
  const found = explainAgain(step, prices);
  return `The reported cost ${PRICE_BASES[basis]}${found.basis === basis && found.detail !== '' ? `: ${found.detail}` : ''}.`;
}

function explainAgain({ timeMs, dims, amounts, sourceCost }: CourseStep, prices: PriceBook) {
  const { input_tokens: input = 0, output_tokens: output = 0, cache_read_tokens: cacheRead = 0, cache_creation_tokens: written = 0 } = amounts;
  const { cache_creation_1h_tokens: cacheCreation1h = 0, cost_list_uncertain: uncertain = 0 } = amounts;
  return explainCost(
    {
      model: dims.model,
      tokens: { input, output, cacheRead, cacheCreation5m: written - cacheCreation1h, cacheCreation1h },
      hasLifetimes: uncertain === 0,
      reported: sourceCost,
      timeMs,
      speed: dims.speed,
      clientVersion: dims.client_version,
      querySource: dims.query_source_detail || dims.query_source,
      provider: dims.provider,
      region: dims.region,
    },
    prices,
  );
}
