/**
 * Budgets, alerts and messages of budgets.sqlite as far as they name people, and the audit of who exported or erased whom. The journal's entries
 * never change but here: a law that says so is older.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { ErasedRecords, Eraser, OperatorRecords, PersonalRecords, PrivacyEntry } from '../../ledger/erasure.ts';
import { NAMED, type NamedTable, namedRow, privacyEntryOf, renamed, shown } from '../operator-rows.ts';
import { ALERT_TABLES } from './alert-store.ts';
import { ENTRIES_STAY, openBudgetDatabase } from './budget-store.ts';
import { GATEWAY_TABLE } from './gateway-store.ts';
import { type TakeTurn, turnsOn } from './turns.ts';
import { emptyLog, overwriteDeleted, rewrite } from './wipe.ts';

/** Opens the file, or makes it. */
export function openOperatorRecords(file: string): OperatorRecords {
  const database = openBudgetDatabase(file);
  // Where nobody has opened those of alerts and gateways yet.
  database.exec(ALERT_TABLES);
  database.exec(GATEWAY_TABLE);
  return new SqliteOperatorRecords(database, turnsOn(file));
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
    const found = (table: NamedTable): unknown[] =>
      this.#rows(table)
        .filter((row) => renamed(namedRow(table, row), eraser) !== undefined)
        .map((row) => shown(table, row));
    return { budgets: [...found('entries'), ...found('gateway_limits')], alerts: found('alerts'), messages: found('deliveries') };
  }

  note(entry: PrivacyEntry): Promise<void> {
    return this.#take(() => this.#note(entry));
  }

  #note({ atMs, who, what, subject }: PrivacyEntry): void {
    this.#database.prepare('INSERT INTO privacy (at_ms, who, what, subject) VALUES (?, ?, ?, ?)').run(atMs, who, what, subject);
  }

  async audit(): Promise<readonly PrivacyEntry[]> {
    return this.#database.prepare('SELECT * FROM privacy ORDER BY id DESC').all().map(privacyEntryOf);
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

  #rows = (table: NamedTable): readonly Record<string, unknown>[] => this.#database.prepare(`SELECT * FROM ${table}`).all();

  #eraseIn(table: NamedTable, eraser: Eraser): number {
    const { key, text, data } = NAMED[table];
    // Of two alerts that have become the same one, the first stays.
    const update = this.#database.prepare(
      `UPDATE OR IGNORE ${table} SET ${[...text, data].map((column) => `${column} = ?`).join()} WHERE ${key} = ?`,
    );
    const remove = this.#database.prepare(`DELETE FROM ${table} WHERE ${key} = ?`);
    let changed = 0;
    for (const row of this.#rows(table).map((one) => namedRow(table, one))) {
      const after = renamed(row, eraser);
      if (after === undefined) continue;
      changed++;
      if (update.run(...after, row.key).changes === 0) remove.run(row.key);
    }
    return changed;
  }
}
