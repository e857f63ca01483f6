/** What is written into a settings file, and what was there before: enough to take it out again. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { countAt, keysAt, type Path, rawAt, removeAt, setAt, valueAt } from './json-text.ts';

export type Change =
  /**
   * A value that was set, or with `after: null` taken out; `before` as it was written, null where there was none. `after` is a digest: it may be
   * a token.
   */
  | { readonly kind: 'value'; readonly path: readonly string[]; readonly before: string | null; readonly after: string | null }
  /** An element that was put into an array. */
  | { readonly kind: 'element'; readonly path: readonly string[]; readonly after: HookEntry }
  /** An object or array that was made for the others. */
  | { readonly kind: 'container'; readonly path: readonly string[] };

const digestAt = (text: string, path: Path): string | null => {
  const value = valueAt(text, path);
  return value === undefined ? null : createHash('sha256').update(JSON.stringify(value)).digest('hex');
};

interface Hook {
  readonly command?: unknown;
}
/** One of the entries of an event in `hooks`. */
export interface HookEntry {
  readonly matcher?: string | undefined;
  readonly hooks: readonly Hook[];
}

/** What the file is to have. */
export interface Wanted {
  /** By name; null: not to be there. */
  readonly env: Readonly<Record<string, string | null>>;
  readonly otelHeadersHelper?: string;
  readonly statusLine?: object;
  /** By event. Undefined: hooks stay as they are. */
  readonly hooks?: Readonly<Record<string, readonly HookEntry[]>>;
}

/** By event. */
type Hooks = NonNullable<Wanted['hooks']>;

export interface Edited {
  readonly text: string;
  readonly changes: readonly Change[];
}

const commandsOf = (entry: unknown): readonly string[] => {
  const hooks = typeof entry === 'object' && entry !== null && 'hooks' in entry && Array.isArray(entry.hooks) ? entry.hooks : [];
  return hooks.flatMap((hook: Hook | null) => (typeof hook?.command === 'string' ? [hook.command] : []));
};

/** A hook or status line that Ledgerline installed: its script, or its command. */
export const isOwnCommand = (command: unknown, what: 'guard' | 'statusline'): boolean =>
  typeof command === 'string' && new RegExp(`\\bledgerline(?:\\.mjs)?['"]?[\\\\/ ]+${what}(?:\\.(?:sh|ps1))?(?:['"\\s]|$)`).test(command);

/** Gathers the changes to one text. */
class Edit {
  text: string;
  readonly changes: Change[] = [];

  constructor(text: string) {
    this.text = text;
  }

  container(path: readonly string[], empty: object): void {
    if (rawAt(this.text, path) !== undefined) return;
    this.text = setAt(this.text, path, { value: empty });
    this.changes.push({ kind: 'container', path });
  }

  value(path: readonly string[], after: unknown): void {
    const before = rawAt(this.text, path) ?? null;
    if (before === null ? after === null : isDeepStrictEqual(JSON.parse(before), after)) return;
    this.text = after === null ? removeAt(this.text, path) : setAt(this.text, path, { value: after });
    this.changes.push({ kind: 'value', path, before, after: digestAt(this.text, path) });
  }

  /** Own entries that are not wanted any more go, those that are and stand there stay. `known` are the commands of earlier ones. */
  hooks(wanted: Hooks, known: readonly string[] = []): void {
    for (const event of new Set([...keysAt(this.text, ['hooks']), ...Object.keys(wanted)])) {
      const path = ['hooks', event];
      for (const after of this.#tidy(path, wanted[event] ?? [], known)) {
        this.container(['hooks'], {});
        this.container(path, []);
        this.text = setAt(this.text, [...path, countAt(this.text, path)], { value: after });
        this.changes.push({ kind: 'element', path, after });
      }
    }
  }

  /** Takes out what is not wanted any more; returns what is missing. An event that is left without entries goes, too: older clients may not know it. */
  #tidy(path: readonly string[], wanted: readonly HookEntry[], known: readonly string[]): readonly HookEntry[] {
    const missing = [...wanted];
    const isOwn = (command: string): boolean => known.includes(command) || isOwnCommand(command, 'guard');
    let hasRemoved = false;
    for (let index = countAt(this.text, path) - 1; index >= 0; index--) {
      const entry = valueAt(this.text, [...path, index]);
      const at = missing.findIndex((one) => isDeepStrictEqual(one, entry));
      const commands = commandsOf(entry);
      if (at >= 0) missing.splice(at, 1);
      else if (commands.length > 0 && commands.every(isOwn)) {
        this.text = removeAt(this.text, [...path, index]);
        hasRemoved = true;
      }
    }
    if (hasRemoved && missing.length === 0 && countAt(this.text, path) === 0) this.text = removeAt(this.text, path);
    return missing;
  }
}

