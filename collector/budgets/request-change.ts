/** Requests for more: what may be asked, and how one is answered. Every step is in the audit; an approval is a raise, and there is at most one. */
import type { BudgetRequestsConfig } from '../config/budget-requests.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { formatUsd } from '../core/money.ts';
import { type ChangeContext, checkedRaise, noSuchBudget, readWhy } from './change.ts';
import { type Budget, nameOf, type Raise, unitOf } from './journal.ts';
import { budgetTimeRange, calendarOf, dayIn } from './period.ts';
import { type BudgetRequest, type RequestDecision, stateOf } from './request.ts';

export interface RequestContext extends ChangeContext {
  readonly limits: BudgetRequestsConfig;
}

/** A budget that binds whoever asks. */
export interface Binding {
  readonly key: string;
  readonly stopped: boolean;
}

export interface RequestInput {
  /** Name or key. Undefined: the only one that binds, else the only one that is stopped. */
  readonly budget: unknown;
  readonly by: unknown;
  /** Undefined: the last day of the period that goes on. */
  readonly until: unknown;
  readonly why: unknown;
}

const KEYS_SHOWN = 10;
const KEY_MAX = 120;

/** `user` as the ledger stores it; `binding` are the budgets that bind this user. Throws `invalid`, `forbidden` or `rate_limited`. */
export async function requestMore(input: RequestInput, user: string, binding: readonly Binding[], context: RequestContext): Promise<BudgetRequest> {
  const { configured, calendar, change, limits } = context;
  const key = boundKey(input.budget, user, binding);
  return context.journal.atomically(async (journal) => {
    const budgets = await journal.budgets(configured);
    const budget = budgets.find(({ name }) => name === nameOf(key));
    if (budget === undefined) throw noSuchBudget(key, []);
    const until = input.until ?? usualUntil(budget, change.atMs, calendar);
    const { amount, unit = unitOf(budget), untilMs, why } = checkedRaise(key, { by: input.by, until, why: input.why }, budgets, context);
    await refuseMore(key, user, { ...context, journal });
    const expiresMs = Math.min(change.atMs + limits.expire_days * DAY_MS, untilMs);
    return journal.request({ key, amount, unit, untilMs, why, user, expiresMs }, change);
  });
}

/** The same sentence for a budget of others and for one that there is not. */
function boundKey(asked: unknown, user: string, binding: readonly Binding[]): string {
  const keys = binding.map(({ key }) => key);
  const shown = keys.length === 0 ? 'None does.' : `Those that do: ${keys.slice(0, KEYS_SHOWN).join(', ')}${keys.length > KEYS_SHOWN ? ', …' : ''}.`;
  if (asked === undefined || asked === null) {
    const [only, ...others] = keys.length === 1 ? keys : binding.filter(({ stopped }) => stopped).map(({ key }) => key);
    if (only !== undefined && others.length === 0) return only;
    const count = keys.length === 0 ? 'No budget binds' : `${keys.length} budgets bind`;
    throw new LedgerlineError('invalid', `${count} ${user}: it has to be said which is to be raised.`, { hint: `Name the budget. ${shown}` });
  }
  const typed = String(asked).toLowerCase();
  const [found, ...more] = keys.filter((key) => key.toLowerCase() === typed);
  const [own, ...others] = keys.filter((key) => nameOf(key).toLowerCase() === typed);
  if (found !== undefined && more.length === 0) return found;
  if (own !== undefined && others.length === 0) return own;
  throw new LedgerlineError('forbidden', `No budget "${String(asked).slice(0, KEY_MAX)}" binds ${user}.`, { hint: shown });
}

/** The last day of the period; of a rolling one, which has none, as many days from now on. */
function usualUntil(budget: Budget, nowMs: number, calendar: CalendarOptions): string {
  const { timeZone } = calendarOf(budget, calendar);
  const { period } = budget;
  if (typeof period === 'object' && 'rolling_days' in period) return dayIn(nowMs + (period.rolling_days - 1) * DAY_MS, timeZone);
  return dayIn(budgetTimeRange(budget, nowMs, calendar).toMs - 1, timeZone);
}

const OF_USER_MAX = 10_000;

