/** Changes of budgets while the collector runs: what may be set, raised and removed, checked as the configuration is. */

import { showValue, storedValue } from '../catalog/values.ts';
import { type BudgetConfig, budgetSchema } from '../config/budgets.ts';
import { budgetMistakes } from '../config/budgets-check.ts';
import { withCurrentScopeKeys } from '../config/former-keys.ts';
import { type Mistake, mistakesOf } from '../config/mistakes.ts';
import { configJsonSchema, type SchemaNode, showPath } from '../config/schema-keys.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { isDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { formatUsd, PICO_PER_USD, parseUsd } from '../core/money.ts';
import { suggest } from '../core/suggest.ts';
import { amountAt } from './evaluate.ts';
import { type Budget, type Change, type JournalWithin, keyOf, type NewRaise, nameOf, type Raise, unitOf } from './journal.ts';
import { calendarOf, startOfDayIn } from './period.ts';
import { scopeFilters } from './scope.ts';

export interface ChangeContext {
  readonly journal: JournalWithin;
  readonly configured: readonly BudgetConfig[];
  readonly calendar: CalendarOptions;
  readonly change: Change;
  /** The user, as stored, that a name stands for. Omitted: every name is a user's own. */
  readonly userOf?: ((name: string) => string) | undefined;
}

/** Why without words is no reason, and a reason is no essay. */
export const WHY_MAX = 500;
const NAMES_SHOWN = 20;

/** Makes a budget or replaces it. `given` is an entry of `budgets:`; its name may be left out. Throws `invalid` with every mistake. */
export async function setBudget(name: string, given: unknown, { journal, configured, change }: ChangeContext): Promise<BudgetConfig> {
  refuseConfigured(name, configured);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new LedgerlineError('invalid', 'The body must be a budget as a JSON object.', {
      hint: 'Example: {"scope": {"team": "platform"}, "period": "month", "amount_usd": "500.00"}; docs/budgets.md lists the keys.',
    });
  }
  const budget = parseBudget({ ...given, name: 'name' in given ? given.name : name });
  if (budget.name !== name) {
    throw new LedgerlineError('invalid', `The body names the budget "${budget.name}", the path "${name}".`, { hint: 'Leave name out of the body.' });
  }
  await journal.atomically(async (within) => {
    refuseBeside(budget, await within.budgets(configured));
    await within.set(budget, change);
  });
  return budget;
}

/** What was wrong elsewhere already, such as a parent that left the configuration, is no reason to refuse this. */
function refuseBeside(budget: BudgetConfig, before: readonly Budget[]): void {
  const known = new Set(namedMistakes(before).map(coreOf));
  const after = namedMistakes([...before.filter(({ name }) => name !== budget.name), budget]);
  refuse(after.filter((mistake) => mistake.path[0] === budget.name || !known.has(coreOf(mistake))));
}

function parseBudget(given: object): BudgetConfig {
  const current = withCurrentScopeKeys(given);
  const parsed = budgetSchema.safeParse(current);
  if (parsed.success) return parsed.data;
  const root: SchemaNode = configJsonSchema().properties?.budgets?.items ?? {};
  return refuse(parsed.error.issues.flatMap((issue) => mistakesOf(issue, current, root)));
}

const namedMistakes = (budgets: readonly BudgetConfig[]): Mistake[] =>
  budgetMistakes(budgets, []).map((mistake) => ({ ...mistake, path: named(mistake.path, budgets) }));

const textOf = ({ path, sentence }: Mistake): string => `${showPath(path)}: ${sentence}`;

/** Without its remedy, which may name other budgets. */
const coreOf = (mistake: Mistake): string => textOf(mistake).split(';', 1)[0] ?? '';

/** The index of a list that nobody sees becomes the budget's name. */
const named = ([index, ...rest]: Mistake['path'], budgets: readonly BudgetConfig[]): Mistake['path'] => [
  budgets[Number(index)]?.name ?? String(index),
  ...rest,
];

