/** How this month's cost is spread over people. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { showValue } from '../../catalog/values.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { parseUsd, toFloatUsd } from '../../core/money.ts';
import { periodAround } from '../../core/time-range.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, oncePerContext } from './gauge.ts';

const AGE_MS = 15 * MINUTE_MS;
/** More than the ledger keeps apart of people in organizations. */
const ROWS_MAX = 10_000_000;
/** The most expensive of so many people. */
const TENTH = 10;
/** Around what seats of subscriptions cost. */
export const SPEND_BANDS = ['<20', '20-100', '100-200', '200-500', '500+'] as const;
const EDGES = ['20', '100', '200', '500'].map((usd) => parseUsd(usd) ?? 0n);

/** Costs of the known people who cost anything this month, the most expensive first, by organization as stored. */
const costsOf = oncePerContext(async ({ reader, calendar, nowMs, where }: GaugeContext): Promise<ReadonlyMap<string, readonly bigint[]>> => {
  const { rows } = await reader.query({
    measures: ['cost'],
    by: ['organization', 'user'],
    ...periodAround('month', nowMs, calendar),
    grain: 'total',
    timeZone: calendar.timeZone,
    where,
    rowsMax: ROWS_MAX,
  });
  const costs = new Map<string, bigint[]>();
  for (const {
    key: [organization = '', user = ''],
    values: [cost = 0n],
  } of rows) {
    if (user !== '' && cost > 0n) costs.getOrInsertComputed(organization, () => []).push(cost);
  }
  for (const own of costs.values()) own.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return costs;
});

/** Each band of an organization that has anybody, also the empty ones. */
const usersBySpend = async (context: GaugeContext): Promise<GaugeSample[]> =>
  [...(await costsOf(context))].flatMap(([organization, costs]) => {
    const counts = SPEND_BANDS.map(() => 0);
    for (const cost of costs) {
      const band = EDGES.filter((edge) => cost >= edge).length;
      counts[band] = (counts[band] ?? 0) + 1;
    }
    return SPEND_BANDS.map((band, index) => ({ labels: [showValue('organization', organization), band], value: counts[index] ?? 0 }));
  });

const sum = (costs: readonly bigint[]): bigint => costs.reduce((total, cost) => total + cost, 0n);

const concentration = async (context: GaugeContext): Promise<GaugeSample[]> =>
  [...(await costsOf(context))].map(([organization, costs]) => ({
    labels: [showValue('organization', organization)],
    value: toFloatUsd(sum(costs.slice(0, Math.ceil(costs.length / TENTH)))) / toFloatUsd(sum(costs)),
  }));

export const SPREAD_READINGS = {
  users_by_spend: {
    maxAgeMs: AGE_MS,
    together: 'spread',
    read: usersBySpend,
  },
  spend_concentration: {
    maxAgeMs: AGE_MS,
    together: 'spread',
    read: concentration,
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
