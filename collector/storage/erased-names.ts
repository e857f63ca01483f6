/**
 * Who was erased, so that records that come later are booked under the pseudonym, too. Of a name only a keyed digest is kept: without the key,
 * which is random and in the same store, nobody can look a digest up in a list of addresses made before.
 */
import { createHmac } from 'node:crypto';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { ADDRESS, hasAt, plainAddress } from '../core/email-address.ts';
import { isUnmistakable } from '../ledger/erasure.ts';
import { nameKeyOf } from '../ledger/pools.ts';
import { ownedBy, ownerOf } from '../ledger/session-owners.ts';

export const ERASURE_KEY = 'erasure_key';
export const ERASURE_KEY_BYTES = 32;
const DIGEST_CHARACTERS = 22;
const ADDRESSES = new RegExp(ADDRESS, 'giu');

/** A digest, and what stands in the place of what it is of. */
export type ErasedName = readonly [digest: string, value: string];

export class ErasedNames {
  readonly #kept: ReadonlyMap<string, string>;
  readonly #key: () => Buffer;

  /** The key is asked for when a digest is made. */
  constructor(kept: Iterable<ErasedName>, key: () => Buffer) {
    this.#kept = new Map(kept);
    this.#key = key;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** What to keep of a name. */
  digestsOf(name: string, pseudonym: string, joinKey: string, newJoinKey: string): readonly ErasedName[] {
    return [
      [this.#digest('name', comparable(name)), pseudonym],
      [this.#digest('key', joinKey), newJoinKey],
    ];
  }

  pseudonymOf(name: string): string | undefined {
    return this.isEmpty ? undefined : this.#kept.get(this.#digest('name', comparable(name)));
  }

  joinKey(key: string): string {
    const ofName = nameKeyOf(key);
    return `${key.slice(0, key.length - ofName.length)}${this.#kept.get(this.#digest('key', ofName)) ?? ofName}`;
  }

  /** Values in catalog order. */
  values(values: readonly string[]): readonly string[] {
    if (this.isEmpty) return values;
    return values.map((value, index) => {
      if (value === '') return value;
      const isWhole = DIMENSION_NAMES[index] === 'user' || isUnmistakable(value);
      return (isWhole ? this.pseudonymOf(value) : undefined) ?? this.#text(value);
    });
  }

  sessionId(id: string): string {
    if (this.isEmpty) return id;
    const owner = ownerOf(id);
    const pseudonym = owner === undefined ? undefined : this.pseudonymOf(owner);
    return pseudonym === undefined ? this.#text(id) : ownedBy(id, pseudonym);
  }

  #text(text: string): string {
    return hasAt(text) ? text.replaceAll(ADDRESSES, (found) => this.pseudonymOf(plainAddress(found)) ?? found) : text;
  }

  #digest(kind: 'name' | 'key', text: string): string {
    return createHmac('sha256', this.#key()).update(`${kind} ${text}`).digest('base64url').slice(0, DIGEST_CHARACTERS);
  }
}

const comparable = (name: string): string => name.trim().toLowerCase();
