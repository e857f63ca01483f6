/**
 * A budget is an amount for a scope and a period, from the configuration or set by API. Its status is a view of the ledger: what was
 * booked since the period began, how much of the amount that is, and where it is going. docs/budgets.md has the rules for operators.
 */

import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import { showValue } from '../catalog/values.ts';
import { type BudgetConfig, TOKEN_CLASSES } from '../config/budgets.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { parseUsd } from '../core/money.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { readSpend, type Spend, type SpendContext, type SpendGroup, type SpendRequest, spendGroups } from '../ledger/scoped-spend.ts';
import { type ForecastMemo, forecastAll } from './forecast-scopes.ts';
import { type Budget, raisedBy, raiseEndedMs } from './journal.ts';
import { type BudgetTimeRange, budgetTimeRange, dayIn } from './period.ts';
import { narrowed, scopeFilters, scopeText, teamOf } from './scope.ts';
import type { BudgetStatus, Forecast, ThresholdStatus } from './status.ts';

export { contributors } from './contributors.ts';
export { ForecastMemo, forecastAll, forecastMonths } from './forecast-scopes.ts';

export interface BudgetContext {
  readonly reader: Pick<LedgerSnapshot, 'query'>;
  /** That of the ledger; a budget may have its own. */
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  /** Default: false. A forecast reads eight weeks of days, which costs more than the status itself. */
  readonly withForecast?: boolean;
  /** For those who ask every few seconds. */
  readonly forecastMemo?: ForecastMemo | undefined;
  /** What is known of the spend already; without it, or beyond it, the ledger is asked. */
  readonly known?: SpendContext['known'];
  /** Of budgets per member and of parts of members only those of this person, who need not have spent anything. */
  readonly only?: BudgetPerson | undefined;
}

/** Stored values; a dimension that is left out narrows nothing. */
export type BudgetPerson = Readonly<Partial<Record<DimensionName, string>>>;

/** What is asked of the ledger for one budget. */
interface Plan {
  readonly budget: Budget;
  readonly timeRange: BudgetTimeRange;
  readonly where: readonly Filter[];
  readonly measures: readonly MeasureName[];
  readonly per: DimensionName | undefined;
  readonly current: SpendRequest;
  /** The period before, in the scope and in all; only where the rest of it is added. */
  readonly before: readonly SpendRequest[];
}

/** A status without what needs a forecast. */
interface Draft extends Omit<BudgetStatus, 'forecast' | 'thresholds'> {
  readonly plan: Plan;
}

const RATIO_SCALE = 1_000_000_000n;
const NOT_ASKED: Forecast = { kind: 'none', reason: 'It was not requested.' };

/** One status for each budget in their order; for a budget per member one for each member, for allocations the whole and then each member. */
export async function evaluateBudgets(budgets: readonly Budget[], context: BudgetContext): Promise<BudgetStatus[]> {
  const plans = plansOf(budgets, context);
  const requests = requestsOf(plans);
  const { spends, asOfMs } = await readSpend(requests, context);
  const spendOf = new Map(requests.map((request, index) => [request, spends[index] ?? NOTHING]));
  const drafts = plans.flatMap((plan) => draftsOf(plan, (request) => spendOf.get(request) ?? NOTHING, { ...context, asOfMs }));
  const forecasts = context.withForecast === true ? await forecastsOf(drafts, context) : [];
  return drafts.map((draft, index) => finished(draft, forecasts[index] ?? NOT_ASKED));
}

/** What has to be known of the ledger before these budgets can be evaluated. */
export const budgetQuestions = (budgets: readonly Budget[], context: Omit<BudgetContext, 'reader'>): SpendGroup[] =>
  spendGroups(requestsOf(plansOf(budgets, context)), context.calendar);

const NOTHING: Spend = { total: 0n, members: new Map() };

