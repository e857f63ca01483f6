/** How budgets did in the periods before. */

import type { Budget } from '../../budgets/journal.ts';
import { budgetTimeRange, dayIn } from '../../budgets/period.ts';
import type { BudgetStatus } from '../../budgets/status.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { wholeLedger } from '../scoped-reader.ts';
import { visibleStatuses } from '../visible-budgets.ts';
import { isInside } from './budgets.ts';
import type { GaugeContext, GaugeReading, GaugeSample } from './gauge.ts';

const PERIODS_BEFORE = 6;

/** Whole budgets only: a history of each member would be as many series as there are people, times six. */
const isWhole = ({ key, name }: BudgetStatus): boolean => key === name;

async function pastRatios(context: GaugeContext): Promise<GaugeSample[]> {
  const { scope, calendar } = context;
  const reader = wholeLedger(context.reader);
  const people = await reader.people();
  const firstMs = people.reduce((first, { firstSeenMs }) => Math.min(first, firstSeenMs), Number.POSITIVE_INFINITY);
  const samples: GaugeSample[] = [];
  let asked = new Map(context.budgets.filter(({ per }) => per === undefined).map((budget) => [budget, context.nowMs]));
  for (let back = 0; back < PERIODS_BEFORE; back++) {
    const next = new Map<Budget, number>();
    for (const [budget, ms] of asked) {
      const { fromMs, previous } = budgetTimeRange(budget, ms, calendar);
      // Before the first record nothing is known; that is not nothing spent.
      if (previous !== undefined && fromMs > firstMs) next.set(budget, fromMs - 1);
    }
    for (const [endMs, group] of Map.groupBy(next.keys(), (budget) => next.get(budget) ?? 0)) {
      const statuses = await visibleStatuses(group, scope, { reader, calendar, nowMs: endMs });
      for (const status of statuses.filter((one) => isWhole(one) && isInside(one, context.where))) {
        samples.push({ labels: [status.key, dayIn(status.periodStartMs, status.timeZone)], value: status.usedRatio });
      }
    }
    asked = next;
  }
  return samples;
}

export const BUDGET_PAST_READINGS = {
  budget_past_used_ratio: {
    maxAgeMs: 15 * MINUTE_MS,
    read: pastRatios,
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
