/** Budgets on a track: how much is used, how much of the period has elapsed, and where that leads. The most used first. */

import type { BudgetStatus, Forecast, ThresholdStatus } from '../../budgets/status.ts';
import type { GaugeQuery } from '../../catalog/panel.ts';
import { showValue } from '../../catalog/values.ts';
import { type Amount, renderExact } from '../render.ts';
import type { BoardAnswers, Plan } from './board-answers.ts';
import type { BudgetBar, BudgetBarsData } from './budget-bars-data.ts';

const SHOWN = 25;

const shownOf = ({ top = SHOWN }: GaugeQuery): number => top;

export const budgetBarsPlan = (query: GaugeQuery): Plan => ({ questions: [], gauges: [], budgets: shownOf(query) });

export function budgetBars(query: GaugeQuery, answers: BoardAnswers): BudgetBarsData {
  const { statuses, forecasts, elsewhere } = answers.budgets;
  const shown = statuses.slice(0, shownOf(query));
  const beyond = statuses.slice(shown.length);
  return {
    bars: shown.map((status, index) => barOf(status, forecasts[index], answers.asked.nowMs)),
    others: beyond.length,
    others_used: finite(beyond[0]?.usedRatio ?? null),
    elsewhere,
  };
}

const finite = (ratio: number | null): number | null => (ratio === null || !Number.isFinite(ratio) ? null : ratio);

function barOf(status: BudgetStatus, forecast: Forecast | undefined, nowMs: number): BudgetBar {
  const { key, scope, period, unit, limit, spent, remaining, usedRatio, periodStartMs, periodEndMs, stopped, active } = status;
  const band = active && forecast?.kind === 'band' ? forecast : undefined;
  const render = (amount: bigint): Amount => renderExact(unit, amount);
  const thresholds = status.thresholds.map((threshold) => (threshold.on === 'actual' ? threshold : reachedBy(threshold, band?.p50, limit)));
  return {
    ...{ budget: key, scope, period, unit, stopped, active },
    ...{ amount: render(limit), spent: render(spent), remaining: render(remaining), used: finite(usedRatio) },
    elapsed: Math.min(1, Math.max(0, (nowMs - periodStartMs) / (periodEndMs - periodStartMs))),
    ...{ starts: periodStartMs / 1000, ends: periodEndMs / 1000 },
    median: band === undefined ? null : render(band.p50),
    p90: band === undefined ? null : render(band.p90),
    runs_out: band?.breachMs === undefined ? null : band.breachMs / 1000,
    thresholds: thresholds.filter(({ on }) => on === 'actual').map(({ at, severity, reached }) => ({ at, severity, reached })),
    level: levelOf(thresholds),
    filters: status.where.flatMap(({ dimension, values }) => values.map((value) => ({ dimension, value: showValue(dimension, value) }))),
  };
}

const RATIO_SCALE = 1_000_000_000n;

/** By the median of the forecast, divided as integers like what is used. */
function reachedBy(threshold: ThresholdStatus, median: bigint | undefined, limit: bigint): ThresholdStatus {
  if (median === undefined) return { ...threshold, reached: false };
  if (limit === 0n) return { ...threshold, reached: median > 0n };
  return { ...threshold, reached: Number((median * RATIO_SCALE) / limit) / Number(RATIO_SCALE) >= threshold.at };
}

const SEVERITIES = ['critical', 'warning', 'info'] as const;
const levelOf = (thresholds: readonly ThresholdStatus[]): BudgetBar['level'] =>
  SEVERITIES.find((severity) => thresholds.some((threshold) => threshold.reached && threshold.severity === severity)) ?? null;
