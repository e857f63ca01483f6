/** Who was erased, on disk: see erased-names.ts. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ERASURE_KEY, ERASURE_KEY_BYTES, ErasedNames } from '../erased-names.ts';

export class Tombstones {
  readonly #database: DatabaseSync;
  #key: Buffer | undefined;
  #names: ErasedNames;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#names = this.#read();
  }

  get names(): ErasedNames {
    return this.#names;
  }

  /** Again, after an erasure. */
  read(): void {
    this.#names = this.#read();
  }

  /** Within a transaction. */
  remember(name: string, pseudonym: string, joinKey: string, newJoinKey: string): void {
    const insert = this.#database.prepare('INSERT INTO erased (digest, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
    for (const [digest, value] of this.#names.digestsOf(name, pseudonym, joinKey, newJoinKey)) insert.run(digest, value);
  }

  #read(): ErasedNames {
    const key = this.#database.prepare('SELECT value FROM state WHERE name = ?').get(ERASURE_KEY)?.value;
    this.#key = typeof key === 'string' ? Buffer.from(key, 'base64url') : undefined;
    const rows = this.#database.prepare('SELECT digest, value FROM erased').all();
    return new ErasedNames(
      rows.map(({ digest, value }) => [String(digest), String(value)]),
      () => this.#ownKey(),
    );
  }

  #ownKey(): Buffer {
    if (this.#key === undefined) {
      this.#key = randomBytes(ERASURE_KEY_BYTES);
      this.#database.prepare('INSERT INTO state (name, value) VALUES (?, ?)').run(ERASURE_KEY, this.#key.toString('base64url'));
    }
    return this.#key;
  }
}
