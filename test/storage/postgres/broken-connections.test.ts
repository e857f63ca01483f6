/** Connections that break, or go silent, at any moment: what waits for them ends, and what works is kept. */
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { untilCommitted } from '../../../collector/storage/postgres/attempts.ts';
import { Database, type DatabaseOptions, type Transaction, waitedInVain } from '../../../collector/storage/postgres/connection.ts';
import { Busy, CommitUnknown, storeError, troubleOf } from '../../../collector/storage/postgres/failure.ts';
import { serverCursor } from '../../../collector/storage/postgres/server-cursor.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import { describeWithBackend, SKIPPED } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { type PostgresProxy, startPostgresProxy } from '../../support/postgres-proxy.ts';
import { type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait.ts';

const OPTIONS: DatabaseOptions = { name: 'test', max: 2, wants: 'primary', statementMs: 60_000, lookMs: 50 };
const MANY = 'SELECT generate_series(1, 1000000)';
const PID = 'SELECT pg_backend_pid() AS pid';

describeWithBackend(['postgres15'], 'connections to PostgreSQL that break', () => {
  let server: RunningPostgres;
  let proxy: PostgresProxy;
  let target: Target;
  let other: Database;
  const opened: Database[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.destroy());
  beforeEach(async () => {
    target = targetAt(await server.createDatabase());
    proxy = await startPostgresProxy(server.port);
    other = connect();
  });
  afterEach(async () => {
    await proxy.close();
    for (const database of opened.splice(0)) await database.close();
  });

  const connect = (options: Partial<DatabaseOptions> = {}, to: Partial<Target> = {}): Database => {
    const database = new Database({ ...target, ...to }, { ...OPTIONS, ...options });
    opened.push(database);
    return database;
  };
  const behindProxy = (options: Partial<DatabaseOptions> = {}) => connect(options, { hosts: [{ host: '127.0.0.1', port: proxy.port }] });
  const pidOf = async (sql: Pick<Transaction, 'rows'>) => Number((await sql.rows(PID))[0]?.pid);
  const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
    asked.then(
      (answer) => `answered ${String(answer)}`,
      (error: unknown) => error,
    );
  /** `meanwhile`: after the first page. */
  const readPages = (database: Database, meanwhile: (pid: number) => Promise<'go on' | 'leave'>) =>
    failureOf(
      database.transaction(async (sql) => {
        const pid = await pidOf(sql);
        let pages = 0;
        for await (const _ of sql.pages(MANY, [], 10)) if (++pages === 1 && (await meanwhile(pid)) === 'leave') break;
        return pages;
      }),
    );
  const terminated = async (pid: number) => {
    await other.run('SELECT pg_terminate_backend($1)', [pid]);
    await waitFor('its end', async () => (await other.rows('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0);
  };

  test.each(['go on', 'leave'] as const)('end pages whose connection the server ends, when their reader would %s', async (next) => {
    const database = connect({ statementMs: 0 });
    const ended = await readPages(database, async (pid) => {
      await terminated(pid);
      return next;
    });
    expect(troubleOf(ended)).toBe('away');
    expect(await database.rows('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test('end pages whose connection is reset', async () => {
    const ended = await readPages(behindProxy({ statementMs: 0 }), async () => {
      await proxy.close();
      return 'go on';
    });
    expect(troubleOf(ended)).toBe('away');
    proxy = await startPostgresProxy(server.port);
  });

  test.each([
    [2_000, 'go on'],
    [2_000, 'leave'],
    [0, 'go on'],
    [0, 'leave'],
  ] as const)('end pages of a server that goes silent, within %i ms of a statement, when their reader would %s', async (statementMs, next) => {
    const ended = await readPages(behindProxy({ statementMs }), async () => {
      proxy.freeze();
      return next;
    });
    expect(troubleOf(ended)).toBe('away');
  });

  test('end a walk of the server that goes silent after one answer in vain, not after two', async () => {
    const asked: string[] = [];
    const database = behindProxy({ statementMs: 2_000, onStatement: (text) => asked.push(text.split(' ', 1)[0] ?? '') });
    const ended = await failureOf(
      database.transaction(async (sql) => {
        for await (const _ of serverCursor(sql, MANY, [], 10)) proxy.freeze();
      }),
    );
    expect(troubleOf(ended)).toBe('away');
    expect(asked).toEqual(['BEGIN', 'DECLARE', 'FETCH', 'FETCH']);
  });

  test('wait for what has no bound as long as the server answers, and no longer', async () => {
    const database = behindProxy({ statementMs: 0 });
    // Many looks long.
    expect(await database.rows('SELECT 1 AS n FROM pg_sleep(2)')).toEqual([{ n: 1 }]);
    const sleeping = failureOf(database.run('SELECT pg_sleep(3600)'));
    await waitFor('the statement', async () => (await other.rows(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)).length > 0);
    proxy.freeze();
    expect(await sleeping).toMatchObject({ message: expect.stringContaining('answers nobody') });
  });

  test('know that they do not know of a commit that is not answered', async () => {
    await other.run('CREATE TABLE t (n int)');
    const committing = behindProxy({ statementMs: 0 }).transaction(async (sql) => {
      await sql.run('INSERT INTO t VALUES (1)');
      proxy.freeze();
    });
    const unknown = await failureOf(committing);
    expect(unknown).toBeInstanceOf(CommitUnknown);
    expect([troubleOf(unknown), storeError(unknown).code]).toEqual(['away', 'unavailable']);
  });

  test('give nobody a connection that did not answer to the end of its transaction', async () => {
    const database = behindProxy({ max: 1, statementMs: 2_000 });
    const own = new Error('its own');
    const failed = database.transaction(async () => {
      proxy.swallow('ROLLBACK');
      throw own;
    });
    expect(await failureOf(failed)).toBe(own);
    expect(await database.rows('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  const isKeptAlive = async (): Promise<void> => {
    const database = connect();
    const [row] = await database.rows('SELECT inet_client_port() AS port');
    const local = `:${Number(row?.port).toString(16).toUpperCase().padStart(4, '0')}`;
    const timer = await waitFor('a socket that keeps alive', () => {
      const sockets = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/));
      return sockets.find(([, from, , , , at]) => from?.endsWith(local) && at?.startsWith('02:'))?.[5];
    });
    // In hundredths of a second.
    expect(Number.parseInt(timer.slice(3), 16)).toBeLessThanOrEqual(1_000);
  };
  const title = 'are asked every ten seconds whether they are there';
  if (platform() === 'linux') test(title, isKeptAlive);
  else test.skip(`${title} [${SKIPPED}only Linux shows the timers of sockets]`, isKeptAlive);

  test('keep the connection that works where the server permits no other one', async () => {
    await other.run('CREATE ROLE limited LOGIN CONNECTION LIMIT 1');
    const database = connect({}, { user: 'limited' });
    const [pid, refused] = await database.transaction(async (sql) => [await pidOf(sql), await failureOf(database.rows(PID))]);
    expect([codeOf(refused), troubleOf(refused)]).toEqual(['53300', 'full']);
    expect(await pidOf(database)).toBe(pid);
    await database.close();
    await other.run('DROP ROLE limited');
  });

  test('keep the connection that is in use where they may have no other one, and blame no database', async () => {
    const database = connect({ max: 1 });
    const [pid, refused] = await database.transaction(async (sql) => [await pidOf(sql), await failureOf(database.rows(PID))]);
    expect([refused, troubleOf(refused)]).toEqual([expect.any(Busy), 'full']);
    expect(storeError(refused).message).toBe('The database can do no more now: the collector uses all 1 connections that it has for this.');
    expect(await pidOf(database)).toBe(pid);
  });

  test('blame no sender where a partition is missing, and the sender where a row is refused', async () => {
    await other.run('CREATE TABLE p (n int CHECK (n < 10)) PARTITION BY LIST (n)');
    await other.run('CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1, 11)');
    const failures = await Promise.all([2, 11].map((n) => failureOf(other.run('INSERT INTO p VALUES ($1)', [n]))));
    expect(failures.map((failure) => [codeOf(failure), troubleOf(failure)])).toEqual([
      ['23514', 'conflict'],
      ['23514', 'sender'],
    ]);
  });

  test('are not held up by a host that is silent beside the primary', async () => {
    proxy.swallow('pg_is_in_recovery');
    const hosts = [proxy.port, server.port].map((port) => ({ host: '127.0.0.1', port }));
    for (const wants of ['primary', 'any'] as const) expect(await connect({ wants }, { hosts }).rows('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test('what writes waits while all hosts are standbys, until one of them is promoted', async () => {
    const standby = await startPostgres({ standbyOf: server });
    const writing = connect({}, { hosts: [{ host: '127.0.0.1', port: standby.port }] });
    const failures: unknown[] = [];
    const written = untilCommitted(() => writing.run('CREATE TABLE promoted (n int)'), {
      untilMs: Infinity,
      forget: (error) => failures.push(error),
    });
    const outcome = failureOf(written);
    await waitFor('a refusal', async () => failures.length > 1);
    expect(storeError(failures[0])).toMatchObject({ code: 'unavailable', message: 'No host of the database is the primary.' });
    await standby.promote();
    expect(await outcome).toBe('answered 0');
    expect(await writing.rows('SELECT n FROM promoted')).toEqual([]);
    await standby.destroy();
  });

  test('what reads, or starts, waits for a standby to be promoted, and only so long', async () => {
    const standby = await startPostgres({ standbyOf: server });
    const closed = await startPostgresProxy(server.port);
    await closed.close();
    const hosts = [closed.port, standby.port].map((port) => ({ host: '127.0.0.1', port }));
    const inVain = await failureOf(connect({ failoverMs: 600 }, { hosts }).rows(PID));
    expect([troubleOf(inVain), waitedInVain(inVain)]).toEqual(['away', true]);
    // Where nobody may be promoted there is nothing to wait for.
    const nobody = await failureOf(connect({ failoverMs: 1e9 }, { hosts: hosts.slice(0, 1) }).rows(PID));
    expect([troubleOf(nobody), waitedInVain(nobody)]).toEqual(['away', false]);
    const reading = [hosts, hosts.slice(1)].map((asked) => connect({ failoverMs: 240_000 }, { hosts: asked }).rows('SELECT 1 AS n'));
    await standby.promote();
    expect(await Promise.all(reading)).toEqual([[{ n: 1 }], [{ n: 1 }]]);
    await standby.destroy();
  });

  test('go back to the first host that readers name once it answers again', async () => {
    const standby = await startPostgres({ standbyOf: server });
    const hosts = [standby.port, server.port].map((port) => ({ host: '127.0.0.1', port }));
    const reading = connect({ wants: 'any' }, { hosts });
    const isStandby = async () => (await reading.rows('SELECT pg_is_in_recovery() AS is'))[0]?.is === true;
    await waitFor('the database on the standby', isStandby);
    await standby.stop();
    await waitFor('the primary', async () => !(await isStandby()));
    // Also while something is asked all the time.
    await standby.start();
    await waitFor('the standby', isStandby);
    await standby.destroy();
  });
});

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
