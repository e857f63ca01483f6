/** Users out of directory.sqlite: what a provider sent of them goes, and their names in merges become the pseudonym. */
import type { DatabaseSync } from 'node:sqlite';
import type { DirectoryRecords } from '../../directory/store.ts';
import type { Eraser } from '../../ledger/erasure.ts';
import { COUNT_CHANGE, openDirectoryDatabase } from './directory-store.ts';
import { inTurn } from './turns.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

/** Opens the file, or makes it. */
export const openDirectoryRecords = (file: string): DirectoryRecords => new SqliteDirectoryRecords(openDirectoryDatabase(file), file);

/** Facts by which a user is known. */
const NAMES = `fact IN ('login', 'email', 'name')`;

type Table = 'resources' | 'facts' | 'merges';

class SqliteDirectoryRecords implements DirectoryRecords {
  readonly #database: DatabaseSync;
  readonly #file: string;
  #isRewritten = false;

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
  }

  erase(eraser: Eraser, isTrial: boolean): Promise<number> {
    return inTurn(this.#file, async () => this.#erase(eraser, isTrial));
  }

  #erase(eraser: Eraser, isTrial: boolean): number {
    overwriteDeleted(this.#database);
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const changed = this.#removeUsers(eraser) + this.#renameResources(eraser) + this.#renameFacts(eraser) + this.#renameMerges(eraser);
      if (changed > 0) this.#database.exec(COUNT_CHANGE);
      this.#database.exec(isTrial ? 'ROLLBACK' : 'COMMIT');
      this.#isRewritten = false;
      return changed;
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  async find(eraser: Eraser): Promise<readonly unknown[]> {
    const ids = this.#usersOf(eraser);
    const isOf = (id: unknown): boolean => ids.has(String(id));
    const resources = this.#rows('resources').filter(({ id, body }) => isOf(id) || eraser.text(String(body)) !== body);
    const facts = this.#rows('facts').filter(({ id, value }) => isOf(id) || isOf(value) || eraser.text(String(value)) !== value);
    const merges = this.#rows('merges').filter((row) => [row.alias, row.user, row.who].some((text) => eraser.text(String(text)) !== text));
    return [...resources.map((row) => ({ ...row, body: JSON.parse(String(row.body)) })), ...facts, ...merges];
  }

  async wipe(): Promise<boolean> {
    this.#isRewritten ||= rewrite(this.#database);
    return this.#isRewritten && emptyLog(this.#database);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** Whom the provider knows by one of the names, at any time. */
  #usersOf(eraser: Eraser): ReadonlySet<string> {
    const rows = this.#database.prepare(`SELECT id, value FROM facts WHERE kind = 'User' AND ${NAMES}`).all();
    return new Set(rows.filter(({ value }) => eraser.isName(String(value))).map(({ id }) => String(id)));
  }

  /** The ids stay in groups: they lead to nobody. */
  #removeUsers(eraser: Eraser): number {
    let changed = 0;
    for (const id of this.#usersOf(eraser)) {
      for (const table of ['resources', 'facts'])
        changed += Number(this.#database.prepare(`DELETE FROM ${table} WHERE kind = 'User' AND id = ?`).run(id).changes);
    }
    return changed;
  }

  #renameResources(eraser: Eraser): number {
    const update = this.#database.prepare('UPDATE resources SET body = ? WHERE kind = ? AND id = ?');
    return this.#count('resources', ({ kind, id, body }) => {
      const after = JSON.stringify(eraser.data(JSON.parse(String(body))));
      return after !== body && update.run(after, String(kind), String(id)).changes > 0;
    });
  }

  #renameFacts(eraser: Eraser): number {
    const update = this.#database.prepare('UPDATE facts SET value = ? WHERE number = ?');
    return this.#count('facts', ({ number, value }) => {
      const after = eraser.text(String(value));
      return after !== value && update.run(after, Number(number)).changes > 0;
    });
  }

  #renameMerges(eraser: Eraser): number {
    const update = this.#database.prepare('UPDATE merges SET alias = ?, user = ?, who = ? WHERE id = ?');
    return this.#count('merges', ({ id, alias, user, who }) => {
      const after = [alias, user, who].map((text) => eraser.text(String(text)));
      const isChanged = [alias, user, who].some((text, index) => text !== after[index]);
      return isChanged && update.run(...after, Number(id)).changes > 0;
    });
  }

  #rows = (table: Table) => this.#database.prepare(`SELECT * FROM ${table}`).all();

  #count(table: Table, change: (row: Record<string, unknown>) => boolean): number {
    return this.#rows(table).filter(change).length;
  }
}
