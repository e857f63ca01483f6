/** Budgets as gauges: what each may spend, has spent and will spend, and where its thresholds lie. */
import { costlySessions } from '../../alerts/costly-sessions.ts';
import type { Budget } from '../../budgets/journal.ts';
import type { BudgetStatus, BudgetUnit } from '../../budgets/status.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import { shownSessionId } from '../../catalog/session-ids.ts';
import type { Filter } from '../../catalog/values.ts';
import { showValue } from '../../catalog/values.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { toFloatUsd } from '../../core/money.ts';
import { wholeLedger } from '../scoped-reader.ts';
import { visibleStatuses } from '../visible-budgets.ts';
import { asOfThen, type GaugeContext, type GaugeReading, type GaugeSample, hadBegun, isPast, largestOfEach, oncePerContext } from './gauge.ts';

const STATUS_AGE_MS = MINUTE_MS;
/** A forecast reads eight weeks of days. All are of one age: what a budget and a selection have in common is one figure. */
export const FORECASTS = { maxAgeMs: 5 * MINUTE_MS, together: 'forecasts' } as const;

/** So many members of budgets have all series and a forecast. Of more, those that reached no threshold have two series each. */
const MEMBERS_MAX = 200;
/** Of each budget, so many of the sessions that reached its warning have a series: the most expensive. */
const SESSIONS_MAX = 200;

interface Statuses {
  readonly all: readonly BudgetStatus[];
  readonly isCrowded: boolean;
}

export const statuses = oncePerContext(async (context: GaugeContext): Promise<Statuses> => {
  // What was left on a day in the past is shown for whole budgets: each day would be read again for every member.
  const isThen = await isPast(context);
  if (isThen && !(await hadBegun({ ...context, reader: wholeLedger(context.reader) }))) return { all: [], isCrowded: false };
  const all = await evaluated(isThen ? wholeBudgets(context.budgets) : context.budgets, context);
  const isCrowded = all.filter(isMember).length > MEMBERS_MAX;
  return { all: all.filter((status) => isInside(status, context.where)), isCrowded };
});

/** A forecast reads weeks of days: only those gauges that show it ask for it. */
export const forecasts = oncePerContext(async (context: GaugeContext): Promise<Statuses> => {
  const { isCrowded } = await statuses(context);
  const budgets = isCrowded || (await isPast(context)) ? wholeBudgets(context.budgets) : context.budgets;
  const all = await evaluated(budgets, context, { withForecast: true });
  return { all: all.filter((status) => isInside(status, context.where)), isCrowded };
});

const evaluated = async (budgets: readonly Budget[], context: GaugeContext, more: { readonly withForecast?: boolean } = {}) =>
  visibleStatuses(budgets, context.scope, { ...(await asOfThen({ ...context, reader: wholeLedger(context.reader) })), ...more });

export const isMember = ({ key, name }: BudgetStatus): boolean => key !== name;

/** Without those that are for each member, and without the parts of members. */
export const wholeBudgets = (budgets: readonly Budget[]): Budget[] =>
  budgets.filter(({ per }) => per === undefined).map(({ members: _, ...budget }) => budget);

/** Does an alert fire for it? */
export const isAlerting = ({ thresholds: own, stopped }: BudgetStatus): boolean => stopped || own.some(({ reached }) => reached);

/** A budget is shown where its whole scope lies within what the board was narrowed to. */
export const isInside = (status: BudgetStatus, where: readonly Filter[]): boolean =>
  where.every(({ dimension, values }) => {
    const own = status.where.find((filter) => filter.dimension === dimension);
    return own?.values.every((value) => values.includes(value)) === true;
  });

const labelsOf = ({ key, scope, team, period }: BudgetStatus): string[] => [key, scope, team, period];

type Read = (status: BudgetStatus, isCrowded: boolean) => readonly GaugeSample[];

/** Which members have the series when there are many: every one, those an alert fires for, or none. */
type Shown = (status: BudgetStatus) => boolean;
const everyMember: Shown = () => true;
const noMember: Shown = () => false;

const ofStatus = (shown: Shown, read: Read): GaugeReading => ({
  maxAgeMs: STATUS_AGE_MS,
  together: 'budgets',
  async read(context) {
    const { all, isCrowded } = await statuses(context);
    return all.filter((status) => !isCrowded || !isMember(status) || shown(status)).flatMap((status) => read(status, isCrowded && isMember(status)));
  },
});

