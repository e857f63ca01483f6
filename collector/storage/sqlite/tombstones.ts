/**
 * Who was erased, so that records that come later are booked under the pseudonym, too. Of a name only a keyed digest is kept: without the key,
 * which is random and in the same file, nobody can look a digest up in a list of addresses made before.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { ADDRESS, hasAt, plainAddress } from '../../core/email-address.ts';
import { isUnmistakable } from '../../ledger/erasure.ts';
import { nameKeyOf } from '../../ledger/pools.ts';
import { ownedBy, ownerOf } from '../../ledger/session-owners.ts';

const KEY = 'erasure_key';
const KEY_BYTES = 32;
const DIGEST_CHARACTERS = 22;
const ADDRESSES = new RegExp(ADDRESS, 'giu');

export class Tombstones {
  readonly #database: DatabaseSync;
  #key: Buffer | undefined;
  #kept = new Map<string, string>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.read();
  }

  /** Again, after an erasure. */
  read(): void {
    const key = this.#database.prepare('SELECT value FROM state WHERE name = ?').get(KEY)?.value;
    this.#key = typeof key === 'string' ? Buffer.from(key, 'base64url') : undefined;
    const rows = this.#database.prepare('SELECT digest, value FROM erased').all();
    this.#kept = new Map(rows.map(({ digest, value }) => [String(digest), String(value)]));
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** Within a transaction. */
  remember(name: string, pseudonym: string, joinKey: string, newJoinKey: string): void {
    const insert = this.#database.prepare('INSERT INTO erased (digest, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
    insert.run(this.#digest('name', comparable(name)), pseudonym);
    insert.run(this.#digest('key', joinKey), newJoinKey);
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
    const hmac = createHmac('sha256', this.#ownKey());
    return hmac.update(`${kind} ${text}`).digest('base64url').slice(0, DIGEST_CHARACTERS);
  }

  #ownKey(): Buffer {
    if (this.#key === undefined) {
      this.#key = randomBytes(KEY_BYTES);
      this.#database.prepare('INSERT INTO state (name, value) VALUES (?, ?)').run(KEY, this.#key.toString('base64url'));
    }
    return this.#key;
  }
}

const comparable = (name: string): string => name.trim().toLowerCase();
