/** Leases on a real PostgreSQL: one holder at a time, by the database's clock, and a former one finds out before it acts. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { whileHeld } from '../../../collector/core/leases.ts';
import type { Database } from '../../../collector/storage/postgres/connection.ts';
import { openLeases } from '../../../collector/storage/postgres/leases.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { openLeases as openHeldLeases } from '../../../collector/storage/sqlite/leases.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait.ts';
import { leaseDatabase } from './lease-database.ts';

interface Holder {
  readonly said: string[];
  ask(): void;
  signal(name: NodeJS.Signals): void;
}

function holdElsewhere(url: string, name: string, leaseMs: number): Holder {
  const file = new URL('./lease-holder.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, url, name, String(leaseMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said: string[] = [];
  createInterface(child.stdout).on('line', (line) => said.push(line));
  return { said, ask: () => child.stdin.write('\n'), signal: (name) => child.kill(name) };
}

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'leases', () => {
    let server: RunningPostgres;
    let url: string;
    let database: Database;
    beforeAll(async () => {
      server = await startPostgres({ version });
      url = await server.createDatabase();
      database = leaseDatabase(url);
      await migrate(database);
    });
    afterAll(async () => {
      await database?.close();
      await server?.destroy();
    });

    const leasesOf = (owner: string, leaseMs?: number) => openLeases({ database, owner, ...(leaseMs !== undefined && { leaseMs }) });
    const end = (): Promise<unknown> => database.run('UPDATE lease SET until_ms = 1 WHERE until_ms > 0');

    test('one of many replicas gets a lease, and the next one when it is released', async () => {
      const replicas = Array.from({ length: 8 }, (_, index) => leasesOf(`replica ${index}`));
      const got = (await Promise.all(replicas.map((replica) => replica.acquire('one')))).filter((lease) => lease !== undefined);
      expect(got).toHaveLength(1);
      const [holder] = got;
      await holder?.confirm();
      expect(await replicas[3]?.acquire('one')).toBeUndefined();
      await holder?.release();
      expect(holder?.signal.aborted).toBe(true);
      const next = await replicas[3]?.acquire('one');
      expect(next?.fence).toBe((holder?.fence ?? 0) + 1);
      await Promise.all(replicas.map((replica) => replica.close()));
    });

    test('leases of different names have different holders', async () => {
      const [a, b] = [leasesOf('a'), leasesOf('b')];
      expect([await a.acquire('left'), await b.acquire('right')].every((lease) => lease !== undefined)).toBe(true);
      await Promise.all([a.close(), b.close()]);
    });

    test('a lease lasts far longer than a lease while it is renewed', async () => {
      // Long enough for a machine that stands still for a while.
      const leaseMs = 6_000;
      const [a, b] = [leasesOf('a', leaseMs), leasesOf('b', leaseMs)];
      const lease = await a.acquire('renewed');
      const until = async (): Promise<number> => Number((await database.rows("SELECT until_ms FROM lease WHERE name = 'renewed'"))[0]?.until_ms);
      const first = await until();
      await waitFor('three lengths of a lease', async () => (await until()) > first + 3 * leaseMs, { timeoutMs: 120_000 });
      expect(lease?.signal.aborted).toBe(false);
      expect(await b.acquire('renewed')).toBeUndefined();
      await a.close();
    });

    test('a holder whom another one has replaced finds out before it acts, and its signal is aborted', async () => {
      const [a, b] = [leasesOf('a'), leasesOf('b')];
      const former = await a.acquire('replaced');
      await end();
      const holder = await b.acquire('replaced');
      expect(holder).toBeDefined();
      expect(former?.signal.aborted).toBe(false);
      await expect(former?.confirm()).rejects.toMatchObject({ code: 'unavailable' });
      expect(former?.signal.aborted).toBe(true);
      // What it releases is not the other one's.
      await former?.release();
      await holder?.confirm();
      await b.close();
    });

    test('a lease that has ended and that nobody took is held on', async () => {
      const a = leasesOf('a');
      const lease = await a.acquire('idle');
      await end();
      await lease?.confirm();
      expect(await leasesOf('b').acquire('idle')).toBeUndefined();
      await a.close();
    });

    test('a database that does not answer ends a lease by itself', async () => {
      let isAway = false;
      const cut: Pick<Database, 'rows'> = { rows: (...asked) => (isAway ? new Promise<never>(() => undefined) : database.rows(...asked)) };
      const lease = await openLeases({ database: cut, owner: 'cut off', leaseMs: 600 }).acquire('cut off');
      isAway = true;
      await waitFor('the end of the lease', () => lease?.signal.aborted);
      await expect(lease?.confirm()).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('a database that refuses for a while ends no lease', async () => {
      let refusals = 0;
      const refusing: Pick<Database, 'rows'> = {
        rows: async (text, values) => {
          if (String(text).startsWith('UPDATE') && refusals++ < 2) throw new Error('refused');
          return database.rows(text, values);
        },
      };
      // Long enough for a machine that stands still for a while: the first renewal is due after a third of it.
      const leases = openLeases({ database: refusing, owner: 'refused', leaseMs: 15_000 });
      const lease = await leases.acquire('refused');
      await waitFor('a renewal after two refusals', () => refusals > 3);
      expect(lease?.signal.aborted).toBe(false);
      await leases.close();
    });

    test('another replica takes over from one that was killed', async () => {
      const holder = holdElsewhere(url, 'killed', 6_000);
      await waitFor('the holder', () => holder.said[0]?.startsWith('held'));
      const b = leasesOf('b', 6_000);
      expect(await b.acquire('killed')).toBeUndefined();
      holder.signal('SIGKILL');
      const taken = await waitFor('its successor', () => b.acquire('killed'));
      expect(taken.fence).toBe(2);
      await b.close();
    });

    test('a replica that was frozen notices when it wakes up, before it acts', async () => {
      const holder = holdElsewhere(url, 'frozen', 1_000);
      await waitFor('the holder', () => holder.said[0]?.startsWith('held'));
      holder.signal('SIGSTOP');
      const b = leasesOf('b', 1_000);
      await waitFor('its successor', () => b.acquire('frozen'));
      holder.ask();
      holder.signal('SIGCONT');
      expect(await waitFor('what the frozen one finds out', () => holder.said[1])).toBe('lost');
      holder.signal('SIGKILL');
      await b.close();
    });

    test('work is done by one replica at a time, and by the next one when the first stops', async () => {
      const doing: string[] = [];
      const working = (owner: string, signals: AbortSignal[]) =>
        whileHeld(
          leasesOf(owner),
          'work',
          async (_, signal) => {
            signals.push(signal);
            doing.push(owner);
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
            doing.push(`${owner} ended`);
          },
          { lookMs: 20, failed: (error) => doing.push(String(error)) },
        );
      const stopA = working('a', []);
      await waitFor('a to work', () => doing.length === 1);
      const stopB = working('b', []);
      await stopA();
      await waitFor('b to work', () => doing.length === 3);
      await stopB();
      expect(doing).toEqual(['a', 'a ended', 'b', 'b ended']);
    });

    test('work that fails is begun again', async () => {
      const failures: unknown[] = [];
      let begun = 0;
      const work = async (): Promise<void> => {
        begun++;
        throw new Error('it failed');
      };
      const stop = whileHeld(leasesOf('a'), 'failing', work, { lookMs: 20, failed: (error) => failures.push(error) });
      await waitFor('a second attempt', () => begun > 1);
      await stop();
      expect(failures).toHaveLength(begun);
    });
  });
});

test('an embedded ledger holds every lease as long as it is open', async () => {
  const leases = openHeldLeases();
  const lease = await leases.acquire('alerts');
  await lease?.confirm();
  expect(await leases.acquire('alerts')).toBeUndefined();
  await leases.close();
  expect(lease?.signal.aborted).toBe(true);
  await expect(lease?.confirm()).rejects.toMatchObject({ code: 'unavailable' });
});
