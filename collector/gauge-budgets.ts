/** Budgets and anomalies as gauges: what each budget may spend, has spent and will spend, where its thresholds lie, and what is unusual now. */
import { scopeText, teamOf } from './alert.ts';
import { costlySessions } from './alert-sessions.ts';
import { findAnomalies } from './anomaly.ts';
import { evaluateBudgets } from './budget.ts';
import type { BudgetStatus, BudgetUnit } from './budget-status.ts';
import { asOfThen, type Gauge, type GaugeContext, type GaugeSample, MINUTE_MS, oncePerContext } from './gauge.ts';
import type { Filter } from './ledger.ts';
import { showValue } from './measures.ts';
import { toFloatUsd } from './money.ts';
import { SERIES } from './names.ts';

/** A forecast reads eight weeks of days. */
const FORECAST_AGE_MS = 5 * MINUTE_MS;
/** What is unusual is found in the hours of weeks. */
const ANOMALY_AGE_MS = 5 * MINUTE_MS;
const BUDGET = ['budget', 'scope', 'team', 'period'];

/** A forecast reads weeks of days: only those gauges that show it ask for it. */
const statuses = oncePerContext((context: GaugeContext) => ({ all: evaluate(context, false) }));
const forecasts = oncePerContext((context: GaugeContext) => ({ all: evaluate(context, true) }));
const anomalies = oncePerContext((context: GaugeContext) => ({ all: findAnomalies(context) }));

const evaluate = (context: GaugeContext, withForecast: boolean): BudgetStatus[] =>
  evaluateBudgets(context.budgets, { ...asOfThen(context), withForecast }).filter((status) => isInside(status, context.where));

/** A budget is shown where its whole scope lies within what the board was narrowed to. */
export const isInside = (status: BudgetStatus, where: readonly Filter[]): boolean =>
  where.every(({ dimension, values }) => {
    const own = status.where.find((filter) => filter.dimension === dimension);
    return own?.values.every((value) => values.includes(value)) === true;
  });

const labelsOf = ({ key, scope, team, period }: BudgetStatus): string[] => [key, scope, team, period];

type Read = (status: BudgetStatus) => readonly GaugeSample[];
type About = Pick<Gauge, 'series' | 'help' | 'unit'> & Partial<Pick<Gauge, 'isHistoric'>>;

const ofStatus = (about: About, read: Read, more: readonly string[] = []): Gauge => ({
  ...about,
  labels: [...BUDGET, ...more],
  maxAgeMs: 0,
  read: (context) => statuses(context).all.flatMap(read),
});

const ofForecast = (about: About, read: Read, more: readonly string[] = []): Gauge => ({
  ...about,
  labels: [...BUDGET, ...more],
  maxAgeMs: FORECAST_AGE_MS,
  read: (context) => forecasts(context).all.flatMap(read),
});

/** One sample for each budget; none where there is nothing to say. */
const one =
  (value: (status: BudgetStatus) => number | undefined): Read =>
  (status) => {
    const number = value(status);
    return number === undefined ? [] : [{ labels: labelsOf(status), value: number }];
  };

/** Amounts of money and of tokens never share a series. */
const amount = (unit: BudgetUnit, value: (status: BudgetStatus) => bigint): Read =>
  one((status) => (status.unit === unit ? toFloat(value(status), unit) : undefined));

const toFloat = (value: bigint, unit: BudgetUnit): number => (unit === 'usd' ? toFloatUsd(value) : Number(value));

const expected =
  (unit: BudgetUnit): Read =>
  (status) => {
    const { forecast } = status;
    if (forecast.kind === 'none' || status.unit !== unit) return [];
    return [
      { labels: [...labelsOf(status), '0.5'], value: toFloat(forecast.p50, unit) },
      { labels: [...labelsOf(status), '0.9'], value: toFloat(forecast.p90, unit) },
    ];
  };

/** Cut after nine decimals like usedRatio, so that it never reaches a threshold before the status says so. */
function forecastRatio({ forecast, limit }: BudgetStatus): number | undefined {
  if (forecast.kind === 'none') return undefined;
  if (limit === 0n) return forecast.p50 > 0n ? Number.POSITIVE_INFINITY : 0;
  return Number((forecast.p50 * 1_000_000_000n) / limit) / 1e9;
}

function warningRatio({ thresholds }: BudgetStatus): number | undefined {
  const warnings = thresholds.filter(({ on, severity }) => on === 'actual' && severity === 'warning');
  return warnings.length === 0 ? undefined : Math.min(...warnings.map(({ at }) => at));
}

const breach = ({ forecast }: BudgetStatus): number | undefined =>
  forecast.kind === 'band' && forecast.breachMs !== undefined ? forecast.breachMs / 1000 : undefined;

/** A period that has not begun or is over has nothing to reach. */
const thresholds: Read = (status) =>
  status.active ? status.thresholds.map(({ at, on, severity }) => ({ labels: [...labelsOf(status), on, severity, String(at)], value: at })) : [];

const LIMIT = 'Amount of the budget that holds now, raises and what was rolled over included';
const SPENT = 'Booked in the scope of the budget since its period began';
const REMAINING = 'What is left of the amount; negative when it is overspent';
const RAISED = 'Part of the amount that was added for a time';
const FORECAST = 'Expected spend of the whole period: half, and nine of ten, of the outcomes lie below. Missing while there is too little history';

const about = (series: string, unit: Gauge['unit'], help: string): About => ({ series, unit, help: `${help}.` });
const historic = (series: string, unit: Gauge['unit'], help: string): About => ({ ...about(series, unit, help), isHistoric: true });

