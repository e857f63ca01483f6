/** What the price book says that a request costs. */
import type { ListPrice, PriceBook } from '../price-book.ts';
import type { RequestTokens } from '../tokens.ts';
import type { ReportedRequest } from './request.ts';

/** Undefined where the model, or the model at this speed, has no list price. */
export const listOf = (
  prices: PriceBook,
  { model, timeMs, speed, provider, region }: ReportedRequest,
  tokens: RequestTokens,
): ListPrice | undefined => prices.listPrice(model, tokens, timeMs, { speed, provider, region });
