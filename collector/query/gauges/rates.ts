/** What the organization asks of the API by the minute, for sizing rate limits, beside what is recommended and what is allowed. */

import type { GaugeName } from '../../catalog/gauges.ts';
import type { Filter } from '../../catalog/values.ts';
import { showValue } from '../../catalog/values.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import type { MinuteRate } from '../../ledger/ledger.ts';
import { ALL_TEAMS, type GaugeContext, type GaugeReading, type GaugeSample, isWithin, nearestRank, oncePerContext } from './gauge.ts';
import { activePeople } from './people.ts';

const QUANTILES = [0.5, 0.95, 0.99];
const DAYS = 7;
const RATES_AGE_MS = 15 * MINUTE_MS;

/** Ascending amounts of the minutes in which a team, or the whole organization, asked for anything. */
interface Rates {
  readonly labels: readonly string[];
  readonly requests: Float64Array;
  readonly tokens: Float64Array;
}

interface Collected {
  readonly labels: readonly string[];
  readonly requests: number[];
  readonly tokens: number[];
}

/** Rate limits hold for an organization, so that is what "(all)" adds up: of the teams that the reader chose. */
const ratesOf = oncePerContext(async (context: GaugeContext): Promise<readonly Rates[]> => {
  const organizations = new Map<string, Organization>();
  const { reader, nowMs } = context;
  for (const rate of await reader.minutes({ fromMs: nowMs - DAYS * DAY_MS, toMs: nowMs })) {
    const organization = organizations.getOrInsertComputed(rate.organization, () => new Organization(rate.organization));
    organization.add(rate, context.where);
  }
  return organizations
    .values()
    .flatMap((organization) => organization.rates())
    .toArray();
});

/** Collects the minutes of an organization, which come in their order, many for each team. */
class Organization {
  readonly #name: string;
  readonly #all: Collected;
  /** Undefined: not chosen. */
  readonly #teams = new Map<string, Collected | undefined>();
  #startMs = 0;
  #requests = 0;
  #tokens = 0;

  constructor(name: string) {
    this.#name = name;
    this.#all = this.#collected(ALL_TEAMS);
  }

  add({ startMs, team, requests, tokens }: MinuteRate, where: readonly Filter[]): void {
    const collected = this.#teams.getOrInsertComputed(team, () =>
      isWithin(where, { organization: this.#name, team }) ? this.#collected(showValue('team', team)) : undefined,
    );
    if (collected === undefined) return;
    if (startMs !== this.#startMs) this.#endMinute();
    this.#startMs = startMs;
    this.#requests += requests;
    this.#tokens += tokens;
    collected.requests.push(requests);
    collected.tokens.push(tokens);
  }

  rates(): Rates[] {
    this.#endMinute();
    return [this.#all, ...this.#teams.values()].flatMap((collected) =>
      collected === undefined || collected.requests.length === 0
        ? []
        : [{ ...collected, requests: Float64Array.from(collected.requests).sort(), tokens: Float64Array.from(collected.tokens).sort() }],
    );
  }

  #collected(team: string): Collected {
    return { labels: [showValue('organization', this.#name), team], requests: [], tokens: [] };
  }

  #endMinute(): void {
    if (this.#requests > 0) {
      this.#all.requests.push(this.#requests);
      this.#all.tokens.push(this.#tokens);
    }
    this.#requests = 0;
    this.#tokens = 0;
  }
}

const quantiles = async (context: GaugeContext, of: 'requests' | 'tokens'): Promise<GaugeSample[]> =>
  (await ratesOf(context)).flatMap((rates) =>
    QUANTILES.flatMap((quantile) => {
      const value = nearestRank(rates[of], quantile);
      return value === undefined ? [] : [{ labels: [...rates.labels, String(quantile)], value }];
    }),
  );

interface Recommendation {
  /** Largest team that the row is for. */
  readonly usersMax: number;
  readonly tokens: readonly [low: number, high: number];
  readonly requests: readonly [low: number, high: number];
}

/**
 * For each user, as Anthropic's page on costs recommends by the size of the team (telemetry-contract.md, 11). The published rows share
 * their edges; a team on an edge gets the row for smaller teams, which is the larger amount.
 */
const RECOMMENDED: readonly Recommendation[] = [
  { usersMax: 5, tokens: [200_000, 300_000], requests: [5, 7] },
  { usersMax: 20, tokens: [100_000, 150_000], requests: [2.5, 3.5] },
  { usersMax: 50, tokens: [50_000, 75_000], requests: [1.25, 1.75] },
  { usersMax: 100, tokens: [25_000, 35_000], requests: [0.62, 0.87] },
  { usersMax: 500, tokens: [15_000, 20_000], requests: [0.37, 0.47] },
  { usersMax: Number.POSITIVE_INFINITY, tokens: [10_000, 15_000], requests: [0.25, 0.35] },
];

async function recommended(context: GaugeContext, of: 'requests' | 'tokens'): Promise<GaugeSample[]> {
  const users = await activePeople(context);
  const row = RECOMMENDED.find(({ usersMax }) => users <= usersMax);
  if (users === 0 || row === undefined) return [];
  return [
    { labels: ['low'], value: row[of][0] * users },
    { labels: ['high'], value: row[of][1] * users },
  ];
}

/** A limit is what it is, whatever the board is narrowed to. */
const limit = (value: number | undefined): GaugeSample[] => (value === undefined ? [] : [{ labels: [], value }]);

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
} satisfies Partial<Record<GaugeName, GaugeReading>>;
