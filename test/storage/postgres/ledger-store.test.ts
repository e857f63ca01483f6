/** The writing half on a real PostgreSQL: what becomes of exports when transactions, connections and the database fail. */
import { expect, test } from '@jest/globals';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { startPostgresProxy } from '../../support/postgres-proxy.ts';
import { waitFor } from '../../support/wait.ts';
import { append, CALENDAR, failAt, useDatabase } from './writing.ts';

const CENT = 10_000_000_000n;
const PATIENCE = 240_000;

describeWithBackend(['postgres15'], 'the writer on PostgreSQL', () => {
  const ledger = useDatabase();
  const applied = async (entries: number) => {
    expect(await ledger.count('entries')).toBe(entries);
    expect(await ledger.count('sessions WHERE rev > 0')).toBe(entries);
    expect(await ledger.costs()).toMatchObject({ entries: BigInt(entries) * CENT, recent: BigInt(entries) * CENT });
  };

  test('keeps entries, sums and sessions', async () => {
    const writer = await ledger.open();
    expect(await append(writer, 'a', 'b')).toMatchObject({ appended: 2, duplicates: 0 });
    expect(await append(writer, 'a')).toMatchObject({ appended: 0, duplicates: 1 });
    await applied(2);
  });

  test('knows the combinations of what it reads after it was started again', async () => {
    const first = await ledger.open();
    const at = (id: string, minutes: number, team = 'platform') => event({ id, team, timeMs: NOON + minutes * 60_000 });
    await first.append({ entries: [at('a', 0), at('b', 5, 'core'), at('c', 10)], receivedMs: NOON });
    await first.close();
    const second = await ledger.open();
    // Late: the session is walked again from its entries.
    expect(await second.append({ entries: [at('d', 2)], receivedMs: NOON })).toMatchObject({ appended: 1 });
    expect(await ledger.costs()).toMatchObject({ entries: 4n * CENT, recent: 4n * CENT });
  });

  test('does what conflicts with others again, and applies it once', async () => {
    const writer = await ledger.open();
    await failAt(ledger.database, 'recent', 2, `RAISE EXCEPTION USING ERRCODE = '40001'`);
    expect(await append(writer, 'a')).toMatchObject({ appended: 1 });
    await applied(1);
  });

  test('applies once what was being committed when its connection was terminated', async () => {
    const writer = await ledger.open();
    await failAt(ledger.database, 'recent', 1, 'PERFORM pg_terminate_backend(pg_backend_pid())', 'COMMIT');
    expect(await append(writer, 'a')).toMatchObject({ appended: 1 });
    await applied(1);
  });

  test('applies once what was committed when the answer was lost', async () => {
    const proxy = await startPostgresProxy(ledger.server.port);
    const writer = await ledger.open({ target: { ...ledger.target, hosts: [{ host: '127.0.0.1', port: proxy.port }] } });
    await append(writer, 'a');
    for (let commit = 1; commit <= 2; commit++) {
      proxy.loseNextCommit();
      const outcome = await append(writer, `b${commit}`);
      expect(outcome.appended + outcome.duplicates).toBe(1);
      expect(proxy.lost).toBe(commit);
    }
    await writer.close();
    await proxy.close();
    await applied(3);
  });

  test(
    'asks for an export again when nobody knows of any of its commits',
    async () => {
      const proxy = await startPostgresProxy(ledger.server.port);
      const writer = await ledger.open({ target: { ...ledger.target, hosts: [{ host: '127.0.0.1', port: proxy.port }] } });
      await append(writer, 'a');
      proxy.loseCommits(true);
      await expect(append(writer, 'b')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('being committed') });
      proxy.loseCommits(false);
      const outcome = await append(writer, 'b');
      expect(outcome.appended + outcome.duplicates).toBe(1);
      await writer.close();
      await proxy.close();
      await applied(2);
    },
    PATIENCE,
  );

  test('refuses the export that it cannot hold, and none beside it', async () => {
    const writer = await ledger.open();
    const huge = { ...event({ id: 'huge', sessionId: 's-huge' }), cost: 10n ** 30n };
    const results = await Promise.allSettled([
      ...['a', 'b', 'c'].map((id) => append(writer, id)),
      writer.append({ entries: [huge], receivedMs: NOON }),
      ...['d', 'e'].map((id) => append(writer, id)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[3]).toMatchObject({ reason: { code: 'invalid' } });
    await applied(5);
  });

  test('keeps texts that PostgreSQL cannot hold with a sign in their place', async () => {
    const writer = await ledger.open();
    const odd = () => ({ ...event({ id: 'a', sessionId: 's\0\ud800', user: 'a\0b' }), identity: 'i\0', request: 'r\udfff' });
    expect(await writer.append({ entries: [odd()], receivedMs: NOON })).toMatchObject({ appended: 1 });
    expect(await writer.append({ entries: [odd()], receivedMs: NOON })).toMatchObject({ duplicates: 1 });
    expect(await ledger.database.rows('SELECT session_id FROM sessions')).toEqual([{ session_id: 's\ufffd\ufffd' }]);
    expect(await ledger.count(`dims WHERE "user" = 'a\ufffdb'`)).toBeGreaterThan(0);
    await applied(1);
  });

  test(
    'waits for a database that is away, and says so when it stays away',
    async () => {
      const writer = await ledger.open();
      await append(writer, 'a');
      await ledger.server.stop('immediate');
      const waiting = append(writer, 'b');
      await ledger.server.start();
      expect(await waiting).toMatchObject({ appended: 1 });
      await ledger.server.stop('immediate');
      await expect(append(writer, 'c')).rejects.toMatchObject({ code: 'unavailable' });
      expect(await writer.isWritable()).toBe(false);
      await ledger.server.start();
      await waitFor('a ledger that is writable', () => writer.isWritable());
      expect(await append(writer, 'c')).toMatchObject({ appended: 1 });
      await applied(3);
    },
    PATIENCE,
  );

  test(
    'leaves a connection that does not answer any more',
    async () => {
      const writer = await ledger.open();
      await append(writer, 'a');
      const [backend] = await ledger.database.rows(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'ledgerline writer' LIMIT 1`,
      );
      process.kill(Number(backend?.pid), 'SIGSTOP');
      try {
        expect(await append(writer, 'b')).toMatchObject({ appended: 1 });
      } finally {
        process.kill(Number(backend?.pid), 'SIGCONT');
      }
      await applied(2);
    },
    PATIENCE,
  );

  test('refuses a ledger that is cut in another calendar, and cuts it anew when it is asked for', async () => {
    const writer = await ledger.open({ afterEach: 'fold' });
    await writer.append({ entries: [event({ id: 'a', timeMs: NOON + 10 * 3_600_000 })], receivedMs: NOON });
    await writer.close();
    const days = () => ledger.database.rows('SELECT start_s FROM rollup_day_team');
    expect(await days()).toEqual([{ start_s: String((NOON - 12 * 3_600_000) / 1000) }]);
    const tokyo = { ...CALENDAR, timeZone: 'Asia/Tokyo' };
    await expect(ledger.open(tokyo)).rejects.toThrow(/another calendar/);
    const open: LedgerWriter = await ledger.open({ ...tokyo, otherCalendar: 'rebuild' });
    expect(await days()).toEqual([{ start_s: String((NOON + 3 * 3_600_000) / 1000) }]);
    await append(open, 'b');
  });

  test('is not cut anew while a collector runs, and one that finds it cut otherwise blames no sender', async () => {
    const writer = await ledger.open();
    await append(writer, 'a');
    await expect(ledger.open({ ...CALENDAR, timeZone: 'Asia/Tokyo', otherCalendar: 'rebuild' })).rejects.toThrow(/Collectors run/);
    const cutIn = async (zone: string) => {
      await ledger.database.run(`UPDATE meta SET value = '${zone} monday' WHERE name = 'calendar'`);
      await ledger.database.run('UPDATE replicas SET generation = generation + 1');
    };
    await cutIn('Asia/Tokyo');
    // As often as it is tried: what is refused for good would be lost.
    for (const id of ['b', 'c'])
      await expect(append(writer, id)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/another calendar/) });
    expect(await writer.isWritable()).toBe(false);
    await cutIn('UTC');
    expect(await append(writer, 'b', 'c')).toMatchObject({ appended: 2 });
    await applied(3);
  });
});
