/**
 * GET /api/v1/me/budget: what a developer has left, for a status line or a hook that asks before every prompt. Answered from one
 * evaluation of all budgets that many developers share, so that asking costs next to nothing.
 */
import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { evaluateBudgets } from '../budget.ts';
import type { Budget } from '../budget-book.ts';
import { scopeFilters } from '../budget-scope.ts';
import type { BudgetStatus } from '../budget-status.ts';
import { normaliseUser } from '../directory.ts';
import { LedgerlineError } from '../error.ts';
import type { Filter, Person } from '../ledger.ts';
import { type DimensionName, showValue } from '../measures.ts';
import { loadPseudonymiser } from '../pseudonym.ts';
import type { Credentials } from '../telemetry.ts';
import { ageSeconds, renderStatus, type StatusAnswer } from './budget-answer.ts';
import { ledgerCalendar } from './budget-read.ts';
import type { BudgetContext } from './budgets.ts';
import { badParameter, readParameters } from './parameters.ts';
import { renderInstant } from './render.ts';

/** Evaluating takes at most this share of the thread's time, and an evaluation is never older than the longest wait. */
const SHARE = 0.05;
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 30_000;
const PEOPLE_MS = 60_000;

interface Evaluation {
  readonly atMs: number;
  readonly untilMs: number;
  readonly revision: number;
  readonly asOfMs: number | undefined;
  readonly statuses: readonly BudgetStatus[];
  readonly budgets: readonly Budget[];
  readonly byUser: ReadonlyMap<string, readonly BudgetStatus[]>;
}

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

export class MyBudgets {
  readonly #context: BudgetContext;
  #evaluation: Evaluation | undefined;
  #people: { untilMs: number; byUser: ReadonlyMap<string, Person> } | undefined;

  constructor(context: BudgetContext) {
    this.#context = context;
  }

  of(user: string): MyBudgetAnswer {
    const evaluation = this.#evaluated();
    const person = this.#person(user);
    const where: Filter[] = [
      { dimension: 'user', values: [user] },
      ...(person === undefined
        ? []
        : [{ dimension: 'team', values: [person.team] } as const, { dimension: 'organisation', values: [person.organisation] } as const]),
    ];
    const own = evaluation.byUser.get(user) ?? [];
    const shared = evaluation.statuses.filter((status) => !names(status.where, 'user') && isWithin(where, status.where));
    const unspent = evaluation.budgets.filter((budget) => isMissing(budget, own) && isWithin(where, scopeFilters(budget.scope)));
    const statuses = [...own, ...this.#ofNobodyYet(unspent, user), ...shared];
    return {
      user: showValue('user', user),
      team: person === undefined ? null : showValue('team', person.team),
      budgets: statuses.map((status) => ({ ...renderStatus(status), shared: !names(status.where, 'user') })),
      stopped: statuses.some(({ stopped }) => stopped),
      as_of: renderInstant(evaluation.asOfMs),
      evaluated_at: renderInstant(evaluation.atMs),
      age_seconds: ageSeconds(evaluation.asOfMs, this.#context.now()),
    };
  }

  #evaluated(): Evaluation {
    const { budgets: book, now } = this.#context;
    const nowMs = now();
    const known = this.#evaluation;
    const revision = book.revision();
    if (known !== undefined && known.revision === revision && nowMs >= known.atMs && nowMs < known.untilMs) return known;
    return this.#evaluate(nowMs, revision);
  }

  #evaluate(nowMs: number, revision: number): Evaluation {
    const { budgets: book, config, reader } = this.#context;
    const startedMs = performance.now();
    const budgets = book.budgets(config.budgets);
    const statuses = evaluateBudgets(budgets, { reader, calendar: ledgerCalendar(config), nowMs });
    const waitMs = Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, (performance.now() - startedMs) / SHARE));
    // A period that ends meanwhile ends the evaluation.
    const untilMs = statuses.reduce((end, { periodEndMs }) => (periodEndMs > nowMs ? Math.min(end, periodEndMs) : end), nowMs + waitMs);
    const byUser = Map.groupBy(
      statuses.filter(({ where }) => names(where, 'user')).flatMap((status) => usersOf(status.where).map((user) => ({ user, status }))),
      ({ user }) => user,
    );
    this.#evaluation = {
      ...{ atMs: nowMs, untilMs, revision, asOfMs: reader.status().asOfMs, statuses, budgets },
      byUser: new Map([...byUser].map(([user, list]) => [user, list.map(({ status }) => status)])),
    };
    return this.#evaluation;
  }

  /** A member of a budget per user has the whole amount before the first spend. */
  #ofNobodyYet(budgets: readonly Budget[], user: string): BudgetStatus[] {
    const { config, reader, now } = this.#context;
    const named = budgets.map((budget) => ({ ...budget, scope: { ...budget.scope, user } }));
    return named.length === 0 ? [] : evaluateBudgets(named, { reader, calendar: ledgerCalendar(config), nowMs: now() });
  }

  /** Where the user was seen last. */
  #person(user: string): Person | undefined {
    const nowMs = this.#context.now();
    if (this.#people === undefined || nowMs >= this.#people.untilMs) {
      const byUser = new Map<string, Person>();
      for (const person of this.#context.reader.people()) {
        const known = byUser.get(person.user);
        if (known === undefined || known.lastSeenMs < person.lastSeenMs) byUser.set(person.user, person);
      }
      this.#people = { untilMs: nowMs + PEOPLE_MS, byUser };
    }
    return this.#people.byUser.get(user);
  }
}

