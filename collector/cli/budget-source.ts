/** Budgets beside the ledger in the data folder, or of a collector elsewhere: the same answers, the same changes. */
import { userInfo } from 'node:os';
import { storedDirectory } from '../app/stored-directory.ts';
import { type ChangeContext, type RaiseInput, raiseBudget, removeBudget, setBudget } from '../budgets/change.ts';
import { nameOf } from '../budgets/journal.ts';
import {
  approveRequest,
  denyRequest,
  isRequestId,
  noSuchRequest,
  type RequestContext,
  requestMore,
  withdrawRequest,
} from '../budgets/request-change.ts';
import { ROUTES } from '../catalog/names.ts';
import { storedValue } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { storedUserOf } from '../query/asked-user.ts';
import { type BudgetAnswer, type BudgetAuditAnswer, type BudgetListAnswer, type RaiseAnswer, renderRaise } from '../query/budget-answers.ts';
import { BUDGET_REQUESTS, type BudgetRequestsAnswer } from '../query/budget-requests.ts';
import { BUDGET, BUDGET_AUDIT, BUDGETS } from '../query/budgets.ts';
import { MY_BUDGET, type MyBudgetAnswer } from '../query/my-budget.ts';
import { type RequestAnswer, renderRequest } from '../query/request-answers.ts';
import { openBudgetJournal } from '../storage/open.ts';
import { type SourceOptions, settings, tokenFileOf } from './options.ts';
import { withProgress } from './progress.ts';
import { openSource, remoteCollector } from './source.ts';
import type { Source } from './source-contract.ts';
import type { Terminal } from './terminal.ts';

/** What a request says; what is undefined is left to the collector. */
export interface RequestFields {
  readonly budget: string | undefined;
  readonly by: string;
  readonly until: string | undefined;
  readonly why: string;
  readonly user: string | undefined;
}

export interface BudgetSource {
  list(options: { readonly withForecast: boolean }): Promise<BudgetListAnswer>;
  show(key: string): Promise<BudgetAnswer>;
  audit(name: string): Promise<BudgetAuditAnswer>;
  set(name: string, budget: object): Promise<void>;
  raise(key: string, raise: RaiseInput): Promise<RaiseAnswer>;
  remove(name: string): Promise<void>;
  requests(state: string): Promise<BudgetRequestsAnswer>;
  request(fields: RequestFields): Promise<RequestAnswer>;
  withdraw(id: string): Promise<RequestAnswer>;
  approve(id: string, by: string | undefined): Promise<RequestAnswer>;
  deny(id: string, why: string): Promise<RequestAnswer>;
  close(): Promise<void>;
}

/** The source is closed however the command ends. */
export async function usingBudgets(options: SourceOptions, terminal: Terminal, run: (source: BudgetSource) => Promise<void>): Promise<void> {
  const source = openBudgets(options, terminal);
  try {
    await run(source);
  } finally {
    await source.close();
  }
}

