/** What the texts of budget alerts name beside the figures: who spent most and how that changed, and times in the zone of the budget. */

import { day, moment, rollingText } from '../../alerts/text.ts';
import { contributors } from '../../budgets/contributors.ts';
import type { BudgetStatus, BudgetUnit, Contributor } from '../../budgets/status.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import { showValue } from '../../catalog/values.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { toFloatUsd } from '../../core/money.ts';
import { forecasts, isAlerting, isMember, statuses } from './budgets.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, oncePerContext } from './gauge.ts';

/** Each is two questions to the ledger. */
const BUDGETS_MAX = 30;
const MAX_AGE_MS = 5 * MINUTE_MS;

interface Named {
  readonly status: BudgetStatus;
  readonly largest: readonly Contributor[];
}

/** Alerts are about the whole ledger: a narrowed board, and who sees a part, have none. */
const isWhole = ({ where, scope }: GaugeContext): boolean => where.length === 0 && scope === 'all';

/** Of whole budgets, those nearest to their end first. */
const named = oncePerContext(async (context: GaugeContext): Promise<Named[]> => {
  if (!isWhole(context)) return [];
  const { all } = await forecasts(context);
  const alerting = all.filter((status) => isAlerting(status) && !isMember(status)).toSorted((one, other) => other.usedRatio - one.usedRatio);
  const found: Named[] = [];
  for (const status of alerting.slice(0, BUDGETS_MAX)) found.push({ status, largest: await contributors(status, context) });
  return found;
});

const ofContributors = (value: (contributor: Contributor, status: BudgetStatus) => number | undefined): GaugeReading => ({
  maxAgeMs: MAX_AGE_MS,
  together: 'contributors of budgets',
  async read(context) {
    return (await named(context)).flatMap(({ status, largest }) =>
      largest.flatMap((contributor, index): GaugeSample[] => {
        const { dimension } = contributor;
        const number = value(contributor, status);
        if (number === undefined) return [];
        return [{ labels: [status.key, status.scope, String(index + 1), dimension, showValue(dimension, contributor.value)], value: number }];
      }),
    );
  },
});

const amountIn = (unit: BudgetUnit): GaugeReading =>
  ofContributors(({ spent }, status) => (status.unit !== unit ? undefined : unit === 'usd' ? toFloatUsd(spent) : Number(spent)));

/** 0.5: half as much again. Without a period before, and of nothing, nothing is known; from nothing to something it is infinite. */
function change({ spent, previous }: Contributor): number | undefined {
  if (previous === undefined || (previous === 0n && spent === 0n)) return undefined;
  if (previous === 0n) return Number.POSITIVE_INFINITY;
  return Number(((spent - previous) * 1_000_000n) / previous) / 1e6;
}

const timesOf = (status: BudgetStatus): GaugeSample[] => {
  // A rolling period does not end: what it would be tonight is only when its oldest day falls out.
  const ends = rollingText(status) === undefined;
  const { key, scope, periodEndMs, timeZone, forecast } = status;
  const sample = (kind: string, ms: number, text: string): GaugeSample => ({ labels: [key, scope, kind, text], value: ms / 1000 });
  return [
    ...(ends ? [sample('period_end', periodEndMs, moment(periodEndMs, timeZone))] : []),
    // The day alone: the hour of a forecast moves with every request, and each would be a new series.
    ...(forecast.kind === 'band' && forecast.breachMs !== undefined ? [sample('runs_out', forecast.breachMs, day(forecast.breachMs, timeZone))] : []),
  ];
};

async function alertTimes(context: GaugeContext): Promise<GaugeSample[]> {
  if (!isWhole(context)) return [];
  const { all } = await statuses(context);
  const foreseen = new Map((await forecasts(context)).all.map((status) => [status.key, status]));
  return all
    .map((status) => foreseen.get(status.key) ?? status)
    .filter(isAlerting)
    .flatMap(timesOf);
}

export const BUDGET_ALERT_READINGS = {
  budget_contributor: amountIn('usd'),
  budget_contributor_tokens: amountIn('tokens'),
  budget_contributor_change: ofContributors(change),
  budget_alert_time: { maxAgeMs: MAX_AGE_MS, together: 'forecasts of budgets', read: alertTimes },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
