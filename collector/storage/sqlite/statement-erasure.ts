/** Users out of statements.sqlite: their names become the pseudonym, amounts stay, also in what was replaced. */
import { createHmac, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { STATEMENT_AMOUNTS, STATEMENT_TEXTS, type StatementText } from '../../imports/statement-line.ts';
import type { StatementRecords } from '../../imports/statements.ts';
import type { Eraser } from '../../ledger/erasure.ts';
import { combinationDigest, INSERT_LINE, OR_ADD, openStatementDatabase, TEXT_COLUMNS } from './statement-tables.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

const KEY = 'erasure_key';
const KEY_BYTES = 32;
const DIGEST_CHARACTERS = 22;
/** Here a name stands by itself; elsewhere only what can be nothing but a name is one. */
const OF_USERS: ReadonlySet<StatementText> = new Set(['user', 'apiKey']);

const eraseText = (eraser: Eraser, name: StatementText, text: string): string =>
  OF_USERS.has(name) ? eraser.text(text) : eraser.value('workspace', text);

/** Names that were erased, so that the next import does not bring them back. Of a name only a digest is kept, keyed by what is in this file. */
export class ErasedNames {
  readonly #database: DatabaseSync;
  #kept: ReadonlyMap<string, string> = new Map();
  #key = '';

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Within the transaction of whoever asks afterwards: another process may have erased somebody. */
  read(): void {
    const rows = this.#database.prepare('SELECT digest, value FROM erased').all();
    this.#kept = new Map(rows.map(({ digest, value }) => [String(digest), String(value)]));
    this.#key = String(this.#database.prepare('SELECT value FROM state WHERE name = ?').get(KEY)?.value ?? '');
  }

  replaced(name: StatementText, text: string): string {
    if (this.#kept.size === 0 || text === '' || !OF_USERS.has(name)) return text;
    return this.#kept.get(this.#digest(text)) ?? text;
  }

  remember(names: readonly string[], pseudonym: string): void {
    this.read();
    if (this.#key === '') {
      this.#key = randomBytes(KEY_BYTES).toString('base64url');
      this.#database.prepare('INSERT INTO state (name, value) VALUES (?, ?)').run(KEY, this.#key);
    }
    const insert = this.#database.prepare('INSERT INTO erased (digest, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
    for (const name of names) insert.run(this.#digest(name), pseudonym);
  }

  #digest(text: string): string {
    const comparable = text.trim().toLowerCase();
    return createHmac('sha256', this.#key).update(comparable).digest('base64url').slice(0, DIGEST_CHARACTERS);
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
    const named = [...this.#combinations()].filter(({ texts }) => texts.some((text, index) => eraseText(eraser, nameAt(index), text) !== text));
    const statement = this.#database.prepare(
      `SELECT v.source, v.account, v.day, v.since_ms, v.until_ms, c.*, l.* FROM lines l JOIN versions v ON v.id = l.version
       JOIN combinations c ON c.id = l.combination WHERE l.combination = ? ORDER BY v.day, v.id`,
    );
    statement.setReadBigInts(true);
    const names = this.#database.prepare('SELECT * FROM names').all();
    const own = names.filter(({ kind, name }) => eraseText(eraser, kind === 'workspace' ? 'workspace' : 'user', String(name)) !== name);
    return [...named.flatMap(({ id }) => statement.all(id)).map(lineOf), ...own.map((row) => ({ ...row }))];
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
      const after = texts.map((text, index) => eraseText(eraser, nameAt(index), text));
      if (after.every((text, index) => text === texts[index])) continue;
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
      const after = eraseText(eraser, kind === 'workspace' ? 'workspace' : 'user', String(name));
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

const nameAt = (index: number): StatementText => STATEMENT_TEXTS[index] ?? 'user';

/** Plain data for JSON, without what nobody said. */
function lineOf({ version, combination, id, digest, ...row }: Record<string, unknown>): object {
  const said = Object.entries(row).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(said.map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]));
}