/** What a budget adds up: cost, or its classes of tokens. */
export const measuresOf = ({ tokens }: Budget): readonly MeasureName[] =>
  tokens === undefined ? ['cost'] : [...new Set(tokens.classes.map((name) => TOKEN_CLASSES[name]))].sort();

/** The amount that holds on the day of an instant, in the unit of the budget: the last dated one that began, else the first. */
export function amountAt(budget: Budget, atMs: number, timeZone: string): bigint {
  const { amounts = [], tokens, amount_usd } = definitionAt(budget, atMs);
  const last = amounts.length === 0 ? undefined : lastBegun(amounts, dayIn(atMs, timeZone));
  return tokens === undefined ? (parseUsd(last?.amount_usd ?? amount_usd ?? '0') ?? 0n) : BigInt(last?.tokens ?? tokens.amount);
}

const lastBegun = <Dated extends { readonly from: string }>(amounts: readonly Dated[], today: string): Dated | undefined =>
  amounts
    .filter(({ from }) => from <= today)
    .sort((a, b) => (a.from < b.from ? -1 : 1))
    .at(-1);

/** A change holds from its own instant on: before it, the amounts are what they were. In another unit or period they say nothing. */
function definitionAt(budget: Budget, atMs: number): BudgetConfig {
  const then = budget.earlier?.find(({ untilMs }) => atMs < untilMs)?.budget;
  return then !== undefined && isComparable(then, budget) ? then : budget;
}

const isComparable = (one: BudgetConfig, other: BudgetConfig): boolean =>
  measuresOf(one).join() === measuresOf(other).join() && JSON.stringify(one.period) === JSON.stringify(other.period);

type PlanContext = Pick<BudgetContext, 'calendar' | 'nowMs' | 'only'>;

/** Most budgets share their period with others, and the calendar of a zone is slow. */
function plansOf(budgets: readonly Budget[], context: PlanContext): Plan[] {
  const timeRanges = new Map<string, BudgetTimeRange>();
  return budgets.map((budget) => {
    const period = JSON.stringify([budget.period, budget.time_zone, budget.week_start]);
    return planOf(
      budget,
      timeRanges.getOrInsertComputed(period, () => budgetTimeRange(budget, context.nowMs, context.calendar)),
      context.only,
    );
  });
}

const requestsOf = (plans: readonly Plan[]): SpendRequest[] => plans.flatMap(({ current, before }) => [current, ...before]);

function planOf(budget: Budget, timeRange: BudgetTimeRange, only: BudgetPerson | undefined): Plan {
  const where = scopeFilters(budget.scope);
  const measures = measuresOf(budget);
  const per = budget.members === undefined ? budget.per : 'user';
  const asked = budget.members === undefined ? askedOf(where, per, only) : where;
  const { previous } = timeRange;
  const before =
    budget.rollover === true && previous !== undefined
      ? [
          { timeRange: previous, where: asked, measures, per },
          { timeRange: previous, where: [], measures },
        ]
      : [];
  return { budget, timeRange, where, measures, per, current: { timeRange, where: asked, measures, per }, before };
}

/** The scope, of the one member alone who is asked for and whom it may have. */
function askedOf(where: readonly Filter[], per: DimensionName | undefined, only: BudgetPerson | undefined): readonly Filter[] {
  const member = memberIn(where, per, only);
  return per === undefined || member === undefined ? where : narrowed(where, { dimension: per, values: [member] });
}

/** undefined: nobody in particular is asked for, or somebody who is not in the scope. */
function memberIn(where: readonly Filter[], per: DimensionName | undefined, only: BudgetPerson | undefined): string | undefined {
  const member = per === undefined ? undefined : only?.[per];
  const named = where.find(({ dimension }) => dimension === per)?.values;
  return member !== undefined && member !== '' && named?.includes(member) !== false ? member : undefined;
}

type SpendOf = (request: SpendRequest) => Spend;
type DraftContext = Pick<BudgetContext, 'nowMs' | 'only'> & Pick<Common, 'asOfMs'>;

