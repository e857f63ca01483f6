/** The directory's store in the database. All changes come one after the other; reading waits for nobody. */
import {
  type DirectoryChange,
  type DirectoryReader,
  type DirectoryStore,
  type Fact,
  type Merge,
  NOTHING_STORED,
  type ScimKind,
  type ScimResource,
  type ScimResources,
  type StoredDirectory,
} from '../../directory/store.ts';
import { factKey, factOf, mergeOf, resourceOf } from '../directory-rows.ts';
import { BesideLedger } from './beside-ledger.ts';
import { type Sql, statement } from './connection.ts';
import { int, numberArray, storable, textArray } from './sql-text.ts';
import type { Target } from './target.ts';

const REVISION = statement(`SELECT value FROM directory_state WHERE name = 'revision'`);
/** Within a transaction: whoever else writes waits for its end. */
export const LOCK_DIRECTORY = statement(`SELECT value FROM directory_state WHERE name = 'revision' FOR UPDATE`);
export const COUNT_CHANGE = statement(`UPDATE directory_state SET value = value + 1 WHERE name = 'revision'`);
const FACTS = statement('SELECT * FROM directory_facts ORDER BY number');
const MERGES = statement('SELECT * FROM directory_merges ORDER BY id');
const RESOURCES = statement('SELECT * FROM directory_resources WHERE kind = $1 ORDER BY created_ms, id');
const RESOURCE = statement('SELECT * FROM directory_resources WHERE kind = $1 AND id = $2');
const WRITE = statement(
  `INSERT INTO directory_resources AS r (kind, id, version, created_ms, modified_ms, body) VALUES ($1, $2, 1, $3, $3, $4)
   ON CONFLICT (kind, id) DO UPDATE SET version = r.version + 1, modified_ms = excluded.modified_ms, body = excluded.body RETURNING *`,
);
const REMOVE = statement('DELETE FROM directory_resources WHERE kind = $1 AND id = $2');
const FACTS_OF = statement('SELECT number, fact, value FROM directory_facts WHERE kind = $1 AND id = $2 AND to_ms IS NULL');
const END_FACTS = statement('UPDATE directory_facts SET to_ms = $1 WHERE number = ANY($2::int8[])');
const END_MEMBERSHIPS = statement(`UPDATE directory_facts SET to_ms = $1 WHERE fact = 'member' AND value = $2 AND to_ms IS NULL`);
/** Numbers are free: nobody else writes. */
const BEGIN_FACTS = statement(
  `INSERT INTO directory_facts (number, kind, id, fact, value, from_ms)
   SELECT (SELECT coalesce(max(number), 0) FROM directory_facts) + n.place, $1, $2, n.fact, n.value, $3
   FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS n (fact, value, place)`,
);
const ADD_MERGE = statement(
  `INSERT INTO directory_merges (id, at_ms, who, alias, "user")
   SELECT coalesce(max(id), 0) + 1, $1::int8, $2::text, $3::text, $4::text FROM directory_merges`,
);

/** Nothing is asked of the database before it is needed. */
export const openDirectoryStore = (target: Target): DirectoryStore => new PostgresDirectoryStore(target);

/** For who only reads: where there is nothing, nothing is made. */
export const readDirectory = (target: Target): DirectoryReader => new PostgresDirectoryStore(target);

class PostgresDirectoryStore implements DirectoryStore {
  readonly #beside: BesideLedger;

  constructor(target: Target) {
    this.#beside = new BesideLedger(target, 'directory');
  }

  revision(): Promise<number> {
    return this.#beside.read(0, (sql) => new Resources(sql).revision());
  }

  stored(): Promise<StoredDirectory> {
    return this.#beside.snapshot(NOTHING_STORED, async (sql) => ({
      received: (await sql.rows(FACTS)).map(factOf),
      merges: (await sql.rows(MERGES)).map(mergeOf),
    }));
  }

  resources(kind: ScimKind): Promise<readonly ScimResource[]> {
    return this.#beside.read<readonly ScimResource[]>([], (sql) => new Resources(sql).resources(kind));
  }

  resource(kind: ScimKind, id: string): Promise<ScimResource | undefined> {
    return this.#beside.read<ScimResource | undefined>(undefined, (sql) => new Resources(sql).resource(kind, id));
  }

  changing<Answer>(change: (directory: DirectoryChange) => Promise<Answer>): Promise<Answer> {
    return this.#beside.write(async (sql) => {
      await sql.rows(LOCK_DIRECTORY);
      return change(new PostgresDirectoryChange(sql));
    });
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

class Resources implements ScimResources {
  protected readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  async revision(): Promise<number> {
    const [row] = await this.sql.rows(REVISION);
    return int(row?.value);
  }

  async resources(kind: ScimKind): Promise<readonly ScimResource[]> {
    return (await this.sql.rows(RESOURCES, [kind])).map(resourceOf);
  }

  async resource(kind: ScimKind, id: string): Promise<ScimResource | undefined> {
    // Ids are ours to give; whoever asks may ask for anything.
    const [row] = await this.sql.rows(RESOURCE, [kind, storable(id)]);
    return row === undefined ? undefined : resourceOf(row);
  }
}

/** Within a transaction that holds the lock. */
class PostgresDirectoryChange extends Resources implements DirectoryChange {
  async write(kind: ScimKind, id: string, body: ScimResource['body'], facts: readonly Fact[], nowMs: number): Promise<ScimResource> {
    // JSON writes U+0000 and halves of pairs as escapes, which text can hold.
    const [row] = await this.sql.rows(WRITE, [kind, id, nowMs, JSON.stringify(body)]);
    await this.#replaceFacts(kind, id, facts, nowMs);
    await this.sql.run(COUNT_CHANGE);
    return resourceOf(row ?? {});
  }

  async remove(kind: ScimKind, id: string, nowMs: number): Promise<boolean> {
    const removed = await this.sql.run(REMOVE, [kind, storable(id)]);
    if (removed === 0) return false;
    await this.#replaceFacts(kind, id, [], nowMs);
    await this.sql.run(END_MEMBERSHIPS, [nowMs, id]);
    await this.sql.run(COUNT_CHANGE);
    return true;
  }

  async addMerge({ atMs, who, alias, user }: Omit<Merge, 'id'>): Promise<void> {
    await this.sql.run(ADD_MERGE, [atMs, storable(who), storable(alias), storable(user)]);
    await this.sql.run(COUNT_CHANGE);
  }

  async #replaceFacts(kind: ScimKind, id: string, facts: readonly Fact[], nowMs: number): Promise<void> {
    const stored = facts.map(({ fact, value }) => ({ fact, value: storable(value) }));
    const wanted = new Map(stored.map((fact) => [factKey(fact), fact]));
    const current = await this.sql.rows(FACTS_OF, [kind, id]);
    // What is there already goes on.
    const ended = current.filter(({ fact, value }) => !wanted.delete(factKey({ fact, value })));
    await this.sql.run(END_FACTS, [nowMs, numberArray(ended.map(({ number }) => int(number)))]);
    const begun = [...wanted.values()];
    await this.sql.run(BEGIN_FACTS, [kind, id, nowMs, textArray(begun.map(({ fact }) => fact)), textArray(begun.map(({ value }) => value))]);
  }
}
