/** The ledger over HTTP: REST under /api/v1, the built-in page at /, health at /healthz and /readyz. Wires only. */
import express, { type Express, type RequestHandler } from 'express';
import type { Log } from '../catalog/log-codes.ts';
import { ROUTES } from '../catalog/names.ts';
import type { Refusal } from '../catalog/refusals.ts';
import type { BoardContext } from '../query/boards/answer.ts';
import type { BudgetContext } from '../query/budget-context.ts';
import type { Authenticator } from '../server/auth.ts';
import { type HttpListenOptions, listenHttp, type RunningServer } from '../server/http-server.ts';
import { createReaderGate } from '../server/reader-gate.ts';
import { WrongTokens } from '../server/wrong-tokens.ts';
import { headers, onlyReading, requireKnownHost, requireToken, slowWrongTokens } from './access.ts';
import { type AlertContext, alerts } from './alerts.ts';
import { boardById, boardList, panelById } from './boards.ts';
import { budgetRoutes } from './budgets.ts';
import { catalog } from './catalogue.ts';
import { alive, type ReadinessCheck, ready } from './health.ts';
import { myBudget } from './my-budget.ts';
import { page } from './page.ts';
import { noSuchRoute, problemHandler } from './problem.ts';
import { sessionById, sessionList } from './sessions.ts';
import { spend } from './spend.ts';
import { status } from './status.ts';

export interface ApiOptions extends BoardContext, BudgetContext, AlertContext {
  /** Checks the bearer token of every request under /api. Omitted: reading is open. */
  readonly authenticate?: Authenticator;
  /** Requests that were not let in. Omitted: nobody counts them. */
  readonly refused?: (refusal: Refusal, address: string) => void;
  /** Wrong tokens of every port for readers together. */
  readonly wrongTokens?: WrongTokens;
  readonly readiness: ReadinessCheck;
  readonly log: Log;
}

const neverCached: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

export function createApi(options: ApiOptions): Express {
  const { authenticate, readiness, log, config } = options;
  const gate = createReaderGate({
    hosts: config.server,
    isGuarded: () => authenticate?.isGuarded('read') === true,
    wrongTokens: options.wrongTokens ?? new WrongTokens({ now: options.now }),
    refused: options.refused ?? (() => undefined),
  });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(headers(), requireKnownHost(gate), onlyReading);
  app.get(ROUTES.alive, alive);
  app.get(ROUTES.ready, neverCached, ready(options, readiness));
  app.use(page());
  // Before the check for readers: a developer's own token may ask for its own.
  app.get(ROUTES.myBudget, myBudget(options));
  app.use('/api', neverCached, requireToken(authenticate));
  app.get(ROUTES.session, sessionList(options));
  app.get(`${ROUTES.session}/:id`, sessionById(options));
  app.get(ROUTES.spend, spend(options));
  app.get(ROUTES.catalog, catalog);
  app.get(ROUTES.status, status(options));
  app.use(ROUTES.budgets, budgetRoutes(options));
  app.get(ROUTES.alerts, alerts(options));
  app.get(ROUTES.boards, boardList);
  app.get(`${ROUTES.boards}/:id`, boardById(options));
  app.get(`${ROUTES.boards}/:id/panels/:panel`, panelById(options));
  app.use(noSuchRoute);
  app.use(slowWrongTokens(gate), problemHandler(log));
  return app;
}

/** Opens the API's port, see listenHttp. */
export const listenApi = (app: Express, host: string, port: number, options?: HttpListenOptions): Promise<RunningServer> =>
  listenHttp(app, { host, port, key: 'server.api_port', flag: '--api-port' }, options);
