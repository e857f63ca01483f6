/** Several replicas that write one ledger. */
import { expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { VALUE_LIMITS } from '../../../collector/ledger/value-admission.ts';
import { openLeases } from '../../../collector/storage/postgres/leases.ts';
import { openReader } from '../../../collector/storage/postgres/ledger-reader.ts';
import { Replica } from '../../../collector/storage/postgres/replicas.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { append, CALENDAR, failAt, useDatabase } from './writing.ts';

const CENT = 10_000_000_000n;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PATIENCE = 240_000;
const DECEMBER = Date.parse('2026-12-05T12:00:00Z');

describeWithBackend(['postgres15'], 'replicas on PostgreSQL', () => {
  const ledger = useDatabase();
  const numbers = () => ledger.database.rows('SELECT replica FROM replicas WHERE replica > 0 ORDER BY replica');

  test('have numbers of their own, and take those of replicas that have gone', async () => {
    const one = await ledger.open();
    await ledger.open();
    expect(await numbers()).toEqual([{ replica: 1 }, { replica: 2 }]);
    await one.close();
    await ledger.open();
    expect(await numbers()).toEqual([{ replica: 1 }, { replica: 2 }]);
    await ledger.open();
    expect(await numbers()).toHaveLength(3);
  });

  test('go on under another number when theirs was lost', async () => {
    const writer = await ledger.open();
    await append(writer, 'a');
    await ledger.database.run(`UPDATE replicas SET owner = 'another', until_ms = 9e15 WHERE replica = 1`);
    expect(await append(writer, 'a', 'b')).toMatchObject({ appended: 1, duplicates: 1 });
    expect(await ledger.database.rows('SELECT DISTINCT replica FROM recent ORDER BY 1')).toEqual([{ replica: 1 }, { replica: 2 }]);
    expect(await ledger.costs()).toMatchObject({ entries: 2n * CENT, recent: 2n * CENT });
  });

  test('give up what they hold when a row is free, and never take one that still writes', async () => {
    await ledger.open();
    await ledger.database.run('UPDATE replicas SET until_ms = 0 WHERE replica = 1');
    const other = new Replica(ledger.database);
    await ledger.database.transaction(async (sql) => {
      await sql.rows('SELECT 1 FROM replicas WHERE replica = 1 FOR UPDATE');
      await other.register();
    });
    expect(other.number).toBe(2);
  });

  test('book one session once, whichever gets a part of it, and know what others have had', async () => {
    const writers = [await ledger.open(), await ledger.open(), await ledger.open()];
    const entries = Array.from({ length: 60 }, (_, index) => event({ id: `e${index}`, timeMs: NOON + index * 1_000 }));
    const parts = entries.map((entry, index) => writers[index % 3]?.append({ entries: [entry], receivedMs: NOON }));
    const again = entries.map((entry, index) => writers[(index + 1) % 3]?.append({ entries: [entry], receivedMs: NOON }));
    const outcomes = await Promise.all([...parts, ...again]);
    const sum = (of: 'appended' | 'duplicates') => outcomes.reduce((total, outcome) => total + (outcome?.[of] ?? 0), 0);
    expect([sum('appended'), sum('duplicates')]).toEqual([60, 60]);
    expect(await ledger.costs()).toMatchObject({ entries: 60n * CENT, recent: 60n * CENT });
    expect(await ledger.database.rows('SELECT cost FROM sessions')).toEqual([{ cost: String(60n * CENT) }]);
    expect(await ledger.count('sessions')).toBe(1);
  });

  test('know a month that another has closed before they commit again', async () => {
    const [one, other] = [await ledger.open(), await ledger.open()];
    const late = (id: string) => other.append({ entries: [event({ id, sessionId: `s-${id}` })], receivedMs: DECEMBER });
    await append(one, 'a');
    await late('b');
    await one.closeMonth('2026-11', DECEMBER);
    await late('c');
    expect(await ledger.database.rows('SELECT month, from_quarter * 900 AS at FROM moved_postings')).toEqual([
      { month: '2026-11', at: String(NOON / 1000) },
    ]);
    expect(await ledger.database.rows('SELECT start_s, cost FROM recent WHERE start_s > $1', [NOON / 1000])).toEqual([
      { start_s: String(DECEMBER / 1000), cost: String(CENT) },
    ]);
    await expect(other.closeMonth('2026-11', DECEMBER)).resolves.toMatchObject({ month: '2026-11' });
  });

  test('book under the pseudonym whom another has erased, also what they remember', async () => {
    const [one, other] = [await ledger.open(), await ledger.open()];
    await append(one, 'a');
    await append(other, 'b');
    const erased = await one.erase({ names: ['alice@example.com'], pseudonym: 'erased-1', isRemembered: true, isTrial: false });
    expect(erased).toMatchObject({ pseudonym: 'erased-1', combinations: expect.any(Number) });
    await append(other, 'c');
    expect(await ledger.count(`dims WHERE "user" = 'alice@example.com'`)).toBe(0);
    expect(await ledger.count(`entries e JOIN dims d ON d.id = e.dims WHERE d."user" = 'erased-1'`)).toBe(3);
    expect(await ledger.count(`dimension_values WHERE value = 'alice@example.com'`)).toBe(0);
    expect(await ledger.costs()).toMatchObject({ entries: 3n * CENT, recent: 3n * CENT });
  });

  test(
    'wait for what changes the ledger as a whole, however long it takes',
    async () => {
      const [one, other] = [await ledger.open(), await ledger.open()];
      await append(one, 'a');
      // Longer than any other statement may take.
      await failAt(ledger.database, 'dims', 1, 'PERFORM pg_sleep(6.5)');
      const renaming = one.rename({ names: [['alice@example.com', 'bob@example.com']], isTrial: false });
      await waitFor('a rename under way', async () => (await ledger.count(`pg_stat_activity WHERE wait_event = 'PgSleep'`)) > 0);
      const appending = append(other, 'b');
      expect(await renaming).toMatchObject({ values: 1 });
      expect(await appending).toMatchObject({ appended: 1 });
      expect(await ledger.costs()).toMatchObject({ entries: 2n * CENT, recent: 2n * CENT });
    },
    PATIENCE,
  );

  test('see the values that others keep apart', async () => {
    const limits = { values: { ...VALUE_LIMITS.values, team: 2 } };
    const one = await ledger.open({ limits });
    const teams = (writer: typeof one, team: string) => writer.append({ entries: [event({ id: team, sessionId: team, team })], receivedMs: NOON });
    await teams(one, 'a');
    await teams(one, 'b');
    const other = await ledger.open({ limits });
    expect(await teams(other, 'c')).toMatchObject({ grouped: { team: 1 } });
    expect(await teams(other, 'b')).not.toHaveProperty('grouped');
    expect(await ledger.database.rows(`SELECT value FROM state WHERE name = 'overflow:team'`)).toEqual([{ value: '1' }]);
  });

  test('say when the ledger last committed, whichever of them had its clock far ahead once', async () => {
    const reader = openReader({ target: ledger.target, ...CALENDAR });
    const asOf = async () => (await reader.status()).asOfMs;
    const ahead = Date.now() + 400 * DAY;
    const late = (writer: LedgerWriter, id: string, receivedMs: number) => writer.append({ entries: [event({ id, sessionId: id })], receivedMs });
    const [left, killed, other] = [await ledger.open(), await ledger.open(), await ledger.open()];
    await append(other, 'a');
    expect(await asOf()).toBe(NOON);
    await late(left, 'b', ahead);
    await late(killed, 'c', ahead);
    expect(await asOf()).toBeLessThan(ahead - 399 * DAY);
    await left.close();
    await ledger.database.run('UPDATE replicas SET until_ms = $1 WHERE replica = 2', [NOON + HOUR]);
    const leftMs = await asOf();
    expect(leftMs).toBeLessThan(ahead - 399 * DAY);
    const nowMs = async () =>
      Number((await ledger.database.rows(`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8 AS now_ms`))[0]?.now_ms);
    await waitFor('a later time', async () => (await nowMs()) > Number(leftMs));
    // It is that of the last commit, not of the question.
    expect(await asOf()).toBe(leftMs);
    await ledger.database.run('UPDATE replicas SET as_of_ms = $1, until_ms = 0 WHERE replica = 1', [ahead]);
    await ledger.database.run('UPDATE replicas SET until_ms = $1 WHERE replica = 2', [NOON]);
    const [first] = [await ledger.open(), await ledger.open()];
    await late(first, 'd', NOON + HOUR);
    expect(await asOf()).toBeLessThan(ahead - 399 * DAY);
    expect((await ledger.database.rows('SELECT as_of_s FROM ledgerline_read.ledger'))[0]?.as_of_s).toBe(
      String(Math.floor(Number(await asOf()) / 1_000)),
    );
    await reader.close();
  });

  test('number what collides by hand, and find it again', async () => {
    const writer = await ledger.open();
    await append(writer, 'a');
    const [known] = await ledger.database.rows('SELECT session, slot FROM sessions');
    // As if another session had this one's number.
    await ledger.database.run(`UPDATE sessions SET session_id = 'another'`);
    await ledger.database.run(`UPDATE dims SET digest = 'another'`);
    await writer.close();
    const second = await ledger.open();
    expect(await append(second, 'a', 'b')).toMatchObject({ appended: 2 });
    expect(await append(second, 'a')).toMatchObject({ duplicates: 1 });
    expect(await ledger.count('sessions WHERE session = $1'.replace('$1', String(known?.session)))).toBe(1);
    expect(await ledger.count('sessions')).toBe(3);
    await second.close();
    const third = await ledger.open();
    expect(await append(third, 'a')).toMatchObject({ duplicates: 1 });
  });

  test('say who is at fault when a ledger cannot be opened', async () => {
    const nowhere = { ...ledger.target, database: 'nowhere' };
    await expect(ledger.open({ target: nowhere })).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringMatching(/CREATE DATABASE/) });
    await expect(ledger.open({ target: { ...ledger.target, hosts: [{ host: '127.0.0.1', port: 1 }] } })).rejects.toBeInstanceOf(LedgerlineError);
  });

  test('remove no more entries once the lease for it is lost', async () => {
    const writer = await ledger.open();
    await append(writer, 'a', 'b');
    const [leases, others] = ['one', 'other'].map((owner) => openLeases({ database: ledger.database, owner }));
    const lease = await leases?.acquire('retention');
    // As if it had been frozen for as long as the lease lasts.
    await ledger.database.run(`UPDATE lease SET until_ms = 0`);
    const taken = await others?.acquire('retention');
    expect([lease?.name, taken?.name]).toEqual(['retention', 'retention']);
    await expect(writer.prune(NOON + HOUR, () => lease?.confirm() ?? Promise.resolve())).rejects.toMatchObject({ code: 'unavailable' });
    expect(await ledger.count('removals')).toBe(0);
    // Between two transactions, too: sessions are noted with the first, and lose their entries with the second.
    let transactions = 0;
    const confirm = async (): Promise<void> => {
      await taken?.confirm();
      if (++transactions === 1) await ledger.database.run(`UPDATE lease SET until_ms = 0, owner = 'a third'`);
    };
    await expect(writer.prune(NOON + HOUR, confirm)).rejects.toMatchObject({ message: expect.stringContaining('not held any more') });
    expect([transactions, await ledger.count('removals'), await ledger.count('entries')]).toEqual([1, 2, 2]);
    await Promise.all([leases?.close(), others?.close()]);
  });

  test('remove entries together, each a few', async () => {
    const [one, other] = [await ledger.open(), await ledger.open()];
    await append(one, 'a', 'b', 'c');
    await append(other, 'd', 'e');
    const removed = await Promise.all([one, other].map((writer) => writer.prune(NOON + HOUR)));
    expect(removed[0] ?? 0).toBeGreaterThanOrEqual(0);
    expect((removed[0] ?? 0) + (removed[1] ?? 0)).toBe(5);
    expect(await ledger.count('entries')).toBe(0);
    expect(await append(other, 'a')).toMatchObject({ expired: 1 });
  });
});
