/** What each user asked of the API in each minute, from entries: what the sums by minute (minute-rates.ts) do not keep apart. */
import type { Filter } from '../catalog/values.ts';

export interface UserMinutesQuery {
  /** Inclusive; the first whole minute from then on. */
  readonly fromMs: number;
  /** Exclusive; the same. */
  readonly toMs: number;
  /** Over any dimension. */
  readonly within?: readonly Filter[] | undefined;
  /** More user-minutes than these are not read. */
  readonly rowsMax: number;
}

/** Values as stored. Of successful requests (api_request events). */
export interface UserMinute {
  /** Start of the minute, epoch milliseconds. */
  readonly startMs: number;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly requests: number;
  /** Uncached input and what was written to the cache; what was read from it does not count against rate limits. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}
