/** Backups of files that are written to all the while: of one instant, finished, and whole or not there. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { backupTogether } from '../../../collector/storage/sqlite/backup.ts';

/** More than SQLite copies at once. */
const ROWS = 4_000;
const STEPS_MAX = 50;

describe('a backup', () => {
  let folder: string;
  let source: string;
  let writing: DatabaseSync;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-backup-'));
    source = join(folder, 'source.sqlite');
    writing = new DatabaseSync(source);
    writing.exec(`PRAGMA journal_mode = WAL; CREATE TABLE filled (id INTEGER PRIMARY KEY, bytes BLOB);
      WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < ${ROWS}) INSERT INTO filled SELECT n, zeroblob(3000) FROM one`);
  });
  afterEach(() => {
    writing.close();
    rmSync(folder, { recursive: true });
  });

  const rowsIn = (file: string): unknown => {
    const copy = new DatabaseSync(file, { readOnly: true });
    try {
      return [copy.prepare('SELECT count(*) AS n FROM filled').get()?.n, copy.prepare('PRAGMA integrity_check').get()?.integrity_check];
    } finally {
      copy.close();
    }
  };

  test('comes to its end while somebody writes between any two of its steps, and has what was there when it began', async () => {
    const shares: number[] = [];
    const insert = writing.prepare('INSERT INTO filled (bytes) VALUES (zeroblob(3000))');
    const file = join(folder, 'backup.sqlite');
    await backupTogether([{ source, file }], (share) => {
      if (shares.push(share) > STEPS_MAX) throw new Error('It began again and again.');
      insert.run();
    });
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(rowsIn(file)).toEqual([ROWS, 'ok']);
    expect(rowsIn(source)).toEqual([ROWS + shares.length, 'ok']);
  });

  test('of several files is of one time, and is not there at all when one of them cannot be made', async () => {
    const beside = join(folder, 'beside.sqlite');
    new DatabaseSync(beside).exec('PRAGMA journal_mode = WAL; CREATE TABLE filled (id INTEGER PRIMARY KEY)');
    const copies = [
      { source, file: join(folder, 'backup.sqlite') },
      { source: beside, file: join(folder, 'backup.beside.sqlite') },
    ];
    const inBeside = new DatabaseSync(beside);
    await backupTogether(copies, () => inBeside.exec('INSERT INTO filled DEFAULT VALUES'));
    inBeside.close();
    expect(copies.map(({ file }) => rowsIn(file))).toEqual([
      [ROWS, 'ok'],
      [0, 'ok'],
    ]);

    const missing = join(folder, 'no', 'folder.sqlite');
    const again = [
      { source, file: join(folder, 'again.sqlite') },
      { source: beside, file: missing },
    ];
    await expect(backupTogether(again)).rejects.toThrow(`The backup ${missing} cannot be written`);
    writeFileSync(join(folder, 'taken.sqlite'), '');
    await expect(backupTogether([...again.slice(0, 1), { source: beside, file: join(folder, 'taken.sqlite') }])).rejects.toThrow(
      /taken\.sqlite exists/,
    );
    expect(existsSync(join(folder, 'again.sqlite'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
