/** YAML files that operators write beside the configuration: read, checked, and refused with the key, the value and the remedy. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { LedgerlineError } from './error.ts';
import { dataOf, parsePlainYaml, TOO_MANY_ALIASES } from './plain-yaml.ts';
import { utf8Text } from './utf8.ts';
import { yaml } from './yaml.ts';

export interface OperatorFile<Schema extends z.ZodType> {
  /** What the file is, as a sentence names it: "directory", "price table". */
  readonly what: string;
  /** The configuration key that names it. */
  readonly key: string;
  /** The page that describes its format. */
  readonly page: string;
  readonly schema: Schema;
  /** Throws `invalid` for what the shape does not show. `data` is the file as it was read, its keys as they are written. */
  readonly refuse?: (text: string, file: string, data: z.input<Schema>) => void;
}

export function readOperatorFile<Schema extends z.ZodType>(file: string, kind: OperatorFile<Schema>): z.output<Schema> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new LedgerlineError('invalid', `The ${kind.what} ${file} cannot be read.`, {
      hint: `Correct ${kind.key}, or the permissions of the file.`,
      cause,
    });
  }
  return parseOperatorFile(utf8Text(bytes, file), file, kind);
}

/** `file` is named in errors only. An empty file is an empty map. */
export function parseOperatorFile<Schema extends z.ZodType>(text: string, file: string, kind: OperatorFile<Schema>): z.output<Schema> {
  const { document, flaws } = parsePlainYaml(text);
  const [flaw] = flaws;
  if (flaw !== undefined) throw new LedgerlineError('invalid', `${file} is not YAML: line ${flaw.line}, column ${flaw.column}: ${flaw.sentence}`);
  const read = dataOf(document);
  if (read === undefined) throw new LedgerlineError('invalid', `${file}: ${TOO_MANY_ALIASES}`);
  const checked = kind.schema.safeParse(read.data);
  if (checked.success) {
    // The schema has just taken it.
    kind.refuse?.(text, file, read.data as z.input<Schema>);
    return checked.data;
  }
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new LedgerlineError('invalid', `${file} is not a valid ${kind.what}: ${problems.join('; ')}.`, {
    hint: `${kind.page} describes the format.`,
  });
}

/** Line, from 1, of every key of the map at `path`, as it is written; empty where there is no map. It reads the whole text: for errors. */
export function keyLines(text: string, path: readonly string[]): ReadonlyMap<string, number> {
  const { isMap, isScalar } = yaml();
  const { document, placeOf } = parsePlainYaml(text);
  const node = document.getIn(path, true);
  const lines = new Map<string, number>();
  for (const { key } of isMap(node) ? node.items : []) {
    if (isScalar(key)) lines.set(String(key.value), placeOf(key.range?.[0] ?? 0).line);
  }
  return lines;
}
