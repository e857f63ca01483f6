/**
 * A budget is an amount of money for a scope and a period, from the configuration. Its status is a view of the ledger:
 * what was booked since the period began, and how much of the amount that is.
 */

import type { CalendarOptions } from './calendar.ts';
import type { BudgetConfig } from './config.ts';
import type { Filter, LedgerReader } from './ledger.ts';
import { isDimension, storedValue } from './measures.ts';
import { type PicoUsd, parseUsd } from './money.ts';
import { periodAround } from './period.ts';

export interface BudgetStatus {
  readonly name: string;
  /** "team=platform", or "everything". */
  readonly scope: string;
  readonly period: BudgetConfig['period'];
  /** Epoch milliseconds; the start belongs to the period, the end does not. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly limit: PicoUsd;
  readonly spent: PicoUsd;
  /** spent / limit, cut after nine decimals so that it never reaches a threshold early. Infinity when the limit is 0 and something was spent. */
  readonly usedRatio: number;
  /** The ratio at which the warning fires. */
  readonly warningRatio: number;
  /** When the ledger last committed; undefined when it is empty. */
  readonly asOfMs: number | undefined;
}

const RATIO_SCALE = 1_000_000_000n;

/** The scope as one word for labels and messages: dimensions in alphabetical order. */
export function scopeText(scope: BudgetConfig['scope']): string {
  const parts = Object.entries(scope).map(([dimension, value]) => `${dimension}=${value}`);
  return parts.length === 0 ? 'everything' : parts.sort().join(',');
}

/** What counts towards the budget. People write "unallocated" for what the ledger stores as not known. */
export function scopeFilters(scope: BudgetConfig['scope']): Filter[] {
  return Object.entries(scope).flatMap(([dimension, value]) => {
    if (!isDimension(dimension)) return [];
    return [{ dimension, values: [storedValue(dimension, value)] }];
  });
}

/** How much of a budget is used at an instant, in the calendar's day, week or month around it. */
export function budgetStatus(budget: BudgetConfig, reader: Pick<LedgerReader, 'query'>, calendar: CalendarOptions, nowMs: number): BudgetStatus {
  const { fromMs, toMs } = periodAround(budget.period, nowMs, calendar);
  const where = scopeFilters(budget.scope);
  const result = reader.query({ measures: ['cost'], by: [], fromMs, toMs, grain: 'total', timeZone: calendar.timeZone, where, rowsMax: 1 });
  const limit = parseUsd(budget.amount_usd) ?? 0n;
  const spent = result.totals[0] ?? 0n;
  return {
    name: budget.name,
    scope: scopeText(budget.scope),
    period: budget.period,
    periodStartMs: fromMs,
    periodEndMs: toMs,
    limit,
    spent,
    usedRatio: usedRatio(spent, limit),
    warningRatio: budget.warning_threshold,
    asOfMs: result.asOfMs,
  };
}

/** Divided as integers: 80 of 100 is exactly the 0.8 that a threshold of 0.8 is compared with. */
function usedRatio(spent: PicoUsd, limit: PicoUsd): number {
  if (limit === 0n) return spent > 0n ? Number.POSITIVE_INFINITY : 0;
  return Number((spent * RATIO_SCALE) / limit) / Number(RATIO_SCALE);
}
