/** Budgets as gauges: what each may spend, has spent and will spend, and where its thresholds lie. */
import { costlySessions } from '../../alerts/costly-sessions.ts';
import type { Budget } from '../../budgets/book.ts';
import { evaluateBudgets } from '../../budgets/evaluate.ts';
import type { BudgetStatus, BudgetUnit } from '../../budgets/status.ts';
import { showValue } from '../../catalog/measures.ts';
import { SERIES } from '../../catalog/names.ts';
import { toFloatUsd } from '../../core/money.ts';
import type { Filter } from '../../ledger/ledger.ts';
import { asOfThen, type Gauge, type GaugeContext, type GaugeSample, isPast, MINUTE_MS, oncePerContext } from './gauge.ts';

const STATUS_AGE_MS = MINUTE_MS;
/** A forecast reads eight weeks of days. */
const FORECAST_AGE_MS = 5 * MINUTE_MS;
const BUDGET = ['budget', 'scope', 'team', 'period'];

/** So many members of budgets have all series and a forecast. Of more, those that reached no threshold have two series each. */
const MEMBERS_MAX = 200;

interface Statuses {
  readonly all: readonly BudgetStatus[];
  readonly isCrowded: boolean;
}

const statuses = oncePerContext((context: GaugeContext): Statuses => {
  // What was left on a day in the past is told of whole budgets: each day would be read again for every member.
  const all = evaluateBudgets(isPast(context) ? wholeBudgets(context.budgets) : context.budgets, asOfThen(context));
  const isCrowded = all.filter(isMember).length > MEMBERS_MAX;
  return { all: all.filter((status) => isInside(status, context.where)), isCrowded };
});

/** A forecast reads weeks of days: only those gauges that show it ask for it. */
const forecasts = oncePerContext((context: GaugeContext): Statuses => {
  const { isCrowded } = statuses(context);
  const budgets = isCrowded || isPast(context) ? wholeBudgets(context.budgets) : context.budgets;
  const all = evaluateBudgets(budgets, { ...asOfThen(context), withForecast: true });
  return { all: all.filter((status) => isInside(status, context.where)), isCrowded };
});

const isMember = ({ key, name }: BudgetStatus): boolean => key !== name;

/** Without those that are for each member, and without the parts of members. */
const wholeBudgets = (budgets: readonly Budget[]): Budget[] =>
  budgets.filter(({ per }) => per === undefined).map(({ members: _, ...budget }) => budget);

/** Does an alert tell of it? */
const isTold = ({ thresholds: own, stopped }: BudgetStatus): boolean => stopped || own.some(({ reached }) => reached);

/** A budget is shown where its whole scope lies within what the board was narrowed to. */
export const isInside = (status: BudgetStatus, where: readonly Filter[]): boolean =>
  where.every(({ dimension, values }) => {
    const own = status.where.find((filter) => filter.dimension === dimension);
    return own?.values.every((value) => values.includes(value)) === true;
  });

const labelsOf = ({ key, scope, team, period }: BudgetStatus): string[] => [key, scope, team, period];

type Read = (status: BudgetStatus, isCrowded: boolean) => readonly GaugeSample[];
type About = Pick<Gauge, 'series' | 'help' | 'unit'> & Partial<Pick<Gauge, 'isHistoric'>>;

/** Which members have the series when there are many: every one, those of whom an alert tells, or none. */
type Shown = (status: BudgetStatus) => boolean;
const everyMember: Shown = () => true;
const noMember: Shown = () => false;

const ofStatus = (about: About, shown: Shown, read: Read, more: readonly string[] = []): Gauge => ({
  ...about,
  labels: [...BUDGET, ...more],
  maxAgeMs: STATUS_AGE_MS,
  together: 'budgets',
  read: (context) => {
    const { all, isCrowded } = statuses(context);
    return all.filter((status) => !isCrowded || !isMember(status) || shown(status)).flatMap((status) => read(status, isCrowded && isMember(status)));
  },
});

