/** Budgets beside the ledger in the data folder, or of a collector elsewhere: the same answers, the same changes. */
import { userInfo } from 'node:os';
import { type ChangeContext, type RaiseInput, raiseBudget, removeBudget, setBudget } from '../budgets/change.ts';
import { nameOf } from '../budgets/journal.ts';
import { ROUTES } from '../catalog/names.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { type BudgetAnswer, type BudgetAuditAnswer, type BudgetListAnswer, type RaiseAnswer, renderRaise } from '../query/budget-answers.ts';
import { BUDGET, BUDGET_AUDIT, BUDGETS } from '../query/budgets.ts';
import { openBudgetJournal } from '../storage/open.ts';
import { type SourceOptions, settings, tokenFileOf } from './options.ts';
import { withProgress } from './progress.ts';
import { openSource, remoteCollector, type Source } from './source.ts';
import type { Terminal } from './terminal.ts';

export interface BudgetSource {
  list(options: { readonly withForecast: boolean }): Promise<BudgetListAnswer>;
  show(key: string): Promise<BudgetAnswer>;
  audit(name: string): Promise<BudgetAuditAnswer>;
  set(name: string, budget: object): Promise<void>;
  raise(key: string, raise: RaiseInput): Promise<RaiseAnswer>;
  remove(name: string): Promise<void>;
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
    opened ??= openSource(options, terminal);
    return withProgress(terminal, 'Reading', (await opened).ask(...asked));
  };
  return {
    list: ({ withForecast }) => ask(BUDGETS, new URLSearchParams({ forecast: String(withForecast) })),
    show: (key) => ask(BUDGET, new URLSearchParams(), { key }),
    audit: (name) => ask(BUDGET_AUDIT, new URLSearchParams(), { name }),
    ...(options.url === undefined ? localChanges(settings(options, terminal), terminal) : remoteChanges(options.url, tokenFileOf(options, terminal))),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

type BudgetChanges = Pick<BudgetSource, 'set' | 'raise' | 'remove'>;

/** Whoever may write the files of the data folder may change its budgets; the audit has the name of the system's user. */
function localChanges(config: Config, { now }: Terminal): BudgetChanges {
  const change = async <Answer>(make: (context: ChangeContext) => Answer): Promise<Answer> => {
    const journal = openBudgetJournal(config);
    try {
      const by = { who: `cli:${userInfo().username}`, atMs: now() };
      return make({ journal, configured: config.budgets, calendar: ledgerCalendar(config), change: by });
    } finally {
      journal.close();
    }
  };
  return {
    set: (name, budget) => change((context) => void setBudget(name, budget, context)),
    raise: (key, raise) =>
      change((context) => {
        const made = raiseBudget(key, raise, context);
        const budget = context.journal.budgets(config.budgets).find(({ name }) => name === nameOf(key));
        return renderRaise(made, budget?.tokens === undefined ? 'usd' : 'tokens');
      }),
    remove: (name) => change((context) => removeBudget(name, context)),
  };
}

function remoteChanges(url: string, tokenFile: string | undefined): BudgetChanges {
  const send = remoteCollector(url, tokenFile);
  const at = (key: string): string => `${ROUTES.budgets}/${encodeURIComponent(key)}`;
  return {
    set: async (name, budget) => void (await send(at(name), { method: 'PUT', body: budget })),
    raise: (key, body) => send(`${at(key)}/raises`, { method: 'POST', body }),
    remove: async (name) => void (await send(at(name), { method: 'DELETE' })),
  };
}