export const BUDGET_GAUGES = {
  budget_limit: ofStatus(
    about(SERIES.budgetLimit, 'usd', LIMIT),
    amount('usd', ({ limit }) => limit),
  ),
  budget_spent: ofStatus(
    historic(SERIES.budgetSpent, 'usd', SPENT),
    amount('usd', ({ spent }) => spent),
  ),
  budget_remaining: ofStatus(
    historic(SERIES.budgetRemaining, 'usd', REMAINING),
    amount('usd', ({ remaining }) => remaining),
  ),
  budget_raised: ofStatus(
    about(SERIES.budgetRaised, 'usd', RAISED),
    amount('usd', ({ raised }) => raised),
  ),
  budget_forecast: ofForecast(about(SERIES.budgetForecast, 'usd', FORECAST), expected('usd'), ['quantile']),
  budget_limit_tokens: ofStatus(
    about(SERIES.budgetLimitTokens, 'tokens', LIMIT),
    amount('tokens', ({ limit }) => limit),
  ),
  budget_spent_tokens: ofStatus(
    historic(SERIES.budgetSpentTokens, 'tokens', SPENT),
    amount('tokens', ({ spent }) => spent),
  ),
  budget_remaining_tokens: ofStatus(
    historic(SERIES.budgetRemainingTokens, 'tokens', REMAINING),
    amount('tokens', ({ remaining }) => remaining),
  ),
  budget_raised_tokens: ofStatus(
    about(SERIES.budgetRaisedTokens, 'tokens', RAISED),
    amount('tokens', ({ raised }) => raised),
  ),
  budget_forecast_tokens: ofForecast(about(SERIES.budgetForecastTokens, 'tokens', FORECAST), expected('tokens'), ['quantile']),
  budget_used_ratio: ofStatus(
    historic(SERIES.budgetUsedRatio, 'ratio', 'Spent over limit; 1 is exhausted'),
    one(({ usedRatio }) => usedRatio),
  ),
  budget_forecast_ratio: ofForecast(about(SERIES.budgetForecastRatio, 'ratio', 'Middle of the forecast over limit'), one(forecastRatio)),
  budget_warning_ratio: ofStatus(
    about(SERIES.budgetWarningRatio, 'ratio', 'Lowest ratio at which a warning about actual spend fires'),
    one(warningRatio),
  ),
  budget_threshold: ofStatus(about(SERIES.budgetThreshold, 'ratio', 'Share of the amount at which an alert fires'), thresholds, [
    'on',
    'severity',
    'at',
  ]),
  budget_period_start: ofStatus(
    about(SERIES.budgetPeriodStart, 'timestamp', 'When the period of the budget began, Unix time'),
    one(({ periodStartMs }) => periodStartMs / 1000),
  ),
  budget_period_end: ofStatus(
    about(SERIES.budgetPeriodEnd, 'timestamp', 'When the period of the budget ends, Unix time'),
    one(({ periodEndMs }) => periodEndMs / 1000),
  ),
  budget_breach: ofForecast(
    about(SERIES.budgetBreach, 'timestamp', 'When the amount is expected to be used up, Unix time; missing when not within the period'),
    one(breach),
  ),
  budget_stopped: ofStatus(
    about(SERIES.budgetStopped, 'count', '1: the amount is used up and spending beyond it is to be stopped'),
    one(({ stopped }) => Number(stopped)),
  ),
  budget_session_warning: ofStatus(
    about(SERIES.budgetSessionWarning, 'usd', 'Cost of a single session at which a warning fires'),
    one(({ sessionWarning }) => (sessionWarning === undefined ? undefined : toFloatUsd(sessionWarning))),
  ),
  budget_session: {
    ...about(SERIES.budgetSession, 'usd', 'Cost of each session of the last day that reached the session warning of its budget'),
    labels: [...BUDGET, 'session', 'user'],
    maxAgeMs: MINUTE_MS,
    read: (context) =>
      costlySessions(statuses(context).all, context.reader, context.nowMs).map(({ status, session }) => ({
        labels: [...labelsOf(status), session.sessionId, showValue('user', session.user)],
        value: toFloatUsd(session.cost),
      })),
  },
  anomaly: {
    ...about(SERIES.anomaly, 'count', '1 while something unusual is seen'),
    labels: ['kind', 'scope', 'severity', 'team'],
    maxAgeMs: ANOMALY_AGE_MS,
    read: (context) =>
      // What is unusual is found in the whole ledger: a narrowed board has no answer of its own.
      context.where.length > 0
        ? []
        : anomalies(context).all.map((anomaly) => ({
            labels: [anomaly.kind, scopeText(anomaly.scope), anomaly.severity, teamOf(anomaly)],
            value: 1,
          })),
  },
  anomaly_figure: {
    ...about(SERIES.anomalyFigure, 'count', 'Each number that an anomaly rests on, by its name; money in USD'),
    labels: ['kind', 'scope', 'figure'],
    maxAgeMs: ANOMALY_AGE_MS,
    read: (context) =>
      context.where.length > 0
        ? []
        : anomalies(context).all.flatMap(({ kind, scope, figures }) =>
            Object.entries(figures)
              .map(([figure, value]) => ({
                labels: [kind, scopeText(scope), figure],
                value: typeof value === 'number' ? value : usdOf(figure, value),
              }))
              .filter(({ value }) => Number.isFinite(value)),
          ),
  },
} as const satisfies Record<string, Gauge>;

/** Money is a decimal string; other texts, such as a name, are no figures of a series. */
const usdOf = (figure: string, value: string): number => (figure.endsWith('_usd') ? Number(value) : Number.NaN);
