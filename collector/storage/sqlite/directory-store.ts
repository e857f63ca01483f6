/**
 * directory.sqlite in the data folder: what an identity provider sent over SCIM, with the time at which each fact came and went, and which names
 * were merged. A file of its own, so that nothing here can hold up the ledger. Any process may write it, also beside a running collector.
 */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { SECOND_MS } from '../../core/duration.ts';
import { eachOf, inTurns } from '../../core/turn.ts';
import {
  type DirectoryChange,
  type DirectoryReader,
  type DirectoryStore,
  type Fact,
  type Member,
  type Merge,
  NOTHING_STORED,
  type ReceivedFact,
  type ScimKind,
  type ScimResource,
  type StoredDirectory,
} from '../../directory/store.ts';
import { factKey, factOf, membersOf, mergeOf, resourceOf } from '../directory-rows.ts';
import { openBesideLedger } from './beside-ledger.ts';
import { type TakeTurn, turnsOn } from './turns.ts';

/** Another process that writes is done within that time. */
const BUSY_MS = 5 * SECOND_MS;

/** Each runs once, in one transaction with its number. Never edit one that has landed; append. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE resources (
     kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (kind, id)
   ) STRICT;
   CREATE TABLE facts (
     number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, fact TEXT NOT NULL, value TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER
   ) STRICT;
   CREATE INDEX facts_of ON facts (kind, id);
   CREATE TABLE merges (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, alias TEXT NOT NULL, user TEXT NOT NULL) STRICT;
   CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
   INSERT INTO state (name, value) VALUES ('revision', 0);`,
  // What holds now, by what it is: who has a name, and who is in which group.
  `CREATE INDEX facts_now ON facts (fact, lower(value)) WHERE to_ms IS NULL;
   CREATE INDEX facts_titles ON facts (id) WHERE fact = 'title' AND to_ms IS NULL;`,
];

const WITH_FACT = 'SELECT id FROM facts WHERE kind = ? AND fact = ? AND lower(value) = lower(?) AND to_ms IS NULL';
const MEMBERS = `SELECT id, value FROM facts WHERE fact = 'member' AND to_ms IS NULL`;
const ALL_MEMBERS = `${MEMBERS} ORDER BY number`;
const ONE_MEMBER = `${MEMBERS} AND lower(value) = lower(?1) AND value = ?1 ORDER BY number`;
const ALL_TITLES = `SELECT id, value FROM facts WHERE fact = 'title' AND to_ms IS NULL`;
const TITLES = `${ALL_TITLES} AND id IN (SELECT value FROM json_each(?))`;
const END_MEMBERSHIPS = `UPDATE facts SET to_ms = ?1 WHERE fact = 'member' AND lower(value) = lower(?2) AND value = ?2 AND to_ms IS NULL`;

export const DIRECTORY_SCHEMA_VERSION = MIGRATIONS.length;

export const COUNT_CHANGE = `UPDATE state SET value = value + 1 WHERE name = 'revision'`;

/** Opens the file, or makes it. */
export const openDirectoryDatabase = (file: string): DatabaseSync => openBesideLedger(file, { migrations: MIGRATIONS, busyMs: BUSY_MS });

/** Opens the file, or makes it. */
export const openDirectoryStore = (file: string): DirectoryStore => new SqliteDirectoryStore(openDirectoryDatabase(file), file);

/** For who only reads: where there is no file, none is made. */
export function readDirectory(file: string): DirectoryReader {
  if (existsSync(file)) return openDirectoryStore(file);
  return { revision: async () => 0, stored: async () => NOTHING_STORED, close: async () => undefined };
}

class SqliteDirectoryStore implements DirectoryStore {
  readonly #database: DatabaseSync;
  readonly #inTurn: TakeTurn;

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#inTurn = turnsOn(file);
  }

  revision(): Promise<number> {
    return this.#inTurn(() => new SqliteDirectoryChange(this.#database).revision());
  }

  stored(): Promise<StoredDirectory> {
    return this.#inTransaction('BEGIN', async () => {
      const received: ReceivedFact[] = [];
      await inTurns(eachOf(this.#database.prepare('SELECT * FROM facts ORDER BY number').iterate(), (row) => received.push(factOf(row))));
      return { received, merges: this.#database.prepare('SELECT * FROM merges ORDER BY id').all().map(mergeOf) };
    });
  }

  resources(kind: ScimKind): Promise<readonly ScimResource[]> {
    return this.#inTurn(() => new SqliteDirectoryChange(this.#database).resources(kind));
  }

  resource(kind: ScimKind, id: string): Promise<ScimResource | undefined> {
    return this.#inTurn(() => new SqliteDirectoryChange(this.#database).resource(kind, id));
  }

  idsWith(kind: ScimKind, fact: Fact): Promise<readonly string[]> {
    return this.#inTurn(() => new SqliteDirectoryChange(this.#database).idsWith(kind, fact));
  }

  members(member?: string): Promise<readonly Member[]> {
    return this.#inTurn(() => new SqliteDirectoryChange(this.#database).members(member));
  }

  changing<Answer>(change: (directory: DirectoryChange) => Promise<Answer>): Promise<Answer> {
    return this.#inTransaction('BEGIN IMMEDIATE', () => change(new SqliteDirectoryChange(this.#database)));
  }

  #inTransaction<Answer>(begin: string, work: () => Promise<Answer>): Promise<Answer> {
    return this.#inTurn(async () => {
      this.#database.exec(begin);
      try {
        const answer = await work();
        this.#database.exec('COMMIT');
        return answer;
      } catch (error) {
        this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => this.#database.close());
  }
}

