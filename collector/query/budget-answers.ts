/** Budgets as the API answers them and the commands print them. Money as decimal strings in USD, tokens as numbers. */
import { z } from 'zod';
import type { AuditEntry, BudgetChange, NewRaise, Raise } from '../budgets/journal.ts';
import type { BudgetStatus, BudgetUnit, Contributor, Forecast } from '../budgets/status.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import { type AnswerOf, ageSchema, amountSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { type Amount, renderExact, renderInstant } from './render.ts';

const forecastSchema = z
  .union([
    z.object({
      p50: amountSchema.describe('Median of the spend expected for the whole period.'),
      p90: amountSchema,
      breach: instantSchema.nullable().describe('When the amount is expected to be used up; null when it is not within the period, or already is.'),
      history_days: z.number().int().describe('Whole days of history it rests on.'),
    }),
    z.object({ reason: z.string().describe('Why there is none.') }),
  ])
  .meta({ id: 'BudgetForecast' });
export type ForecastAnswer = AnswerOf<typeof forecastSchema>;

export const statusSchema = z
  .object({
    key: z.string().describe('The name, or name/member for one member of a budget per member.'),
    name: z.string(),
    scope: z.string(),
    team: z.string().nullable().describe('Who is notified.'),
    parent: z.string().nullable(),
    period: z.string(),
    period_start: instantSchema.nullable(),
    period_end: instantSchema.nullable(),
    time_zone: z.string(),
    active: z.boolean().describe('Is now within the period?'),
    unit: z.enum(['usd', 'tokens']),
    limit: amountSchema.describe('The amount that holds now: base, rollover and raises.'),
    base: amountSchema,
    rolled_over: amountSchema,
    raised: amountSchema,
    spent: amountSchema,
    remaining: amountSchema.describe('Negative when overspent.'),
    used_ratio: z.number().nullable().describe('Null: spent of an amount of nothing.'),
    thresholds: z.array(
      z.object({ at: z.number(), on: z.enum(['actual', 'forecast']), severity: z.enum(['info', 'warning', 'critical']), reached: z.boolean() }),
    ),
    forecast: forecastSchema,
    hard_limit: z.boolean(),
    stopped: z.boolean().describe('Is work refused, because the amount is used up?'),
    session_warning_usd: usdSchema.nullable(),
    allocation: z
      .object({ allocated: amountSchema, rest: amountSchema, rest_spent: amountSchema })
      .nullable()
      .describe('What of a shared amount is set aside for members.'),
    as_of: instantSchema.nullable(),
  })
  .meta({ id: 'BudgetStatus' });
export type StatusAnswer = AnswerOf<typeof statusSchema>;

export function renderStatus(status: BudgetStatus): StatusAnswer {
  const { unit, allocation } = status;
  const amount = (value: bigint): Amount => renderExact(unit, value);
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
  return { p50: renderExact(unit, p50), p90: renderExact(unit, p90), breach: renderInstant(breachMs), history_days: historyDays };
}

const contributorSchema = z.object({
  dimension: z.string(),
  value: z.string(),
  spent: amountSchema,
  share: z.number(),
  previous: amountSchema
    .nullable()
    .describe('In the same elapsed part of the period before; null when there is none, or the ledger does not know all of it.'),
});
export type ContributorAnswer = AnswerOf<typeof contributorSchema>;

export const renderContributor = ({ dimension, value, spent, share, previous }: Contributor, unit: BudgetUnit): ContributorAnswer => ({
  dimension,
  value: showValue(dimension, value),
  spent: renderExact(unit, spent),
  share,
  previous: previous === undefined ? null : renderExact(unit, previous),
});

export const raiseSchema = z
  .object({
    key: z.string(),
    amount: amountSchema,
    from: instantSchema.nullable(),
    until: instantSchema.nullable(),
    why: z.string(),
    who: z.string(),
  })
  .meta({ id: 'BudgetRaise' });
