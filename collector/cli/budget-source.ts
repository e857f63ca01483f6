/** Budgets beside the ledger in the data folder, or of a collector elsewhere: the same answers, the same changes. */
import { userInfo } from 'node:os';
import { type ChangeContext, type RaiseInput, raiseBudget, removeBudget, setBudget } from '../budgets/change.ts';
import { nameOf } from '../budgets/journal.ts';
import { ROUTES } from '../catalog/names.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { demoBudgets } from '../demo/budgets.ts';
import { type BudgetAnswer, type BudgetAuditAnswer, type BudgetListAnswer, type RaiseAnswer, renderRaise } from '../query/budget-answers.ts';
import { auditOf, type BudgetRead, listBudgets, showBudget } from '../query/budgets.ts';
import { openBudgetJournal, openLedgerReader, readBudgetJournal } from '../storage/open.ts';
import { type SourceOptions, settings } from './options.ts';
import { remoteCollector } from './source.ts';
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

export function openBudgets(options: SourceOptions, terminal: Terminal): BudgetSource {
  if (options.url !== undefined) return remoteBudgets(options.url, options.tokenFile);
  const config = settings(options, terminal);
  return localBudgets(options.demo === true ? { ...config, budgets: demoBudgets(config) } : config, terminal);
}

/** Whoever may write the files of the data folder may change its budgets; the audit has the name of the system's user. */
function localBudgets(config: Config, { now }: Terminal): BudgetSource {
  const reader = openLedgerReader(config);
  const read = async <Answer>(answer: (context: BudgetRead) => Answer | Promise<Answer>): Promise<Answer> => {
    const journal = readBudgetJournal(config);
    try {
      return await answer({ reader, scope: 'all', journal, config, nowMs: now() });
    } finally {
      journal.close();
    }
  };
  const change = <Answer>(make: (context: ChangeContext) => Answer): Answer => {
    const journal = openBudgetJournal(config);
    try {
      const by = { who: `cli:${userInfo().username}`, atMs: now() };
      return make({ journal, configured: config.budgets, calendar: ledgerCalendar(config), change: by });
    } finally {
      journal.close();
    }
  };
  return {
    list: (options) => read((context) => listBudgets(context, options)),
    show: (key) => read((context) => showBudget(key, context)),
    audit: (name) => read((context) => auditOf(name, context)),
    set: async (name, budget) => change((context) => void setBudget(name, budget, context)),
    raise: async (key, raise) =>
      change((context) => {
        const made = raiseBudget(key, raise, context);
        const budget = context.journal.budgets(config.budgets).find(({ name }) => name === nameOf(key));
        return renderRaise(made, budget?.tokens === undefined ? 'usd' : 'tokens');
      }),
    remove: async (name) => change((context) => removeBudget(name, context)),
    close: () => reader.close(),
  };
}

function remoteBudgets(url: string, tokenFile: string | undefined): BudgetSource {
  const ask = remoteCollector(url, tokenFile);
  const at = (key: string): string => `${ROUTES.budgets}/${encodeURIComponent(key)}`;
  return {
    list: ({ withForecast }) => ask(`${ROUTES.budgets}?forecast=${withForecast}`),
    show: (key) => ask(at(key)),
    audit: (name) => ask(`${at(name)}/audit`),
    set: async (name, budget) => void (await ask(at(name), { method: 'PUT', body: budget })),
    raise: (key, body) => ask(`${at(key)}/raises`, { method: 'POST', body }),
    remove: async (name) => void (await ask(at(name), { method: 'DELETE' })),
    close: async () => undefined,
  };
}
