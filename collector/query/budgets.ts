/** What the API and the commands answer about budgets: every one, or one with its members, its past, its raises and its audit. */

import { z } from 'zod';
import { noSuchBudget } from '../budgets/change.ts';
import { CONTRIBUTOR_DIMENSIONS } from '../budgets/contributors.ts';
import { contributors } from '../budgets/evaluate.ts';
import { idleLimits } from '../budgets/hard-limit.ts';
import { pastPeriods } from '../budgets/history.ts';
import { type AuditEntry, type Budget, type BudgetJournal, isDefinition, keyOf, nameOf } from '../budgets/journal.ts';
import { scopeFilters, scopeText } from '../budgets/scope.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { type BudgetNote, unknownScopes } from '../budgets/unknown-scopes.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { BudgetConfig } from '../config/budgets.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import {
  type AuditAnswer,
  auditSchema,
  type BudgetAnswer,
  type BudgetAuditAnswer,
  type BudgetListAnswer,
  budgetAnswerSchema,
  budgetListSchema,
  renderAudit,
  renderContributor,
  renderPast,
  renderRaise,
  renderStatus,
} from './budget-answers.ts';
import { readWord } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf } from './render.ts';
import { wholeLedger } from './scoped-reader.ts';
import { isVisible, visibleBudgets, visibleStatuses } from './visible-budgets.ts';

export interface BudgetRead {
  /** Shows what `scope` leaves. */
  readonly reader: LedgerSnapshot;
  readonly scope: ReadScope;
  readonly journal: BudgetJournal;
  readonly config: Config;
  readonly nowMs: number;
}

const PAST_PERIODS = 12;
const AUDIT_SHOWN = 100;

const readOf = ({ reader, scope, budgets: journal, config, now }: Asking): BudgetRead => ({ reader, scope, journal, config, nowMs: now() });

export const BUDGETS = question<{ readonly withForecast: boolean }, BudgetListAnswer>({
  id: 'budgets',
  path: '/budgets',
  isOfPrimary: true,
  summary: 'Every budget: spent, limit, remaining, thresholds and forecast.',
  parameters: {
    forecast: {
      schema: z.enum(['true', 'false']).describe('false leaves out the forecast, which is expensive.').meta({ default: 'true' }),
    },
  },
  answer: budgetListSchema,
  parse: ({ parameters }) => ({ withForecast: readWord(parameters, 'forecast', ['true', 'false'], 'true') === 'true' }),
  ask: (asked, asking) => listBudgets(readOf(asking), asked),
});

export const BUDGET = question<string, BudgetAnswer>({
  id: 'budget',
  path: '/budgets/{key}',
  isOfPrimary: true,
  summary: 'One budget with its members, largest contributors, past periods, raises and changes.',
  pathParameters: {
    key: {
      schema: z
        .string()
        .describe('A name, or name/member for one member of a budget per member, percent-encoded.')
        .meta({ examples: ['platform'] }),
    },
  },
  parameters: {},
  answer: budgetAnswerSchema,
  parse: ({ path }) => path?.key ?? '',
  ask: (key, asking) => showBudget(key, readOf(asking)),
});

export const BUDGET_AUDIT = question<string, BudgetAuditAnswer>({
  id: 'budget_audit',
  path: '/budgets/{name}/audit',
  isOfPrimary: true,
  summary: 'Who changed a budget, what and when; also of a budget that was removed.',
  pathParameters: {
    name: {
      schema: z
        .string()
        .describe('Name of the budget.')
        .meta({ examples: ['platform'] }),
    },
  },
  parameters: {},
  answer: auditSchema,
  parse: ({ path }) => path?.name ?? '',
  ask: (name, asking) => auditOf(name, readOf(asking)),
});

const contextOf = ({ reader, config, nowMs }: BudgetRead) => ({ reader: wholeLedger(reader), calendar: ledgerCalendar(config), nowMs });

export async function listBudgets(read: BudgetRead, { withForecast }: { readonly withForecast: boolean }): Promise<BudgetListAnswer> {
  const budgets = await read.journal.budgets(read.config.budgets);
  const statuses = await visibleStatuses(budgets, read.scope, { ...contextOf(read), withForecast });
  const { asOfMs } = await read.reader.status();
  return {
    budgets: statuses.map(renderStatus),
    ...freshnessOf(asOfMs, read.nowMs),
    notes: await notesOf(
      budgets.filter((budget) => isVisible(budget, read.scope)),
      statuses,
      read,
    ),
  };
}