function draftsOf(plan: Plan, spendOf: SpendOf, { nowMs, only, asOfMs }: DraftContext): Draft[] {
  const { budget, timeRange, per } = plan;
  const spend = spendOf(plan.current);
  const base = amountAt(budget, nowMs, timeRange.calendar.timeZone);
  const common = { plan, nowMs, asOfMs, base };
  if (budget.members !== undefined) return allocated(common, spend, spendOf, only?.user);
  if (per === undefined) return [draftOf({ ...common, spent: spend.total, left: leftBefore(plan, spendOf, undefined, nowMs) })];
  return membersOf(plan, spend, only).map((member) =>
    draftOf({ ...common, member, spent: spend.members.get(member) ?? 0n, left: leftBefore(plan, spendOf, member, nowMs) }),
  );
}

/** Those who spent, and those whom the scope names. What belongs to nobody known is no member. */
function membersOf({ where, per }: Plan, { members }: Spend, only: BudgetPerson | undefined): string[] {
  if (per !== undefined && only?.[per] !== undefined) {
    const member = memberIn(where, per, only);
    return member === undefined ? [] : [member];
  }
  const named = where.find(({ dimension }) => dimension === per)?.values ?? [];
  return [...new Set([...members.keys(), ...named])].filter((member) => member !== '').sort();
}

function allocated(common: Common, spend: Spend, spendOf: SpendOf, only: string | undefined): Draft[] {
  const { plan, base, nowMs } = common;
  const then = definitionAt(plan.budget, nowMs).members ?? [];
  const members = (plan.budget.members ?? []).map((member) => {
    const { user, amount_usd, tokens } = then.find((one) => one.user === member.user) ?? member;
    const amount = plan.budget.tokens === undefined ? (parseUsd(amount_usd ?? '0') ?? 0n) : BigInt(tokens ?? 0);
    return { user, amount, spent: spend.members.get(user) ?? 0n };
  });
  const sum = (of: (member: (typeof members)[number]) => bigint): bigint => members.reduce((total, member) => total + of(member), 0n);
  const shared = sum(({ amount }) => amount);
  const allocation = { allocated: shared, rest: base - shared, restSpent: spend.total - sum(({ spent }) => spent) };
  return [
    { ...draftOf({ ...common, spent: spend.total, left: leftBefore(plan, spendOf, undefined, nowMs) }), allocation },
    ...members
      .filter(({ user }) => only === undefined || user === only)
      .map(({ user, amount, spent }) => partOf({ ...common, base: amount, member: user, spent, left: 0n, parent: plan.budget.name })),
  ];
}

/** Costly sessions are the whole's to warn of, which has all of them: with each part there would be two alerts of one. */
const partOf = (input: DraftInput): Draft => ({ ...draftOf(input), sessionWarning: undefined });

/**
 * What rolls over: the rest of the amount that held when the period before ended, without its raises and without what rolled over
 * into it. Where the ledger has nothing at all of that period, nothing is known to be left.
 */
function leftBefore({ budget, timeRange, before: [own, all] }: Plan, spendOf: SpendOf, member: string | undefined, nowMs: number): bigint {
  if (own === undefined || all === undefined || timeRange.previous === undefined || spendOf(all).total === 0n) return 0n;
  const amount = amountAt(budget, Math.min(timeRange.previous.toMs - 1, nowMs), timeRange.calendar.timeZone);
  const spend = spendOf(own);
  const left = amount - (member === undefined ? spend.total : (spend.members.get(member) ?? 0n));
  const max = budget.rollover_max_usd === undefined ? left : (parseUsd(budget.rollover_max_usd) ?? 0n);
  if (left <= 0n) return 0n;
  return left < max ? left : max;
}

interface Common {
  readonly plan: Plan;
  readonly nowMs: number;
  readonly asOfMs: number | undefined;
  readonly base: bigint;
}

interface DraftInput extends Common {
  readonly member?: string;
  readonly spent: bigint;
  /** What rolled over. */
  readonly left: bigint;
  readonly parent?: string;
}

