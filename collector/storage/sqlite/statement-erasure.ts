/** Users out of statements.sqlite: their names become the pseudonym, amounts stay, also in what was replaced. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { STATEMENT_AMOUNTS, type StatementText } from '../../imports/statement-line.ts';
import type { StatementRecords } from '../../imports/statements.ts';
import type { Eraser } from '../../ledger/erasure.ts';
import { ErasedStatementNames, erasedName, erasedTexts, STATEMENT_KEY, STATEMENT_KEY_BYTES } from '../statement-names.ts';
import { combinationDigest, plainLine, TEXT_COLUMNS } from '../statement-rows.ts';
import { INSERT_LINE, OR_ADD, openStatementDatabase } from './statement-tables.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

/** Names that were erased, in the file. */
export class ErasedNames {
  readonly #database: DatabaseSync;
  #names = new ErasedStatementNames([], '');

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Within the transaction of whoever asks afterwards: another process may have erased somebody. */
  read(): void {
    const rows = this.#database.prepare('SELECT digest, value FROM erased').all();
    this.#names = new ErasedStatementNames(
      rows.map(({ digest, value }) => [String(digest), String(value)] as const),
      String(this.#database.prepare('SELECT value FROM state WHERE name = ?').get(STATEMENT_KEY)?.value ?? ''),
    );
  }

  replaced(name: StatementText, text: string): string {
    return this.#names.replaced(name, text);
  }

  remember(names: readonly string[], pseudonym: string): void {
    this.#database
      .prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(STATEMENT_KEY, randomBytes(STATEMENT_KEY_BYTES).toString('base64url'));
    this.read();
    const insert = this.#database.prepare('INSERT INTO erased (digest, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
    for (const name of names) insert.run(this.#names.digestOf(name), pseudonym);
  }
}

/** Opens the file, or makes it. */
export const openStatementRecords = (file: string): StatementRecords => new SqliteStatementRecords(openStatementDatabase(file));

class SqliteStatementRecords implements StatementRecords {
  readonly #database: DatabaseSync;
  #isRewritten = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async erase(eraser: Eraser, { isRemembered, isTrial }: Parameters<StatementRecords['erase']>[1]): Promise<number> {
    overwriteDeleted(this.#database);
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const changed = this.#rename(eraser) + this.#renameNames(eraser) + this.#renameRemarks(eraser);
      this.#database.exec('UPDATE versions SET line_count = (SELECT count(*) FROM lines WHERE version = versions.id)');
      if (isRemembered) new ErasedNames(this.#database).remember(eraser.names, eraser.pseudonym);
      this.#database.exec(isTrial ? 'ROLLBACK' : 'COMMIT');
      this.#isRewritten = false;
      return changed;
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  async wipe(): Promise<boolean> {
    this.#isRewritten ||= rewrite(this.#database);
    return this.#isRewritten && emptyLog(this.#database);
  }

  async find(eraser: Eraser): Promise<readonly unknown[]> {
    const named = [...this.#combinations()].filter(({ texts }) => erasedTexts(eraser, texts) !== undefined);
    const statement = this.#database.prepare(
      `SELECT v.source, v.account, v.day, v.since_ms, v.until_ms, c.*, l.* FROM lines l JOIN versions v ON v.id = l.version
       JOIN combinations c ON c.id = l.combination WHERE l.combination = ? ORDER BY v.day, v.id`,
    );
    statement.setReadBigInts(true);
    const names = this.#database.prepare('SELECT * FROM names').all();
    const own = names.filter(({ kind, name }) => erasedName(eraser, String(kind), String(name)) !== name);
    return [...named.flatMap(({ id }) => statement.all(id)).map(plainLine), ...own.map((row) => ({ ...row }))];
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  *#combinations(): Iterable<{ readonly id: number; readonly texts: readonly string[] }> {
    for (const row of this.#database.prepare('SELECT * FROM combinations').all()) {
      yield { id: Number(row.id), texts: TEXT_COLUMNS.map((column) => String(row[column])) };
    }
  }

  #rename(eraser: Eraser): number {
    const find = this.#database.prepare('SELECT id FROM combinations WHERE digest = ?');
    const update = this.#database.prepare(`UPDATE combinations SET digest = ?, ${TEXT_COLUMNS.map((column) => `${column} = ?`).join()} WHERE id = ?`);
    let changed = 0;
    for (const { id, texts } of this.#combinations()) {
      const after = erasedTexts(eraser, texts);
      if (after === undefined) continue;
      changed++;
      const same = find.get(combinationDigest(after))?.id;
      if (same === undefined) update.run(combinationDigest(after), ...after, id);
      else this.#merge(id, Number(same));
    }
    return changed;
  }

  /** Two names of one user become one. */
  #merge(from: number, into: number): void {
    this.#database.exec(
      `INSERT ${INSERT_LINE} SELECT version, ${into}, ${STATEMENT_AMOUNTS.join()} FROM lines WHERE combination = ${from} ${OR_ADD};
       DELETE FROM lines WHERE combination = ${from}; DELETE FROM combinations WHERE id = ${from};`,
    );
  }

  #renameNames(eraser: Eraser): number {
    const update = this.#database.prepare('UPDATE names SET name = ? WHERE kind = ? AND id = ?');
    let changed = 0;
    for (const { kind, id, name } of this.#database.prepare('SELECT * FROM names').all()) {
      const after = erasedName(eraser, String(kind), String(name));
      if (after === name) continue;
      changed++;
      update.run(after, String(kind), String(id));
    }
    return changed;
  }

  #renameRemarks(eraser: Eraser): number {
    const update = this.#database.prepare('UPDATE runs SET remarks = ? WHERE id = ?');
    let changed = 0;
    for (const { id, remarks } of this.#database.prepare('SELECT id, remarks FROM runs').all()) {
      const after = JSON.stringify(eraser.data(JSON.parse(String(remarks))));
      if (after === remarks) continue;
      changed++;
      update.run(after, Number(id));
    }
    return changed;
  }
}
