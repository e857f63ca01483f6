/** What lies beside a ledger is copied with it: budgets with their audit, the outbox, statements, the directory, small files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KEPT_FILES } from '../../../collector/config/data-folder.ts';
import { BESIDE } from '../../../collector/storage/copy/beside-tables.ts';
import { copyToFolder } from '../../../collector/storage/copy/to-folder.ts';
import { copyToShared } from '../../../collector/storage/copy/to-shared.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { openDirectoryStore as openSharedDirectory } from '../../../collector/storage/postgres/directory-store.ts';
import { openStatementStore as openSharedStatements } from '../../../collector/storage/postgres/statement-store.ts';
import { openAlertStore } from '../../../collector/storage/sqlite/alert-store.ts';
import { openDirectoryStore } from '../../../collector/storage/sqlite/directory-store.ts';
import { openGatewayStore } from '../../../collector/storage/sqlite/gateway-store.ts';
import { openStatementStore } from '../../../collector/storage/sqlite/statement-store.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { openTestLedger } from '../../support/sqlite-ledger.ts';
import { bring } from '../../support/statements.ts';

const TIMEOUT_MS = 240_000;
const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const DAYS = { from: '2026-11-01', to: '2026-11-30' };

/** Two rows in each table that has none, of which no cell is like another. */
function fillTables(file: string, tables: readonly string[]): void {
  const database = new DatabaseSync(file);
  for (const table of tables) {
    if (database.prepare(`SELECT 1 FROM ${table}`).get() !== undefined) continue;
    const columns = database.prepare(`SELECT name, type FROM pragma_table_info('${table}')`).all();
    for (const row of [1, 2]) {
      const cells = columns.map(({ name, type }, index) => (type === 'INTEGER' ? 1_000 * index + row : `${String(name)} "${row}" ä\\`));
      database.prepare(`INSERT INTO ${table} VALUES (${cells.map(() => '?').join()})`).run(...cells);
    }
  }
  database.close();
}

const texts = (rows: readonly object[], columns: readonly string[]): string[] =>
  rows
    .map((row) =>
      JSON.stringify(
        columns
          .map((name) => Object.entries(row).find(([key]) => key === name)?.[1])
          .map((cell) => (cell === true ? '1' : cell === null ? cell : String(cell))),
      ),
    )
    .sort();

describeWithBackend('postgres15', 'what lies beside a ledger', () => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  }, TIMEOUT_MS);
  afterAll(() => server?.destroy());

  test(
    'is copied with it, row by row, and statements go on there',
    async () => {
      const ledger = await openTestLedger();
      await ledger.writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
      await ledger.writer.close();
      const folder = dirname(ledger.file);
      const statementFile = join(folder, 'statements.sqlite');
      const line = { day: '2026-11-02', model: 'opus', billed: 5n } as const;
      await bring(statementFile, 'usage', [line, { ...line, model: 'haiku', billed: 7n }], { days: ['2026-11-03'] });
      await openAlertStore(join(folder, 'budgets.sqlite')).close();
      await openDirectoryStore(join(folder, 'directory.sqlite')).close();
      await openGatewayStore(join(folder, 'budgets.sqlite')).close();
      for (const { fileOf, tables } of BESIDE)
        fillTables(
          fileOf({ data: folder }),
          Object.keys(tables).filter((table) => !/^(versions|lines|state)$/.test(table)),
        );
      writeFileSync(join(folder, KEPT_FILES.signInKey), Buffer.from([0, 255, 7]));

      const target = targetAt(await server.createDatabase());
      const copied = await copyToShared({ file: ledger.file, target, ...CALENDAR, say: () => undefined, onPass: () => undefined });
      expect(copied).toEqual({ differences: [], differencesMore: 0 });

      const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
      for (const { fileOf, tables } of BESIDE) {
        const embedded = new DatabaseSync(fileOf({ data: folder }), { readOnly: true });
        for (const [from, to] of Object.entries(tables).filter(([table]) => table !== 'state')) {
          const rows = embedded.prepare(`SELECT * FROM ${from}`).all();
          expect(rows.length).toBeGreaterThan(0);
          const columns = Object.keys(rows[0] ?? {});
          expect([to, ...texts(await database.rows(`SELECT * FROM ${to}`), columns)]).toEqual([to, ...texts(rows, columns)]);
        }
        embedded.close();
      }
      expect(await database.arrays('SELECT name, bytes FROM kept_files')).toEqual([[KEPT_FILES.signInKey, Buffer.from([0, 255, 7])]]);
      await database.close();

      const back = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      expect(await copyToFolder({ from: target, folder: back, ...CALENDAR, say: () => undefined, onPass: () => undefined })).toEqual(copied);
      for (const { fileOf, tables } of BESIDE) {
        const [was, is] = [folder, back].map((data) => new DatabaseSync(fileOf({ data }), { readOnly: true }));
        for (const table of Object.keys(tables)) {
          const rows = was?.prepare(`SELECT * FROM ${table}`).all() ?? [];
          const columns = Object.keys(rows[0] ?? {});
          expect([table, ...texts(is?.prepare(`SELECT * FROM ${table}`).all() ?? [], columns)]).toEqual([table, ...texts(rows, columns)]);
        }
        was?.close();
        is?.close();
      }
      expect(readFileSync(join(back, KEPT_FILES.signInKey))).toEqual(Buffer.from([0, 255, 7]));
      const again = openStatementStore(join(back, 'statements.sqlite'));
      expect(await again.versions(DAYS)).toHaveLength(2);
      await again.close();
      rmSync(back, { recursive: true });

      const [one, other] = [openStatementStore(statementFile), openSharedStatements(target)];
      for (const store of [one, other]) {
        const day = { source: 'usage', account: '', day: '2026-11-02', isComplete: true, askedMs: NOON + 1, nowMs: NOON + 1 };
        await store.replaceDay({ ...day, lines: [{ model: 'opus', billed: 6n }] });
      }
      expect(await other.versions(DAYS)).toEqual(await one.versions(DAYS));
      await one.close();
      await other.close();
      await ledger.destroy();
    },
    TIMEOUT_MS,
  );

  test(
    'may be without a directory: what comes over SCIM afterwards is noticed',
    async () => {
      const ledger = await openTestLedger();
      await ledger.writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
      await ledger.writer.close();
      const target = targetAt(await server.createDatabase());
      const quiet = { ...CALENDAR, say: () => undefined, onPass: () => undefined };
      const copied = await copyToShared({ file: ledger.file, target, ...quiet });
      expect(copied).toEqual({ differences: [], differencesMore: 0 });
      const back = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      expect(await copyToFolder({ from: target, folder: back, ...quiet })).toEqual(copied);
      for (const store of [openSharedDirectory(target), openDirectoryStore(join(back, 'directory.sqlite'))]) {
        const before = await store.revision();
        await store.changing((directory) => directory.addMerge({ atMs: NOON, who: 'test', alias: 'a@example.com', user: 'b@example.com' }));
        expect(await store.revision()).toBe(before + 1);
        await store.close();
      }
      rmSync(back, { recursive: true });
      await ledger.destroy();
    },
    TIMEOUT_MS,
  );
});
