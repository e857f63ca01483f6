/** Exports that are acknowledged before the file has them: nobody who asks misses them, and no failure and no kill takes them back. */
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Entry } from '../../../collector/ledger/entry.ts';
import type { LedgerReader } from '../../../collector/ledger/ledger.ts';
import { Decoder, Encoder } from '../../../collector/storage/batch-codec.ts';
import { EmbeddedSource } from '../../../collector/storage/copy/embedded/source.ts';
import { CommitPace } from '../../../collector/storage/sqlite/commit-pace.ts';
import { openReader } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { SqliteStore } from '../../../collector/storage/sqlite/ledger-store.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { lockLedger } from '../../../collector/storage/sqlite/lock.ts';
import { RedoLog } from '../../../collector/storage/sqlite/redo-log.ts';
import { messagesOf } from '../../../collector/storage/sqlite/redo-record.ts';
import { settleUnlessRunning } from '../../../collector/storage/sqlite/settle.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';
import { waitFor } from '../../support/wait.ts';

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const DEFERRED = { isDeferred: true };

/** What all records of a redo log say. */
function namesIn(file: string): string {
  const log = new RedoLog(file);
  const records = log.after(0).map(({ bytes }) => messagesOf(bytes));
  log.close();
  return JSON.stringify(records, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

describe('deferred commits', () => {
  let folder: string;
  let data: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-deferred-'));
    data = join(folder, 'data');
    mkdirSync(data);
    file = join(data, 'ledger.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** By codecs of its own: a store notes in a combination what it knows of it. */
  const job = (...entries: Entry[]) => new Decoder().decode(new Encoder().encode({ entries, receivedMs: NOON }));
  /** One that no roll-up takes. */
  const bad = (id: string) => job(event({ id, amounts: { cost_list_uncached: 0.5 } }));
  const open = (at = file) => new SqliteStore(at, CALENDAR);
  const costIn = async (reader: LedgerReader) =>
    (await reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 })).totals[0];
  /** As whoever opens the file finds it. */
  const costOf = async (at = file) => {
    const reader = openReader({ file: at, ...CALENDAR });
    const [cost, differences] = [await costIn(reader), await reader.check()];
    await reader.close();
    expect(differences).toEqual([]);
    return cost;
  };
  /** The data folder as a kill at this instant leaves it. Answers the ledger's file. */
  const killed = (name: string): string => {
    cpSync(data, join(folder, name), { recursive: true });
    return join(folder, name, 'ledger.sqlite');
  };
  const reopened = (at: string): Promise<bigint | undefined> => {
    open(at).close();
    return costOf(at);
  };

  test('are in the file together, and after a kill with the next start', async () => {
    const store = open();
    for (const id of ['a', 'b', 'c']) expect(store.apply([job(event({ id }))], DEFERRED)).toMatchObject([{ appended: 1 }]);
    const before = killed('before');
    expect(await costOf(before)).toBe(0n);
    expect(await reopened(before)).toBe(usd('0.03'));
    expect(existsSync(`${before}-redo`)).toBe(false);
    store.commit();
    expect(await costOf()).toBe(usd('0.03'));
    store.close();
    expect(existsSync(`${file}-redo`)).toBe(false);
  });

  test('count once after a kill between the commit and what follows it', async () => {
    const store = open();
    store.apply([job(event({ id: 'a' }))], DEFERRED);
    store.apply([job(event({ id: 'b' }))], DEFERRED);
    copyFileSync(`${file}-redo`, join(folder, 'redo'));
    store.commit();
    const after = killed('after');
    copyFileSync(join(folder, 'redo'), `${after}-redo`);
    store.close();
    const again = open(after);
    expect(again.apply([job(event({ id: 'b' }), event({ id: 'c' }))], DEFERRED)).toMatchObject([{ appended: 1, duplicates: 1 }]);
    const later = join(folder, 'later');
    cpSync(join(folder, 'after'), later, { recursive: true });
    again.close();
    expect(await reopened(join(later, 'ledger.sqlite'))).toBe(usd('0.03'));
  });

  test('outlive an export that cannot be applied, and one without them is none', async () => {
    const store = open();
    store.apply([job(event({ id: 'a' }))], DEFERRED);
    expect(() => store.apply([bad('x')], DEFERRED)).toThrow();
    expect(store.isOpen).toBe(false);
    expect(await costOf()).toBe(usd('0.01'));
    store.apply([job(event({ id: 'b', user: 'new@example.com' }))], DEFERRED);
    expect(() => store.apply([bad('y')])).toThrow();
    expect(store.apply([job(event({ id: 'b', user: 'new@example.com' }), event({ id: 'c', user: 'new@example.com' }))])).toMatchObject([
      { appended: 1, duplicates: 1 },
    ]);
    store.close();
    expect(await costOf()).toBe(usd('0.03'));
  });

  test('in any order with commits, failures and kills come to what one commit for each comes to', async () => {
    const random = seededRandom('deferred commits');
    let store = open();
    let cost = 0n;
    for (let round = 0; round < 300; round++) {
      const entries = Array.from({ length: 1 + random.below(3) }, (_, index) =>
        event({
          ...{ id: `${round} ${index}`, cost: `0.${1 + random.below(9)}`, timeMs: NOON + random.below(3_600_000) },
          ...{ sessionId: `s${random.below(9)}`, user: `u${random.below(30)}`, model: `m${random.below(4)}` },
        }),
      );
      if (random.chance(0.1)) expect(() => store.apply([job(...entries), bad(`bad ${round}`)], { isDeferred: random.chance(0.5) })).toThrow();
      else {
        store.apply([job(...entries)], { isDeferred: random.chance(0.8) });
        cost += entries.reduce((sum, entry) => sum + entry.cost, 0n);
      }
      if (random.chance(0.1)) store.commit();
      if (random.chance(0.05)) {
        const left = killed(`killed ${round}`);
        store.close();
        store = open(left);
        file = left;
        data = join(left, '..');
      }
    }
    store.close();
    expect(await costOf()).toBe(cost);
  }, 240_000);

  test('are there for whoever asks in the same process, at any moment of a burst', async () => {
    const writer = await openWriter({ file, ...CALENDAR });
    const reader = openReader({ file, ...CALENDAR });
    for (let round = 1; round <= 40; round++) {
      await writer.append({ entries: [event({ id: `${round}` })], receivedMs: NOON });
      if (round % 5 === 0) expect(await costIn(reader)).toBe(BigInt(round) * usd('0.01'));
      if (round % 7 === 0) expect((await reader.session('session-1'))?.cost).toBe(BigInt(round) * usd('0.01'));
    }
    await reader.close();
    await writer.close();
  }, 240_000);

  test('reach the file by themselves when no more exports come', async () => {
    const writer = await openWriter({ file, ...CALENDAR });
    await Promise.all(Array.from({ length: 30 }, (_, index) => writer.append({ entries: [event({ id: `${index}` })], receivedMs: NOON })));
    for (let index = 30; index < 60; index++) await writer.append({ entries: [event({ id: `${index}` })], receivedMs: NOON });
    // Read through another path, as another process does: the writer does not hear of it.
    await waitFor('all of it', async () => (await costOf(join(data, '..', 'data', '..', 'data', 'ledger.sqlite'))) === usd('0.60'));
    await writer.close();
  }, 240_000);

  test('are brought in for who takes the file without a collector, and not beside one', async () => {
    const store = open();
    store.apply([job(event({ id: 'a' }))], DEFERRED);
    const left = killed('left');
    const lock = lockLedger(left);
    settleUnlessRunning(left, CALENDAR);
    expect(await costOf(left)).toBe(0n);
    lock.release();
    settleUnlessRunning(left, CALENDAR);
    expect(await costOf(left)).toBe(usd('0.01'));
    store.close();
  });

  test('are part of a copy that is made after the collector was killed', async () => {
    const store = open();
    store.apply([job(event({ id: 'a' }))], DEFERRED);
    const left = killed('left');
    store.close();
    const source = new EmbeddedSource(left, CALENDAR);
    expect(await source.unwritten(() => costOf(left))).toBe(usd('0.01'));
    await source.close();
  });

  test('leave nothing of a person who is erased', async () => {
    const writer = await openWriter({ file, ...CALENDAR });
    for (let index = 0; index < 20; index++)
      await writer.append({ entries: [event({ id: `${index}`, user: 'ada@example.com', sessionId: 'ada-1' })], receivedMs: NOON });
    const kept = () => namesIn(`${file}-redo`);
    expect(kept()).toContain('ada@example.com');
    await writer.erase({ names: ['ada@example.com'], pseudonym: 'erased-1', isRemembered: true, isTrial: false });
    expect(readFileSync(`${file}-redo`)).toHaveLength(0);
    for (let index = 20; index < 40; index++)
      await writer.append({
        entries: [event({ id: `${index}`, user: 'ada@example.com', sessionId: 'no-session:ada@example.com:2026-11-20' })],
        receivedMs: NOON,
      });
    expect(kept()).toContain('erased-1');
    expect(kept()).not.toContain('ada@example.com');
    await writer.close();
  }, 240_000);

  test('of a ledger that was removed are not those of the next one in its place', async () => {
    const store = open();
    store.apply([job(event({ id: 'a' }))], DEFERRED);
    const left = killed('left');
    store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${left}${suffix}`, { force: true });
    expect(await reopened(left)).toBe(0n);
  });
});

describe('the pace of commits', () => {
  const paced = () => {
    const commit = jest.fn();
    return { commit, pace: new CommitPace(commit) };
  };
  /** Groups at these times; answers which of them were deferred. */
  const deferred = (pace: CommitPace, times: readonly number[], bytes = 0) =>
    times.map((ms) => {
      const isDeferred = pace.isDeferred(ms, bytes);
      pace.note(ms, isDeferred);
      return isDeferred;
    });
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('commits exports that come alone one by one', () => {
    const { pace } = paced();
    expect(deferred(pace, [0, 100, 200, 1_000])).toEqual([false, false, false, false]);
  });

  test('defers what follows fast, and commits every other second', () => {
    const { pace } = paced();
    const times = Array.from({ length: 601 }, (_, index) => index * 10);
    const committed = times.filter((_, index) => !deferred(pace, [index * 10])[0]);
    expect(committed).toEqual([0, 2_000, 4_000, 6_000]);
  });

  test('commits when no more come, and tries again when that fails', () => {
    const { commit, pace } = paced();
    deferred(pace, [0, 10, 20]);
    jest.advanceTimersByTime(49);
    expect(commit).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(commit).toHaveBeenCalledTimes(1);
    pace.failed();
    jest.advanceTimersByTime(2_000);
    expect(commit).toHaveBeenCalledTimes(2);
    pace.committed(3_000);
    jest.advanceTimersByTime(10_000);
    expect(commit).toHaveBeenCalledTimes(2);
  });

  test('does not let the redo log grow without end', () => {
    const { pace } = paced();
    expect(deferred(pace, [0, 10])).toEqual([false, true]);
    expect(deferred(pace, [20], 9_000_000)).toEqual([false]);
  });
});
