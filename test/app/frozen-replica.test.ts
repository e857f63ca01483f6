/** A collector that was frozen for longer than its number is leased, and wakes up when another one has the number. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { describeWithBackend } from '../support/backends.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { waitFor } from '../support/wait.ts';
import { Replicas } from './replicas.ts';

const TIMEOUT_MS = 240_000;

describeWithBackend('postgres15', 'a replica that was frozen', () => {
  let replicas: Replicas;
  let database: Database;
  beforeAll(async () => {
    replicas = await Replicas.on();
    database = new Database(targetAt(replicas.url), { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await database?.close();
    await replicas?.destroy();
  });

  const owners = async (): Promise<Map<number, string>> =>
    new Map(
      (await database.rows('SELECT replica, owner FROM replicas WHERE replica > 0')).map(({ replica, owner }) => [Number(replica), String(owner)]),
    );
  /** What replicas wrote of each minute: requests, by their number. */
  const written = async (): Promise<Map<number, number>> =>
    new Map(
      (await database.rows('SELECT replica, sum(requests) AS requests FROM minutes GROUP BY replica')).map(({ replica, requests }) => [
        Number(replica),
        Number(requests),
      ]),
    );

  test(
    'writes under another number, once, also what it had taken before',
    async () => {
      await replicas.start('frozen', 'receiver');
      expect(await replicas.send('frozen', 'a')).toBe(200);
      const [[number, owner] = []] = await owners();
      expect(await written()).toEqual(new Map([[number, 1]]));

      const { child } = replicas.process('frozen');
      child.kill('SIGSTOP');
      // It is asked while it cannot answer, and takes the request when it wakes up.
      const late = replicas.send('frozen', 'b');
      // As if a minute had passed.
      await database.run('UPDATE replicas SET until_ms = 0 WHERE replica = $1', [number]);
      await replicas.start('other', 'receiver');
      expect((await owners()).get(number ?? 0)).not.toBe(owner);
      expect(await replicas.send('other', 'c')).toBe(200);

      child.kill('SIGCONT');
      expect(await late).toBe(200);
      expect(await replicas.send('frozen', 'd')).toBe(200);
      // Sent again to both.
      for (const request of ['b', 'c', 'd']) for (const name of ['frozen', 'other']) expect(await replicas.send(name, request)).toBe(200);
      const now = await owners();
      expect(now.get(number ?? 0)).not.toBe(owner);
      expect([...now.values()]).toContain(owner);
      const own = [...now].find(([, one]) => one === owner)?.[0] ?? 0;
      expect(await written()).toEqual(
        new Map([
          [number, 2],
          [own, 2],
        ]),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'keeps no row locked when it freezes within a transaction',
    async () => {
      const [[number, owner] = []] = [...(await owners())].filter(([, one]) => one !== '').reverse();
      const frozen = new Database(targetAt(replicas.url), { name: 'test frozen', max: 1, wants: 'primary', statementMs: 0, idleMs: 500 });
      // What a process does that is stopped between two statements: nothing.
      const stopped = frozen.transaction(async (sql) => {
        await sql.rows('SELECT 1 FROM replicas WHERE replica = $1 FOR UPDATE', [number]);
        const isFree = `SELECT 1 FROM replicas WHERE replica = $1 FOR UPDATE SKIP LOCKED`;
        expect(await database.rows(isFree, [number])).toEqual([]);
        await waitFor('the row', async () => (await database.rows(isFree, [number])).length > 0);
        await sql.run('UPDATE replicas SET as_of_ms = 1 WHERE replica = $1', [number]);
      });
      await expect(stopped).rejects.toThrow();
      expect(owner).toBeDefined();
      expect(await database.rows('SELECT 1 FROM replicas WHERE as_of_ms = 1')).toEqual([]);
      await frozen.close();
    },
    TIMEOUT_MS,
  );
});