const usersOf = (where: readonly Filter[]): readonly string[] => where.find(({ dimension }) => dimension === 'user')?.values ?? [];
const names = (where: readonly Filter[], name: DimensionName): boolean => where.some(({ dimension }) => dimension === name);

/** Is everything the scope asks for known of the user, and true? A budget of a model or a workspace is nobody's own. */
const isWithin = (user: readonly Filter[], scope: readonly Filter[]): boolean =>
  scope.every(({ dimension, values }) => values.includes(user.find((filter) => filter.dimension === dimension)?.values[0] ?? '\0'));

const isMissing = ({ per, name }: Budget, own: readonly BudgetStatus[]): boolean => per === 'user' && !own.some((status) => status.name === name);

export function myBudget(context: BudgetContext): RequestHandler {
  const mine = new MyBudgets(context);
  const pseudonymise = loadPseudonymiser(context.config.attribution) ?? ((user: string) => user);
  return (request, response) => {
    const user = userOf(request, context, pseudonymise);
    const answer = mine.of(user);
    // What changes without anything having happened, its age, is no reason to send it all again.
    const { age_seconds: _, evaluated_at: __, ...facts } = answer;
    const etag = `"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)}"`;
    response.set({ 'Cache-Control': 'private, no-cache', ETag: etag });
    if (request.get('if-none-match') === etag) response.status(304).end();
    else response.json(answer);
  };
}

function userOf(request: Request, { authenticate }: BudgetContext, pseudonymise: (user: string) => string): string {
  const asked = readParameters(request.originalUrl, ['user']).get('user') ?? undefined;
  const { credentials, mayRead } = callerOf(request.get('authorization'), authenticate);
  const own = credentials.user === undefined ? undefined : pseudonymise(normaliseUser(credentials.user));
  if (asked === undefined && own !== undefined) return own;
  if (asked === undefined) throw badParameter('user', '', 'is missing', 'Give ?user=, or a token of auth.tokens that has a user.');
  const wanted = normaliseUser(asked);
  if (mayRead || wanted === own || wanted === normaliseUser(credentials.user ?? ''))
    return wanted === normaliseUser(credentials.user ?? '') ? (own ?? wanted) : wanted;
  throw new LedgerlineError('forbidden', `The token "${credentials.name ?? ''}" may only ask about its own user.`, {
    hint: 'Leave ?user= out, or use a token with the role read.',
  });
}

/** A developer's own token may send telemetry and nothing else; what that developer has left it may still know. */
function callerOf(authorization: string | undefined, authenticate: BudgetContext['authenticate']): { credentials: Credentials; mayRead: boolean } {
  if (authenticate === undefined) return { credentials: {}, mayRead: true };
  try {
    return { credentials: authenticate(authorization, 'read'), mayRead: true };
  } catch (error) {
    const credentials = authenticate(authorization, 'ingest');
    if (credentials.name === undefined) throw error;
    return { credentials, mayRead: false };
  }
}
