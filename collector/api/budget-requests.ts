/** Requests for more: made and withdrawn by whoever is bound, approved and denied with an admin token. Every step is in the audit. */
import { type Request, type RequestHandler, Router } from 'express';
import type { ChangeContext } from '../budgets/change.ts';
import type { BudgetWriter } from '../budgets/journal.ts';
import { approveRequest, denyRequest, isRequestId, noSuchRequest, requestMore, withdrawRequest } from '../budgets/request-change.ts';
import { ROUTES } from '../catalog/names.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import { askedUser, type DirectoryAtHand } from '../query/asked-user.ts';
import { aliasedScope } from '../query/directory/aliased-scope.ts';
import { budgetsBinding } from '../query/my-budget.ts';
import { type Asking, askingAs } from '../query/question.ts';
import { renderRequest } from '../query/request-answers.ts';
import type { Authenticator } from '../server/auth.ts';
import { requesterOf, scopeOf, writerOf } from './access.ts';
import { asObject, readJson } from './json-body.ts';

const REQUEST_EXAMPLE = '{"by": "50.00", "why": "release week"}';
const REQUEST_KEYS = ['budget', 'by', 'until', 'why', 'user'];
const APPROVAL_EXAMPLE = '{"by": "50.00"}, or {}';
const DENIAL_EXAMPLE = '{"why": "next month"}';

type RequestOptions = Omit<Asking, 'scope' | 'asker'> & DirectoryAtHand & { readonly budgets: BudgetWriter; readonly authenticate?: Authenticator };

export function budgetRequests(options: RequestOptions): Router {
  const router = Router();
  const { budgets: journal, config, now, authenticate } = options;
  const contextOf = (who: string) => ({
    ...{ journal, configured: config.budgets, calendar: ledgerCalendar(config), limits: config.budget_requests },
    change: { who, atMs: now() },
  });
  const answered = async (id: number): Promise<object> => {
    const request = await journal.findRequest(id);
    return request === undefined ? {} : renderRequest(request, now());
  };

  router.post(ROUTES.myRequests, async (request, response) => {
    const { who, ...asker } = requesterOf(request, config, authenticate);
    const asking = askingAs({ ...options, scope: 'all', asker }, aliasedScope(scopeOf(asker), options));
    const { user: named, ...input } = fieldsOf(await readJson(request), REQUEST_KEYS, REQUEST_EXAMPLE);
    const { user, binding } = await bound(named, asking);
    const { budget, by, until, why } = input;
    const made = await requestMore({ budget, by, until, why }, user, binding, contextOf(who));
    response.status(201).json(renderRequest(made, now()));
  });
  router.delete(`${ROUTES.myRequests}/:id`, (async (request, response) => {
    const { who, ...asker } = requesterOf(request, config, authenticate);
    const id = idOf(request.params.id);
    const asking = askingAs({ ...options, scope: 'all', asker }, aliasedScope(scopeOf(asker), options));
    // Without a token whoever may ask for anybody may withdraw for anybody.
    const named = asker.credentials.name === undefined ? (await journal.findRequest(id))?.user : undefined;
    await withdrawRequest(id, named ?? (await bound(undefined, asking)).user, contextOf(who));
    response.json(await answered(id));
  }) as RequestHandler<{ id: string }>);

  const answer = (path: string, keys: readonly string[], example: string, decide: Decide): void =>
    void router.post(`${ROUTES.budgetRequests}/:id/${path}`, (async (request: Request<{ id: string }>, response) => {
      const context = contextOf(writerOf(request, config, authenticate));
      const fields = fieldsOf(await readJson(request), keys, example);
      const id = idOf(request.params.id);
      await decide(id, fields, context);
      response.json(await answered(id));
    }) as RequestHandler<{ id: string }>);
  answer('approve', ['by'], APPROVAL_EXAMPLE, (id, { by }, context) => approveRequest(id, by, context));
  answer('deny', ['why'], DENIAL_EXAMPLE, (id, { why }, context) => denyRequest(id, why, context));
  return router;
}

type Decide = (id: number, fields: Readonly<Record<string, unknown>>, context: ChangeContext) => Promise<object>;

/** Whoever proves a user asks as that user. Where nothing has to be proved, anybody on this machine asks for anybody. */
async function bound(named: unknown, asking: Asking) {
  if (named !== undefined && typeof named !== 'string') {
    throw new LedgerlineError('invalid', 'user must be a name.', { hint: `Example: ${REQUEST_EXAMPLE}.` });
  }
  const asked = await askedUser(named, asking);
  if (!asked.isOwn && asking.asker.credentials.name !== undefined) {
    throw new LedgerlineError('forbidden', 'A request for more budget is made by its own user.', {
      hint: 'Leave out user, and use the token of that user. With a token of the role admin, raise the budget instead.',
    });
  }
  const { person, statuses } = await budgetsBinding(asked, asking);
  return { user: person.user, binding: statuses };
}

function fieldsOf(body: unknown, keys: readonly string[], example: string): Readonly<Record<string, unknown>> {
  const fields = asObject(body, example);
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown === undefined) return fields;
  throw new LedgerlineError('invalid', `${unknown.slice(0, 80)} is not a key of this body.`, { hint: `Example: ${example}.` });
}

function idOf(text: string): number {
  if (isRequestId(text)) return Number(text);
  throw noSuchRequest(text);
}
