/** Restoring: whole or not at all, whenever it is killed, and never with the log of another file. */
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, cpSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { backupLedger } from '../../../collector/storage/sqlite/backup.ts';
import { openBudgetStore, readBudgetJournal } from '../../../collector/storage/sqlite/budget-store.ts';
import { openReader } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { restoreBackup } from '../../../collector/storage/sqlite/restore.ts';
import { openStatementStore, readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { event, NOON, usd } from '../../support/entries.ts';

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const CHILD = join(import.meta.dirname, 'restoring-child.ts');
const OLD = { cost: usd('0.30'), budgets: ['late', 'early'].sort(), billed: usd('2.00') };
const BACKED_UP = { cost: usd('0.10'), budgets: ['early'], billed: usd('1.00') };
const DAYS = { from: '2026-10-01', to: '2026-11-01' };

describe('restoring a backup', () => {
  let folder: string;
  let data: string;
  let file: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-restore-'));
    data = join(folder, 'data');
    file = join(data, 'ledger.sqlite');
    await makeKilledLedger();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const book = (id: string, cost: string) => ({ entries: [event({ id, cost, sessionId: id })], receivedMs: NOON });
  const setBudget = async (name: string) => {
    const store = openBudgetStore(join(data, 'budgets.sqlite'));
    await store.set(budgetSchema.parse({ name, amount_usd: '5.00' }), { who: 'ops', atMs: NOON });
    await store.close();
  };

  const setBilled = async (billed: string) => {
    const store = openStatementStore(join(data, 'statements.sqlite'));
    const day = { source: 'anthropic-cost', account: '', day: '2026-10-03', isComplete: true };
    await store.replaceDay({ ...day, lines: [{ billed: usd(billed) }], askedMs: NOON, nowMs: NOON });
    await store.close();
  };

  /** A ledger and budgets with logs that nobody closed, as after a kill -9, and a backup from before its newest entries. */
  async function makeKilledLedger(): Promise<void> {
    const running = join(folder, 'running');
    data = running;
    file = join(running, 'ledger.sqlite');
    const writer = await openWriter({ file, ...CALENDAR });
    await writer.append(book('first', '0.10'));
    await setBudget('early');
    await setBilled('1.00');
    await writer.backup(join(folder, 'backup.sqlite'));
    await backupLedger(join(running, 'budgets.sqlite'), join(folder, 'backup.budgets.sqlite'));
    await backupLedger(join(running, 'statements.sqlite'), join(folder, 'backup.statements.sqlite'));
    await writer.append(book('second', '0.20'));
    const held = new DatabaseSync(join(running, 'budgets.sqlite'), { readOnly: true });
    held.exec('BEGIN');
    held.prepare('SELECT * FROM entries').all();
    await setBudget('late');
    await setBilled('2.00');
    cpSync(running, join(folder, 'data'), { recursive: true });
    held.close();
    await writer.close();
    data = join(folder, 'data');
    file = join(data, 'ledger.sqlite');
    rmSync(`${file}.lock`);
    expect(existsSync(`${file}-wal`) && existsSync(join(data, 'budgets.sqlite-wal'))).toBe(true);
  }

  /** As the next collector finds it. */
  const stateOf = async () => {
    const writer = await openWriter({ file, ...CALENDAR });
    const reader = openReader({ file, ...CALENDAR });
    const { totals } = await reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 });
    const differences = await reader.check();
    await reader.close();
    await writer.close();
    const budgets = readBudgetJournal(join(data, 'budgets.sqlite'));
    const names = (await budgets.budgets([])).map(({ name }) => name);
    await budgets.close();
    const statements = readStatements(join(data, 'statements.sqlite'));
    const [sum] = await statements.sums({ ...DAYS, by: [] });
    await statements.close();
    expect(differences).toEqual([]);
    return { cost: totals[0], budgets: names.sort(), billed: sum?.totals.billed };
  };
  const restoreAll = () =>
    restoreBackup({
      ledger: { backup: join(folder, 'backup.sqlite'), target: file },
      budgets: { backup: join(folder, 'backup.budgets.sqlite'), target: join(data, 'budgets.sqlite') },
      statements: { backup: join(folder, 'backup.statements.sqlite'), target: join(data, 'statements.sqlite') },
      stamp: 'then',
    });
  const child = (...args: string[]) =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, folder, ...args], { encoding: 'utf8' });

  test('swaps ledger, budgets and logs, keeps what was there, and leaves nothing else', async () => {
    const replaced = ['ledger', 'budgets', 'statements'].map((name) => join(data, `${name}.sqlite.replaced-then`));
    expect(restoreAll()).toEqual(replaced);
    expect(readdirSync(data).sort()).toEqual([
      'budgets.sqlite',
      'budgets.sqlite.replaced-then',
      'budgets.sqlite.replaced-then-wal',
      'ledger.sqlite',
      'ledger.sqlite.lock',
      'ledger.sqlite.replaced-then',
      'ledger.sqlite.replaced-then-redo',
      'ledger.sqlite.replaced-then-wal',
      'statements.sqlite',
      'statements.sqlite.replaced-then',
    ]);
    expect(await stateOf()).toEqual(BACKED_UP);
    [file, data] = [join(folder, 'old', 'ledger.sqlite'), join(folder, 'old')];
    cpSync(join(folder, 'data'), data, { recursive: true });
    for (const name of readdirSync(data))
      if (name.includes('.replaced-then')) cpSync(join(data, name), join(data, name.replace('.replaced-then', '')));
    for (const name of ['ledger.sqlite.generation', 'ledger.sqlite-shm', 'budgets.sqlite-shm']) rmSync(join(data, name), { force: true });
    expect(await stateOf()).toEqual(OLD);
  });

  test('killed after any step leaves the whole old state or the whole new one', async () => {
    const steps = child('never').stdout.trim().split('\n');
    expect(steps).toHaveLength(21);
    const pristine = join(folder, 'pristine');
    rmSync(data, { recursive: true });
    rmSync(join(folder, 'running'), { recursive: true });
    for (const name of readdirSync(folder)) if (name.startsWith('backup')) rmSync(join(folder, name));
    await makeKilledLedger();
    cpSync(data, pristine, { recursive: true });
    const states: unknown[] = [];
    for (const step of steps) {
      rmSync(data, { recursive: true });
      cpSync(pristine, data, { recursive: true });
      expect(child(step).signal).toBe('SIGKILL');
      states.push(await stateOf());
    }
    const decided = steps.indexOf('it is decided');
    expect(decided).toBe(4);
    expect(states).toEqual(steps.map((_, index) => (index < decided ? OLD : BACKED_UP)));
  });

  test('interrupted, keeps readers and budgets out until it is finished, and finishes when it is run again', async () => {
    child('ledger.sqlite is aside');
    const refusal = /A restore in \S+ was interrupted/;
    writeFileSync(file, '');
    expect(() => openReader({ file, ...CALENDAR })).toThrow(refusal);
    expect(() => openBudgetStore(join(data, 'budgets.sqlite'))).toThrow(refusal);
    rmSync(file);
    restoreBackup({ ledger: { backup: join(folder, 'backup.sqlite'), target: file }, stamp: 'again' });
    expect(await stateOf()).toEqual(BACKED_UP);
  });

  test('is refused while a collector runs', async () => {
    const writer = await openWriter({ file, ...CALENDAR });
    expect(restoreAll).toThrow(/A collector is running on \S+ledger\.sqlite, so nothing can be restored there/);
    await writer.close();
    expect(await stateOf()).toEqual(OLD);
  });

  test('refuses what is no whole backup, and changes nothing', async () => {
    const backup = join(folder, 'backup.sqlite');
    const refusals: [RegExp, () => void][] = [
      [/cannot be read as a ledger: file is not a database/, () => writeFileSync(backup, 'x'.repeat(9_000))],
      [/is not a ledger of Ledgerline/, () => new DatabaseSync(backup).exec('CREATE TABLE t (x); PRAGMA user_version = 1')],
      [/was written by a newer Ledgerline: its schema is version 99/, () => change(backup, 'PRAGMA user_version = 99')],
      [/is damaged: /, () => damage(backup)],
      [/is in use, or was not closed: \S+-wal lies beside it/, () => writeFileSync(`${backup}-wal`, 'x')],
      [/There is no backup at/, () => rmSync(backup)],
    ];
    copyFileSync(backup, join(folder, 'whole.sqlite'));
    for (const [sentence, spoil] of refusals) {
      for (const path of [backup, `${backup}-wal`]) rmSync(path, { force: true });
      if (!sentence.source.includes('not a ledger of')) copyFileSync(join(folder, 'whole.sqlite'), backup);
      spoil();
      expect(restoreAll).toThrow(sentence);
    }
    expect(await stateOf()).toEqual(OLD);
  });

  function change(path: string, sql: string): void {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  }

  /** Overwrites the first page of the entries. */
  function damage(path: string): void {
    const database = new DatabaseSync(path);
    const { rootpage } = database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'entries'`).get() ?? {};
    const { page_size } = database.prepare('PRAGMA page_size').get() ?? {};
    database.close();
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.alloc(Number(page_size), 0xff), 0, Number(page_size), (Number(rootpage) - 1) * Number(page_size));
    closeSync(handle);
  }

  test('a backup that is copied over a ledger with a log of its own is refused, with what to do', async () => {
    const refusal = /ledger\.sqlite and \S+ledger\.sqlite-wal do not belong together/;
    copyFileSync(join(folder, 'backup.sqlite'), file);
    rmSync(`${file}-shm`, { force: true });
    await expect(openWriter({ file, ...CALENDAR })).rejects.toThrow(refusal);
    expect(() => openReader({ file, ...CALENDAR })).toThrow(refusal);
    await expect(backupLedger(file, join(folder, 'copy.sqlite'))).rejects.toThrow(refusal);
    rmSync(`${file}-wal`);
    await expect(openWriter({ file, ...CALENDAR })).rejects.toThrow(refusal);
    rmSync(`${file}-redo`);
    expect(await stateOf()).toEqual({ ...OLD, cost: BACKED_UP.cost });
  });

  test('a ledger that was killed is opened with its own log, as often as it is killed', async () => {
    for (let round = 0; round < 3; round++) {
      const writer = await openWriter({ file, ...CALENDAR });
      await writer.append(book(`round ${round}`, '0.01'));
      cpSync(data, join(folder, `killed ${round}`), { recursive: true });
      await writer.close();
      data = join(folder, `killed ${round}`);
      file = join(data, 'ledger.sqlite');
      rmSync(`${file}.lock`);
    }
    expect((await stateOf()).cost).toBe(usd('0.33'));
  });

  test('check says in a sentence that pages are damaged', async () => {
    await (await openWriter({ file, ...CALENDAR })).close();
    damage(file);
    const reader = openReader({ file, ...CALENDAR });
    expect(await reader.check()).toEqual([expect.stringMatching(/ledger\.sqlite is damaged: .*restore a backup with `ledgerline restore`\.$/)]);
    await reader.close();
  });
});
