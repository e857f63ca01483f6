/** The spend that a budget counts: as the ledger asks it, and as people read it. */

import { isDimension } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import { showValue, storedValue } from '../catalog/values.ts';
import type { BudgetConfig } from '../config/budgets.ts';

/** What counts towards the budget, dimensions in alphabetical order. People write "unallocated" for what the ledger stores as not known. */
export function scopeFilters(scope: BudgetConfig['scope']): Filter[] {
  return Object.entries(scope)
    .flatMap(([dimension, given]): Filter[] => {
      if (!isDimension(dimension) || given === undefined) return [];
      const values = new Set((typeof given === 'string' ? [given] : given).map((value) => storedValue(dimension, value)));
      return [{ dimension, values: [...values] }];
    })
    .sort((a, b) => (a.dimension < b.dimension ? -1 : 1));
}

/** "team=platform, user=ada@example.com", "model=a|b" or "everything". */
export function scopeText(where: readonly Filter[]): string {
  const parts = where.map(({ dimension, values }) => `${dimension}=${values.map((value) => showValue(dimension, value)).join('|')}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

/** The same scope for one member alone. */
export const narrowed = (where: readonly Filter[], { dimension, values }: Filter): Filter[] =>
  [...where.filter((filter) => filter.dimension !== dimension), { dimension, values }].sort((a, b) => (a.dimension < b.dimension ? -1 : 1));

/** What a key counts: the whole budget, or what is one member's. */
export function whereOf(key: string, { name, scope, per, members }: Pick<BudgetConfig, 'name' | 'scope' | 'per' | 'members'>): Filter[] {
  const where = scopeFilters(scope);
  const member = key.slice(name.length + 1);
  const dimension = members === undefined ? per : 'user';
  return member === '' || dimension === undefined ? where : narrowed(where, { dimension, values: [storedValue(dimension, member)] });
}

/** By what whoever asks for more is known, beside the own name. */
const ASKED_FOR: readonly string[] = ['organization', 'team', 'user'];

/** May one of those it binds ask for more of it? The own amounts, and what is shared with the own team and organization. */
export const isAskedFor = (where: readonly Filter[]): boolean =>
  where.some(({ dimension }) => dimension === 'user') || where.every(({ dimension }) => ASKED_FOR.includes(dimension));

/** The team whose budget it is; '' when the scope names none, or several. */
export function teamOf(where: readonly Filter[]): string {
  const values = where.find(({ dimension }) => dimension === 'team')?.values ?? [];
  return values.length === 1 ? (values[0] ?? '') : '';
}
