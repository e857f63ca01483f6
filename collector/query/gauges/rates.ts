/** What the organization asks of the API by the minute, for sizing rate limits, beside what is recommended and what is allowed. */

import { rateLimitedRequests, rateLimitUse } from '../../alerts/rate-limits.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import { publishedRate } from '../../catalog/published-rates.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import type { MinuteRate } from '../../ledger/ledger.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, isWithin, nearestRank, oncePerContext } from './gauge.ts';
import { activePeople } from './people.ts';
import { selectionsOf } from './selections.ts';

const QUANTILES = [0.5, 0.95, 0.99];
const DAYS = 7;
const RATES_AGE_MS = 15 * MINUTE_MS;

/** Ascending amounts of the minutes in which anything was asked for by everybody chosen, an organization or a team. */
interface Rates {
  readonly labels: readonly string[];
  readonly requests: Float64Array;
  readonly tokens: Float64Array;
}

interface Amounts {
  requests: number;
  tokens: number;
}

/** The minutes of several teams are one minute of them together. */
const ratesOf = oncePerContext(async (context: GaugeContext): Promise<readonly Rates[]> => {
  const { reader, nowMs, where } = context;
  const minutes = await reader.minutes({ fromMs: nowMs - DAYS * DAY_MS, toMs: nowMs });
  return selectionsOf(minutes.filter(({ organization, team }) => isWithin(where, { organization, team }))).map(({ labels, items }) => {
    const amounts = [...byMinute(items).values()];
    return {
      labels,
      requests: Float64Array.from(amounts, ({ requests }) => requests).sort(),
      tokens: Float64Array.from(amounts, ({ tokens }) => tokens).sort(),
    };
  });
});

function byMinute(rates: readonly MinuteRate[]): ReadonlyMap<number, Amounts> {
  const sums = new Map<number, Amounts>();
  for (const { startMs, requests, tokens } of rates) {
    const sum = sums.getOrInsertComputed(startMs, () => ({ requests: 0, tokens: 0 }));
    sum.requests += requests;
    sum.tokens += tokens;
  }
  return sums;
}

const quantiles = async (context: GaugeContext, of: 'requests' | 'tokens'): Promise<GaugeSample[]> =>
  (await ratesOf(context)).flatMap((rates) =>
    QUANTILES.flatMap((quantile) => {
      const value = nearestRank(rates[of], quantile);
      return value === undefined ? [] : [{ labels: [...rates.labels, String(quantile)], value }];
    }),
  );

/** For each user, by how many are active, times their number. */
async function recommended(context: GaugeContext, of: 'requests' | 'tokens'): Promise<GaugeSample[]> {
  const users = await activePeople(context);
  const row = publishedRate(users);
  if (row === undefined) return [];
  return [
    { labels: ['low'], value: row[of][0] * users },
    { labels: ['high'], value: row[of][1] * users },
  ];
}

/** A limit is what it is, whatever the board is narrowed to. */
const limit = (value: number | undefined): GaugeSample[] => (value === undefined ? [] : [{ labels: [], value }]);

/** Limits are of the whole ledger, and so is their use: a narrowed board, and who sees a part, have none. */
const isWhole = ({ where, scope }: GaugeContext): boolean => where.length === 0 && scope === 'all';

export const RATE_READINGS = {
  tokens_per_minute: {
    maxAgeMs: RATES_AGE_MS,
    together: 'rates',
    read: (context) => quantiles(context, 'tokens'),
  },
  requests_per_minute: {
    maxAgeMs: RATES_AGE_MS,
    together: 'rates',
    read: (context) => quantiles(context, 'requests'),
  },
  recommended_tokens_per_minute: {
    maxAgeMs: MINUTE_MS,
    read: (context) => recommended(context, 'tokens'),
  },
  recommended_requests_per_minute: {
    maxAgeMs: MINUTE_MS,
    read: (context) => recommended(context, 'requests'),
  },
  limit_tokens_per_minute: {
    maxAgeMs: 0,
    read: async ({ config }) => limit(config.rate_limits.tokens_per_minute),
  },
  limit_requests_per_minute: {
    maxAgeMs: 0,
    read: async ({ config }) => limit(config.rate_limits.requests_per_minute),
  },
  rate_limit_used: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      if (!isWhole(context)) return [];
      const { reader, config, nowMs } = context;
      return (await rateLimitUse(reader, config.rate_limits, nowMs)).map(({ limit: name, ratio }) => ({ labels: [name], value: ratio }));
    },
  },
  rate_limited_requests: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      if (!isWhole(context)) return [];
      return [{ labels: [], value: await rateLimitedRequests(context.reader, context.calendar, context.nowMs) }];
    },
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