export type RaiseAnswer = AnswerOf<typeof raiseSchema>;

export const renderRaise = ({ key, amount, fromMs, untilMs, why, who }: Raise, unit: BudgetUnit): RaiseAnswer => ({
  ...{ key, amount: renderExact(unit, amount), from: renderInstant(fromMs), until: renderInstant(untilMs), why, who },
});

const pastSchema = z.object({
  period_start: instantSchema.nullable(),
  period_end: instantSchema.nullable(),
  limit: amountSchema,
  spent: amountSchema,
  used_ratio: z.number().nullable(),
});
export type PastAnswer = AnswerOf<typeof pastSchema>;

export function renderPast(status: BudgetStatus): PastAnswer {
  const { period_start, period_end, limit, spent, used_ratio } = renderStatus(status);
  return { period_start, period_end, limit, spent, used_ratio };
}

const auditEntrySchema = z
  .object({
    at: instantSchema.nullable(),
    who: z.string(),
    what: z.string(),
    budget: z.string(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'BudgetChange' });
export type AuditAnswer = AnswerOf<typeof auditEntrySchema>;

/** `unit` is that of the budget, for raises that do not say their own. */
export function renderAudit({ atMs, who, what, name, before, after }: AuditEntry, unit: BudgetUnit): AuditAnswer {
  const common = { at: renderInstant(atMs), who, what, budget: name, before: before ?? null };
  return { ...common, after: WITH_AMOUNT.has(what) ? raiseIn(after, unit) : (after ?? null) };
}

const WITH_AMOUNT: ReadonlySet<BudgetChange> = new Set<BudgetChange>(['budget_raised', 'budget_requested']);

/** As the store wrote a raise or a request: the amount as text, in pico-dollars or tokens. */
type StoredAmount = Omit<NewRaise, 'amount' | 'fromMs'> & {
  readonly amount: string;
  readonly fromMs?: number;
  readonly user?: string;
  readonly expiresMs?: number;
};

function raiseIn(after: unknown, unit: BudgetUnit): object {
  const { key, amount, unit: own = unit, fromMs, untilMs, why, request, user, expiresMs } = after as StoredAmount;
  return {
    ...{ key, amount: renderExact(own, BigInt(amount)) },
    ...(fromMs !== undefined && { from: renderInstant(fromMs) }),
    ...{ until: renderInstant(untilMs), why },
    ...(request !== undefined && { request }),
    ...(user !== undefined && { user: showValue('user', user) }),
    ...(expiresMs !== undefined && { expires: renderInstant(expiresMs) }),
  };
}

export const auditSchema = z.object({ audit: z.array(auditEntrySchema).describe('The newest first.') }).meta({ id: 'BudgetAudit' });
export type BudgetAuditAnswer = AnswerOf<typeof auditSchema>;

export const budgetListSchema = z
  .object({
    budgets: z.array(statusSchema).describe('In the order of the configuration, each with its members.'),
    ...ageSchema,
    notes: z
      .array(z.object({ budget: z.string(), sentence: z.string() }))
      .describe('Budgets that nobody is a member of yet, and scopes that have never spent anything.'),
  })
  .meta({ id: 'Budgets' });
export type BudgetListAnswer = AnswerOf<typeof budgetListSchema>;

export const budgetAnswerSchema = statusSchema
  .extend({
    origin: z.enum(['file', 'api']),
    configuration: z
      .unknown()
      .describe('The budget as `budgets` of the configuration would have it; null for those who see one of its members alone.'),
    members: z.array(statusSchema),
    contributors: z.array(contributorSchema).describe('The largest.'),
    history: z.array(pastSchema).describe('Past periods, the newest first.'),
    raises: z.array(raiseSchema),
    audit: z.array(auditEntrySchema).describe('The newest first.'),
  })
  .meta({ id: 'Budget' });
export type BudgetAnswer = AnswerOf<typeof budgetAnswerSchema>;
