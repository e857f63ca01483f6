/** A request whose cost is not simply list price, as the causes look at it. */
import type { PriceBasis } from '../../catalog/price-basis.ts';
import type { PicoUsd } from '../../core/money.ts';
import { type PriceBook, type PricePeriod, priceAt, type TokenRates } from '../price-book.ts';
import { promptTokens } from '../request-cost.ts';
import type { RequestTokens } from '../tokens.ts';
import { agrees } from './agreement.ts';
import { allFiveMinutes, allOneHour, costOf, writesOf } from './cost-of.ts';
import type { ReportedRequest } from './request.ts';

export interface Case {
  readonly request: ReportedRequest;
  readonly prices: PriceBook;
  readonly reported: PicoUsd;
  /** With the lifetimes that its cache writes may plainly have had: as reported, else all for five minutes, all for an hour. */
  readonly readings: readonly RequestTokens[];
  /** Does the client say the lifetimes, or are there no cache writes? */
  readonly isKnown: boolean;
  /** Prices of its day; undefined for a model without a price. */
  readonly period: PricePeriod | undefined;
  /** Published rates of its day, without any factor; undefined for a model without a price, or without one at this speed. */
  readonly rates: TokenRates | undefined;
}

export interface Cause {
  readonly basis: PriceBasis;
  /** See Explanation. */
  readonly detail: string;
  /** The tokens with the lifetimes that the amount comes from, where it shows them. */
  readonly settles?: RequestTokens | undefined;
}

/** Undefined: it does not explain the amount. */
export type FindCause = (found: Case) => Cause | undefined;

export function caseOf(request: ReportedRequest, reported: PicoUsd, prices: PriceBook): Case {
  const { tokens, hasLifetimes, model, timeMs } = request;
  const isKnown = hasLifetimes || writesOf(tokens) === 0;
  const period = priceAt(prices, model, timeMs);
  return {
    ...{ request, prices, reported, isKnown, period },
    readings: isKnown ? [tokens] : [allFiveMinutes(tokens), allOneHour(tokens)],
    rates: period && ratesIn(period, request),
  };
}

/** The rates of a period for a request. */
export function ratesIn(period: PricePeriod, { speed, tokens }: Pick<ReportedRequest, 'speed' | 'tokens'>): TokenRates | undefined {
  if (speed === 'fast') return period.fast;
  return promptTokens(tokens) > period.longPromptTokens ? period.long : period.normal;
}

/** The reading of a request that comes to the reported cost at these rates; undefined where none does. */
export const readingAt = ({ readings, reported }: Case, rates: TokenRates): RequestTokens | undefined =>
  readings.find((reading) => agrees(reported, costOf(reading, rates)));
