/** Requests and tokens by the minute and team, for sizing rate limits. Kept for days only: a week shows the peaks. */
import type { DimensionName } from '../catalog/measures.ts';
import { DAY_MS, MINUTE_MS } from '../core/duration.ts';
import type { DimensionSets } from './dimension-sets.ts';
import type { Amounts } from './entry.ts';
import { MINUTES_KEPT_MS } from './ledger.ts';

export const RATE_DIMENSIONS: readonly DimensionName[] = ['organization', 'team'];

/** Tokens that count against a rate limit: those read from the cache do not. */
export const limitedTokens = ({ input_tokens = 0, output_tokens = 0, cache_creation_tokens = 0 }: Amounts): number =>
  input_tokens + output_tokens + cache_creation_tokens;

/** `asOfMs`: when the ledger last committed, which is the clock that writing goes by. */
export const oldestMinuteKept = (asOfMs: number): number => Math.floor((asOfMs - MINUTES_KEPT_MS) / MINUTE_MS);

/**
 * By a clock that was ahead, minutes were left out and removed that are not old by the right one. Stores keep the latest time that they were given,
 * so that a check misses none of them, but no further beyond the right time than this: later than that, nothing was left out.
 */
export const LATEST_BEYOND_MS = MINUTES_KEPT_MS + 2 * DAY_MS;

/** The first minute that must be as entries say. Those before are on their way out. `latestMs`: undefined where no clock was ahead. */
export const oldestMinuteCompared = (asOfMs: number, latestMs: number | undefined): number =>
  Math.ceil((Math.max(asOfMs, latestMs ?? 0) - MINUTES_KEPT_MS + DAY_MS) / MINUTE_MS);

interface Rate {
  requests: number;
  tokens: number;
}

interface Counted {
  readonly timeMs: number;
  readonly amounts: Amounts;
  readonly dims: number;
  readonly isSetAside?: boolean | undefined;
  readonly isStandIn?: boolean | undefined;
  readonly isAdjustment?: boolean | undefined;
}

/** By UTC minute since the epoch, then by the number of dimensions that name organization and team. */
export type RatesByMinute = ReadonlyMap<number, ReadonlyMap<number, Readonly<Rate>>>;

export class MinuteRates {
  readonly byMinute = new Map<number, Map<number, Rate>>();
  readonly #dims: DimensionSets;

  constructor(dims: DimensionSets) {
    this.#dims = dims;
  }

  /** Counts an api_request event that was appended; other entries are none of its business, nor are adjustments and what is set aside or imported. */
  count({ timeMs, amounts, dims, isSetAside, isStandIn, isAdjustment }: Counted, receivedMs: number): void {
    const { requests } = amounts;
    if (requests === undefined || timeMs < receivedMs - MINUTES_KEPT_MS) return;
    if (isSetAside === true || isStandIn === true || isAdjustment === true) return;
    const minute = this.byMinute.getOrInsertComputed(Math.floor(timeMs / MINUTE_MS), () => new Map<number, Rate>());
    const rate = minute.getOrInsertComputed(this.#dims.project(dims, RATE_DIMENSIONS), () => ({ requests: 0, tokens: 0 }));
    rate.requests += requests;
    rate.tokens += limitedTokens(amounts);
  }
}
