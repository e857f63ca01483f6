/** Conditions of statements with their values. A value stands as ? until the whole statement is known; then they are numbered. */
import type { Filter } from '../../catalog/values.ts';
import { quotedName, storable, textArray } from './sql-text.ts';

export interface Condition {
  readonly sql: string;
  /** One for each ?, in their order. */
  readonly values: readonly unknown[];
}

export const plain = (sql: string): Condition => ({ sql, values: [] });

export const EVERYTHING = plain('TRUE');

export const all = (...conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => sql).join(' AND ') || 'TRUE',
  values: conditions.flatMap(({ values }) => values),
});

/** One after the other. */
export const joined = (...parts: readonly Condition[]): Condition => ({
  sql: parts.map(({ sql }) => sql).join(' '),
  values: parts.flatMap(({ values }) => values),
});

/** Of a place: it has one of the values of each filter. */
export const valuesOf = (within: readonly Filter[], place: string): Condition => ({
  sql: within.map(({ dimension }) => `${place}.${quotedName(dimension)} = ANY(?::text[])`).join(' AND ') || 'TRUE',
  values: within.map(({ values }) => textArray(values.map(storable))),
});

/** With $1 and so on in the place of each ?. */
export function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}

/** A bound of times that are whole milliseconds: >= and < hold for it as for the number it is made of. */
export const instant = (ms: number): number => Math.min(Math.max(Math.ceil(ms), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