async function refuseMore(key: string, user: string, { journal, change, limits }: RequestContext): Promise<void> {
  const { atMs: nowMs } = change;
  const own = await journal.requests({ user, sinceMs: nowMs - Math.max(1, limits.expire_days) * DAY_MS, limit: OF_USER_MAX });
  const open = own.find((request) => request.key === key && stateOf(request, nowMs) === 'open');
  if (open !== undefined) {
    throw new LedgerlineError('invalid', `Request ${open.id} for "${key}" is still open, until ${instant(open.expiresMs)}.`, {
      hint: `Wait for its answer, or withdraw it with \`ledgerline budget withdraw ${open.id}\` and ask again.`,
    });
  }
  const today = own.filter(({ atMs }) => atMs > nowMs - DAY_MS).length;
  if (today >= limits.per_user_per_day) throw tooMany(`${user} has`, today, 'per_user_per_day');
  const all = await journal.requestsSince(nowMs - DAY_MS);
  if (all >= limits.per_day) throw tooMany('All users together have', all, 'per_day');
}

const tooMany = (who: string, count: number, key: keyof BudgetRequestsConfig): LedgerlineError =>
  new LedgerlineError('rate_limited', `${who} made ${count} requests within 24 hours, and no more are taken (budget_requests.${key}).`, {
    hint: 'Ask an approver in person, or wait.',
  });

interface Approval {
  readonly request: BudgetRequest;
  readonly raise: Raise;
}

/** Raises the budget by what was asked, or by `by`. Throws `invalid` or `not_found` where nothing can be approved any more. */
export function approveRequest(id: number, by: unknown, context: ChangeContext): Promise<Approval> {
  const { configured, calendar, change } = context;
  return context.journal.atomically(async (journal) => {
    const request = await openRequest(id, { journal, change });
    const { key, unit, amount, untilMs, why } = request;
    const budgets = await journal.budgets(configured);
    const budget = budgets.find(({ name }) => name === nameOf(key));
    if (budget === undefined) throw noSuchBudget(key, budgets);
    if (unitOf(budget) !== unit) {
      throw new LedgerlineError(
        'invalid',
        `Request ${id} asks for ${inWords(unit)}, and the budget "${budget.name}" is in ${inWords(unitOf(budget))} now.`,
        {
          hint: `Deny it, and raise the budget with \`ledgerline budget raise\`.`,
        },
      );
    }
    const { timeZone } = calendarOf(budget, calendar);
    const raise = checkedRaise(
      key,
      { by: by ?? (unit === 'usd' ? formatUsd(amount) : String(amount)), until: dayIn(untilMs - 1, timeZone), why },
      budgets,
      context,
    );
    return { request, raise: await journal.raise({ ...raise, request: id }, change) };
  });
}

const inWords = (unit: BudgetRequest['unit']): string => (unit === 'usd' ? 'USD' : 'tokens');

export async function denyRequest(id: number, why: unknown, context: ChangeContext): Promise<BudgetRequest> {
  const { change } = context;
  const reason = readWhy(why);
  return context.journal.atomically(async (journal) => {
    const request = await openRequest(id, { journal, change });
    await journal.end(request, 'request_denied', reason, change);
    return request;
  });
}

/** By whoever made it: of others' requests there is none. */
export function withdrawRequest(id: number, user: string, context: ChangeContext): Promise<BudgetRequest> {
  const { change } = context;
  return context.journal.atomically(async (journal) => {
    if ((await journal.findRequest(id))?.user !== user) throw noSuchRequest(id);
    const request = await openRequest(id, { journal, change });
    await journal.end(request, 'request_withdrawn', undefined, change);
    return request;
  });
}

async function openRequest(id: number, { journal, change }: Pick<ChangeContext, 'journal' | 'change'>): Promise<BudgetRequest> {
  const request = await journal.findRequest(id);
  if (request === undefined) throw noSuchRequest(id);
  const { decision, expiresMs } = request;
  if (decision !== undefined) {
    throw new LedgerlineError('invalid', `Request ${id} ${decided(decision)}.`, {
      hint: `\`ledgerline budget requests\` lists those that are open.`,
    });
  }
  if (change.atMs < expiresMs) return request;
  throw new LedgerlineError('invalid', `Request ${id} expired on ${instant(expiresMs)}.`, {
    hint: 'Raise the budget with `ledgerline budget raise`, or let it be asked for again.',
  });
}

/** `was approved by ops on 2026-11-20T10:15:00Z`. */
export const decided = ({ what, who, atMs }: RequestDecision): string =>
  what === 'removed' ? `went with its budget, which ${who} removed on ${instant(atMs)}` : `was ${what} by ${who} on ${instant(atMs)}`;

const instant = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toString({ smallestUnit: 'second' });

/** As it may stand in a path or on a command line. */
export const isRequestId = (text: string): boolean => /^[1-9]\d{0,14}$/.test(text);

export const noSuchRequest = (id: number | string): LedgerlineError =>
  new LedgerlineError('not_found', `There is no request ${String(id).slice(0, 20)}.`, {
    hint: '`ledgerline budget requests` lists those that are open.',
  });