async function notesOf(budgets: readonly Budget[], statuses: readonly BudgetStatus[], { reader }: BudgetRead): Promise<BudgetNote[]> {
  const shown = new Set(statuses.map(({ name }) => name));
  const empty = budgets.filter(({ name }) => !shown.has(name));
  return [
    ...(await unknownScopes(budgets, reader)),
    ...idleLimits(budgets),
    ...empty.map(({ name, per, scope }) => ({
      budget: name,
      sentence: `"${name}" gives every ${per} of ${scopeText(scopeFilters(scope))} an amount; none has any spend in its period yet.`,
    })),
  ];
}

/** Under the name of a budget per member: an error that names the members, since there is no status of the whole. */
async function showBudget(typed: string, read: BudgetRead): Promise<BudgetAnswer> {
  const context = contextOf(read);
  const { scope } = read;
  const budgets = await read.journal.budgets(read.config.budgets);
  const budget = visibleBudgets(budgets, scope).find(({ name }) => name === nameOf(typed));
  if (budget === undefined) throw noSuchBudget(typed, visibleBudgets(budgets, scope));
  const key = keyOf(typed, budget);
  const all = await visibleStatuses([budget], scope, { ...context, withForecast: true }, budgets);
  const whole = key === budget.name && budget.per !== undefined ? undefined : all.find((status) => status.key === key);
  if (whole === undefined)
    throw noSuchMember(
      key,
      budget,
      all.map((status) => status.key),
    );
  // Those who see the status of one member see nothing of the others, whom the budget names.
  const isWhole = isVisible(budget, scope);
  const { raises = [], origin = 'file', earlier: _, ...configuration } = budget;
  const largest = await contributors(whole, context, { dimensions: CONTRIBUTOR_DIMENSIONS });
  const past = await pastPeriods(budget, key, context, PAST_PERIODS);
  return {
    ...renderStatus(whole),
    ...{ origin, configuration: isWhole ? configuration : null },
    members: all.filter(({ parent, key: other }) => parent === budget.name && other !== key && key === budget.name).map(renderStatus),
    contributors: largest.map((one) => renderContributor(one, whole.unit)),
    history: past.map(renderPast),
    raises: raises
      .filter((raise) => raise.key === key || raise.key === budget.name || key === budget.name)
      .map((raise) => renderRaise(raise, whole.unit)),
    audit: isWhole ? renderedAudit(visibleAudit(await read.journal.audit(budget.name), budget, scope), budget) : [],
  };
}

/** The newest first; also of a budget that is no more. */
async function auditOf(name: string, { journal, config, scope }: Pick<BudgetRead, 'journal' | 'config' | 'scope'>): Promise<BudgetAuditAnswer> {
  const budgets = await journal.budgets(config.budgets);
  const budget = budgets.find((candidate) => candidate.name === name);
  const audit = visibleAudit(await journal.audit(name), budget, scope);
  const isKnown = budget === undefined ? audit.length > 0 : isVisible(budget, scope);
  if (!isKnown) throw noSuchBudget(name, visibleBudgets(budgets, scope));
  // A budget that is no more had a unit, too.
  const last = audit.find(({ what, after }) => what === 'budget_set' && after !== undefined)?.after as Partial<BudgetConfig> | undefined;
  return { audit: renderedAudit(audit, budget ?? last) };
}

/** None of a budget that ever counted what is outside the scope, and none of one of which it is not known any more. */
function visibleAudit(audit: readonly AuditEntry[], budget: Budget | undefined, scope: ReadScope): readonly AuditEntry[] {
  if (scope === 'all') return audit;
  // As the journal wrote them: a budget, or nothing.
  const defined = audit.filter(({ what }) => isDefinition(what)).flatMap(({ before, after }) => [before, after] as (BudgetConfig | undefined)[]);
  const budgets = [...defined, budget].filter((one) => one !== undefined);
  return budgets.length > 0 && budgets.every((one) => isVisible(one, scope)) ? audit : [];
}

const renderedAudit = (audit: readonly AuditEntry[], budget: Partial<BudgetConfig> | undefined): AuditAnswer[] =>
  audit.slice(0, AUDIT_SHOWN).map((entry) => renderAudit(entry, budget?.tokens === undefined ? 'usd' : 'tokens'));

const MEMBERS_NAMED = 20;

function noSuchMember(key: string, { name, per }: Budget, keys: readonly string[]) {
  const members = `${keys.slice(0, MEMBERS_NAMED).join(', ')}${keys.length > MEMBERS_NAMED ? ', …' : ''}`;
  const what =
    key === name ? `The budget "${name}" gives every ${per} an amount and has no status of its own` : `The budget "${name}" has no status "${key}"`;
  return new LedgerlineError('not_found', `${what}.`, {
    hint: keys.length === 0 ? 'No spend in its scope yet.' : `Members: ${members}.`,
  });
}