/** Within a transaction of the store. */
class SqliteDirectoryChange implements DirectoryChange {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async revision(): Promise<number> {
    return Number(this.#database.prepare(`SELECT value FROM state WHERE name = 'revision'`).get()?.value ?? 0);
  }

  async resources(kind: ScimKind): Promise<readonly ScimResource[]> {
    return this.#database.prepare('SELECT * FROM resources WHERE kind = ? ORDER BY created_ms, id').all(kind).map(resourceOf);
  }

  async resource(kind: ScimKind, id: string): Promise<ScimResource | undefined> {
    const row = this.#database.prepare('SELECT * FROM resources WHERE kind = ? AND id = ?').get(kind, id);
    return row === undefined ? undefined : resourceOf(row);
  }

  async idsWith(kind: ScimKind, { fact, value }: Fact): Promise<readonly string[]> {
    return this.#database
      .prepare(WITH_FACT)
      .all(kind, fact, value)
      .map(({ id }) => String(id));
  }

  async members(member?: string): Promise<readonly Member[]> {
    if (member === undefined) return membersOf(this.#database.prepare(ALL_MEMBERS).all(), this.#database.prepare(ALL_TITLES).all());
    const own = this.#database.prepare(ONE_MEMBER).all(member);
    return membersOf(own, this.#database.prepare(TITLES).all(JSON.stringify(own.map(({ id }) => id))));
  }

  async write(kind: ScimKind, id: string, body: ScimResource['body'], facts: readonly Fact[], nowMs: number): Promise<ScimResource> {
    const row = this.#database
      .prepare(
        `INSERT INTO resources (kind, id, version, created_ms, modified_ms, body) VALUES (?1, ?2, 1, ?3, ?3, ?4)
         ON CONFLICT DO UPDATE SET version = version + 1, modified_ms = excluded.modified_ms, body = excluded.body RETURNING *`,
      )
      .get(kind, id, nowMs, JSON.stringify(body));
    this.#replaceFacts(kind, id, facts, nowMs);
    this.#database.exec(COUNT_CHANGE);
    return resourceOf(row ?? {});
  }

  async remove(kind: ScimKind, id: string, nowMs: number): Promise<boolean> {
    const { changes } = this.#database.prepare('DELETE FROM resources WHERE kind = ? AND id = ?').run(kind, id);
    if (Number(changes) === 0) return false;
    this.#replaceFacts(kind, id, [], nowMs);
    this.#database.prepare(END_MEMBERSHIPS).run(nowMs, id);
    this.#database.exec(COUNT_CHANGE);
    return true;
  }

  async addMerge({ atMs, who, alias, user }: Omit<Merge, 'id'>): Promise<void> {
    this.#database.prepare('INSERT INTO merges (at_ms, who, alias, user) VALUES (?, ?, ?, ?)').run(atMs, who, alias, user);
    this.#database.exec(COUNT_CHANGE);
  }

  #replaceFacts(kind: ScimKind, id: string, facts: readonly Fact[], nowMs: number): void {
    const wanted = new Map(facts.map((fact) => [factKey(fact), fact]));
    const end = this.#database.prepare('UPDATE facts SET to_ms = ? WHERE number = ?');
    const current = this.#database.prepare('SELECT number, fact, value FROM facts WHERE kind = ? AND id = ? AND to_ms IS NULL').all(kind, id);
    for (const { number, fact, value } of current) {
      // What is there already goes on.
      if (!wanted.delete(factKey({ fact, value }))) end.run(nowMs, Number(number));
    }
    const begin = this.#database.prepare('INSERT INTO facts (kind, id, fact, value, from_ms) VALUES (?, ?, ?, ?, ?)');
    for (const { fact, value } of wanted.values()) begin.run(kind, id, fact, value, nowMs);
  }
}
