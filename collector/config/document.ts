/** ledgerline.yaml as plain data that still knows its lines: bounded in size, and without what YAML can do beyond plain data. */
import { closeSync, openSync, readSync } from 'node:fs';
import { type Document, isMap, isScalar, LineCounter, type Node, type ParsedNode, parseDocument, visit } from 'yaml';
import { LedgerlineError } from '../core/error.ts';
import { refusal, systemReason } from './mistakes.ts';

const MEBIBYTE = 1024 * 1024;
/** Ten thousand budgets take half of it. Beyond, somebody named another file. */
const BYTES_MAX = 4 * MEBIBYTE;

export interface ConfigDocument {
  readonly document: Document<ParsedNode>;
  readonly raw: Record<string, unknown>;
  /** "ledgerline.yaml:4:14" of an offset in the text. */
  at(offset: number): string;
}

/** Throws LedgerlineError `invalid` for what is no map of plain data. */
export function readDocument(file: string): ConfigDocument {
  const lines = new LineCounter();
  // Tags and directives cannot turn maps into sets or text into bytes; keys are compared below, since the library compares each with each.
  const options = { lineCounter: lines, prettyErrors: false, schema: 'core', resolveKnownTags: false, uniqueKeys: false, logLevel: 'error' } as const;
  const document = parseDocument<ParsedNode>(readText(file), options);
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const flaws = document.errors.length > 0 ? document.errors.map(notYaml) : flawsOf(document);
  if (flaws.length > 0) throw refusal(flaws, ({ offset, sentence }) => `${at(offset)}: ${sentence}`);
  const raw = plainData(document, at(0));
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new LedgerlineError('invalid', `${at(0)}: must be a map of keys and values, such as "timezone: Europe/Berlin"`);
  }
  // YAML gives objects with string keys for maps, which is what was just checked.
  return { document, raw: raw as Record<string, unknown>, at };
}

function plainData(document: Document<ParsedNode>, place: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    // Aliases of aliases: a few lines that stand for more than fits into memory.
    throw new LedgerlineError('invalid', `${place}: its aliases (*name) stand for too much; write out what they stand for`, { cause });
  }
}

interface Flaw {
  readonly offset: number;
  readonly sentence: string;
}

const notYaml = ({ pos, message }: { readonly pos: readonly [number, number]; readonly message: string }): Flaw => ({
  offset: pos[0],
  sentence: message.startsWith('Maximum call stack') ? 'this is nested too deeply' : `this is not YAML: ${message}`,
});

/** Keys that are given twice, as they are read: 1 and "1" are one. And aliases of what is not above them. */
function flawsOf(document: Document<ParsedNode>): Flaw[] {
  const flaws: Flaw[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Node: (_key, node) => {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
      if (isMap(node)) flaws.push(...keysGivenTwice(node.items.map(({ key }) => key)));
    },
    Alias: (_key, node) => {
      if (!anchors.has(node.source))
        flaws.push({ offset: offsetIn(node), sentence: `there is no &${node.source} above for the alias *${node.source}` });
    },
  });
  return flaws;
}

function keysGivenTwice(keys: readonly unknown[]): Flaw[] {
  const seen = new Set<string>();
  return keys.filter(isScalar).flatMap((key) => {
    const name = String(key.value);
    const again = seen.has(name);
    seen.add(name);
    return again ? [{ offset: offsetIn(key), sentence: 'this key is already given above; keep one of them' }] : [];
  });
}

const offsetIn = (node: Node): number => node.range?.[0] ?? 0;

function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readBounded(file);
  } catch (cause) {
    const remedy = 'give the configuration with --config FILE, or leave it out to use the defaults';
    throw new LedgerlineError('invalid', `${file}: ${systemReason(cause)}; ${remedy}`, { cause });
  }
  if (bytes.length <= BYTES_MAX) return bytes.toString('utf8');
  throw new LedgerlineError(
    'invalid',
    `${file}: larger than ${BYTES_MAX / MEBIBYTE} MiB, which no configuration is; give the right file with --config FILE`,
  );
}

/** At most one byte beyond the bound: a device has no end, and a pipe no length. */
function readBounded(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) read = readSync(descriptor, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
