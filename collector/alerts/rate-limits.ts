/** Use of the configured rate limits right now: the busiest of the last minutes, and what the provider refused. */
import type { Config } from '../config/config.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { floorQuarter } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';

/** Longer than clients take to report. */
export const BUSIEST_OF_MINUTES = 15;
export const NEAR = 0.8;
/** Status of a request that the provider refused because of a rate limit. */
export const RATE_LIMITED = '429';

/** Limits that alerts watch: what the ledger keeps by the minute for everybody. */
const WATCHED = { tokens_per_minute: 'tokens', requests_per_minute: 'requests' } as const;
export type WatchedLimit = keyof typeof WATCHED;

export interface RateLimitUse {
  readonly limit: WatchedLimit;
  readonly perMinute: number;
  /** Of the busiest of the last 15 minutes; 0 where nothing was asked for. */
  readonly peak: number;
  /** Start of that minute, epoch milliseconds; undefined where there is none. */
  readonly peakMs: number | undefined;
  /** Of the limit; 1 is all of it. */
  readonly ratio: number;
}

/** Of each limit that is configured. */
export async function rateLimitUse(
  ledger: Pick<LedgerSnapshot, 'minutes'>,
  limits: Config['rate_limits'],
  nowMs: number,
): Promise<readonly RateLimitUse[]> {
  const watched = (Object.keys(WATCHED) as WatchedLimit[]).filter((limit) => limits[limit] !== undefined);
  if (watched.length === 0) return [];
  const sums = new Map<number, { tokens: number; requests: number }>();
  for (const { startMs, tokens, requests } of await ledger.minutes({ fromMs: nowMs - BUSIEST_OF_MINUTES * MINUTE_MS, toMs: nowMs })) {
    const sum = sums.getOrInsertComputed(startMs, () => ({ tokens: 0, requests: 0 }));
    sum.tokens += tokens;
    sum.requests += requests;
  }
  return watched.map((limit) => {
    const perMinute = limits[limit] ?? 0;
    const [busiest] = [...sums]
      .map(([startMs, sum]) => ({ startMs, amount: sum[WATCHED[limit]] }))
      .sort((a, b) => b.amount - a.amount || a.startMs - b.startMs);
    const peak = busiest?.amount ?? 0;
    return { limit, perMinute, peak, peakMs: busiest?.startMs, ratio: peak / perMinute };
  });
}

/** Requests that failed with 429 after all retries of their client, in the last hour; of its first quarter of an hour all. */
export async function rateLimitedRequests(ledger: Pick<LedgerSnapshot, 'query'>, { timeZone }: CalendarOptions, nowMs: number): Promise<number> {
  const where = [{ dimension: 'status', values: [RATE_LIMITED] } as const];
  const query = { measures: ['errors'], by: [], fromMs: floorQuarter(nowMs - HOUR_MS), grain: 'total', timeZone, where, rowsMax: 1 } as const;
  return Number((await ledger.query(query)).totals[0] ?? 0n);
}