/** Read as every question is, from the collector that runs on the folder or from its file; changed in the folder, or with --url over REST. */
function openBudgets(options: SourceOptions, terminal: Terminal): BudgetSource {
  let opened: Promise<Source> | undefined;
  const ask: Source['ask'] = async (...asked) => {
    opened ??= openSource(options, terminal, terminal.env.LEDGERLINE_TOKEN);
    return withProgress(terminal, 'Reading', (await opened).ask(...asked));
  };
  return {
    list: ({ withForecast }) => ask(BUDGETS, new URLSearchParams({ forecast: String(withForecast) })),
    show: (key) => ask(BUDGET, new URLSearchParams(), { key }),
    audit: (name) => ask(BUDGET_AUDIT, new URLSearchParams(), { name }),
    requests: (state) => ask(BUDGET_REQUESTS, new URLSearchParams({ state })),
    ...changesOf(options, terminal, (user) => ask(MY_BUDGET, new URLSearchParams({ user }))),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

type BudgetChanges = Pick<BudgetSource, 'set' | 'raise' | 'remove' | 'request' | 'withdraw' | 'approve' | 'deny'>;

const WHO_HINT = 'Say who asks, or give --url and a token of auth.tokens that has a user.';

/** What binds a user. */
type Binding = (user: string) => Promise<MyBudgetAnswer>;

function changesOf(options: SourceOptions, terminal: Terminal, binding: Binding): BudgetChanges {
  if (options.url === undefined) return localChanges(settings(options, terminal), terminal, binding);
  return remoteChanges(options.url, tokenFileOf(options, terminal), terminal.env.LEDGERLINE_TOKEN);
}

/** Whoever may write the files of the data folder may change its budgets; the audit has the name of the system's user. */
function localChanges(config: Config, { now }: Terminal, binding: Binding): BudgetChanges {
  const change = async <Answer>(make: (context: RequestContext) => Promise<Answer>): Promise<Answer> => {
    const journal = await openBudgetJournal(config);
    try {
      const by = { who: `cli:${userInfo().username}`, atMs: now() };
      return await make({ journal, configured: config.budgets, calendar: ledgerCalendar(config), change: by, limits: config.budget_requests });
    } finally {
      await journal.close();
    }
  };
  const answer = (id: string, make: (id: number, context: ChangeContext) => Promise<unknown>): Promise<RequestAnswer> =>
    change(async (context) => {
      if (!isRequestId(id)) throw noSuchRequest(id);
      await make(Number(id), context);
      const request = await context.journal.findRequest(Number(id));
      if (request === undefined) throw noSuchRequest(id);
      return renderRequest(request, now());
    });
  return {
    set: (name, budget) => change(async (context) => void (await setBudget(name, budget, context))),
    raise: (key, raise) =>
      change(async (context) => {
        const userOf = key.includes('/') ? storedUserOf(await storedDirectory(config), config, now()) : undefined;
        const made = await raiseBudget(key, raise, { ...context, userOf });
        const budget = (await context.journal.budgets(config.budgets)).find(({ name }) => name === nameOf(key));
        return renderRaise(made, budget?.tokens === undefined ? 'usd' : 'tokens');
      }),
    remove: (name) => change((context) => removeBudget(name, context)),
    request: async ({ user, ...fields }) => {
      if (user === undefined) throw new LedgerlineError('invalid', '--user is missing.', { hint: WHO_HINT });
      const bound = await binding(user);
      return change(async (context) => renderRequest(await requestMore(fields, storedValue('user', bound.user), bound.budgets, context), now()));
    },
    // Whoever may write the folder may act for everybody in it.
    withdraw: (id) =>
      answer(id, async (number, context) => withdrawRequest(number, (await context.journal.findRequest(number))?.user ?? '', context)),
    approve: (id, by) => answer(id, (number, context) => approveRequest(number, by, context)),
    deny: (id, why) => answer(id, (number, context) => denyRequest(number, why, context)),
  };
}

function remoteChanges(url: string, tokenFile: string | undefined, token: string | undefined): BudgetChanges {
  const send = remoteCollector(url, tokenFile, token);
  const request = (id: string): string => `${ROUTES.budgetRequests}/${encodeURIComponent(id)}`;
  const at = (key: string): string => `${ROUTES.budgets}/${encodeURIComponent(key)}`;
  return {
    set: async (name, budget) => void (await send(at(name), { method: 'PUT', body: budget })),
    raise: (key, body) => send(`${at(key)}/raises`, { method: 'POST', body }),
    remove: async (name) => void (await send(at(name), { method: 'DELETE' })),
    request: (body) => send(ROUTES.myRequests, { method: 'POST', body }),
    withdraw: (id) => send(`${ROUTES.myRequests}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    approve: (id, by) => send(`${request(id)}/approve`, { method: 'POST', body: { by } }),
    deny: (id, why) => send(`${request(id)}/deny`, { method: 'POST', body: { why } }),
  };
}