function refuse(mistakes: readonly Mistake[]): never;
function refuse(mistakes: readonly Mistake[]): void;
function refuse(mistakes: readonly Mistake[]): void {
  if (mistakes.length === 0) return;
  throw new LedgerlineError('invalid', mistakes.map(textOf).join('\n'), {
    hint: 'docs/budgets.md has every key with examples.',
  });
}

/** Its raises end with it; the audit keeps all. */
export async function removeBudget(name: string, { journal, configured, change }: ChangeContext): Promise<void> {
  refuseConfigured(name, configured);
  await journal.atomically(async (within) => {
    refuseRemoval(name, await within.budgets(configured));
    await within.remove(name, change);
  });
}

function refuseRemoval(name: string, budgets: readonly Budget[]): void {
  if (!budgets.some((budget) => budget.name === name)) throw noSuchBudget(name, budgets);
  const parts = budgets.filter(({ parent }) => parent === name).map((budget) => budget.name);
  if (parts.length > 0) {
    throw new LedgerlineError('invalid', `"${name}" has parts: ${parts.join(', ')}.`, { hint: 'Remove them first, or give them another parent.' });
  }
}

export interface RaiseInput {
  /** USD as a decimal string, or a whole number of tokens for a budget of tokens. */
  readonly by: unknown;
  /** Last day on which it holds, in the zone of the budget. */
  readonly until: unknown;
  readonly why: unknown;
}

/** `key` is the name of a budget, or "name/member". Budgets of the configuration can be raised, too. */
export const raiseBudget = (typed: string, input: RaiseInput, context: ChangeContext): Promise<Raise> =>
  context.journal.atomically(async (within) =>
    within.raise(checkedRaise(typed, input, await within.budgets(context.configured), context), context.change),
  );

/** What would be written. */
export function checkedRaise(
  typed: string,
  { by, until, why }: RaiseInput,
  budgets: readonly Budget[],
  { calendar, change, userOf }: Pick<ChangeContext, 'calendar' | 'change' | 'userOf'>,
): NewRaise {
  const budget = budgets.find(({ name }) => name === nameOf(typed));
  if (budget === undefined) throw noSuchBudget(nameOf(typed), budgets);
  const key = memberKey(typed, budget, userOf);
  refuseStranger(key, budget);
  const amount = raiseAmount(by, budget);
  refuseTooMuch(by, amount, key, budget, amountAt(budget, change.atMs, calendarOf(budget, calendar).timeZone));
  if (typeof until !== 'string' || !isDay(until)) throw wrong('until', until, 'Give its last day, such as 2026-11-30.');
  const reason = readWhy(why);
  const { timeZone } = calendarOf(budget, calendar);
  const next = Temporal.PlainDate.from(until).add({ days: 1 }).toString();
  const untilMs = startOfDayIn(next, timeZone);
  if (untilMs <= change.atMs) throw wrong('until', until, 'Give a day that is not over yet.');
  return { key, amount, unit: unitOf(budget), fromMs: change.atMs, untilMs, why: reason };
}

export function readWhy(why: unknown): string {
  if (typeof why !== 'string' || why.trim() === '' || why.length > WHY_MAX) throw wrong('why', why, `Say why, in at most ${WHY_MAX} characters.`);
  return why.trim();
}

function raiseAmount(by: unknown, { tokens }: Budget): bigint {
  const amount = tokens === undefined ? parseUsd(String(by)) : /^\d{1,15}$/.test(String(by)) ? BigInt(String(by)) : undefined;
  if (amount !== undefined && amount > 0n && String(by).length <= 30) return amount;
  throw wrong('by', by, tokens === undefined ? 'Give an amount in USD above zero, such as "200.00".' : 'Give a whole number of tokens above zero.');
}

/** A slip of the keyboard is no release week: beyond this the amount itself is to be changed. */
const RAISE_TIMES_MAX = 10n;
/** So much is always allowed: ten times nothing is nothing. */
const RAISE_FREE = { usd: 1_000n * PICO_PER_USD, tokens: 1_000_000_000n } as const;