const ofForecast = (read: Read): GaugeReading => ({
  ...FORECASTS,
  async read(context) {
    const { all } = await forecasts(context);
    return all.flatMap((status) => read(status, false));
  },
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

const elapsedRatio = ({ periodStartMs, periodEndMs }: BudgetStatus, nowMs: number): number => (nowMs - periodStartMs) / (periodEndMs - periodStartMs);

const breach = ({ forecast }: BudgetStatus): number | undefined =>
  forecast.kind === 'band' && forecast.breachMs !== undefined ? forecast.breachMs / 1000 : undefined;

/** A period that has not begun or is over has nothing to reach. */
const thresholds: Read = (status, isOneOfMany) =>
  status.thresholds
    .filter(({ reached }) => status.active && (reached || !isOneOfMany))
    .map(({ at, on, severity }) => ({ labels: [...labelsOf(status), on, severity, String(at)], value: at }));

export const BUDGET_READINGS = {
  budget_limit: ofStatus(
    isAlerting,
    amount('usd', ({ limit }) => limit),
  ),
  budget_spent: ofStatus(
    isAlerting,
    amount('usd', ({ spent }) => spent),
  ),
  budget_remaining: ofStatus(
    everyMember,
    amount('usd', ({ remaining }) => remaining),
  ),
  budget_raised: ofStatus(
    noMember,
    amount('usd', ({ raised }) => raised),
  ),
  budget_forecast: ofForecast(expected('usd')),
  budget_limit_tokens: ofStatus(
    isAlerting,
    amount('tokens', ({ limit }) => limit),
  ),
  budget_spent_tokens: ofStatus(
    isAlerting,
    amount('tokens', ({ spent }) => spent),
  ),
  budget_remaining_tokens: ofStatus(
    everyMember,
    amount('tokens', ({ remaining }) => remaining),
  ),
  budget_raised_tokens: ofStatus(
    noMember,
    amount('tokens', ({ raised }) => raised),
  ),
  budget_forecast_tokens: ofForecast(expected('tokens')),
  budget_used_ratio: ofStatus(
    everyMember,
    one(({ usedRatio }) => usedRatio),
  ),
  budget_elapsed_ratio: {
    maxAgeMs: STATUS_AGE_MS,
    together: 'budgets',
    async read(context) {
      const { all, isCrowded } = await statuses(context);
      const shown = all.filter((status) => status.active && (!isCrowded || !isMember(status) || isAlerting(status)));
      return shown.map((status) => ({ labels: labelsOf(status), value: elapsedRatio(status, context.nowMs) }));
    },
  },
  budget_forecast_ratio: ofForecast(one(forecastRatio)),
  budget_warning_ratio: ofStatus(noMember, one(warningRatio)),
  budget_threshold: ofStatus(isAlerting, thresholds),
  budget_period_start: ofStatus(
    noMember,
    one(({ periodStartMs }) => periodStartMs / 1000),
  ),
  budget_period_end: ofStatus(
    isAlerting,
    one(({ periodEndMs }) => periodEndMs / 1000),
  ),
  budget_breach: ofForecast(one(breach)),
  budget_stopped: ofStatus(
    isAlerting,
    one(({ stopped }) => Number(stopped)),
  ),
  budget_session_warning: ofStatus(
    noMember,
    one(({ sessionWarning }) => (sessionWarning === undefined ? undefined : toFloatUsd(sessionWarning))),
  ),
  budget_session: {
    maxAgeMs: STATUS_AGE_MS,
    together: 'budgets',
    async read(context) {
      const { all } = await statuses(context);
      const sessions = await costlySessions(all, context.reader, context.nowMs);
      const ofEach = Map.groupBy(sessions, ({ status }) => status.key);
      const shown = [...ofEach.values()].flatMap((ones) => ones.slice(0, SESSIONS_MAX));
      return largestOfEach(
        shown.map(({ status, session }) => ({
          labels: [...labelsOf(status), shownSessionId(session.sessionId), showValue('user', session.user)],
          value: toFloatUsd(session.cost),
        })),
      );
    },
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
