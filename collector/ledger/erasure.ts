/**
 * Taking a person out of what is kept: every name becomes one pseudonym, and what was spent stays. The ledger's part is
 * LedgerWriter.erase; budgets, alerts and the audit are OperatorRecords.
 */
import type { DimensionName } from '../catalog/measures.ts';
import { normalizeUser } from '../catalog/values.ts';
import { ADDRESS, plainAddress } from '../core/email-address.ts';
import { isPool, poolOwner } from './pools.ts';
import { ownedBy, ownerOf } from './session-owners.ts';

export interface Erasure {
  /** The person's names as users: addresses, account ids. */
  readonly names: readonly string[];
  /** What stands in their place. That of an earlier erasure of the same person goes before it. */
  readonly pseudonym: string;
  /** Records that come later are booked under the pseudonym, too: for that a keyed digest of each name is kept. */
  readonly isRemembered: boolean;
  /** Nothing is changed; the answer says what would be. */
  readonly isTrial: boolean;
  /**
   * An erasure also takes away what says that names are one user's. Who erases them elsewhere, too, asks for all of them before: 'asked', in a
   * trial that answers names and pseudonym alone. Later 'given': no others are looked for. Omitted: they are looked for, and erased.
   */
  readonly otherNames?: 'asked' | 'given';
}

export interface Erased {
  readonly pseudonym: string;
  /** Those given, and other names under which only the same person's sessions reported. */
  readonly names: readonly string[];
  /** Rows that held a name: combinations of dimensions, known values, sessions by their id, keys to join by. */
  readonly combinations: number;
  readonly values: number;
  readonly sessions: number;
  readonly links: number;
}

/** Of who is asked for names alone. */
export const NOTHING_ERASED = { combinations: 0, values: 0, sessions: 0, links: 0 } as const;

/** Names of one user that become another name of the same user: only where they stand for the user, and nothing else changes. */
export interface Renaming {
  /** Each with what stands in its place, as stored. */
  readonly names: readonly (readonly [from: string, to: string])[];
  /** Nothing is changed; the answer says what would be. */
  readonly isTrial: boolean;
}

/** Rows that held a name. */
export type Renamed = Pick<Erased, 'combinations' | 'values' | 'sessions'>;

/** An entry of the audit of privacy. An erasure's subject is the pseudonym. */
export interface PrivacyEntry {
  readonly atMs: number;
  /** As in the audit of budgets. */
  readonly who: string;
  readonly what: 'erased' | 'exported' | 'merged';
  readonly subject: string;
}

/** What of a person is in budgets, their journal, alerts and messages. */
export interface PersonalRecords {
  readonly budgets: readonly unknown[];
  readonly alerts: readonly unknown[];
  readonly messages: readonly unknown[];
}

/** Rows of each that held a name. */
export interface ErasedRecords {
  readonly budgets: number;
  readonly alerts: number;
  readonly messages: number;
}

/** Budgets, alerts and messages as far as they name people, and the audit of who exported or erased whom. */
export interface OperatorRecords {
  /** In one transaction with its entry of the audit. Answers how many rows of each held a name. A trial changes nothing. */
  erase(eraser: Eraser, entry: PrivacyEntry, isTrial: boolean): Promise<ErasedRecords>;
  /** Takes the bytes of what was erased out of the files. False when others are reading: ask again. */
  wipe(): Promise<boolean>;
  find(eraser: Eraser): Promise<PersonalRecords>;
  note(entry: PrivacyEntry): Promise<void>;
  /** The newest first. */
  audit(): Promise<readonly PrivacyEntry[]>;
  close(): Promise<void>;
}

/** Shorter names are found in every other word. */
const CONTAINED_MIN = 3;
/** Can be no word of the client's: an address, an account's number. */
export const isUnmistakable = (name: string): boolean => name.includes('@') || (name.length >= 8 && /\d/.test(name));

/** What puts other names in the place of stored ones. */
export interface Renamer {
  value(dimension: DimensionName, value: string): string;
  sessionId(id: string): string;
}

export class UserRenamer implements Renamer {
  readonly #names: ReadonlyMap<string, string>;

