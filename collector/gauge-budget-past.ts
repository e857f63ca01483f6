/** How budgets did in the periods before, and the sessions that cost more than a budget wants a single one to. */

import { evaluateBudgets } from './budget.ts';
import type { Budget } from './budget-book.ts';
import { budgetSpan, dayIn } from './budget-period.ts';
import { scopeFilters, scopeText, teamOf } from './budget-scope.ts';
import type { BudgetStatus } from './budget-status.ts';
import { DAY_MS, type Gauge, type GaugeContext, type GaugeSample, MINUTE_MS, shownLabels } from './gauge.ts';
import { BUDGET_LABELS, within } from './gauge-budgets.ts';
import { isSessionFilter } from './gauge-sessions.ts';
import type { Filter, SessionSummary } from './ledger.ts';
import { parseUsd, toFloatUsd } from './money.ts';
import { GAUGE_SERIES as SERIES } from './names.ts';

const PERIODS_BEFORE = 6;
const SESSIONS_MAX = 25;

const budgetsOf = ({ budgets, config }: GaugeContext): readonly Budget[] => budgets ?? config.budgets;

/** Whole budgets only: a history of each member would be as many series as there are people, times six. */
const isWhole = ({ key, name }: BudgetStatus): boolean => key === name;

function pastRatios(context: GaugeContext): GaugeSample[] {
  const { reader, calendar } = context;
  const firstMs = reader.people().reduce((first, { firstSeenMs }) => Math.min(first, firstSeenMs), Number.POSITIVE_INFINITY);
  const samples: GaugeSample[] = [];
  let asked = new Map(budgetsOf(context).map((budget) => [budget, context.nowMs]));
  for (let back = 0; back < PERIODS_BEFORE; back++) {
    const next = new Map<Budget, number>();
    for (const [budget, ms] of asked) {
      const { fromMs, previous } = budgetSpan(budget, ms, calendar);
      // Before the first record nothing is known; that is not nothing spent.
      if (previous !== undefined && fromMs > firstMs) next.set(budget, fromMs - 1);
    }
    for (const [endMs, group] of Map.groupBy(next.keys(), (budget) => next.get(budget) ?? 0)) {
      const statuses = evaluateBudgets(group, { reader, calendar, nowMs: endMs });
      for (const status of within(context, statuses.filter(isWhole))) {
        samples.push({ labels: [status.key, dayIn(status.periodStartMs, status.timeZone)], value: status.usedRatio });
      }
    }
    asked = next;
  }
  return samples;
}

/** The filters that are asked of the sessions; undefined when the scope has one that sessions do not know, or the reader chose others. */
function sessionFilters(scope: readonly Filter[], { where }: GaugeContext) {
  const filters = [...scope, ...where.filter(({ dimension }) => !scope.some((own) => own.dimension === dimension))];
  const isChosen = scope.every((own) => {
    const chosen = where.find(({ dimension }) => dimension === own.dimension);
    return chosen === undefined || own.values.every((value) => chosen.values.includes(value));
  });
  return isChosen && filters.every(isSessionFilter) ? filters.filter(isSessionFilter) : undefined;
}

function costlySessions(context: GaugeContext): GaugeSample[] {
  const { reader, calendar, nowMs } = context;
  return budgetsOf(context).flatMap((budget) => {
    const warning = budget.session_warning_usd === undefined ? undefined : parseUsd(budget.session_warning_usd);
    const scope = scopeFilters(budget.scope);
    const where = sessionFilters(scope, context);
    const span = budgetSpan(budget, nowMs, calendar);
    if (warning === undefined || where === undefined || !span.isActive) return [];
    const sessions = reader.sessions({ fromMs: Math.max(span.fromMs, nowMs - DAY_MS), limit: SESSIONS_MAX, order: 'cost', where });
    const labels = [budget.name, scopeText(scope), teamOf(scope), span.words];
    return sessions
      .filter(({ cost }) => cost >= warning)
      .map((session) => ({ labels: [...labels, ...ofSession(session)], value: toFloatUsd(session.cost) }));
  });
}

const ofSession = (session: SessionSummary): string[] => [session.sessionId, ...shownLabels(['user'], session)];

export const BUDGET_PAST_GAUGES = {
  budget_past_used_ratio: {
    series: SERIES.budget_past_used_ratio,
    help: `Spent over limit at the end of each of the ${PERIODS_BEFORE} periods before, by their first day. Not of single members.`,
    labels: ['budget', 'period_start'],
    unit: 'ratio',
    maxAgeMs: 15 * MINUTE_MS,
    read: pastRatios,
  },
  budget_session: {
    series: SERIES.budget_session,
    help: `Cost of sessions seen in the last 24 hours that reached the session warning of their budget, the ${SESSIONS_MAX} dearest of each. Not for scopes by model and the like, which no session has one of.`,
    labels: [...BUDGET_LABELS, 'session', 'user'],
    unit: 'usd',
    maxAgeMs: MINUTE_MS,
    read: costlySessions,
  },
} as const satisfies Record<string, Gauge>;
