/** Users out of directory.sqlite: what a provider sent of them goes, and their names in merges become the pseudonym. */
import type { DatabaseSync } from 'node:sqlite';
import type { DirectoryRecords } from '../../directory/store.ts';
import type { Eraser } from '../../ledger/erasure.ts';
import { erasedBody, NAMES, rowsOfUsers } from '../directory-rows.ts';
import { COUNT_CHANGE, openDirectoryDatabase } from './directory-store.ts';
import { type TakeTurn, turnsOn } from './turns.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

/** Opens the file, or makes it. */
export const openDirectoryRecords = (file: string): DirectoryRecords => new SqliteDirectoryRecords(openDirectoryDatabase(file), file);

type Table = 'resources' | 'facts' | 'merges';

class SqliteDirectoryRecords implements DirectoryRecords {
  readonly #database: DatabaseSync;
  readonly #inTurn: TakeTurn;
  #isRewritten = false;

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#inTurn = turnsOn(file);
  }

  erase(eraser: Eraser, isTrial: boolean): Promise<number> {
    return this.#inTurn(() => this.#erase(eraser, isTrial));
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
    const kept = { resources: this.#rows('resources'), facts: this.#rows('facts'), merges: this.#rows('merges') };
    return rowsOfUsers(eraser, this.#usersOf(eraser), kept);
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
      const after = erasedBody(eraser, body);
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
