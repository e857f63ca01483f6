/** The directory's store in the database. All changes come one after the other; reading waits for nobody. */
import { eachOf, inTurns } from '../../core/turn.ts';
import type {
  DirectoryChange,
  DirectoryReader,
  DirectoryStore,
  Fact,
  Member,
  Merge,
  ReceivedFact,
  ScimKind,
  ScimResource,
  ScimResources,
  StoredDirectory,
} from '../../directory/store.ts';
import { type DirectoryRow, factKey, factOf, membersOf, mergeOf, resourceOf } from '../directory-rows.ts';
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
const WITH_FACT = statement(
  'SELECT id FROM directory_facts WHERE kind = $1 AND fact = $2 AND lower(value) = lower($3::text COLLATE "C") AND to_ms IS NULL',
);
const MEMBERS = `SELECT id, value FROM directory_facts WHERE fact = 'member' AND to_ms IS NULL`;
const ALL_MEMBERS = statement(`${MEMBERS} ORDER BY number`);
const ONE_MEMBER = statement(`${MEMBERS} AND lower(value) = lower($1::text COLLATE "C") AND value = $1 ORDER BY number`);
const TITLES = `SELECT id, value FROM directory_facts WHERE fact = 'title' AND to_ms IS NULL`;
const ALL_TITLES = statement(TITLES);
const TITLES_OF = statement(`${TITLES} AND id = ANY($1::text[])`);
const WRITE = statement(
  `INSERT INTO directory_resources AS r (kind, id, version, created_ms, modified_ms, body) VALUES ($1, $2, 1, $3, $3, $4)
   ON CONFLICT (kind, id) DO UPDATE SET version = r.version + 1, modified_ms = excluded.modified_ms, body = excluded.body RETURNING *`,
);
const REMOVE = statement('DELETE FROM directory_resources WHERE kind = $1 AND id = $2');
const FACTS_OF = statement('SELECT number, fact, value FROM directory_facts WHERE kind = $1 AND id = $2 AND to_ms IS NULL');
const END_FACTS = statement('UPDATE directory_facts SET to_ms = $1 WHERE number = ANY($2::int8[])');
const END_MEMBERSHIPS = statement(
  `UPDATE directory_facts SET to_ms = $1 WHERE fact = 'member' AND lower(value) = lower($2::text COLLATE "C") AND value = $2 AND to_ms IS NULL`,
);
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
    return this.#beside.read(0, async (sql) => this.#beside.revisionOf(await new Resources(sql).revision()));
  }

  async stored(): Promise<StoredDirectory> {
    const [facts, merges] = await this.#beside.snapshot<readonly (readonly DirectoryRow[])[]>([], async (sql) => [
      await sql.rows(FACTS),
      await sql.rows(MERGES),
    ]);
    const received: ReceivedFact[] = [];
    await inTurns(eachOf(facts ?? [], (row) => received.push(factOf(row))));
    return { received, merges: (merges ?? []).map(mergeOf) };
  }

  resources(kind: ScimKind): Promise<readonly ScimResource[]> {
    return this.#beside.read<readonly ScimResource[]>([], (sql) => new Resources(sql).resources(kind));
  }

  resource(kind: ScimKind, id: string): Promise<ScimResource | undefined> {
    return this.#beside.read<ScimResource | undefined>(undefined, (sql) => new Resources(sql).resource(kind, id));
  }

  idsWith(kind: ScimKind, fact: Fact): Promise<readonly string[]> {
    return this.#beside.read<readonly string[]>([], (sql) => new Resources(sql).idsWith(kind, fact));
  }

  members(member?: string): Promise<readonly Member[]> {
    return this.#beside.read<readonly Member[]>([], (sql) => new Resources(sql).members(member));
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

  async idsWith(kind: ScimKind, { fact, value }: Fact): Promise<readonly string[]> {
    return (await this.sql.rows(WITH_FACT, [kind, fact, storable(value)])).map(({ id }) => String(id));
  }

  async members(member?: string): Promise<readonly Member[]> {
    if (member === undefined) return membersOf(await this.sql.rows(ALL_MEMBERS), await this.sql.rows(ALL_TITLES));
    const own = await this.sql.rows(ONE_MEMBER, [storable(member)]);
    return membersOf(own, await this.sql.rows(TITLES_OF, [textArray(own.map(({ id }) => String(id)))]));
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
