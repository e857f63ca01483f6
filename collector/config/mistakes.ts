/** Configuration mistakes in words: where, which key, what is wrong, what to write instead. */
import type { z } from 'zod';
import { LedgerlineError } from '../core/error.ts';
import { codeOf } from '../core/error-code.ts';
import { suggest } from '../core/suggest.ts';
import { visible } from '../core/visible.ts';
import { firstIndexes } from './firsts.ts';
import { redact } from './redact.ts';
import { chosenShape, expectation, isSecret, type KeyPath, knownKeys, type SchemaNode, schemaAt, shapesOf, showPath } from './schema-keys.ts';
import { hasPassword } from './shapes.ts';

/** One mistake: the path it is about, whether it is about the key itself, and the sentence. */
export interface Mistake {
  readonly path: KeyPath;
  readonly about: 'key' | 'value';
  readonly sentence: string;
}

/** Whoever made more corrects these first. */
const MISTAKES_SHOWN = 50;
const LINE_MAX = 600;
const VALUE_MAX = 100;

/** The error of one or more mistakes: a line for each of the first, which a terminal shows and does not obey. */
export function refusal<Item>(mistakes: readonly Item[], lineOf: (mistake: Item) => string): LedgerlineError {
  const lines = mistakes.slice(0, MISTAKES_SHOWN).map((mistake) => shortened(visible(lineOf(mistake)), LINE_MAX));
  const more = mistakes.length - lines.length;
  return new LedgerlineError('invalid', [...lines, ...(more > 0 ? [`… and ${more} more mistakes; correct these first`] : [])].join('\n'));
}

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied to this user',
  EISDIR: 'it is a folder, not a file',
};

export function systemReason(cause: unknown): string {
  return REASONS[codeOf(cause)] ?? (cause instanceof Error ? cause.message : String(cause));
}

/** What one issue of the schema means to the person who wrote the configuration. `raw` is the configuration as given. */
export function mistakesOf(issue: z.core.$ZodIssue, raw: unknown, root: SchemaNode): Mistake[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const value = valueAt(raw, path);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(chosenShape(schemaAt(path, root), value));
    // Of thousands most are counted only, and what they might mean is not looked for.
    return issue.keys.map((key, index) => unknownKey([...path, key], index < MISTAKES_SHOWN ? known : []));
  }
  const meant = issue.code === 'invalid_union' ? meantShape(issue) : undefined;
  if (meant !== undefined) return meant.flatMap((inner) => mistakesOf({ ...inner, path: [...path, ...inner.path] }, raw, root));
  if (value === undefined) return [{ path, about: 'value', sentence: `missing; add it, as ${expectation(schemaAt(path, root))}` }];
  return [{ path, about: 'value', sentence: wrongValue(issue, path, value, schemaAt(path, root)) }];
}

/** Keys that other budget tools use, and ours: the first that is known in the place. */
const ELSEWHERE: Readonly<Record<string, string | readonly string[]>> = {
  amount: 'amount_usd',
  limit: 'amount_usd',
  monthlyLimit: 'amount_usd',
  costThreshold: ['session_warning_usd', 'warn_usd'],
  warningThreshold: 'warning_threshold',
  warnThreshold: 'warn_usd',
  autoStopAtBudget: ['hard_limit', 'stop_usd'],
  hardLimit: ['hard_limit', 'stop_usd'],
  stopThreshold: 'stop_usd',
  maxCost: 'stop_usd',
  maxBudgetUsd: 'stop_usd',
  timezone: 'time_zone',
  weekStart: 'week_start',
};

export function unknownKey(path: KeyPath, known: readonly string[]): Mistake {
  const key = String(path.at(-1));
  const meant = [ELSEWHERE[key] ?? []].flat().find((ours) => known.includes(ours)) ?? suggest(key, known);
  return { path, about: 'key', sentence: `unknown key; ${meant === undefined ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`}` };
}

/** Of several shapes the one that was meant, by its mistakes: the one of the value's own kind with the fewest. Undefined: of none. */
function meantShape(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const ofItsKind = issue.errors.filter((issues) => !issues.some(({ code, path }) => path.length === 0 && code !== 'unrecognized_keys'));
  return ofItsKind.toSorted((a, b) => a.length - b.length)[0];
}

function wrongValue(issue: z.core.$ZodIssue, path: KeyPath, value: unknown, schema: SchemaNode | undefined): string {
  const not = holdsSecret(path.at(-1), value) || typeof value === 'object' ? '' : `, not ${show(value)}`;
  if (issue.code === 'invalid_format' || issue.code === 'custom') return `${issue.message}${not}`;
  const words = schema === undefined ? undefined : shapesOf(schema).find((shape) => shape.enum !== undefined)?.enum;
  if (words !== undefined) {
    const meant = typeof value === 'string' ? suggest(value, words) : undefined;
    return `must be ${expectation(schema)}${not}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
  }
  if (schema !== undefined && shapesOf(schema).some(({ type }) => type === 'string') && typeof value === 'number')
    return `must be text, not the number ${value}; put it in quotes`;
  if (issue.code === 'too_small' && value === '') return 'must not be empty';
  if (issue.code === 'too_big' && Array.isArray(value)) return `must have at most ${issue.maximum} entries, not ${value.length}`;
  if (issue.code === 'too_big' && typeof value === 'string') return `must have at most ${issue.maximum} characters, not ${value.length}`;
  return `must be ${expectation(schema)}, not ${not === '' ? kindOf(value) : show(value)}`;
}

/** An address with a password in it, or one where the name of a file was asked for. */
const holdsSecret = (key: string | number | undefined, value: unknown): boolean =>
  isSecret(key) || (typeof value === 'string' && (hasPassword(value) || (String(key).endsWith('_file') && value.includes('://'))));

function show(value: unknown): string {
  const shown = redact(value);
  if (typeof shown === 'string') return JSON.stringify(shortened(shown, VALUE_MAX));
  return shown === null ? 'empty' : String(shown);
}
const kindOf = (value: unknown): string =>
  value === null ? 'empty' : Array.isArray(value) ? (value.length === 0 ? 'an empty list' : 'a list') : typeof value === 'object' ? 'a map' : 'that';

/** The value at a path of plain data; undefined when there is none. */
export function valueAt(data: unknown, path: KeyPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    // Plain data from YAML or JSON: an index or a key gives its value or undefined.
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Rules that span several values: names are unique, or a budget would overwrite another's alert. */
export function duplicateNames(list: readonly { readonly name: string }[], path: readonly string[]): Mistake[] {
  const firsts = firstIndexes(list, ({ name }) => name);
  return list.flatMap(({ name }, index) => {
    const first = firsts[index] ?? index;
    const sentence = `"${name}" is already the name of ${showPath([...path, first])}; choose another`;
    return first === index ? [] : [{ path: [...path, index, 'name'], about: 'value', sentence } satisfies Mistake];
  });
}
