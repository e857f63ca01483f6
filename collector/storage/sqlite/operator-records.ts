/**
 * Budgets, alerts and messages of budgets.sqlite as far as they name people, and the audit of who exported or erased whom. The journal's entries
 * never change but here: a law that says so is older.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { ErasedRecords, Eraser, OperatorRecords, PersonalRecords, PrivacyEntry } from '../../ledger/erasure.ts';
import { ALERT_TABLES } from './alert-store.ts';
import { ENTRIES_STAY, openBudgetDatabase } from './budget-store.ts';
import { GATEWAY_TABLE } from './gateway-store.ts';
import { type TakeTurn, turnsOn } from './turns.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

/** Columns with names in them, by table; those under `data` are JSON. */
const COLUMNS = {
  entries: { key: 'id', text: ['who', 'name', 'asker'], data: 'body' },
  alerts: { key: 'id', text: ['id'], data: 'body' },
  deliveries: { key: 'place', text: ['subject', 'error'], data: 'body' },
  gateway_limits: { key: 'id', text: ['who'], data: 'body' },
} as const;
type Table = keyof typeof COLUMNS;

/** Opens the file, or makes it. */
export function openOperatorRecords(file: string): OperatorRecords {
  const database = openBudgetDatabase(file);
  // Where nobody has opened those of alerts and gateways yet.
  database.exec(ALERT_TABLES);
  database.exec(GATEWAY_TABLE);
  return new SqliteOperatorRecords(database, turnsOn(file));
}

type Cell = string | number | null;
interface Row {
  readonly key: Cell;
  /** Columns of text in their order, then the data. */
  readonly cells: readonly (string | null)[];
}

class SqliteOperatorRecords implements OperatorRecords {
  readonly #database: DatabaseSync;
  readonly #take: TakeTurn;
  #isRewritten = false;

  constructor(database: DatabaseSync, take: TakeTurn) {
    this.#database = database;
    this.#take = take;
  }

  erase(eraser: Eraser, entry: PrivacyEntry, isTrial: boolean): Promise<ErasedRecords> {
    return this.#take(() => this.#erase(eraser, entry, isTrial));
  }

  #erase(eraser: Eraser, entry: PrivacyEntry, isTrial: boolean): ErasedRecords {
    overwriteDeleted(this.#database);
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#database.exec('DROP TRIGGER entries_stay');
      const changed = {
        budgets: this.#eraseIn('entries', eraser) + this.#eraseIn('gateway_limits', eraser),
        alerts: this.#eraseIn('alerts', eraser),
        messages: this.#eraseIn('deliveries', eraser),
      };
      this.#eraseAudit(eraser);
      this.#database.exec(ENTRIES_STAY);
      this.#note(entry);
      this.#database.exec(isTrial ? 'ROLLBACK' : 'COMMIT');
      this.#isRewritten = false;
      return changed;
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  wipe(): Promise<boolean> {
    return this.#take(() => {
      this.#isRewritten ||= rewrite(this.#database);
      return this.#isRewritten && emptyLog(this.#database);
    });
  }

  async find(eraser: Eraser): Promise<PersonalRecords> {
    const found = (table: Table): unknown[] => {
      const { data } = COLUMNS[table];
      const named = new Set([...this.#rows(table)].filter(({ cells }) => isChanged(cells, renamed(cells, eraser))).map(({ key }) => key));
      return this.#database
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .filter((row) => named.has(row[COLUMNS[table].key] as Cell)) // what the same column held in #rows
        .map((row) => ({ ...row, [data]: row[data] === null ? null : JSON.parse(String(row[data])) }));
    };
    return { budgets: [...found('entries'), ...found('gateway_limits')], alerts: found('alerts'), messages: found('deliveries') };
  }

  note(entry: PrivacyEntry): Promise<void> {
    return this.#take(() => this.#note(entry));
  }

  #note({ atMs, who, what, subject }: PrivacyEntry): void {
    this.#database.prepare('INSERT INTO privacy (at_ms, who, what, subject) VALUES (?, ?, ?, ?)').run(atMs, who, what, subject);
  }

  async audit(): Promise<readonly PrivacyEntry[]> {
    return this.#database
      .prepare('SELECT * FROM privacy ORDER BY id DESC')
      .all()
      .map(({ at_ms, who, what, subject }) => ({
        ...{ atMs: Number(at_ms), who: String(who), subject: String(subject) },
        what: what === 'erased' || what === 'merged' ? what : 'exported',
      }));
  }

  async close(): Promise<void> {
    await this.#take(() => this.#database.close());
  }

  /** Who was exported, or merged, before. */
  #eraseAudit(eraser: Eraser): void {
    const update = this.#database.prepare('UPDATE privacy SET who = ?, subject = ? WHERE id = ?');
    for (const { id, who, subject } of this.#database.prepare('SELECT * FROM privacy').all())
      update.run(eraser.text(String(who)), eraser.text(String(subject)), Number(id));
  }

  *#rows(table: Table): Iterable<Row> {
    const { key, text, data } = COLUMNS[table];
    for (const row of this.#database.prepare(`SELECT * FROM ${table}`).all()) {
      yield { key: row[key] as Cell, cells: [...text, data].map((column) => (row[column] === null ? null : String(row[column]))) }; // columns of text
    }
  }

  #eraseIn(table: Table, eraser: Eraser): number {
    const { key, text, data } = COLUMNS[table];
    // Of two alerts that have become the same one, the first stays.
    const update = this.#database.prepare(
      `UPDATE OR IGNORE ${table} SET ${[...text, data].map((column) => `${column} = ?`).join()} WHERE ${key} = ?`,
    );
    const remove = this.#database.prepare(`DELETE FROM ${table} WHERE ${key} = ?`);
    let changed = 0;
    for (const { key: of, cells } of this.#rows(table)) {
      const after = renamed(cells, eraser);
      if (!isChanged(cells, after)) continue;
      changed++;
      if (update.run(...after, of).changes === 0) remove.run(of);
    }
    return changed;
  }
}

/** The last cell is JSON. */
const renamed = (cells: Row['cells'], eraser: Eraser): (string | null)[] =>
  cells.map((cell, index) => {
    if (cell === null) return null;
    return index === cells.length - 1 ? JSON.stringify(eraser.data(JSON.parse(cell))) : eraser.text(cell);
  });

const isChanged = (before: Row['cells'], after: Row['cells']): boolean => before.some((cell, index) => cell !== after[index]);
