/**
 * GET /api/v1/me/budget: what a developer has left, for a status line or a hook that asks before every prompt. Only what concerns the
 * asker is evaluated, over spend that a BudgetWatch keeps ready, or that is read from the ledger where there is none.
 */

import { z } from 'zod';
import { type BudgetPerson, evaluateBudgets } from '../budgets/evaluate.ts';
import { type Budget, nameOf } from '../budgets/journal.ts';
import { scopeFilters } from '../budgets/scope.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { nearestName } from '../budgets/unknown-scopes.ts';
import type { Filter } from '../catalog/values.ts';
import { showValue } from '../catalog/values.ts';
import { DAY_MS } from '../core/duration.ts';
import type { Person } from '../ledger/ledger.ts';
import { type AnswerOf, ageSchema, instantSchema } from './answer-schemas.ts';
import { type AskedUser, askedUser } from './asked-user.ts';
import { renderStatus, statusSchema } from './budget-answers.ts';
import { isWithin as isWithinScope } from './budget-requests.ts';
import { type Asking, question } from './question.ts';
import { readyBudgets, type Subject } from './ready-budgets.ts';
import { freshnessOf, renderInstant } from './render.ts';
import { type RequestAnswer, renderRequest, requestSchema } from './request-answers.ts';
import { wholeLedger } from './scoped-reader.ts';
import { areWithin } from './visible-budgets.ts';

const answerSchema = z
  .object({
    user: z.string(),
    team: z.string().nullable(),
    seen: z
      .boolean()
      .describe(
        'Has the ledger any record of the user? Until then the team is that of the directory, and without one there are only budgets that name the user.',
      ),
    hint: z.string().nullable().describe('What a user who was never seen may mean.'),
    budgets: z.array(statusSchema.extend({ shared: z.boolean() })).describe('Own amounts first, then those shared with others.'),
    stopped: z.boolean().describe('Is work to be refused: is any of them stopped?'),
    requests: z
      .array(requestSchema)
      .describe('What the user has asked for: open requests, and those that ended within the last 7 days. The newest first.'),
    ...ageSchema,
    evaluated_at: instantSchema.nullable().describe('When the spend was read.'),
  })
  .meta({ id: 'MyBudget' });
export type MyBudgetAnswer = AnswerOf<typeof answerSchema>;

export const MY_BUDGET = question<string | undefined, MyBudgetAnswer>({
  id: 'my_budget',
  path: '/me/budget',
  isOfPrimary: true,
  summary: 'What a user has left, for a status line or a hook that asks before every prompt.',
  access: 'own',
  parameters: {
    user: {
      schema: z
        .string()
        .describe('The user. Without it: the user of the token.')
        .meta({ examples: ['ada@example.com'] }),
    },
  },
  answer: answerSchema,
  parse: ({ parameters }) => parameters.get('user') ?? undefined,
  ask: async (asked, asking) => budgetsOf(await askedUser(asked, asking), asking),
});

async function budgetsOf(asked: AskedUser, given: Asking): Promise<MyBudgetAnswer> {
  const { person, statuses, people, asOfMs, readMs } = await budgetsBinding(asked, given);
  const own = statuses.filter((status) => usersOf(status.where) !== undefined);
  const shared = statuses.filter((status) => usersOf(status.where) === undefined);
  return {
    user: showValue('user', person.user),
    seen: person.isSeen,
    hint: person.isSeen ? null : hintOf(asked, people),
    team: person.team === undefined ? null : showValue('team', person.team),
    budgets: [
      ...own.map((status) => ({ ...renderStatus(status), shared: false })),
      ...shared.map((status) => ({ ...renderStatus(status), shared: true })),
    ],
    stopped: statuses.some(({ stopped }) => stopped),
    requests: await requestsOf(person.user, asked, given),
    ...freshnessOf(asOfMs, given.now()),
    evaluated_at: renderInstant(readMs),
  };
}

/** What binds a user. */
export interface Binding {
  readonly person: Me;
  /** In the order of the configuration. */
  readonly statuses: readonly BudgetStatus[];
  readonly people: ReadonlyMap<string, Person>;
  readonly asOfMs: number | undefined;
  /** When the spend was read. */
  readonly readMs: number;
}

/**
 * About oneself, every budget that binds the user, also those shared with others whose records the user does not see: they decide whether
 * work stops. About others, the budgets within the scope alone.
 */
export async function budgetsBinding(asked: AskedUser, given: Asking): Promise<Binding> {
  const context = { ...given, reader: wholeLedger(given.reader) };
  const { budgets, who: person, evaluation, asOfMs, readMs, people } = await readyBudgets(subjectOf(asked), context);
  const byName = new Map(budgets.map((budget) => [budget.name, budget]));
  const all = await evaluateBudgets(budgets, evaluation);
  const statuses = all
    .filter((status) => isFor(person, status, byName.get(status.name)))
    .filter(({ where }) => asked.isOwn || areWithin(where, context.scope));
  return { person, statuses, people, asOfMs, readMs };
}