  constructor(names: Renaming['names']) {
    this.#names = new Map(names.map(([from, to]) => [comparable(normalizeUser(from)), normalizeUser(to)]));
  }

  value(dimension: DimensionName, value: string): string {
    return dimension === 'user' ? (this.#names.get(comparable(value)) ?? value) : value;
  }

  /** Of pools. Imported history keeps the name that its import gives: by it the same history is known when it comes again. */
  sessionId(id: string): string {
    const to = isPool(id) ? this.#names.get(comparable(poolOwner(id))) : undefined;
    return to === undefined ? id : ownedBy(id, to);
  }
}

/** Replaces a person's names. Addresses in any capitals, percent-encoded or not. */
export class Eraser implements Renamer {
  readonly names: readonly string[];
  readonly pseudonym: string;
  readonly #own: ReadonlySet<string>;
  readonly #anywhere: RegExp | undefined;
  readonly #inNames: RegExp | undefined;

  constructor(names: readonly string[], pseudonym: string) {
    this.names = [...new Set(names.map(normalizeUser))];
    this.pseudonym = pseudonym;
    this.#own = new Set(this.names.map(comparable));
    this.#anywhere = patternOf(this.names.filter(({ length }) => length >= CONTAINED_MIN));
    this.#inNames = patternOf(this.names.filter(isUnmistakable));
  }

  /** Is it one of the names, as a whole? */
  isName(text: string): boolean {
    return this.#own.has(comparable(text));
  }

  /** A stored value. A name that may be an ordinary word is replaced where it stands for a user alone. */
  value(dimension: DimensionName, value: string): string {
    if (dimension === 'user' && this.#own.has(comparable(value))) return this.pseudonym;
    return this.#replaced(value, this.#inNames);
  }

  sessionId(id: string): string {
    const owner = ownerOf(id);
    if (owner !== undefined && this.#own.has(comparable(owner))) return ownedBy(id, this.pseudonym);
    return this.#replaced(id, this.#inNames);
  }

  /** A text about budgets and alerts, where names stand by themselves. */
  text(text: string): string {
    return this.#own.has(comparable(text)) ? this.pseudonym : this.#replaced(text, this.#anywhere);
  }

  /** Plain data of any depth, and its keys. */
  data(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.data(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [this.text(key), this.data(inner)]));
  }

  #replaced(text: string, pattern: RegExp | undefined): string {
    if (pattern === undefined || text === '') return text;
    return text.replaceAll(pattern, (found) => this.#within(comparable(plainAddress(found))) ?? found);
  }

  /** An address may be found with what stands before it: a quote, a space that is percent-encoded. */
  #within(found: string): string | undefined {
    if (this.#own.has(found)) return this.pseudonym;
    const own = [...this.#own].find((name) => found.endsWith(name) && BEFORE.test(found.slice(0, -name.length)));
    return own === undefined ? undefined : found.slice(0, -own.length) + this.pseudonym;
  }
}

const BEFORE = /(?:'|%[0-9a-f]{2})$/;

const comparable = (name: string): string => name.trim().toLowerCase();

function patternOf(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  const longestFirst = names.toSorted((one, other) => other.length - one.length).map((name) => RegExp.escape(name));
  // An address as a whole first: one of somebody else may end or begin with one of these.
  return new RegExp(`${ADDRESS}|(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}

/**
 * For a merge: a name that may be an ordinary word, a team's or a budget's, is replaced where data says that it is a user, and nowhere else. What
 * other texts said of it was right when it was written.
 */
export class UserFieldEraser extends Eraser {
  readonly #isWord: boolean;

  constructor(name: string, user: string) {
    super([name], user);
    this.#isWord = !isUnmistakable(name);
  }

  override text(text: string): string {
    return this.#isWord ? text : super.text(text);
  }

  override data(value: unknown): unknown {
    return this.#isWord ? this.#inFields(value) : super.data(value);
  }

  #inFields(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#inFields(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === 'user' && typeof inner === 'string' && this.isName(inner) ? this.pseudonym : this.#inFields(inner),
      ]),
    );
  }
}
