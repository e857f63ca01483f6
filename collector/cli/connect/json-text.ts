/**
 * Edits of a JSON text that leave the rest of it as it stands: order, white space, the spelling of numbers. Every text here is valid JSON;
 * where a key stands twice, the last one holds, as for JSON.parse.
 */

/** Keys of objects, indexes of arrays. */
export type Path = readonly (string | number)[];

interface Item {
  /** Of its key, or of the value in an array. */
  readonly start: number;
  readonly key?: string;
  readonly valueStart: number;
  readonly end: number;
}

interface Container {
  readonly start: number;
  /** Of its closing bracket. */
  readonly close: number;
  readonly items: readonly Item[];
}

const SPACE = /\s/;
/** What follows a number, true, false or null. */
const WORD_END = /[\s,\]}]/;

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && SPACE.test(text.charAt(next))) next++;
  return next;
}

function skipString(text: string, at: number): number {
  let next = at + 1;
  while (text[next] !== '"') next += text[next] === '\\' ? 2 : 1;
  return next + 1;
}

function skipValue(text: string, at: number): number {
  if (text[at] === '"') return skipString(text, at);
  let next = at;
  if (text[at] !== '{' && text[at] !== '[') {
    while (next < text.length && !WORD_END.test(text.charAt(next))) next++;
    return next;
  }
  let depth = 0;
  do {
    const letter = text[next];
    if (letter === '"') {
      next = skipString(text, next);
      continue;
    }
    if (letter === '{' || letter === '[') depth++;
    if (letter === '}' || letter === ']') depth--;
    next++;
  } while (depth > 0);
  return next;
}

function containerAt(text: string, start: number): Container | undefined {
  const isObject = text[start] === '{';
  if (!isObject && text[start] !== '[') return undefined;
  const items: Item[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== '}' && text[at] !== ']') {
    const keyEnd = isObject ? skipString(text, at) : at;
    const valueStart = isObject ? skipSpace(text, skipSpace(text, keyEnd) + 1) : at;
    const end = skipValue(text, valueStart);
    items.push({ start: at, valueStart, end, ...(isObject && { key: String(JSON.parse(text.slice(at, keyEnd))) }) });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return { start, close: at, items };
}

const itemOf = ({ items }: Container, key: string | number): Item | undefined =>
  typeof key === 'number' ? items[key] : items.findLast((item) => item.key === key);

/** Where a value begins and ends. */
function placeOf(text: string, path: Path): { readonly start: number; readonly end: number } | undefined {
  let start = skipSpace(text, 0);
  let end = skipValue(text, start);
  for (const key of path) {
    const container = containerAt(text, start);
    const item = container && itemOf(container, key);
    if (item === undefined) return undefined;
    ({ valueStart: start, end } = item);
  }
  return { start, end };
}

/** As it is written. Undefined where there is nothing. */
export function rawAt(text: string, path: Path): string | undefined {
  const place = placeOf(text, path);
  return place && text.slice(place.start, place.end);
}

export function valueAt(text: string, path: Path): unknown {
  const raw = rawAt(text, path);
  return raw === undefined ? undefined : JSON.parse(raw);
}

export const keysAt = (text: string, path: Path): readonly string[] => {
  const place = placeOf(text, path);
  const container = place && containerAt(text, place.start);
  return [...new Set(container?.items.flatMap(({ key }) => (key === undefined ? [] : [key])) ?? [])];
};

export const countAt = (text: string, path: Path): number => {
  const place = placeOf(text, path);
  return (place && containerAt(text, place.start)?.items.length) ?? 0;
};

/** A value to be written: laid out as its surroundings are, or as it once was written. */
export type Written = { readonly value: unknown } | { readonly raw: string };

const splice = (text: string, from: number, to: number, by: string): string => text.slice(0, from) + by + text.slice(to);

/** How a text breaks its lines. An empty `newline` is one that does not. */
interface Layout {
  readonly newline: string;
  readonly indent: string;
}

function layoutOf(text: string): Layout {
  const root = containerAt(text, skipSpace(text, 0));
  const first = root?.items[0];
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (root === undefined || first === undefined) return { newline, indent: '  ' };
  const lead = text.slice(root.start + 1, first.start);
  return lead.includes('\n') ? { newline, indent: lead.slice(lead.lastIndexOf('\n') + 1) || '  ' } : { newline: '', indent: '' };
}

/** The white space that begins the line of this place. */
const lineIndent = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] ?? '';

function rendered(written: Written, { newline, indent }: Layout, lead: string): string {
  if ('raw' in written) return written.raw;
  if (newline === '') return JSON.stringify(written.value);
  return JSON.stringify(written.value, null, indent).replaceAll('\n', newline + lead);
}

/** Puts a value into the place of another, or a new member or element behind the others. What it goes into is there. */
export function setAt(text: string, path: Path, written: Written): string {
  const place = placeOf(text, path);
  const layout = layoutOf(text);
  if (place !== undefined) return splice(text, place.start, place.end, rendered(written, layout, lineIndent(text, place.start)));
  const parent = placeOf(text, path.slice(0, -1));
  const container = parent && containerAt(text, parent.start);
  const key = path.at(-1);
  if (container === undefined || key === undefined) throw new RangeError(`Nothing to put ${path.join('.')} into.`);
  return insert(text, container, layout, { written, name: typeof key === 'string' ? JSON.stringify(key) : undefined });
}

interface Insertion {
  readonly written: Written;
  /** A key in quotes; undefined in an array. */
  readonly name: string | undefined;
}

function insert(text: string, { start, close, items }: Container, layout: Layout, { written, name }: Insertion): string {
  const item = (lead: string, own: Layout): string => `${name === undefined ? '' : `${name}: `}${rendered(written, own, lead)}`;
  const [first] = items;
  const last = items.at(-1);
  if (first === undefined || last === undefined) {
    const outer = lineIndent(text, start);
    const lead = outer + layout.indent;
    const { newline } = layout;
    return splice(
      text,
      start,
      close + 1,
      `${text[start]}${newline}${newline && lead}${item(lead, layout)}${newline}${newline && outer}${text[close]}`,
    );
  }
  const breaksLines = text.slice(start, first.start).includes('\n');
  const lead = lineIndent(text, first.start);
  const own = breaksLines && layout.newline !== '' ? layout : { newline: '', indent: '' };
  return splice(text, last.end, last.end, `,${own.newline === '' ? ' ' : own.newline + lead}${item(lead, own)}`);
}

/** Takes out a member or an element, where there is one; its container stays. */
export function removeAt(text: string, path: Path): string {
  const parent = placeOf(text, path.slice(0, -1));
  const container = parent && containerAt(text, parent.start);
  const key = path.at(-1);
  const item = container && key !== undefined ? itemOf(container, key) : undefined;
  if (container === undefined || item === undefined) return text;
  const index = container.items.indexOf(item);
  const before = container.items[index - 1];
  const after = container.items[index + 1];
  if (after !== undefined) return splice(text, item.start, after.start, '');
  return before === undefined ? splice(text, container.start + 1, container.close, '') : splice(text, before.end, item.end, '');
}