function draftOf({ plan, nowMs, asOfMs, base, member, spent, left, parent }: DraftInput): Draft {
  const { budget, timeRange, per, measures } = plan;
  const key = member === undefined || per === undefined ? budget.name : `${budget.name}/${showValue(per, member)}`;
  const where = member === undefined || per === undefined ? plan.where : narrowed(plan.where, { dimension: per, values: [member] });
  const raises = [budget.raises ?? [], budget.per === undefined ? [key] : [key, budget.name], nowMs] as const;
  const raised = raisedBy(...raises);
  const limit = base + left + raised;
  const hardLimit = budget.hard_limit === true;
  return {
    ...{ plan, key, name: budget.name, scope: scopeText(where), where, measures, previous: timeRange.previous },
    ...{
      period: timeRange.words,
      periodStartMs: timeRange.fromMs,
      periodEndMs: timeRange.toMs,
      timeZone: timeRange.calendar.timeZone,
      active: timeRange.isActive,
    },
    ...{
      limit,
      base,
      rolledOver: left,
      raised,
      raiseEndedMs: raiseEndedMs(...raises),
      spent,
      remaining: limit - spent,
      usedRatio: usedRatio(spent, limit),
    },
    ...{ hardLimit, stopped: hardLimit && timeRange.isActive && spent >= limit, asOfMs, allocation: undefined },
    unit: budget.tokens === undefined ? 'usd' : 'tokens',
    sessionWarning: budget.session_warning_usd === undefined ? undefined : parseUsd(budget.session_warning_usd),
    team: teamOf(where),
    parent: parent ?? budget.parent,
  };
}

/** Divided as integers: 80 of 100 is exactly the 0.8 that a threshold of 0.8 is compared with. */
function usedRatio(spent: bigint, limit: bigint): number {
  if (limit === 0n) return spent > 0n ? Number.POSITIVE_INFINITY : 0;
  return Number((spent * RATIO_SCALE) / limit) / Number(RATIO_SCALE);
}

function forecastsOf(drafts: readonly Draft[], context: BudgetContext): Promise<readonly Forecast[]> {
  return forecastAll(
    drafts.map(({ plan, where, measures, periodEndMs, spent, limit }) => ({
      ...{ where, measures, calendar: plan.timeRange.calendar, toMs: periodEndMs, spent, limit },
    })),
    context,
  );
}

function finished({ plan, ...draft }: Draft, forecast: Forecast): BudgetStatus {
  const over: Forecast = draft.active ? forecast : { kind: 'none', reason: 'The period has not begun or has ended.' };
  const thresholds = thresholdsOf(plan.budget).map(({ at, on, severity }): ThresholdStatus => {
    const amount = on === 'actual' ? draft.spent : over.kind === 'band' ? over.p50 : undefined;
    return { at, on, severity, reached: draft.active && amount !== undefined && isReached(amount, draft.limit, at) };
  });
  return { ...draft, forecast: over, thresholds };
}

/** Exactly at the threshold is reached, and the amount itself is spent when nothing is left of it. */
const isReached = (amount: bigint, limit: bigint, at: number): boolean => usedRatio(amount, limit) >= at;

type Threshold = Omit<ThresholdStatus, 'reached'>;

/** As configured, in order of their share; else half, the warning, the whole, and a forecast of the whole. */
export function thresholdsOf({ thresholds, warning_threshold = 0.8 }: Budget): readonly Threshold[] {
  const usual: readonly Threshold[] = [
    { at: 0.5, on: 'actual', severity: 'info' },
    { at: warning_threshold, on: 'actual', severity: 'warning' },
    { at: 1, on: 'actual', severity: 'critical' },
    { at: 1, on: 'forecast', severity: 'warning' },
  ];
  return [...(thresholds ?? usual)].sort((a, b) => (a.on === b.on ? a.at - b.at : a.on < b.on ? -1 : 1));
}
