/** Reading from PostgreSQL where something goes wrong: it is asked again, or says what is the matter, and leaves nothing behind at the server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import { whileWanted } from '../../../collector/core/wanted.ts';
import type { LedgerReader } from '../../../collector/ledger/ledger.ts';
import { Database, READ_ONLY } from '../../../collector/storage/postgres/connection.ts';
import { storeError } from '../../../collector/storage/postgres/failure.ts';
import { openReader } from '../../../collector/storage/postgres/ledger-reader.ts';
import { betweenMoves, whileMoving } from '../../../collector/storage/postgres/move-epoch.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait.ts';

const COST = { measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 } as const;
const NO_STANDBY_DELAY = 'max_standby_streaming_delay=0';
const SLEEPING = `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
const ENDED_BY_STANDBY = {
  code: 'unavailable',
  message: expect.stringMatching(/^The standby had to go on .*conflict with recovery\.$/),
  hint: expect.stringContaining('hot_standby_feedback = on'),
};

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'a reader', () => {
    let server: RunningPostgres;
    const opened: { close(): Promise<void> }[] = [];
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });
    afterAll(() => server?.destroy());

    const connect = (target: Target): Database => {
      const database = new Database(target, { name: 'test', max: 3, wants: 'any', statementMs: 30_000 });
      opened.push(database);
      return database;
    };
    const read = (target: Target, options: { readonly wants?: 'any' } = {}): LedgerReader => {
      const reader = openReader({ target, timeZone: 'UTC', weekStart: 'monday', ...options });
      opened.push(reader);
      return reader;
    };
    /** A ledger of one dollar, moved, and another that is not. */
    const filled = async (slots = 1): Promise<{ readonly target: Target; readonly admin: Database }> => {
      const target = targetAt(await server.createDatabase());
      const admin = connect(target);
      await migrate(admin, { slots });
      await admin.run(`INSERT INTO dims (id, digest) VALUES (1, 'a')`);
      for (const table of ['rollup_quarter_hour', 'rollup_total_person', 'rollup_day_team'])
        await admin.run(`INSERT INTO ${table} (start_s, dims, cost) VALUES (0, 1, 1000000000000)`);
      await admin.run('INSERT INTO recent (slot, start_s, dims, replica, cost) VALUES (0, 900, 1, 1, 1000000000000)');
      return { target, admin };
    };
    /** Of connections that read. */
    const busy = async (admin: Database): Promise<number> => {
      const [row] = await admin.rows(
        `SELECT count(*) AS count FROM pg_stat_activity WHERE application_name = 'ledgerline reads' AND state <> 'idle' AND datname = current_database()`,
      );
      return Number(row?.count);
    };
    /** How long the question at the server has been there. */
    const seconds = async (admin: Database): Promise<number> => {
      const [row] = await admin.rows(
        `SELECT max(extract(epoch FROM clock_timestamp() - query_start)) AS s FROM pg_stat_activity WHERE application_name = 'ledgerline reads' AND state <> 'idle' AND datname = current_database()`,
      );
      return Number(row?.s ?? 0);
    };
    const endReaders = (admin: Database) =>
      admin.run(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledgerline reads' AND datname = current_database()`,
      );

    test('says where there is no ledger', async () => {
      const reader = read(targetAt(await server.createDatabase()));
      await expect(reader.status()).rejects.toMatchObject({ code: 'not_found', message: 'There is no ledger in this database.' });
      await expect(reader.snapshot((ledger) => ledger.status())).rejects.toMatchObject({ code: 'not_found' });
    });

    test('says where there is no database, and answers once there is', async () => {
      const reader = read(targetAt(server.urlOf('later')));
      await expect(reader.query(COST)).rejects.toMatchObject({
        code: 'unavailable',
        message: 'The database refuses: database "later" does not exist.',
      });
      const admin = connect(targetAt(server.urlOf('postgres')));
      await admin.run('CREATE DATABASE later');
      await migrate(connect(targetAt(server.urlOf('later'))));
      expect((await reader.query(COST)).totals).toEqual([0n]);
    });

    test('asks again where its connections were ended', async () => {
      const { target, admin } = await filled();
      const reader = read(target);
      expect((await reader.query(COST)).totals).toEqual([2_000_000_000_000n]);
      await endReaders(admin);
      expect((await reader.query(COST)).totals).toEqual([2_000_000_000_000n]);
    });

    test('a snapshot that loses its connection is over, and the next one is answered', async () => {
      const { target, admin } = await filled();
      const reader = read(target);
      const broken = reader.snapshot(async (ledger) => {
        await ledger.query(COST);
        await endReaders(admin);
        return ledger.query(COST);
      });
      await expect(broken).rejects.toMatchObject({ code: 'unavailable' });
      expect((await reader.snapshot((ledger) => ledger.query(COST))).totals).toEqual([2_000_000_000_000n]);
    });

    test('what nobody waits for any more ends at the server, too', async () => {
      const { target, admin } = await filled();
      const reader = read(target);
      await admin.transaction(async (sql) => {
        await sql.run('LOCK TABLE state IN ACCESS EXCLUSIVE MODE');
        const gone = new AbortController();
        const asked = whileWanted(gone.signal, () => reader.status());
        await waitFor('the question at the server', async () => (await busy(admin)) === 1);
        gone.abort(new LedgerlineError('unavailable', 'Nobody waits for it.'));
        await expect(asked).rejects.toThrow('Nobody waits for it.');
        await waitFor('its end', async () => (await busy(admin)) === 0);
      });
      expect((await reader.query(COST)).totals).toEqual([2_000_000_000_000n]);
    });

    test('a snapshot with a bound of its own waits longer for a statement than others do', async () => {
      const { target, admin } = await filled();
      const reader = openReader({ target, timeZone: 'UTC', weekStart: 'monday' }, { snapshotMaxMs: 300 });
      opened.push(reader);
      const answered = await admin.transaction(async (sql) => {
        await sql.run('LOCK TABLE recent IN ACCESS EXCLUSIVE MODE');
        const asked = reader.snapshot((ledger) => ledger.query(COST), { maxMs: 120_000 });
        await waitFor('a question that takes longer than others may', async () => (await seconds(admin)) > 2);
        return { asked };
      });
      expect((await answered.asked).totals).toEqual([2_000_000_000_000n]);
    });

    test('other questions are answered between two pages of rows', async () => {
      const { target } = await filled();
      const seen = await read(target).snapshot(async (ledger) => {
        const totals: unknown[] = [];
        for await (const page of ledger.rows({ ...COST, grain: 'quarter_hour' })) totals.push(page.length, (await ledger.query(COST)).totals);
        return totals;
      });
      expect(seen).toEqual([2, [2_000_000_000_000n]]);
    });

    test('of a ledger in shards does not begin while rows are moved', async () => {
      const { target, admin } = await filled(2);
      const reader = read(target);
      let isMoved = false;
      const moving = Promise.withResolvers<void>();
      const moved = whileMoving(admin, 2, async () => {
        await moving.promise;
        isMoved = true;
      });
      await waitFor('the number to be odd', async () => (await admin.rows(`SELECT value FROM meta WHERE name = 'move_epoch'`))[0]?.value === '1');
      const asked = reader.query(COST).then(() => isMoved);
      const begun: number[] = [];
      const between = betweenMoves(admin, async (isBegun) => {
        begun.push(begun.length);
        // The first time rows are moved in between.
        if (begun.length === 1) await whileMoving(admin, 2, () => Promise.resolve());
        await isBegun();
        return isMoved;
      });
      moving.resolve();
      await moved;
      expect(await Promise.all([asked, between])).toEqual([true, true]);
      expect(begun).toEqual([0, 1]);
    });

    test('a standby answers; what it has to end for the sake of what it replays is over, and asked again', async () => {
      const { target, admin } = await filled();
      const standby = await startPostgres({ version, standbyOf: server, settings: [NO_STANDBY_DELAY] });
      opened.push({ close: () => standby.destroy() });
      const own = { ...target, hosts: [{ host: '127.0.0.1', port: standby.port }] };
      const reader = read(own, { wants: 'any' });
      expect((await reader.query(COST)).totals).toEqual([2_000_000_000_000n]);
      const ended = reader.snapshot(async (ledger) => {
        await ledger.query(COST);
        await admin.run('DELETE FROM recent');
        await admin.run('VACUUM recent');
        const after = connect(own);
        await waitFor('the standby to have replayed it', async () => {
          const [row] = await after.rows('SELECT sum(confl_snapshot + confl_lock) AS conflicts FROM pg_stat_database_conflicts');
          return Number(row?.conflicts) > 0;
        });
        return ledger.query(COST);
      });
      await expect(ended).rejects.toMatchObject(ENDED_BY_STANDBY);
      expect((await reader.query(COST)).totals).toEqual([1_000_000_000_000n]);
      // While it answers, too.
      const once = { begin: READ_ONLY, attempts: 1 };
      const answering = connect(own).transaction((sql) => sql.rows('SELECT count(*), pg_sleep(60) FROM rollup_quarter_hour'), once);
      const failed = expect(answering.catch((error) => Promise.reject(storeError(error)))).rejects.toMatchObject(ENDED_BY_STANDBY);
      const watching = connect(own);
      await waitFor('the standby to answer', async () => (await watching.rows(SLEEPING)).length > 0);
      await admin.run('DELETE FROM rollup_quarter_hour');
      await admin.run('VACUUM rollup_quarter_hour');
      await failed;
      await expect(read(own).query(COST)).rejects.toMatchObject({ code: 'unavailable', message: 'No host of the database is the primary.' });
    });
  });
});
