/** Changes of budgets. Every one is in the audit. */

import { type Request, type RequestHandler, Router } from 'express';
import { type ChangeContext, raiseBudget, removeBudget, setBudget } from '../budgets/change.ts';
import { type BudgetWriter, nameOf } from '../budgets/journal.ts';
import { ROUTES } from '../catalog/names.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import { type DirectoryAtHand, directoryAtHand, storedUserOf } from '../query/asked-user.ts';
import { renderRaise } from '../query/budget-answers.ts';
import { listBudgets } from '../query/budgets.ts';
import type { Asking } from '../query/question.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { asObject, readJson } from './json-body.ts';

const RAISE_EXAMPLE = '{"by": "200.00", "until": "2026-11-30", "why": "release week"}';
const RAISE_KEYS = ['by', 'until', 'why'];

/** What changes are made with. */
export type BudgetChangeContext = Pick<Asking, 'reader' | 'now'> &
  DirectoryAtHand & {
    readonly budgets: BudgetWriter;
    readonly authenticate?: Authenticator;
  };

export function budgetChanges(context: BudgetChangeContext): Router {
  const router = Router();
  const { budgets: journal, config, reader, now, authenticate } = context;
  // With the role admin, which sees everything.
  const read = () => ({ reader, scope: 'all' as const, journal, config, nowMs: now() });
  const changing = (request: Request): ChangeContext => ({
    ...{ journal, configured: config.budgets, calendar: ledgerCalendar(config) },
    change: { who: writerOf(request, config, authenticate), atMs: now() },
  });

  router.put(`${ROUTES.budgets}/:name`, (async (request, response) => {
    const change = changing(request);
    const { name } = request.params;
    const budget = await setBudget(name, await readJson(request), change);
    const { budgets } = await listBudgets(read(), { withForecast: false });
    response.json({ budget, status: budgets.filter((status) => status.name === name) });
  }) as RequestHandler<{ name: string }>);
  router.post(`${ROUTES.budgets}/:key/raises`, (async (request, response) => {
    const change = changing(request);
    const body = asObject(await readJson(request), RAISE_EXAMPLE);
    const unknown = Object.keys(body).find((key) => !RAISE_KEYS.includes(key));
    if (unknown !== undefined)
      throw new LedgerlineError('invalid', `${unknown.slice(0, 80)} is not a key of a raise.`, { hint: `Example: ${RAISE_EXAMPLE}.` });
    const { by, until, why } = body;
    const userOf = storedUserOf(directoryAtHand(context), config, change.change.atMs);
    const raise = await raiseBudget(request.params.key, { by, until, why }, { ...change, userOf });
    const budget = (await journal.budgets(config.budgets)).find(({ name }) => name === nameOf(raise.key));
    response.status(201).json(renderRaise(raise, budget?.tokens === undefined ? 'usd' : 'tokens'));
  }) as RequestHandler<{ key: string }>);
  router.delete(`${ROUTES.budgets}/:name`, (async (request, response) => {
    await removeBudget(request.params.name, changing(request));
    response.status(204).end();
  }) as RequestHandler<{ name: string }>);
  return router;
}
