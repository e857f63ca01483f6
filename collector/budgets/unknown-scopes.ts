/** Scopes that name what has never spent anything: mostly a name that is spelt otherwise. */

import type { DimensionName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import type { Finding } from '../core/finding.ts';
import { suggest } from '../core/suggest.ts';
import type { LedgerSnapshot, Query } from '../ledger/ledger.ts';
import type { Budget } from './journal.ts';
import { scopeFilters } from './scope.ts';

/** What is worth knowing of a budget beside its figures. */
export interface BudgetNote {
  /** Name of the budget. */
  readonly budget: string;
  /** Begins with the name. */
  readonly sentence: string;
}

const SPENDING = { measures: ['cost', 'requests', 'input_tokens', 'output_tokens'], rowsMax: 10_000_000 } as const;
/** Looking for the nearest of many names takes time, and nobody reads on. */
const SUGGESTED_MAX = 20;
const NAMES_SHOWN = 5;

/** With the nearest known name, where there is one. One for each value of a scope, and each member, that the ledger has never seen any spend of. Empty while the ledger is empty. */
export async function unknownScopes(budgets: readonly Budget[], reader: Pick<LedgerSnapshot, 'query'>): Promise<BudgetNote[]> {
  const named = budgets.flatMap(namedIn).filter(({ value }) => value !== '');
  const known = new Map<DimensionName, ReadonlySet<string>>();
  for (const dimension of new Set(named.map((one) => one.dimension))) known.set(dimension, await readValues(dimension, SPENDING, reader));
  const knownOf = (dimension: DimensionName): ReadonlySet<string> => known.get(dimension) ?? new Set();
  const unknown = named.filter(({ dimension, value }) => knownOf(dimension).size > 0 && !knownOf(dimension).has(value));
  return unknown.map(({ budget, dimension, value }, index) => {
    const names = [...knownOf(dimension)].filter((name) => name !== '');
    const hint = index < SUGGESTED_MAX ? hintOf(value, names, dimension) : '.';
    return { budget, sentence: `"${budget}" counts ${dimension}=${showValue(dimension, value)}, which has never spent anything${hint}` };
  });
}

/** For `ledgerline doctor`: all of them as one. */
export async function scopeFindings(budgets: readonly Budget[], reader: Pick<LedgerSnapshot, 'query'>): Promise<Finding[]> {
  const unknown = await unknownScopes(budgets, reader);
  if (unknown.length === 0) return [];
  const more = unknown.length > NAMES_SHOWN ? ` ${unknown.length - NAMES_SHOWN} more have the same problem.` : '';
  const sentences = unknown.slice(0, NAMES_SHOWN).map(({ sentence }) => sentence);
  return [
    {
      code: 'budget_scope_unknown',
      severity: 'info',
      message: `Budgets name values that the ledger does not know: ${sentences.join(' ')}${more}`,
      remedy:
        'Correct the name where the budget is set (`ledgerline budget list` shows all), or leave it until the first spend. `ledgerline report --by team` shows the names that the ledger has.',
    },
  ];
}

interface Named {
  readonly budget: string;
  readonly dimension: DimensionName;
  readonly value: string;
}

function namedIn({ name, scope, members = [] }: Budget): Named[] {
  return [
    ...scopeFilters(scope).flatMap(({ dimension, values }) => values.map((value) => ({ budget: name, dimension, value }))),
    ...members.map(({ user }) => ({ budget: name, dimension: 'user' as const, value: user })),
  ];
}

/** What has a value of the dimension in any of the measures. */
export async function readValues(
  dimension: DimensionName,
  { measures, rowsMax }: Pick<Query, 'measures' | 'rowsMax'>,
  reader: Pick<LedgerSnapshot, 'query'>,
): Promise<ReadonlySet<string>> {
  const { rows } = await reader.query({ measures, by: [dimension], grain: 'total', timeZone: 'UTC', where: [], rowsMax, beyond: 'other' });
  return new Set(rows.map(({ key }) => key[0] ?? ''));
}

function hintOf(value: string, names: readonly string[], dimension: DimensionName): string {
  const nearest = nearestName(value, names);
  if (nearest !== undefined) return `; did you mean "${nearest}"?`;
  if (names.length === 0) return `; no ${dimension} is known yet.`;
  return names.length > NAMES_SHOWN ? `; ${names.length} others are known.` : `; known: ${names.toSorted().join(', ')}.`;
}

/** The known name nearest to a misspelt one. Addresses of one domain are alike in most letters: what stands before it tells them apart. */
export function nearestName(value: string, names: readonly string[]): string | undefined {
  const at = value.lastIndexOf('@');
  if (at === -1) return suggest(value, names);
  const domain = value.slice(at);
  const local = suggest(
    value.slice(0, at),
    names.filter((name) => name.endsWith(domain)).map((name) => name.slice(0, -domain.length)),
  );
  return local === undefined
    ? suggest(
        value,
        names.filter((name) => name.startsWith(value.slice(0, at + 1))),
      )
    : `${local}${domain}`;
}
