import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import { Database, type DatabaseOptions } from '../../../collector/storage/postgres/connection.ts';
import { storeError, troubleOf } from '../../../collector/storage/postgres/failure.ts';
import { makePartition } from '../../../collector/storage/postgres/partitions.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait.ts';

const OPTIONS: DatabaseOptions = { name: 'test', max: 3, wants: 'primary', statementMs: 30_000 };
const PARTITIONS = `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'entries'::regclass ORDER BY 1`;

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'connections', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterAll(() => server?.destroy());

    const connect = async (options: Partial<DatabaseOptions> = {}) =>
      new Database(targetAt(await server.createDatabase()), { ...OPTIONS, ...options });

    test('make the tables once, however many begin at once, and again change nothing', async () => {
      const database = await connect();
      await Promise.all([migrate(database), migrate(database), migrate(database)]);
      await Promise.all([1, 1, 1].map((slots) => makePartition(database, 202611, slots)));
      await Promise.all([32, 32, 32].map((slots) => makePartition(database, 202612, slots)));
      expect(await database.rows(PARTITIONS)).toEqual([{ name: 'entries_202611' }, { name: 'entries_202612' }]);
      await migrate(database, { slots: 32 });
      expect(await database.rows(`SELECT value FROM meta WHERE name = 'slots'`)).toEqual([{ value: '1' }]);
      await database.close();
    });

    test('refuse what a newer version wrote', async () => {
      const database = await connect();
      await migrate(database);
      await database.run('UPDATE schema_version SET version = 1000');
      await expect(migrate(database)).rejects.toThrow('written by a newer Ledgerline');
      await database.close();
    });

    test('read pages and give integers as text', async () => {
      const database = await connect();
      const sizes = await database.transaction(async (sql) => {
        const found: unknown[] = [];
        for await (const page of sql.pages('SELECT generate_series($1::int8, 10)', [1], 4)) found.push(page);
        return found;
      });
      expect(sizes).toEqual([
        [['1'], ['2'], ['3'], ['4']],
        [['5'], ['6'], ['7'], ['8']],
        [['9'], ['10']],
      ]);
      await database.close();
    });

    test('run a transaction again that another was in the way of, and leave nothing of one that failed', async () => {
      const database = await connect();
      await database.run('CREATE TABLE t (id int PRIMARY KEY, n int)');
      await database.run('INSERT INTO t VALUES (1, 0)');
      let runs = 0;
      const add = () =>
        database.transaction(
          async (sql) => {
            runs++;
            const [row] = await sql.rows('SELECT n FROM t WHERE id = 1');
            await sql.run('SELECT pg_sleep(0.1)');
            await sql.run('UPDATE t SET n = $1 WHERE id = 1', [Number(row?.n) + 1]);
          },
          { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ', attempts: 20 },
        );
      await Promise.all([add(), add(), add()]);
      expect(await database.rows('SELECT n FROM t')).toEqual([{ n: 3 }]);
      expect(runs).toBeGreaterThan(3);
      const failing = database.transaction(async (sql) => {
        await sql.run('UPDATE t SET n = 100');
        await sql.run('INSERT INTO t VALUES (1, 1)');
      });
      await expect(failing).rejects.toThrow('duplicate key');
      expect(await database.rows('SELECT n FROM t')).toEqual([{ n: 3 }]);
      await database.close();
    });

    test('say that others were in the way where a lock was not had in time, and nothing of a standby', async () => {
      const database = await connect({ lockMs: 100 });
      await database.run('CREATE TABLE t (n int)');
      const failure = await database.transaction(async (holding) => {
        await holding.run('LOCK TABLE t');
        return database.transaction((sql) => sql.run('UPDATE t SET n = 1'), { attempts: 1 }).catch((error: unknown) => error);
      });
      expect(storeError(failure)).toMatchObject({ message: expect.stringMatching(/^Other transactions were in the way: /), hint: 'Try again.' });
      await database.close();
    });

    test('do not take a COMMIT for one that the server rolled back', async () => {
      const database = await connect();
      const swallowed = database.transaction(async (sql) => {
        await sql.run('SELECT 1/0').catch(() => undefined);
      });
      await expect(swallowed).rejects.toThrow('answered with ROLLBACK');
      await database.close();
    });

    test('come back when the server does', async () => {
      const database = await connect();
      await database.run('CREATE TABLE t (n int)');
      await server.stop('immediate');
      const away = await database.rows('SELECT 1').catch((error: unknown) => error);
      expect(troubleOf(away)).toBe('away');
      await server.start();
      await waitFor('an answer', async () => (await database.rows('SELECT n FROM t')).length === 0);
      await database.close();
    });

    test('find the primary among several hosts, and follow it', async () => {
      const url = await server.createDatabase();
      const standby = await startPostgres({ version, standbyOf: server });
      const hosts = [standby.port, server.port].map((port) => ({ host: '127.0.0.1', port }));
      const writing = new Database({ ...targetAt(url), hosts }, OPTIONS);
      const reading = new Database({ ...targetAt(url), hosts }, { ...OPTIONS, wants: 'any' });
      await writing.run('CREATE TABLE t (n int)');
      await waitFor('the table on the standby', async () => (await reading.rows('SELECT n FROM t')).length === 0);
      await expect(reading.run('INSERT INTO t VALUES (1)')).rejects.toMatchObject({ code: '25006' });
      await server.stop('immediate');
      await standby.promote();
      await waitFor('the new primary', async () => (await writing.run('INSERT INTO t VALUES (2)')) === 1);
      // The former primary comes back, and says that it is one: nobody who knows both writes there, however they are named.
      await server.start();
      await writing.run('INSERT INTO t VALUES (3)');
      for (const named of [hosts, hosts.toReversed()]) {
        const next = new Database({ ...targetAt(url), hosts: named }, OPTIONS);
        expect(await next.rows('SELECT n FROM t ORDER BY n')).toEqual([{ n: 2 }, { n: 3 }]);
        await next.close();
      }
      const former = new Database({ ...targetAt(url), hosts: [{ host: '127.0.0.1', port: server.port }] }, OPTIONS);
      expect(await former.rows('SELECT n FROM t')).toEqual([]);
      await former.close();
      // Who has written to the new one does not go back to the former when that is the only one left.
      await standby.stop('immediate');
      await waitFor('a refusal', async () => {
        const refused = await writing.run('INSERT INTO t VALUES (4)').catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(Error);
        return refused instanceof LedgerlineError && refused.message === 'The only primary that answers is one from before a failover.';
      });
      await standby.start();
      await waitFor('the new primary again', async () => (await writing.run('INSERT INTO t VALUES (5)').catch(() => 0)) === 1);
      await Promise.all([writing.close(), reading.close()]);
      await standby.destroy();
    });
  });
});
