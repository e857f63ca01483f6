/** Requests as clients report them, for tests of explanations. */
import { explainCost } from '../../../collector/pricing/explain/explain.ts';
import type { Explanation, ReportedRequest } from '../../../collector/pricing/explain/request.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import type { PriceBook } from '../../../collector/pricing/price-book.ts';
import type { RequestTokens } from '../../../collector/pricing/tokens.ts';
import { usd } from '../../support/entries.ts';

export const BOOK = loadPriceBook();

export const tokensOf = (tokens: Partial<RequestTokens>): RequestTokens => ({
  ...{ input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 },
  ...tokens,
});

export const noonOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);

export interface Asked extends Partial<Omit<ReportedRequest, 'tokens' | 'reported' | 'timeMs'>> {
  readonly tokens?: Partial<RequestTokens>;
  /** In USD; undefined: not reported. */
  readonly cost?: string | undefined;
  readonly day?: string;
}

/** Of Sonnet 5.5 and 2.1.332, unless given. */
export function requestOf({ tokens = {}, cost, day = '2026-11-20', ...rest }: Asked): ReportedRequest {
  return {
    ...{ model: 'claude-sonnet-5-5', hasLifetimes: true, clientVersion: '2.1.332', speed: 'normal' },
    ...rest,
    tokens: tokensOf(tokens),
    reported: cost === undefined ? undefined : usd(cost),
    timeMs: noonOf(day),
  };
}

export const explained = (asked: Asked, prices: PriceBook = BOOK): Explanation => explainCost(requestOf(asked), prices);
