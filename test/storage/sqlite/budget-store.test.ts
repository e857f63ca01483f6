import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { openBudgetStore, readBudgetBook } from '../../../collector/storage/sqlite/budget-store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-book-'));
  file = join(folder, 'inner', 'budgets.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const budget = (name: string, amount = '5.00') => budgetSchema.parse({ name, amount_usd: amount });
const change = { who: 'ops', atMs: 1 };

describe('the book of budgets', () => {
  test('is seen by another connection at once, and is there after opening it again', () => {
    const [one, other] = [openBudgetStore(file), openBudgetStore(file)];
    expect(other.budgets([])).toEqual([]);
    one.set(budget('a'), change);
    one.raise({ key: 'a/ada', amount: 10n ** 20n + 1n, fromMs: 1, untilMs: 2, why: 'w' }, change);
    expect(other.budgets([])).toMatchObject([{ name: 'a', origin: 'api', raises: [{ key: 'a/ada', amount: 10n ** 20n + 1n, who: 'ops' }] }]);
    one.close();
    other.close();
    const again = openBudgetStore(file);
    expect([again.revision(), again.audit('a').map(({ what }) => what)]).toEqual([2, ['budget_raised', 'budget_set']]);
    again.close();
  });

  test('lets the configuration win where both have a name', () => {
    const store = openBudgetStore(file);
    store.set(budget('a', '5.00'), change);
    expect(store.budgets([budget('a', '7.00')])).toMatchObject([{ name: 'a', amount_usd: '7.00' }]);
    store.close();
  });

  test('never changes or loses an entry, whoever asks', () => {
    const store = openBudgetStore(file);
    store.set(budget('a'), change);
    expect(() => store.database.exec(`UPDATE entries SET who = 'nobody'`)).toThrow('entries never change');
    expect(() => store.database.exec('DELETE FROM entries')).toThrow('entries are never removed');
    store.close();
  });

  test('is not made by those who only read', () => {
    const book = readBudgetBook(file);
    expect([book.budgets([budget('a')]).length, book.audit(), existsSync(file)]).toEqual([1, [], false]);
    book.close();
  });

  test('of a newer program, or of no program, is refused with a sentence', () => {
    const store = openBudgetStore(file);
    store.database.exec('PRAGMA user_version = 99');
    store.close();
    expect(() => openBudgetStore(file)).toThrow('was written by a newer Ledgerline: its schema is version 99, not 1.');
    const other = join(folder, 'other.sqlite');
    writeFileSync(other, 'this is a text and no database at all, and long enough to be looked at'.repeat(20));
    expect(() => openBudgetStore(other)).toThrow('other.sqlite cannot be opened as the journal of budgets: file is not a database.');
  });
});
