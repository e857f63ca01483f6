import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { readRequest, readRequestNews, readRequests } from '../../../collector/storage/sqlite/budget-requests.ts';
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
  test('never changes or loses an entry, whoever asks', async () => {
    const store = openBudgetStore(file);
    await store.set(budget('a'), change);
    expect(() => execute(`UPDATE entries SET who = 'nobody'`)).toThrow('entries never change');
    expect(() => execute('DELETE FROM entries')).toThrow('entries are never removed');
    await store.close();
  });

  test('of before there were requests keeps all it has, and takes requests', async () => {
    await openBudgetStore(file).close();
    const body = JSON.stringify(budget('a')).replaceAll("'", "''");
    execute(`
      DROP TABLE entries;
      CREATE TABLE entries (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, body TEXT
      );
      INSERT INTO entries (at_ms, who, what, name, body) VALUES (7, 'ops', 'budget_set', 'a', '${body}'),
        (8, 'ops', 'budget_raised', 'a', '{"key":"a","amount":"5","fromMs":1,"untilMs":2,"why":"w"}');
      PRAGMA user_version = 1;`);
    const stores = [openBudgetStore(file), openBudgetStore(file)] as const;
    expect(await stores[0].budgets([])).toMatchObject([{ name: 'a', raises: [{ amount: 5n, atMs: 8 }] }]);
    expect(await stores[0].audit()).toHaveLength(2);
    const request = await stores[0].request({ key: 'a', amount: 1n, unit: 'usd', untilMs: 9, why: 'w', user: 'ada', expiresMs: 9 }, change);
    await stores[1].end(request, 'request_denied', 'no', change);
    expect((await stores[0].findRequest(request.id))?.decision).toMatchObject({ what: 'denied' });
    expect(() => execute(`UPDATE entries SET who = 'nobody'`)).toThrow('entries never change');
    for (const store of stores) await store.close();
  });

  test('reads requests and budgets by an index, however many there are', async () => {
    await openBudgetStore(file).close();
    const database = new DatabaseSync(file);
    const plan = (sql: string): string =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => String(detail))
        .join('; ');
    const inForce = `what IN ('budget_set', 'budget_removed', 'budget_raised')`;
    expect(plan(`SELECT MAX(id) FROM entries WHERE ${inForce}`)).toContain('entries_in_force');
    expect(plan('SELECT COUNT(*) FROM entries WHERE asker IS NOT NULL AND at_ms > 5')).toContain('entries_asked_at');
    database.close();
  });

  test('finds requests and what ended them by an index, however many others there are', async () => {
    const store = openBudgetStore(file);
    const { id } = await store.request({ key: 'a', amount: 1n, unit: 'usd', untilMs: 9, why: 'w', user: 'ada', expiresMs: 9 }, change);
    const plans: string[] = [];
    const database = new DatabaseSync(file);
    const asked = [
      () => readRequests(watched, { user: 'ada', limit: 9 }),
      () => readRequests(watched, { limit: 9 }),
      () => readRequest(watched, id),
      () => readRequestNews(watched, 0),
    ];
    const watched = new Proxy(database, {
      get: (target, key) => {
        if (key !== 'prepare') return Reflect.get(target, key);
        return (sql: string) => {
          const places = sql.split('?').length - 1;
          const rows = target.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from({ length: places }, () => 1));
          plans.push(rows.map(({ detail }) => String(detail)).join('; '));
          return target.prepare(sql);
        };
      },
    });
    for (const ask of asked) ask();
    database.close();
    await store.close();
    expect(plans).toHaveLength(4);
    for (const plan of plans.slice(0, 3)) expect(plan).toMatch(/entries_end .*entries_removed/);
    expect(plans[0]).toContain('entries_asked');
    // What is new (n) was found by its number.
    expect(plans[3]).toMatch(/^CO-ROUTINE n; SEARCH entries USING INTEGER PRIMARY KEY/);
    for (const plan of plans) expect(plan).not.toMatch(/SCAN (?!r USING INDEX entries_requests|n;)/);
  });

  test('is not made by those who only read', async () => {
    const journal = readBudgetJournal(file);
    expect([(await journal.budgets([budget('a')])).length, await journal.audit(), existsSync(file)]).toEqual([1, [], false]);
    await journal.close();
  });

  test('of a newer program, or of no program, is refused with a sentence', async () => {
    await openBudgetStore(file).close();
    execute('PRAGMA user_version = 99');
    expect(() => openBudgetStore(file)).toThrow('was written by a newer Ledgerline: its schema is version 99, not 2.');
    const other = join(folder, 'other.sqlite');
    writeFileSync(other, 'this is a text and no database at all, and long enough to be looked at'.repeat(20));
    expect(() => openBudgetStore(other)).toThrow('other.sqlite cannot be opened as the journal of budgets: file is not a database.');
  });
});
