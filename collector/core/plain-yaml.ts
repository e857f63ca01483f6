/** YAML as plain data: maps, lists, texts and numbers. What it can do beyond that has no effect or is a flaw with its place. */
import type { Document, Node, ParsedNode, YAMLParseError } from 'yaml';
import { yaml } from './yaml.ts';

export interface YamlFlaw {
  readonly line: number;
  readonly column: number;
  readonly sentence: string;
  /** Is it the grammar that does not hold, rather than what is written by it? */
  readonly isSyntax: boolean;
}

export interface PlainYaml {
  readonly document: Document<ParsedNode>;
  readonly flaws: readonly YamlFlaw[];
  /** Line and column, from 1, of an offset in the text. */
  placeOf(offset: number): { readonly line: number; readonly column: number };
}

/**
 * Tags and directives cannot turn maps into sets or text into bytes. Keys are compared here, once each: the library compares each with each,
 * which took a directory of 20,000 people eight seconds.
 */
const OPTIONS = { prettyErrors: false, schema: 'core', resolveKnownTags: false, uniqueKeys: false, logLevel: 'error' } as const;

export function parsePlainYaml(text: string): PlainYaml {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument<ParsedNode>(text, { ...OPTIONS, lineCounter: lines });
  const placeOf: PlainYaml['placeOf'] = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const found = document.errors.length > 0 ? document.errors.map(syntaxFlaw) : flawsOf(document);
  return { document, flaws: found.map(({ offset, sentence, isSyntax = false }) => ({ ...placeOf(offset), sentence, isSyntax })), placeOf };
}

/** The data of a document without flaws. Undefined where its aliases (*name) stand for more than fits into memory. */
export function dataOf(document: Document<ParsedNode>): { readonly data: unknown } | undefined {
  try {
    return { data: document.toJS() ?? {} };
  } catch {
    return undefined;
  }
}

export const TOO_MANY_ALIASES = 'its aliases (*name) stand for too much; write out what they stand for';

interface Found {
  readonly offset: number;
  readonly sentence: string;
  readonly isSyntax?: true;
}

const SECOND_DOCUMENT = 'a second document begins here, and a file may have only one; remove the "---" or "..." before it';

function syntaxFlaw({ pos: [offset], code, message }: YAMLParseError): Found {
  if (code === 'MULTIPLE_DOCS') return { offset, sentence: SECOND_DOCUMENT };
  return { offset, sentence: message.startsWith('Maximum call stack') ? 'nested too deeply' : message, isSyntax: true };
}

/** Keys that are given twice, as they are read: 1 and "1" are one. And aliases of what is not above them. */
function flawsOf(document: Document<ParsedNode>): Found[] {
  const { visit, isMap } = yaml();
  const flaws: Found[] = [];
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

function keysGivenTwice(keys: readonly unknown[]): Found[] {
  const seen = new Set<string>();
  return keys.filter(yaml().isScalar).flatMap((key) => {
    const name = String(key.value);
    const again = seen.has(name);
    seen.add(name);
    return again ? [{ offset: offsetIn(key), sentence: 'this key is already given above; keep one of them' }] : [];
  });
}

const offsetIn = (node: Node): number => node.range?.[0] ?? 0;
