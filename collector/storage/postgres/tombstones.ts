/** Who was erased, in the database: see erased-names.ts. */
import { randomBytes } from 'node:crypto';
import { ERASURE_KEY, ERASURE_KEY_BYTES, ErasedNames } from '../erased-names.ts';
import { type Sql, statement } from './connection.ts';
import { textArray } from './sql-text.ts';

const KEY = statement('SELECT value FROM meta WHERE name = $1');
const MAKE_KEY = statement('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING');
const ALL = statement('SELECT digest, value FROM erased');
const REMEMBER = statement('INSERT INTO erased (digest, value) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING');

export class Tombstones {
  #names = new ErasedNames([], noKey);

  get names(): ErasedNames {
    return this.#names;
  }

  /** Again, after an erasure. */
  async read(sql: Sql): Promise<void> {
    const [row] = await sql.rows(KEY, [ERASURE_KEY]);
    const key = row === undefined ? undefined : Buffer.from(String(row.value), 'base64url');
    const erased = await sql.rows(ALL);
    this.#names = new ErasedNames(
      erased.map(({ digest, value }) => [String(digest), String(value)]),
      () => key ?? noKey(),
    );
  }

  /** Within a transaction that has the ledger for itself. */
  async remember(sql: Sql, name: string, pseudonym: string, joinKey: string, newJoinKey: string): Promise<void> {
    await sql.run(MAKE_KEY, [ERASURE_KEY, randomBytes(ERASURE_KEY_BYTES).toString('base64url')]);
    await this.read(sql);
    const digests = this.#names.digestsOf(name, pseudonym, joinKey, newJoinKey);
    await sql.run(REMEMBER, [textArray(digests.map(([digest]) => digest)), textArray(digests.map(([, value]) => value))]);
  }
}

function noKey(): never {
  throw new Error('names were erased, and their key is missing');
}
