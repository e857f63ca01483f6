/** What a hard limit can stop: the guard decides about whole sessions, by what it knows of each. */
import type { Finding } from '../core/finding.ts';
import { SESSION_DIMENSIONS } from '../ledger/sessions.ts';
import type { Budget } from './journal.ts';
import { scopeFilters } from './scope.ts';
import type { BudgetNote } from './unknown-scopes.ts';

/** By what a session is held against hard limits. */
export const GUARDED_DIMENSIONS = [...SESSION_DIMENSIONS, 'job'] as const;
/** "organization, team, user, workspace, repository and job". */
export const GUARDED_TEXT = `${GUARDED_DIMENSIONS.slice(0, -1).join(', ')} and ${GUARDED_DIMENSIONS.at(-1)}`;

const NAMES_SHOWN = 5;

/** Those of which a session has several, or that are not known of it: a limit over one of them stops nothing. */
export const unguarded = (dimensions: readonly string[]): string[] =>
  dimensions.filter((name) => !GUARDED_DIMENSIONS.some((known) => known === name));

const unguardedOf = ({ scope, per, hard_limit }: Budget): string[] =>
  hard_limit === true ? [...new Set(unguarded([...scopeFilters(scope).map(({ dimension }) => dimension), ...(per === undefined ? [] : [per])]))] : [];

/** Of budgets with a hard limit that stops nothing. */
export const idleLimits = (budgets: readonly Budget[]): BudgetNote[] =>
  budgets.flatMap((budget) => {
    const beyond = unguardedOf(budget);
    if (beyond.length === 0) return [];
    return [
      {
        budget: budget.name,
        sentence: `"${budget.name}" has a hard limit that stops nothing: the guard goes by ${GUARDED_TEXT}, not by ${beyond.join(' and ')}.`,
      },
    ];
  });

/** For `ledgerline doctor`: all of them as one. */
export function limitFindings(budgets: readonly Budget[]): Finding[] {
  const idle = idleLimits(budgets);
  if (idle.length === 0) return [];
  const names = idle.slice(0, NAMES_SHOWN).map(({ budget }) => `"${budget}"`);
  const more = idle.length > NAMES_SHOWN ? ` and ${idle.length - NAMES_SHOWN} more` : '';
  return [
    {
      code: 'budget_limit_idle',
      severity: 'info',
      message: `Budgets have hard limits that stop nothing: ${names.join(', ')}${more}. Their scopes name what no session has as a whole.`,
      remedy: `Limit by ${GUARDED_TEXT}, or leave out hard_limit: their alerts come all the same.`,
    },
  ];
}