/** Puts into the text what is wanted and not there; `earlier` is what was put there before. */
export function apply(text: string, { env, otelHeadersHelper, statusLine, hooks }: Wanted, earlier: readonly Change[] = []): Edited {
  const edit = new Edit(text);
  for (const [name, value] of Object.entries(env)) {
    if (value !== null) edit.container(['env'], {});
    edit.value(['env', name], value);
  }
  if (otelHeadersHelper !== undefined) edit.value(['otelHeadersHelper'], otelHeadersHelper);
  if (statusLine !== undefined) edit.value(['statusLine'], statusLine);
  const known = earlier.flatMap((change) => (change.kind === 'element' ? commandsOf(change.after) : []));
  if (hooks !== undefined) edit.hooks(hooks, known);
  return edit;
}

const idOf = ({ kind, path }: Change): string => JSON.stringify([kind, path]);

/** The changes of two runs as one: what was there before the first is what undoing brings back, unless somebody else has changed it since. */
export function joined(earlier: readonly Change[], later: readonly Change[], textBetween: string): readonly Change[] {
  const result = earlier.filter((change) => change.kind !== 'element' || later.every((other) => idOf(other) !== idOf(change)));
  for (const change of later) {
    const at = result.findIndex((other) => idOf(other) === idOf(change));
    const first = result[at];
    if (first === undefined) result.push(change);
    else if (change.kind === 'value' && first.kind === 'value') {
      result[at] = digestAt(textBetween, change.path) === first.after ? { ...change, before: first.before } : change;
    }
  }
  return result;
}

export interface Undone {
  readonly text: string;
  /** Paths that were changed since and stay as they are. */
  readonly kept: readonly string[];
}

/** Takes the changes out again, the last one first. */
export function revert(text: string, changes: readonly Change[]): Undone {
  const kept: string[] = [];
  let rest = text;
  for (const change of changes.toReversed()) {
    const undone = undo(rest, change);
    if (undone === undefined) kept.push(change.path.join('.'));
    else rest = undone;
  }
  return { text: rest, kept };
}

/** Undefined where somebody has changed it since. */
function undo(text: string, change: Change): string | undefined {
  const { path } = change;
  if (change.kind === 'container') return isEmpty(valueAt(text, path)) ? removeAt(text, path) : text;
  if (change.kind === 'element') return withoutEntry(text, path, change.after);
  const now = digestAt(text, path);
  if (now !== change.after) return change.before === null && now === null ? text : undefined;
  if (change.before === null) return removeAt(text, path);
  const parent: Path = path.slice(0, -1);
  // Where the object that it stood in has gone, there is no place for it any more.
  return rawAt(text, parent) === undefined ? undefined : setAt(text, path, { raw: change.before });
}

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** The entry itself, or its commands where others were added to it. */
function withoutEntry(text: string, path: readonly string[], entry: HookEntry): string {
  const own = commandsOf(entry);
  for (let index = countAt(text, path) - 1; index >= 0; index--) {
    const at: Path = [...path, index];
    const value = valueAt(text, at);
    if (isDeepStrictEqual(value, entry)) return removeAt(text, at);
    const commands = commandsOf(value);
    if (!commands.some((command) => own.includes(command))) continue;
    if (commands.every((command) => own.includes(command))) return removeAt(text, at);
    let rest = text;
    for (let hook = countAt(text, [...at, 'hooks']) - 1; hook >= 0; hook--) {
      if (own.includes(String(valueAt(rest, [...at, 'hooks', hook, 'command'])))) rest = removeAt(rest, [...at, 'hooks', hook]);
    }
    return rest;
  }
  return text;
}

/** Without a record: whatever is Ledgerline's beyond doubt, and the variables of telemetry that `isOwn` says are. */
export function removeRecognized(text: string, isOwn: (name: string, value: unknown) => boolean): string {
  const edit = new Edit(text);
  for (const name of keysAt(text, ['env']))
    if (name.startsWith('LEDGERLINE_') || isOwn(name, valueAt(text, ['env', name]))) edit.value(['env', name], null);
  if (isOwnCommand(valueAt(text, ['statusLine', 'command']), 'statusline')) edit.value(['statusLine'], null);
  edit.hooks({});
  let rest = edit.text;
  for (const name of ['env', 'hooks']) if (isEmpty(valueAt(rest, [name])) && !isEmpty(valueAt(text, [name]))) rest = removeAt(rest, [name]);
  return rest;
}
