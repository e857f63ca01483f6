/** The ledger over HTTP: REST under /api/v1, MCP at /mcp, and the built-in page at /. Wires only. */
import express, { type Express } from 'express';
import { BOARDS } from '../../dashboards/boards/index.ts';
import type { BudgetWriter } from '../budgets/journal.ts';
import type { Log } from '../catalog/log-codes.ts';
import { ROUTES } from '../catalog/names.ts';
import type { Refusal } from '../catalog/refusals.ts';
import type { DirectoryStore } from '../directory/store.ts';
import { type DirectoryAtHand, directoryAtHand, userNames } from '../query/asked-user.ts';
import { forgetTables } from '../query/boards/answer.ts';
import { boardQuestions } from '../query/boards/board-questions.ts';
import { aliasedScope } from '../query/directory/aliased-scope.ts';
import { GUARD } from '../query/guard.ts';
import { forgetKnown } from '../query/known-values.ts';
import { type Asking, askingAs, withPrimary } from '../query/question.ts';
import { QUESTIONS } from '../query/questions.ts';
import type { Authenticator } from '../server/auth.ts';
import { createReaderGate } from '../server/reader-gate.ts';
import { WrongTokens } from '../server/wrong-tokens.ts';
import { askerOf, headers, neverCached, onlyReading, requireToken, scopeOf, slowWrongTokens, whileConnected } from './access.ts';
import { budgetChanges } from './budget-changes.ts';
import { budgetRequests } from './budget-requests.ts';
import { type CloseMonth, closingMonths } from './closed-months.ts';
import { directoryMerges, type MergeUsers } from './directory-merges.ts';
import { openApi, referencePages } from './documents.ts';
import { exporting } from './export.ts';
import { type Adjust, importingHistory } from './history.ts';
import { mcp } from './mcp.ts';
import { morePages } from './more-page.ts';
import { page } from './page.ts';
import { type Erase, erasures } from './privacy.ts';
import { noSuchRoute, problemHandler } from './problem.ts';
import { type AskingOf, answering, routeOf } from './questions.ts';
import { type RepricingControl, repricings } from './repricings.ts';
import { requestPages } from './request-page.ts';
import { runbooks } from './runbooks.ts';
import { scimRoutes } from './scim/routes.ts';
import { SIGN_IN, type SignInOptions, signInRoutes } from './sign-in/routes.ts';
import { answeringTogether } from './together.ts';
import { LedgerTags } from './validators.ts';

export interface ApiOptions extends Omit<Asking, 'scope' | 'asker' | 'directory'>, DirectoryAtHand {
  readonly budgets: BudgetWriter;
  /** Checks the bearer token of every request under /api. Omitted: reading is open. */
  readonly authenticate?: Authenticator;
  /** Requests that were not let in. Omitted: nobody counts them. */
  readonly refused?: (refusal: Refusal, address: string) => void;
  /** Omitted: this API cannot erase. */
  readonly erase?: Erase | undefined;
  /** Omitted: this API cannot reprice. */
  readonly repricing?: RepricingControl | undefined;
  /** Omitted: this API cannot import history. */
  readonly adjust?: Adjust | undefined;
  /** Omitted: this API cannot merge. */
  readonly merge?: MergeUsers | undefined;
  /** The directory has changed. Omitted: it does not, or is read again by itself. */
  readonly lookAtDirectory?: (() => Promise<void>) | undefined;
  /** What SCIM keeps. Omitted: there is no SCIM. */
  readonly directoryStore?: DirectoryStore | undefined;
  /** Omitted: this API cannot close months. */
  readonly closeMonth?: CloseMonth | undefined;
  /** Omitted: nobody signs in. */
  readonly signIn?: Omit<SignInOptions, 'now' | 'log'> | undefined;
  readonly log: Log;
}

/** Everything that REST answers, in the order of the documents. */
export const ALL_QUESTIONS = [...QUESTIONS, ...boardQuestions(BOARDS)];

export function createApi(options: ApiOptions): Express {
  const { authenticate, log, config, signIn } = options;
  // What is changed by what the ledger holds, or asked for in the place of a user who is stopped, must not go by a ledger that is behind.
  const current = withPrimary(options);
  const gate = createReaderGate({
    hosts: config.server,
    isGuarded: () => authenticate?.isGuarded('read') === true,
    wrongTokens: new WrongTokens({ now: options.now }),
    refused: options.refused ?? (() => undefined),
  });
  // What cannot be read is said at the start.
  userNames(config);
  directoryAtHand(options);
  const askingOf: AskingOf = (request, { access = 'read' }) => {
    const asker = askerOf(request, access, authenticate);
    return askingAs({ ...options, scope: 'all', asker }, aliasedScope(scopeOf(asker), options));
  };
  const tags = new LedgerTags();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(answeringTogether(GUARD, askingOf));
  app.use(whileConnected, headers(), onlyReading);
  app.use(
    page(signIn === undefined ? undefined : SIGN_IN.login),
    referencePages(ALL_QUESTIONS),
    runbooks(),
    requestPages(current),
    morePages(current),
  );
  if (signIn !== undefined) app.use(signInRoutes({ ...signIn, now: options.now, log }));
  app.use(['/api', ROUTES.mcp, ROUTES.scim], neverCached);
  for (const question of ALL_QUESTIONS) app.get(routeOf(question), answering(question, askingOf, tags));
  app.post(ROUTES.mcp, mcp(askingOf, log));
  app.use(scimRoutes(options, gate));
  // Of tokens that only send, too: they may ask for their user.
  app.use(budgetRequests(current));
  app.use('/api', requireToken(authenticate));
  app.get(ROUTES.openapi, openApi(ALL_QUESTIONS));
  app.get(ROUTES.export, exporting(askingOf, log));
  app.use(budgetChanges(current));
  const renamed = async (): Promise<void> => {
    tags.renew();
    for (const { reader } of [options, current]) {
      forgetTables(reader);
      forgetKnown(reader);
    }
    await options.lookAtDirectory?.();
  };
  app.post(ROUTES.erasures, erasures(current, renamed));
  app.post(ROUTES.merges, directoryMerges(current, renamed));
  app.use(repricings(current));
  app.post(ROUTES.adjustments, importingHistory(current));
  app.post(ROUTES.closedMonths, closingMonths(current));
  app.use(noSuchRoute([...ALL_QUESTIONS.map(({ path }) => `/api/v1${path}`), ROUTES.export]));
  app.use(slowWrongTokens(gate), problemHandler(log));
  return app;
}
