/** A row of an export, whatever it was written as. */
import type { DataFile } from './find.ts';

export interface FileRow {
  /** From 1, without the header. */
  readonly number: number;
  /** The text of a column such as "line_item_usage_type" or "project.id"; maps and lists as JSON. Undefined where it is empty or not there. */
  text(column: string): string | undefined;
  /** Does the file have the column? Of JSON: does this row? */
  has(column: string): boolean;
}

/** Called for a row that is none; reading goes on with the next one. */
export type OnBroken = (number: number, why: string) => void;

export interface RowsOf {
  readonly file: DataFile;
  /** Those that are wanted, so that others need not be read. */
  readonly columns: readonly string[];
  readonly onBroken: OnBroken;
}

/** A row that takes more is none. */
export const ROW_CHARACTERS_MAX = 1024 * 1024;

export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  return String(value);
}

/** A map as exports have it: an object, a list of pairs, or a list of { key, value }. Empty for anything else. */
export function mapOf(text: string | undefined): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const read = parsed(text);
  for (const entry of Array.isArray(read) ? read : Object.entries(read ?? {})) {
    const [key, value] = Array.isArray(entry) ? entry : [entry?.key, entry?.value];
    const [name, content] = [textOf(key), textOf(value)];
    if (name !== undefined && content !== undefined) map.set(name, content);
  }
  return map;
}

function parsed(text: string | undefined): object | undefined {
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}