function refuseTooMuch(by: unknown, amount: bigint, key: string, budget: Budget, whole: bigint): void {
  const unit = unitOf(budget);
  const own = budget.members?.find(({ user }) => key === `${budget.name}/${user}`);
  const base = own === undefined ? whole : unit === 'usd' ? (parseUsd(own.amount_usd ?? '0') ?? 0n) : BigInt(own.tokens ?? 0);
  const most = base * RAISE_TIMES_MAX > RAISE_FREE[unit] ? base * RAISE_TIMES_MAX : RAISE_FREE[unit];
  if (amount <= most) return;
  const shown = (value: bigint): string => (unit === 'usd' ? `${formatUsd(value)} USD` : `${value} tokens`);
  throw wrong('by', by, `A raise of "${key}", which has ${shown(base)}, is at most ${shown(most)}; for more, change the amount itself.`);
}

/** By an alias, the key of its user: under the alias nothing is counted, so that a raise of it would raise nobody. */
function memberKey(typed: string, budget: Budget, userOf: ChangeContext['userOf']): string {
  const key = keyOf(typed, budget);
  const member = key.slice(budget.name.length + 1);
  const isPerson = budget.members !== undefined || budget.per === 'user';
  const stored = isPerson ? storedValue('user', member) : '';
  if (stored === '' || userOf === undefined || membersOf(budget)?.includes(member) === true) return key;
  return `${budget.name}/${showValue('user', userOf(stored))}`;
}

/** Only where members have statuses of their own can one of them be raised. */
function refuseStranger(key: string, budget: Budget): void {
  const member = key.slice(budget.name.length + 1);
  const known = membersOf(budget);
  if (member === '' || known === undefined || known.includes(member)) return;
  throw new LedgerlineError('not_found', `"${member}" is not a member of the budget "${budget.name}".`, {
    hint:
      known.length === 0
        ? 'It has no members; raise the budget itself.'
        : `Members: ${known.slice(0, NAMES_SHOWN).join(', ')}${known.length > NAMES_SHOWN ? ', …' : ''}.`,
  });
}

/** As keys spell them. Undefined: whatever the scope has. */
function membersOf({ scope, per, members }: Budget): readonly string[] | undefined {
  if (members !== undefined) return members.map(({ user }) => user);
  if (per === undefined) return [];
  return scopeFilters(scope)
    .find(({ dimension }) => dimension === per)
    ?.values.map((value) => showValue(per, value));
}

const wrong = (key: string, value: unknown, hint: string): LedgerlineError =>
  new LedgerlineError('invalid', `${key} ${value === undefined ? 'is missing' : `cannot be ${JSON.stringify(value)?.slice(0, 80)}`}.`, { hint });

function refuseConfigured(name: string, configured: readonly BudgetConfig[]): void {
  if (!configured.some((budget) => budget.name === name)) return;
  throw new LedgerlineError('forbidden', `The budget "${name}" is in the configuration and can only be changed there.`, {
    hint: 'Change it in ledgerline.yaml and restart, raise it for a time, or choose another name.',
  });
}

export function noSuchBudget(key: string, budgets: readonly Budget[]): LedgerlineError {
  const names = budgets.map(({ name }) => name);
  const nearest = suggest(nameOf(key), names);
  const all = `Budgets: ${names.slice(0, NAMES_SHOWN).join(', ')}${names.length > NAMES_SHOWN ? ', …' : ''}.`;
  return new LedgerlineError('not_found', `There is no budget "${key.slice(0, 120)}".`, {
    hint: names.length === 0 ? 'None is set; docs/budgets.md shows how.' : `${nearest === undefined ? '' : `Did you mean "${nearest}"? `}${all}`,
    ...{ parameter: 'budget', value: key.slice(0, 80), nearest },
  });
}
