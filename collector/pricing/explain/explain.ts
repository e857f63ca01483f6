/**
 * What the cost that a client reports for a request agrees with: list price, or one cause of the difference. The causes are tried in the
 * order of CAUSES, plain ones first, and the first that explains the amount is the answer: docs/costs.md says why in this order.
 */
import { pricesLifetimesApart } from '../../catalog/client-faults.ts';
import type { PicoUsd } from '../../core/money.ts';
import type { ListPrice, PriceBook } from '../price-book.ts';
import type { RequestTokens } from '../tokens.ts';
import { agrees } from './agreement.ts';
import { type Case, type Cause, caseOf, type FindCause } from './case.ts';
import { allOneHour, writesOf } from './cost-of.ts';
import {
  asContracted,
  asList,
  asListOfBothLifetimes,
  atPercentage,
  ofIterations,
  ofOtherLifetime,
  withSurcharge,
  withUnexpectedSearches,
} from './list-causes.ts';
import { listOf } from './list-of.ts';
import { withAdvisor, withLostAttempts } from './more-than-reported.ts';
import type { Explanation, ReportedRequest } from './request.ts';
import { ofClientVersion, ofOtherDay, ofOtherModel, ofUnknownModel } from './table-causes.ts';

const CAUSES: readonly FindCause[] = [
  asList,
  ofOtherLifetime,
  ofClientVersion,
  asContracted,
  withSurcharge,
  ofIterations,
  ofOtherDay,
  ofUnknownModel,
  ofOtherModel,
  asListOfBothLifetimes,
  atPercentage,
  withAdvisor,
  withUnexpectedSearches,
  withLostAttempts,
];

const UNEXPLAINED: Cause = { basis: 'unexplained', detail: '' };

/** Pure, and exact to a pico-dollar. Of most requests the first comparison is the answer. */
export function explainCost(request: ReportedRequest, prices: PriceBook): Explanation {
  const { tokens, reported } = request;
  const list = listOf(prices, request, tokens);
  if (reported === undefined) return { ...settledAs(request, undefined, list, prices), basis: undefined, detail: '' };
  if (list !== undefined && agrees(reported, list.cost)) return { ...settledAs(request, tokens, list, prices), basis: 'list', detail: '' };
  const { basis, detail, settles } = causeOf(caseOf(request, reported, prices));
  return { ...settledAs(request, settles, list, prices), basis, detail };
}

/** Nothing is list price of a model that has none. */
function causeOf(found: Case): Cause {
  let cause = UNEXPLAINED;
  for (const find of CAUSES) {
    const explains = find(found);
    if (explains === undefined) continue;
    cause = explains;
    break;
  }
  return found.rates !== undefined || cause.basis === 'price_date' ? cause : { ...cause, basis: 'unknown_model' };
}

type Settled = Omit<Explanation, 'basis' | 'detail'>;

/**
 * `settles`: with the lifetimes that the amount comes from, where it shows them; `list`: of the tokens as they are reported. A client that
 * prices all cache writes at one rate agrees with five-minute writes whatever they were, so only one-hour writes are then shown by it.
 */
function settledAs(request: ReportedRequest, settles: RequestTokens | undefined, list: ListPrice | undefined, prices: PriceBook): Settled {
  const { tokens, hasLifetimes, clientVersion = '' } = request;
  if (hasLifetimes || writesOf(tokens) === 0) return { tokens, lifetimes: 'event', list, uncertain: 0n };
  if (settles !== undefined && (settles.cacheCreation1h > 0 || pricesLifetimesApart(clientVersion))) {
    return { tokens: settles, lifetimes: 'solved', list: settles === tokens ? list : listOf(prices, request, settles), uncertain: 0n };
  }
  return { tokens, lifetimes: 'unknown', list, uncertain: moreForAnHour(request, list, prices) };
}

function moreForAnHour(request: ReportedRequest, list: ListPrice | undefined, prices: PriceBook): PicoUsd {
  const ifAllForAnHour = listOf(prices, request, allOneHour(request.tokens));
  return list === undefined || ifAllForAnHour === undefined ? 0n : ifAllForAnHour.cost - list.cost;
}
