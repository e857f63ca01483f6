/** YAML files that operators write beside the configuration: read, checked, and refused with the key, the value and the remedy. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import type { z } from 'zod';
import { LedgerlineError } from './error.ts';

export interface OperatorFile<Schema extends z.ZodType> {
  /** What the file is, as a sentence names it: "directory", "price table". */
  readonly what: string;
  /** The configuration key that names it. */
  readonly key: string;
  /** The page that describes its format. */
  readonly page: string;
  readonly schema: Schema;
  /** Throws `invalid` for what the shape does not show. */
  readonly refuse?: (text: string, file: string) => void;
}

export function readOperatorFile<Schema extends z.ZodType>(file: string, kind: OperatorFile<Schema>): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('invalid', `The ${kind.what} ${file} cannot be read.`, {
      hint: `Correct ${kind.key}, or the permissions of the file.`,
      cause,
    });
  }
  return parseOperatorFile(text, file, kind);
}

/** `file` is named in errors only. An empty file is an empty map. */
export function parseOperatorFile<Schema extends z.ZodType>(text: string, file: string, kind: OperatorFile<Schema>): z.output<Schema> {
  let content: unknown;
  try {
    content = parse(text) ?? {};
  } catch (cause) {
    throw new LedgerlineError('invalid', `${file} is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const checked = kind.schema.safeParse(content);
  if (checked.success) {
    kind.refuse?.(text, file);
    return checked.data;
  }
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new LedgerlineError('invalid', `${file} is not a valid ${kind.what}: ${problems.join('; ')}.`, {
    hint: `${kind.page} describes the format.`,
  });
}

/** Line, from 1, of every key of the map at `path`, as it is written; empty where there is no map. */
export function keyLines(text: string, path: readonly string[]): ReadonlyMap<string, number> {
  const counter = new LineCounter();
  const node = parseDocument(text, { lineCounter: counter }).getIn(path, true);
  const lines = new Map<string, number>();
  for (const { key } of isMap(node) ? node.items : []) {
    if (isScalar(key)) lines.set(String(key.value), counter.linePos(key.range?.[0] ?? 0).line);
  }
  return lines;
}