const ofForecast = (about: About, read: Read, more: readonly string[] = []): Gauge => ({
  ...about,
  labels: [...BUDGET, ...more],
  maxAgeMs: FORECAST_AGE_MS,
  together: 'forecasts of budgets',
  read: (context) => forecasts(context).all.flatMap((status) => read(status, false)),
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
const thresholds: Read = (status, isOneOfMany) =>
  status.thresholds
    .filter(({ reached }) => status.active && (reached || !isOneOfMany))
    .map(({ at, on, severity }) => ({ labels: [...labelsOf(status), on, severity, String(at)], value: at }));

const LIMIT = 'Amount of the budget that holds now, raises and what was rolled over included';
const SPENT = 'Booked in the scope of the budget since its period began';
const REMAINING = 'What is left of the amount; negative when it is overspent';
const RAISED = 'Part of the amount that was added for a time';
const FORECAST = `Expected spend of the whole period: half, and nine of ten, of the outcomes lie below. Missing while there is too little history, and of single members where budgets have more than ${MEMBERS_MAX}`;
const TOLD = `Where budgets have more than ${MEMBERS_MAX} members, only of those that reached a threshold`;
const WHOLE = `Where budgets have more than ${MEMBERS_MAX} members, not of single members`;

const about = (series: string, unit: Gauge['unit'], help: string): About => ({ series, unit, help: `${help}.` });
const historic = (series: string, unit: Gauge['unit'], help: string): About => ({ ...about(series, unit, help), isHistoric: true });

export const BUDGET_GAUGES = {
  budget_limit: ofStatus(
    about(SERIES.budgetLimit, 'usd', `${LIMIT}. ${TOLD}`),
    isTold,
    amount('usd', ({ limit }) => limit),
  ),
  budget_spent: ofStatus(
    historic(SERIES.budgetSpent, 'usd', `${SPENT}. ${TOLD}`),
    isTold,
    amount('usd', ({ spent }) => spent),
  ),
  budget_remaining: ofStatus(
    historic(SERIES.budgetRemaining, 'usd', REMAINING),
    everyMember,
    amount('usd', ({ remaining }) => remaining),
  ),
  budget_raised: ofStatus(
    about(SERIES.budgetRaised, 'usd', `${RAISED}. ${WHOLE}`),
    noMember,
    amount('usd', ({ raised }) => raised),
  ),
  budget_forecast: ofForecast(about(SERIES.budgetForecast, 'usd', FORECAST), expected('usd'), ['quantile']),
  budget_limit_tokens: ofStatus(
    about(SERIES.budgetLimitTokens, 'tokens', `${LIMIT}. ${TOLD}`),
    isTold,
    amount('tokens', ({ limit }) => limit),
  ),
  budget_spent_tokens: ofStatus(
    historic(SERIES.budgetSpentTokens, 'tokens', `${SPENT}. ${TOLD}`),
    isTold,
    amount('tokens', ({ spent }) => spent),
  ),
  budget_remaining_tokens: ofStatus(
    historic(SERIES.budgetRemainingTokens, 'tokens', REMAINING),
    everyMember,
    amount('tokens', ({ remaining }) => remaining),
  ),
  budget_raised_tokens: ofStatus(
    about(SERIES.budgetRaisedTokens, 'tokens', `${RAISED}. ${WHOLE}`),
    noMember,
    amount('tokens', ({ raised }) => raised),
  ),
  budget_forecast_tokens: ofForecast(about(SERIES.budgetForecastTokens, 'tokens', FORECAST), expected('tokens'), ['quantile']),
  budget_used_ratio: ofStatus(
    historic(SERIES.budgetUsedRatio, 'ratio', 'Spent over limit; 1 is exhausted'),
    everyMember,
    one(({ usedRatio }) => usedRatio),
  ),
  budget_forecast_ratio: ofForecast(about(SERIES.budgetForecastRatio, 'ratio', 'Middle of the forecast over limit'), one(forecastRatio)),
  budget_warning_ratio: ofStatus(
    about(SERIES.budgetWarningRatio, 'ratio', `Lowest ratio at which a warning about actual spend fires. ${WHOLE}`),
    noMember,
    one(warningRatio),
  ),
  budget_threshold: ofStatus(about(SERIES.budgetThreshold, 'ratio', `Share of the amount at which an alert fires. ${TOLD}`), isTold, thresholds, [
    'on',
    'severity',
    'at',
  ]),
  budget_period_start: ofStatus(
    about(SERIES.budgetPeriodStart, 'timestamp', `When the period of the budget began, Unix time. ${WHOLE}`),
    noMember,
    one(({ periodStartMs }) => periodStartMs / 1000),
  ),
  budget_period_end: ofStatus(
    about(SERIES.budgetPeriodEnd, 'timestamp', `When the period of the budget ends, Unix time. ${TOLD}`),
    isTold,
    one(({ periodEndMs }) => periodEndMs / 1000),
  ),
  budget_breach: ofForecast(
    about(SERIES.budgetBreach, 'timestamp', 'When the amount is expected to be used up, Unix time; missing when not within the period'),
    one(breach),
  ),
  budget_stopped: ofStatus(
    about(SERIES.budgetStopped, 'count', `1: the amount is used up and spending beyond it is to be stopped. ${TOLD}`),
    isTold,
    one(({ stopped }) => Number(stopped)),
  ),
  budget_session_warning: ofStatus(
    about(SERIES.budgetSessionWarning, 'usd', `Cost of a single session at which a warning fires. ${WHOLE}`),
    noMember,
    one(({ sessionWarning }) => (sessionWarning === undefined ? undefined : toFloatUsd(sessionWarning))),
  ),
  budget_session: {
    ...about(SERIES.budgetSession, 'usd', 'Cost of each session of the last day that reached the session warning of its budget'),
    labels: [...BUDGET, 'session', 'user'],
    maxAgeMs: STATUS_AGE_MS,
    together: 'budgets',
    read: (context) =>
      costlySessions(statuses(context).all, context.reader, context.nowMs).map(({ status, session }) => ({
        labels: [...labelsOf(status), session.sessionId, showValue('user', session.user)],
        value: toFloatUsd(session.cost),
      })),
  },
} as const satisfies Record<string, Gauge>;
