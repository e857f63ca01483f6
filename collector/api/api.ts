/** The ledger over HTTP: REST under /api/v1, and the built-in page at /. Wires only. */
import express, { type Express } from 'express';
import type { Log } from '../catalog/log-codes.ts';
import { ROUTES } from '../catalog/names.ts';
import type { Refusal } from '../catalog/refusals.ts';
import type { BoardContext } from '../query/boards/answer.ts';
import type { BudgetContext } from '../query/budget-context.ts';
import { askingAs } from '../query/question.ts';
import { QUESTIONS } from '../query/questions.ts';
import type { Authenticator } from '../server/auth.ts';
import { createReaderGate } from '../server/reader-gate.ts';
import { WrongTokens } from '../server/wrong-tokens.ts';
import { headers, neverCached, onlyReading, requireToken, slowWrongTokens, whileConnected } from './access.ts';
import { type AlertContext, alerts } from './alerts.ts';
import { boardById, boardList, panelById } from './boards.ts';
import { budgetRoutes } from './budgets.ts';
import { catalog } from './catalogue.ts';
import { myBudget } from './my-budget.ts';
import { page } from './page.ts';
import { erasures, type PrivacyContext } from './privacy.ts';
import { noSuchRoute, problemHandler } from './problem.ts';
import { answering, routeOf } from './questions.ts';
import { sessionById, sessionList } from './sessions.ts';
import { status } from './status.ts';

export interface ApiOptions extends BoardContext, BudgetContext, AlertContext, PrivacyContext {
  /** Checks the bearer token of every request under /api. Omitted: reading is open. */
  readonly authenticate?: Authenticator;
  /** Requests that were not let in. Omitted: nobody counts them. */
  readonly refused?: (refusal: Refusal, address: string) => void;
  readonly log: Log;
}

export function createApi(options: ApiOptions): Express {
  const { authenticate, log, config } = options;
  const gate = createReaderGate({
    hosts: config.server,
    isGuarded: () => authenticate?.isGuarded('read') === true,
    wrongTokens: new WrongTokens({ now: options.now }),
    refused: options.refused ?? (() => undefined),
  });
  const asking = askingAs({ ...options, scope: 'all' }, 'all');
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(whileConnected, headers(), onlyReading);
  app.use(page());
  // Before the check for readers: a developer's own token may ask for its own.
  app.get(ROUTES.myBudget, myBudget(options));
  app.use('/api', neverCached, requireToken(authenticate));
  app.get(ROUTES.session, sessionList(options));
  app.get(`${ROUTES.session}/:id`, sessionById(options));
  for (const question of QUESTIONS)
    app.get(
      routeOf(question),
      answering(question, () => asking),
    );
  app.get(ROUTES.catalog, catalog);
  app.get(ROUTES.status, status(options));
  app.use(ROUTES.budgets, budgetRoutes(options));
  app.post(ROUTES.erasures, erasures(options));
  app.get(ROUTES.alerts, alerts(options));
  app.get(ROUTES.boards, boardList);
  app.get(`${ROUTES.boards}/:id`, boardById(options));
  app.get(`${ROUTES.boards}/:id/panels/:panel`, panelById(options));
  app.use(noSuchRoute);
  app.use(slowWrongTokens(gate), problemHandler(log));
  return app;
}
