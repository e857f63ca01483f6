/** What only the embedded store does; what every store does is in test/storage/contract/statements/. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStatementRecords } from '../../../collector/storage/sqlite/statement-erasure.ts';
import { openStatementStore, readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { filesWith } from '../../support/kept.ts';
import { describeStatements } from '../contract/statements/statements.ts';
import { billedIn, OCTOBER, putInto } from '../contract/statements/suite.ts';

describeStatements('node:sqlite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-statements-'));
  const file = join(folder, 'statements.sqlite');
  return {
    open: () => openStatementStore(file),
    records: () => openStatementRecords(file),
    holding: async (pattern) => filesWith(folder, pattern),
    destroy: () => rmSync(folder, { recursive: true }),
  };
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-statements-'));
  file = join(folder, 'statements.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const execute = (sql: string): void => {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
};

describe('the file', () => {
  test('is not made by who only reads', async () => {
    const none = join(folder, 'none', 'statements.sqlite');
    const reader = readStatements(none);
    expect([await reader.sums({ ...OCTOBER, by: [] }), await reader.days(OCTOBER), await reader.origins()]).toEqual([[], [], []]);
    expect(filesWith(folder, /^/)).not.toContain('none');
  });

  test('of the version before gains what it lacks, and keeps its lines', async () => {
    const before = openStatementStore(file);
    await putInto(() => before)([{ billed: 7n }]);
    await before.close();
    execute('DROP TABLE names; PRAGMA user_version = 1');
    const store = openStatementStore(file);
    await store.putNames([{ kind: 'workspace', id: 'w', name: 'W' }]);
    expect([await billedIn(() => store)(), (await store.names('workspace')).get('w')]).toEqual([[[7n]], 'W']);
    await store.close();
  });

  test('of a newer version is refused', async () => {
    await openStatementStore(file).close();
    execute('PRAGMA user_version = 99');
    expect(() => openStatementStore(file)).toThrow(/newer Ledgerline: its schema is version 99/);
  });
});
