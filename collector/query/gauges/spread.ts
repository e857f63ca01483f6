/** How this month's cost is spread over people. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { parseUsd, toFloatUsd } from '../../core/money.ts';
import { periodAround } from '../../core/time-range.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, oncePerContext } from './gauge.ts';
import { selectionsOf } from './selections.ts';
import { costsByUser, readUserCosts } from './user-costs.ts';

const AGE_MS = 15 * MINUTE_MS;
/** The most expensive of so many people. */
const TENTH = 10;
/** Around what seats of subscriptions cost. */
export const SPEND_BANDS = ['<20', '20-100', '100-200', '200-500', '500+'] as const;
const EDGES = ['20', '100', '200', '500'].map((usd) => parseUsd(usd) ?? 0n);

interface Spread {
  readonly labels: readonly string[];
  /** Of the known users who cost anything this month, the largest first. */
  readonly costs: readonly bigint[];
}

const spreadsOf = oncePerContext(async (context: GaugeContext): Promise<readonly Spread[]> => {
  const known = await readUserCosts(context, periodAround('month', context.nowMs, context.calendar));
  return selectionsOf(known).flatMap(({ labels, items }) => {
    const costs = [...costsByUser(items, ({ user }) => user).values()].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    return costs.length === 0 ? [] : [{ labels, costs }];
  });
});

/** Each band, also the empty ones, wherever anybody cost anything. */
const usersBySpend = async (context: GaugeContext): Promise<GaugeSample[]> =>
  (await spreadsOf(context)).flatMap(({ labels, costs }) => {
    const counts = SPEND_BANDS.map(() => 0);
    for (const cost of costs) {
      const band = EDGES.filter((edge) => cost >= edge).length;
      counts[band] = (counts[band] ?? 0) + 1;
    }
    return SPEND_BANDS.map((band, index) => ({ labels: [...labels, band], value: counts[index] ?? 0 }));
  });

const sum = (costs: readonly bigint[]): bigint => costs.reduce((total, cost) => total + cost, 0n);

const concentration = async (context: GaugeContext): Promise<GaugeSample[]> =>
  (await spreadsOf(context)).map(({ labels, costs }) => ({
    labels,
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