const ENDED_SHOWN_MS = 7 * DAY_MS;
const REQUESTS_SHOWN = 20;

async function requestsOf(user: string, { isOwn }: AskedUser, { budgets, config, scope, now }: Asking): Promise<readonly RequestAnswer[]> {
  const nowMs = now();
  const recent = (await budgets.requests({ user, limit: REQUESTS_SHOWN })).filter(
    ({ decision, expiresMs }) => (decision?.atMs ?? expiresMs) > nowMs - ENDED_SHOWN_MS,
  );
  if (recent.length === 0) return [];
  const inForce = isOwn || scope === 'all' ? [] : await budgets.budgets(config.budgets);
  const isSeen = (key: string): boolean =>
    isOwn ||
    isWithinScope(
      key,
      inForce.find(({ name }) => name === nameOf(key)),
      scope,
    );
  return recent.filter(({ key }) => isSeen(key)).map((request) => renderRequest(request, nowMs));
}

const subjectOf = (asked: AskedUser): Subject<Me> => ({
  find: (people) => personOf(asked, people),
  isSeen: ({ isSeen }) => isSeen,
  dimensions: dimensionsOf,
  concerning,
});

/** A user as budgets ask for one. */
export interface Me {
  readonly user: string;
  readonly team?: string;
  readonly organization?: string;
  readonly isSeen: boolean;
  /** Seen, or named by the directory or a token: not a slip of the keyboard. */
  readonly isReal: boolean;
}

const dimensionsOf = ({ isSeen: _, isReal: __, ...dimensions }: Me): BudgetPerson => dimensions;

/** Team and organization are where the user was seen last. Addresses are stored in lower case; any other user is found in any capitals. */
export function personOf({ user, team, isNamed }: Pick<AskedUser, 'user' | 'team' | 'isNamed'>, people: ReadonlyMap<string, Person>): Me {
  const lower = user.toLowerCase();
  const seen = people.get(user) ?? (user.includes('@') ? undefined : people.values().find((one) => one.user.toLowerCase() === lower));
  if (seen !== undefined) return { user: seen.user, team: seen.team, organization: seen.organization, isSeen: true, isReal: true };
  return { user, ...(team !== undefined && { team }), isSeen: false, isReal: isNamed };
}

function hintOf({ user, isNamed, mayHearNames }: AskedUser, people: ReadonlyMap<string, Person>): string {
  const nothing = `No record of "${showValue('user', user)}" has arrived yet`;
  if (isNamed || !mayHearNames) return `${nothing}.`;
  const nearest = nearestName(user, [...people.keys()]);
  return nearest === undefined ? `${nothing}.` : `${nothing}; did you mean "${nearest}"?`;
}

const scopes = new WeakMap<Budget, readonly Filter[]>();
const scopeOf = (budget: Budget): readonly Filter[] => scopes.getOrInsertComputed(budget, () => scopeFilters(budget.scope));

/** Those that can be the person's own, or shared with the person's team. A budget of a model or a workspace is nobody's own. */
const concerning = (person: Me, budgets: readonly Budget[]): Budget[] =>
  budgets.filter((budget) => {
    const named = usersOf(scopeOf(budget));
    if (named !== undefined) return named.includes(person.user);
    if (!person.isReal) return isMember(person, budget);
    return budget.per === 'user' || isMember(person, budget) || isWithin(person, scopeOf(budget));
  });

/** Of the statuses of those budgets, the person's own, and those of everything that the person belongs to. Of what is over nothing is left. */
function isFor(person: Me, { where, spent, active }: BudgetStatus, budget: Budget | undefined): boolean {
  if (!active) return false;
  if (usersOf(where) === undefined) return isWithin(person, where);
  // Whoever has spent in a scope is a member, and whoever belongs to it will be with the first spend.
  if (budget?.per === 'user' && usersOf(scopeOf(budget)) === undefined) return spent !== 0n || isWithin(person, scopeOf(budget));
  return true;
}

const isMember = ({ user }: Me, { members = [] }: Budget): boolean => members.some((member) => member.user === user);
const usersOf = (where: readonly Filter[]): readonly string[] | undefined => where.find(({ dimension }) => dimension === 'user')?.values;

/** Is everything the scope asks for known of the person, and true? */
const isWithin = (person: Me, scope: readonly Filter[]): boolean =>
  scope.every(({ dimension, values }) => {
    const value = dimensionsOf(person)[dimension];
    return value !== undefined && values.includes(value);
  });
