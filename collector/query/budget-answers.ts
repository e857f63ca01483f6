/** Budgets as the API answers them and the commands print them. Money as decimal strings in USD, tokens as numbers. */
import type { AuditEntry, NewRaise, Raise } from '../budgets/journal.ts';
import type { BudgetStatus, BudgetUnit, Contributor, Forecast } from '../budgets/status.ts';
import type { BudgetNote } from '../budgets/unknown-scopes.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import { type Amount, renderInstant } from './render.ts';

export interface StatusAnswer {
  readonly key: string;
  readonly name: string;
  readonly scope: string;
  readonly team: string | null;
  readonly parent: string | null;
  readonly period: string;
  readonly period_start: string | null;
  readonly period_end: string | null;
  readonly time_zone: string;
  readonly active: boolean;
  readonly unit: BudgetUnit;
  readonly limit: Amount;
  readonly base: Amount;
  readonly rolled_over: Amount;
  readonly raised: Amount;
  readonly spent: Amount;
  readonly remaining: Amount;
  /** null: spent of an amount of nothing. */
  readonly used_ratio: number | null;
  readonly thresholds: readonly { readonly at: number; readonly on: string; readonly severity: string; readonly reached: boolean }[];
  readonly forecast: ForecastAnswer;
  readonly hard_limit: boolean;
  readonly stopped: boolean;
  readonly session_warning_usd: string | null;
  readonly allocation: { readonly allocated: Amount; readonly rest: Amount; readonly rest_spent: Amount } | null;
  readonly as_of: string | null;
}

export type ForecastAnswer =
  | { readonly p50: Amount; readonly p90: Amount; readonly breach: string | null; readonly history_days: number }
  | { readonly reason: string };

const amountOf = (unit: BudgetUnit, amount: bigint): Amount => {
  if (unit === 'usd') return formatUsd(amount);
  const number = Number(amount);
  return Number.isSafeInteger(number) ? number : amount.toString();
};

export function renderStatus(status: BudgetStatus): StatusAnswer {
  const { unit, allocation } = status;
  const amount = (value: bigint): Amount => amountOf(unit, value);
  return {
    ...{ key: status.key, name: status.name, scope: status.scope, team: status.team === '' ? null : status.team, parent: status.parent ?? null },
    ...{ period: status.period, period_start: renderInstant(status.periodStartMs), period_end: renderInstant(status.periodEndMs) },
    ...{ time_zone: status.timeZone, active: status.active, unit },
    ...{ limit: amount(status.limit), base: amount(status.base), rolled_over: amount(status.rolledOver), raised: amount(status.raised) },
    ...{ spent: amount(status.spent), remaining: amount(status.remaining) },
    used_ratio: Number.isFinite(status.usedRatio) ? status.usedRatio : null,
    thresholds: status.thresholds,
    forecast: renderForecast(status.forecast, unit),
    ...{ hard_limit: status.hardLimit, stopped: status.stopped },
    session_warning_usd: status.sessionWarning === undefined ? null : formatUsd(status.sessionWarning),
    allocation:
      allocation === undefined
        ? null
        : { allocated: amount(allocation.allocated), rest: amount(allocation.rest), rest_spent: amount(allocation.restSpent) },
    as_of: renderInstant(status.asOfMs),
  };
}

export function renderForecast(forecast: Forecast, unit: BudgetUnit): ForecastAnswer {
  if (forecast.kind === 'none') return { reason: forecast.reason };
  const { p50, p90, breachMs, historyDays } = forecast;
  return { p50: amountOf(unit, p50), p90: amountOf(unit, p90), breach: renderInstant(breachMs), history_days: historyDays };
}

export interface ContributorAnswer {
  readonly dimension: string;
  readonly value: string;
  readonly spent: Amount;
  readonly share: number;
  /** In the same elapsed part of the period before; null when there is none. */
  readonly previous: Amount | null;
}

export const renderContributor = ({ dimension, value, spent, share, previous }: Contributor, unit: BudgetUnit): ContributorAnswer => ({
  dimension,
  value: showValue(dimension, value),
  spent: amountOf(unit, spent),
  share,
  previous: previous === undefined ? null : amountOf(unit, previous),
});

export interface RaiseAnswer {
  readonly key: string;
  readonly amount: Amount;
  readonly from: string | null;
  readonly until: string | null;
  readonly why: string;
  readonly who: string;
}

export const renderRaise = ({ key, amount, fromMs, untilMs, why, who }: Raise, unit: BudgetUnit): RaiseAnswer => ({
  ...{ key, amount: amountOf(unit, amount), from: renderInstant(fromMs), until: renderInstant(untilMs), why, who },
});

export interface PastAnswer {
  readonly period_start: string | null;
  readonly period_end: string | null;
  readonly limit: Amount;
  readonly spent: Amount;
  readonly used_ratio: number | null;
}

export function renderPast(status: BudgetStatus): PastAnswer {
  const { period_start, period_end, limit, spent, used_ratio } = renderStatus(status);
  return { period_start, period_end, limit, spent, used_ratio };
}

export interface AuditAnswer {
  readonly at: string | null;
  readonly who: string;
  readonly what: string;
  readonly budget: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** `unit` is that of the budget, for raises that do not say their own. */
export function renderAudit({ atMs, who, what, name, before, after }: AuditEntry, unit: BudgetUnit): AuditAnswer {
  const common = { at: renderInstant(atMs), who, what, budget: name, before: before ?? null };
  return { ...common, after: (what === 'budget_raised' ? raiseIn(after, unit) : after) ?? null };
}

/** As the store wrote it: the amount as text, in pico-dollars or tokens. */
function raiseIn(after: unknown, unit: BudgetUnit): Omit<RaiseAnswer, 'who'> {
  const { key, amount, unit: own = unit, fromMs, untilMs, why } = after as Omit<NewRaise, 'amount'> & { readonly amount: string };
  return { key, amount: amountOf(own, BigInt(amount)), from: renderInstant(fromMs), until: renderInstant(untilMs), why };
}

export interface BudgetAuditAnswer {
  readonly audit: readonly AuditAnswer[];
}

export interface BudgetListAnswer {
  readonly budgets: readonly StatusAnswer[];
  readonly as_of: string | null;
  /** Seconds since the ledger last committed. */
  readonly age_seconds: number | null;
  /** Budgets that nobody is a member of yet, and scopes that have never spent anything. */
  readonly notes: readonly BudgetNote[];
}

export interface BudgetAnswer extends StatusAnswer {
  readonly origin: 'file' | 'api';
  /** The budget as `budgets:` of the configuration would have it. */
  readonly configuration: unknown;
  readonly members: readonly StatusAnswer[];
  readonly contributors: readonly ContributorAnswer[];
  readonly history: readonly PastAnswer[];
  readonly raises: readonly RaiseAnswer[];
  readonly audit: readonly AuditAnswer[];
}
