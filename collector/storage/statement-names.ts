/** Names of users in statements, and what stands in the place of those who were erased. */
import { createHmac } from 'node:crypto';
import { STATEMENT_TEXTS, type StatementText } from '../imports/statement-line.ts';
import type { Eraser } from '../ledger/erasure.ts';

/** Where the key of digests is kept, as text. */
export const STATEMENT_KEY = 'erasure_key';
export const STATEMENT_KEY_BYTES = 32;
const DIGEST_CHARACTERS = 22;
/** Here a name stands by itself; elsewhere only what can be nothing but a name is one. */
const OF_USERS: ReadonlySet<StatementText> = new Set(['user', 'apiKey']);

const eraseText = (eraser: Eraser, name: StatementText, text: string): string =>
  OF_USERS.has(name) ? eraser.text(text) : eraser.value('workspace', text);

/** Texts in the order of STATEMENT_TEXTS. Undefined where none is a name. */
export function erasedTexts(eraser: Eraser, texts: readonly string[]): readonly string[] | undefined {
  const after = texts.map((text, index) => eraseText(eraser, STATEMENT_TEXTS[index] ?? 'user', text));
  return after.every((text, index) => text === texts[index]) ? undefined : after;
}

/** Of a name behind an id of that kind. */
export const erasedName = (eraser: Eraser, kind: string, name: string): string => eraseText(eraser, textOfKind(kind), name);

export const textOfKind = (kind: string): StatementText => (kind === 'workspace' ? 'workspace' : 'user');

/** So that the next import does not bring them back. Of a name only a digest is kept, keyed by what is in the store. */
export class ErasedStatementNames {
  readonly #kept: ReadonlyMap<string, string>;
  readonly #key: string;

  /** `kept`: digests with what stands in their place. */
  constructor(kept: Iterable<readonly [string, string]>, key: string) {
    this.#kept = new Map(kept);
    this.#key = key;
  }

  replaced(name: StatementText, text: string): string {
    if (this.#kept.size === 0 || text === '' || !OF_USERS.has(name)) return text;
    return this.#kept.get(this.digestOf(text)) ?? text;
  }

  digestOf(text: string): string {
    const comparable = text.trim().toLowerCase();
    return createHmac('sha256', this.#key).update(comparable).digest('base64url').slice(0, DIGEST_CHARACTERS);
  }
}
