/**
 * GET /api/v1/me/budget: what a developer has left, for a status line or a hook that asks before every prompt. Only what concerns the
 * asker is evaluated, over spend that a BudgetWatch keeps ready, or that is read from the ledger where there is none.
 */

import { type BudgetPerson, budgetQuestions, type BudgetContext as EvaluationContext, evaluateBudgets } from '../budgets/evaluate.ts';
import type { Budget } from '../budgets/journal.ts';
import { lastSeen } from '../budgets/people.ts';
import { scopeFilters } from '../budgets/scope.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import type { Filter } from '../catalog/values.ts';
import { showValue } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Person } from '../ledger/ledger.ts';
import { renderStatus, type StatusAnswer } from './budget-answers.ts';
import type { BudgetContext } from './budget-context.ts';
import { freshnessOf, renderInstant } from './render.ts';

export interface MyBudgetAnswer {
  readonly user: string;
  readonly team: string | null;
  /** Own amounts first, then those shared with others. */
  readonly budgets: readonly (StatusAnswer & { readonly shared: boolean })[];
  /** Is work to be refused: is any of them stopped? */
  readonly stopped: boolean;
  readonly as_of: string | null;
  readonly evaluated_at: string | null;
  readonly age_seconds: number | null;
}

/** What an answer is made of. */
interface Basis {
  /** Those that concern the person. */
  readonly budgets: readonly Budget[];
  readonly person: BudgetPerson;
  readonly evaluation: EvaluationContext;
  readonly asOfMs: number | undefined;
  /** When the spend was read. */
  readonly readMs: number;
}

export async function budgetsOf(user: string, context: BudgetContext): Promise<MyBudgetAnswer> {
  const basis = (await watchedBasis(user, context)) ?? (await readBasis(user, context));
  const { budgets, person, evaluation, asOfMs, readMs } = basis;
  const byName = new Map(budgets.map((budget) => [budget.name, budget]));
  const all = await evaluateBudgets(budgets, evaluation);
  const statuses = all.filter((status) => isFor(person, status, byName.get(status.name)));
  const own = statuses.filter((status) => usersOf(status.where) !== undefined);
  const shared = statuses.filter((status) => usersOf(status.where) === undefined);
  return {
    user: showValue('user', user),
    team: person.team === undefined ? null : showValue('team', person.team),
    budgets: [
      ...own.map((status) => ({ ...renderStatus(status), shared: false })),
      ...shared.map((status) => ({ ...renderStatus(status), shared: true })),
    ],
    stopped: statuses.some(({ stopped }) => stopped),
    ...freshnessOf(asOfMs, context.now()),
    evaluated_at: renderInstant(readMs),
  };
}

/** From what is kept ready. While that lacks what a change of the journal asks for, the journal is answered from as it was. */
async function watchedBasis(user: string, { reader, config, now, budgets: journal, watch }: BudgetContext): Promise<Basis | undefined> {
  const watched = watch?.current();
  if (watched === undefined) return undefined;
  const { spend, atMs } = watched;
  const person = personOf(user, watched.people.get(user));
  const common = { reader, calendar: ledgerCalendar(config), known: spend, only: person };
  const inForce = watched.revision === journal.revision() ? watched.budgets : journal.budgets(config.budgets);
  const asOfMs = spend.asOfMs ?? (await reader.status()).asOfMs;
  const present = { budgets: concerning(person, inForce), person, asOfMs, readMs: atMs, evaluation: { ...common, nowMs: now() } };
  if (budgetQuestions(present.budgets, present.evaluation).every((group) => spend.find(group) !== undefined)) return present;
  watch?.hurry();
  return { ...present, budgets: concerning(person, watched.budgets), evaluation: { ...common, nowMs: atMs } };
}

async function readBasis(user: string, { reader, config, now, budgets: journal }: BudgetContext): Promise<Basis> {
  const person = personOf(user, lastSeen(await reader.people()).get(user));
  const nowMs = now();
  return {
    budgets: concerning(person, journal.budgets(config.budgets)),
    person,
    evaluation: { reader, calendar: ledgerCalendar(config), nowMs, only: person },
    asOfMs: (await reader.status()).asOfMs,
    readMs: nowMs,
  };
}

type Me = BudgetPerson & { readonly user: string };

/** Team and organization are where the user was seen last. */
const personOf = (user: string, seen: Person | undefined): Me => ({
  user,
  ...(seen !== undefined && { team: seen.team, organization: seen.organization }),
});

const scopes = new WeakMap<Budget, readonly Filter[]>();
const scopeOf = (budget: Budget): readonly Filter[] => scopes.getOrInsertComputed(budget, () => scopeFilters(budget.scope));

/** Those that can be the person's own, or shared with the person's team. A budget of a model or a workspace is nobody's own. */
const concerning = (person: Me, budgets: readonly Budget[]): Budget[] =>
  budgets.filter((budget) => {
    const named = usersOf(scopeOf(budget));
    if (named !== undefined) return named.includes(person.user);
    return budget.per === 'user' || isMember(person, budget) || isWithin(person, scopeOf(budget));
  });

/** Of the statuses of those budgets, the person's own, and those of everything that the person belongs to. Of what is over nothing is left. */
function isFor(person: BudgetPerson, { where, spent, active }: BudgetStatus, budget: Budget | undefined): boolean {
  if (!active) return false;
  if (usersOf(where) === undefined) return isWithin(person, where);
  // Whoever has spent in a scope is a member, and whoever belongs to it will be with the first spend.
  if (budget?.per === 'user' && usersOf(scopeOf(budget)) === undefined) return spent !== 0n || isWithin(person, scopeOf(budget));
  return true;
}

const isMember = ({ user }: Me, { members = [] }: Budget): boolean => members.some((member) => member.user === user);
const usersOf = (where: readonly Filter[]): readonly string[] | undefined => where.find(({ dimension }) => dimension === 'user')?.values;

/** Is everything the scope asks for known of the person, and true? */
const isWithin = (person: BudgetPerson, scope: readonly Filter[]): boolean =>
  scope.every(({ dimension, values }) => {
    const value = person[dimension];
    return value !== undefined && values.includes(value);
  });
