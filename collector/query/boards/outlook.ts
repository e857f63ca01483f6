/** What lies ahead of the time picked: the forecast to its end, and the budgets for exactly it. Read beside a board's other answers. */

import { forecastAll } from '../../budgets/evaluate.ts';
import type { Budget } from '../../budgets/journal.ts';
import { scopeFilters } from '../../budgets/scope.ts';
import type { BudgetStatus, Forecast } from '../../budgets/status.ts';
import type { ReadScope } from '../../catalog/read-scope.ts';
import type { Filter } from '../../catalog/values.ts';
import { calendarUnitOf, previousRange } from '../../core/previous-range.ts';
import { periodAround } from '../../core/time-range.ts';
import { coverageStart } from '../../ledger/coverage-start.ts';
import type { GaugeContext } from '../gauges/gauge.ts';
import { wholeLedger } from '../scoped-reader.ts';
import { visibleStatuses } from '../visible-budgets.ts';
import type { BoardQuery } from './board-query.ts';

export interface Outlook {
  readonly forecast: Forecast;
  /** From when on the ledger has anything of the time before; what lies earlier is not known. */
  readonly coveredFromMs: number;
  /** Their scope is what the reader chose, and their period the time picked. */
  readonly budgets: readonly BudgetStatus[];
}

export async function readOutlook(asked: BoardQuery, context: GaugeContext): Promise<Outlook> {
  return { forecast: await forecastOf(asked, context), coveredFromMs: await coveredFrom(asked, context), budgets: await budgetsOf(asked, context) };
}

async function coveredFrom({ timeRange, nowMs, calendar }: BoardQuery, { reader }: GaugeContext): Promise<number> {
  const before = previousRange(timeRange, nowMs, calendar);
  return before === undefined ? nowMs : coverageStart(reader, before, calendar.timeZone);
}

const none = (reason: string): Forecast => ({ kind: 'none', reason });

async function forecastOf({ timeRange, where, calendar, nowMs }: BoardQuery, { reader }: GaugeContext): Promise<Forecast> {
  const { fromMs, toMs } = timeRange;
  if (fromMs === undefined || toMs === undefined || calendarUnitOf(timeRange, calendar) === undefined)
    return none('A forecast is made for a day, week, month, quarter or year that is still running.');
  if (toMs <= nowMs) return none('This time range is over.');
  if (fromMs > nowMs) return none('This time range has not begun.');
  const sorted = inOrder(where);
  const { totals } = await reader.query({
    ...{ measures: ['cost'], by: [], fromMs, toMs, grain: 'total' },
    ...{ timeZone: calendar.timeZone, where: sorted, rowsMax: 1 },
  });
  const request = { where: sorted, measures: ['cost'] as const, calendar, toMs, spent: totals[0] ?? 0n };
  const [forecast] = await forecastAll([request], { reader, calendar, nowMs });
  return forecast ?? none('It was not requested.');
}

const inOrder = (where: readonly Filter[]): Filter[] => [...where].sort((a, b) => (a.dimension < b.dimension ? -1 : 1));

async function budgetsOf(asked: BoardQuery, { budgets, scope, reader }: GaugeContext): Promise<BudgetStatus[]> {
  const { timeRange, calendar, nowMs } = asked;
  const where = seen(asked.where, scope);
  const candidates = budgets.filter((budget) => mayBeFor(budget, where));
  if (timeRange.fromMs === undefined || candidates.length === 0) return [];
  const only = Object.fromEntries(where.flatMap(({ dimension, values: [value, ...more] }) => (more.length === 0 ? [[dimension, value]] : [])));
  const context = { reader: wholeLedger(reader), calendar, nowMs, withForecast: true, only };
  const toMs = timeRange.toMs ?? periodAround('day', nowMs, calendar).toMs;
  return (await visibleStatuses(candidates, scope, context)).filter(
    (status) =>
      status.unit === 'usd' &&
      isSame(status.where, where) &&
      status.periodStartMs === timeRange.fromMs &&
      status.periodEndMs === toMs &&
      status.active,
  );
}

/** What the reader chose of what the reader may see. */
function seen(where: readonly Filter[], scope: ReadScope): readonly Filter[] {
  if (scope === 'all') return where;
  const unchosen = scope.filter(({ dimension }) => !where.some((chosen) => chosen.dimension === dimension));
  return [...where, ...unchosen];
}

/** Is its scope what was chosen, or that of one of its members? */
function mayBeFor({ scope, per, members }: Budget, where: readonly Filter[]): boolean {
  const member = members === undefined ? per : 'user';
  const own = scopeFilters(scope);
  const beside = (filters: readonly Filter[]): Filter[] => filters.filter(({ dimension }) => dimension !== member);
  return isSame(own, where) || (member !== undefined && isSame(beside(own), beside(where)));
}

function isSame(some: readonly Filter[], others: readonly Filter[]): boolean {
  const text = (filters: readonly Filter[]): string =>
    JSON.stringify(inOrder(filters).map(({ dimension, values }) => [dimension, [...values].sort()]));
  return text(some) === text(others);
}
