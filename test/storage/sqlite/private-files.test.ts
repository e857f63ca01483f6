/** What Ledgerline writes is for its user alone, also where it lay open before. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { backupLedger } from '../../../collector/storage/sqlite/backup.ts';
import { openBudgetStore } from '../../../collector/storage/sqlite/budget-store.ts';
import { openForReading } from '../../../collector/storage/sqlite/ledger-connection.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { restoreBackup } from '../../../collector/storage/sqlite/restore.ts';
import { event, NOON } from '../../support/entries.ts';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-private-'));
  data = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const modes = (): Record<string, string> => Object.fromEntries(readdirSync(data).map((name) => [name, modeOf(join(data, name))]));
const openNames = (): string[] => Object.entries(modes()).flatMap(([name, mode]) => (mode === '600' ? [] : [`${name} ${mode}`]));
const file = (): string => join(data, 'ledger.sqlite');

async function writing(act: () => void | Promise<void>): Promise<void> {
  const writer = await openWriter({ file: file(), timeZone: 'UTC', weekStart: 'monday' });
  const budgets = openBudgetStore(join(data, 'budgets.sqlite'));
  await writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
  await act();
  await budgets.close();
  await writer.close();
}

test('a new folder, its databases and their logs', async () => {
  await writing(() => {
    expect(Object.keys(modes())).toEqual(
      expect.arrayContaining(['ledger.sqlite-wal', 'ledger.sqlite-shm', 'budgets.sqlite-wal', 'ledger.sqlite.lock']),
    );
    expect(openNames()).toEqual([]);
  });
  expect(modeOf(data)).toBe('700');
});

test('what lay open before, with what earlier runs left', async () => {
  await writing(() => undefined);
  chmodSync(data, 0o755);
  writeFileSync(join(data, 'ledger.sqlite.replaced-2026'), '');
  for (const name of readdirSync(data)) chmodSync(join(data, name), 0o644);
  await writing(() => expect(openNames()).toEqual([]));
  expect(modeOf(data)).toBe('700');
});

test('a folder that holds other things stays open, its databases do not', async () => {
  mkdirSync(data, { mode: 0o755 });
  writeFileSync(join(data, 'notes.txt'), '', { mode: 0o644 });
  await writing(() => expect(openNames()).toEqual(['notes.txt 644']));
  expect(modeOf(data)).toBe('755');
});

test('a backup, and what is restored from one that others could read', async () => {
  const copy = join(folder, 'copy.sqlite');
  await writing(() => backupLedger(file(), copy));
  expect(modeOf(copy)).toBe('600');
  chmodSync(copy, 0o644);
  restoreBackup({ ledger: { backup: copy, target: file() }, stamp: 'x' });
  expect(openNames()).toEqual([]);
});

test('another user hears whom it is for, and not that there is none', async () => {
  await writing(() => undefined);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  else chmodSync(data, 0o000);
  try {
    expect(() => openForReading(file())).toThrow(`This user may not look for a ledger at ${file()}.`);
  } finally {
    if (isRoot) process.seteuid?.(0);
    else chmodSync(data, 0o700);
  }
});
