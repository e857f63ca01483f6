/** What is asked about the cost of one request, and what is answered. */
import type { PriceBasis } from '../../catalog/price-basis.ts';
import type { PicoUsd } from '../../core/money.ts';
import type { ListPrice } from '../price-book.ts';
import type { RequestTokens } from '../tokens.ts';

/** One api_request as its client reports it. */
export interface ReportedRequest {
  /** Normalized. */
  readonly model: string;
  readonly tokens: RequestTokens;
  /** Does the client say which cache writes were for five minutes and which for an hour? Otherwise all are five-minute writes in `tokens`. */
  readonly hasLifetimes: boolean;
  /** Undefined: the client reports none. */
  readonly reported: PicoUsd | undefined;
  readonly timeMs: number;
  /** "fast", or anything else. */
  readonly speed?: string | undefined;
  /** As the event names it: sdk, web_search_tool, … */
  readonly querySource?: string | undefined;
  readonly clientVersion?: string | undefined;
  readonly provider?: string | undefined;
  /** Prefix of a cloud's model id. */
  readonly region?: string | undefined;
}

/** Where the lifetimes of cache writes come from; 'event' also where there are none. */
export type LifetimesFrom = 'event' | 'solved' | 'unknown';

export interface Explanation {
  /** As they are priced at list; with unknown lifetimes all cache writes are five-minute writes. */
  readonly tokens: RequestTokens;
  readonly lifetimes: LifetimesFrom;
  /** Undefined where the model, or the model at this speed, has no list price. */
  readonly list: ListPrice | undefined;
  /** How much more list price would be if cache writes with an unknown lifetime were one-hour writes. */
  readonly uncertain: PicoUsd;
  /** Undefined where no cost is reported. */
  readonly basis: PriceBasis | undefined;
  /** What it is in this case, to follow a colon; '' where there is nothing to add. */
  readonly detail: string;
}
