import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Eraser } from '../../../collector/ledger/erasure.ts';
import { openStatementRecords } from '../../../collector/storage/postgres/statement-erasure.ts';
import { openStatementStore, readStatements } from '../../../collector/storage/postgres/statement-store.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { createLedgerDatabase, targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { describeStatements } from '../contract/statements/statements.ts';
import { billedIn, OCTOBER, putInto } from '../contract/statements/suite.ts';
import { connect, holding } from './beside-ledger.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'statements', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterAll(() => server?.destroy());

    describeStatements(`PostgreSQL ${version}`, async () => {
      const target = targetAt(await createLedgerDatabase(server));
      return {
        open: () => openStatementStore(target),
        records: () => openStatementRecords(target),
        holding: (pattern) => holding(server, target, pattern),
        destroy: () => undefined,
      };
    });

    test('nothing is made by who only reads', async () => {
      const target = targetAt(await server.createDatabase());
      const reader = readStatements(target);
      expect([await reader.sums({ ...OCTOBER, by: [] }), await reader.days(OCTOBER), await reader.origins()]).toEqual([[], [], []]);
      await reader.close();
      const database = connect(target);
      expect(await database.rows(`SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([]);
      await database.close();
    });

    test('texts that PostgreSQL cannot hold are kept all the same', async () => {
      const store = openStatementStore(targetAt(await server.createDatabase()));
      const line = { workspace: 'a\0b', model: `half ${'\ud83d'} pair`, user: '{"quoted", \\ NULL}', billed: 5n };
      await putInto(() => store)([line]);
      expect((await putInto(() => store)([line], { atMs: 2 })).what).toBe('same');
      expect(await billedIn(() => store)(['workspace', 'model', 'user'])).toEqual([['a\ufffdb', 'half \ufffd pair', '{"quoted", \\ NULL}', 5n]]);
      await store.close();
    });

    test('a wipe waits for who reads, and for who still sees what was erased', async () => {
      const target = targetAt(await server.createDatabase());
      const store = openStatementStore(target);
      await putInto(() => store)([{ user: 'ada@example.com', billed: 1n }]);
      const records = openStatementRecords(target);
      const reading = connect(target);
      await reading.transaction(
        async (sql) => {
          await sql.rows('SELECT 1 FROM statement_versions');
          expect(await records.erase(new Eraser(['ada@example.com'], 'erased-1'), { isRemembered: false, isTrial: false })).toBe(1);
          expect(await records.wipe()).toBe(false);
        },
        { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' },
      );
      await reading.transaction(async (sql) => {
        await sql.rows('SELECT 1 FROM statement_combinations');
        expect(await records.wipe()).toBe(false);
      });
      expect(await records.wipe()).toBe(true);
      expect(await holding(server, target, /ada@/)).toEqual([]);
      await Promise.all([records.close(), reading.close(), store.close()]);
    });

    test('an erasure beside imports leaves no name and loses no line', async () => {
      const target = targetAt(await server.createDatabase());
      const [first, second, records] = [openStatementStore(target), openStatementStore(target), openStatementRecords(target)];
      const lines = (day: number) => [...Array(30).keys()].map((index) => ({ user: 'ada@example.com', model: `m${day}-${index}`, billed: 1n }));
      const put = (day: number) => putInto(() => (day % 2 === 0 ? first : second))(lines(day), { day: `2026-10-${String(day).padStart(2, '0')}` });
      await put(1);
      await Promise.all([
        ...[...Array(12).keys()].map((day) => put(day + 2)),
        records.erase(new Eraser(['ada@example.com'], 'erased-1'), { isRemembered: true, isTrial: false }),
      ]);
      expect(await billedIn(() => first)(['user'])).toEqual([['erased-1', 390n]]);
      await Promise.all([first.close(), second.close(), records.close()]);
    });
  });
});
