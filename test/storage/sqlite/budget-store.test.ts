import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { openBudgetStore, readBudgetJournal } from '../../../collector/storage/sqlite/budget-store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-book-'));
  file = join(folder, 'inner', 'budgets.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const budget = (name: string, amount = '5.00') => budgetSchema.parse({ name, amount_usd: amount });
const change = { who: 'ops', atMs: 1 };

const execute = (sql: string): void => {
  const database = new DatabaseSync(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
};

/** What only the embedded store does; what every store does is in test/storage/contract/budgets/. */
describe('the file of budgets', () => {
  test('never changes or loses an entry, whoever asks', () => {
    const store = openBudgetStore(file);
    store.set(budget('a'), change);
    expect(() => execute(`UPDATE entries SET who = 'nobody'`)).toThrow('entries never change');
    expect(() => execute('DELETE FROM entries')).toThrow('entries are never removed');
    store.close();
  });

  test('is not made by those who only read', () => {
    const journal = readBudgetJournal(file);
    expect([journal.budgets([budget('a')]).length, journal.audit(), existsSync(file)]).toEqual([1, [], false]);
    journal.close();
  });

  test('of a newer program, or of no program, is refused with a sentence', () => {
    openBudgetStore(file).close();
    execute('PRAGMA user_version = 99');
    expect(() => openBudgetStore(file)).toThrow('was written by a newer Ledgerline: its schema is version 99, not 1.');
    const other = join(folder, 'other.sqlite');
    writeFileSync(other, 'this is a text and no database at all, and long enough to be looked at'.repeat(20));
    expect(() => openBudgetStore(other)).toThrow('other.sqlite cannot be opened as the journal of budgets: file is not a database.');
  });
});
