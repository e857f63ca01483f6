import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pruneDaily } from '../../collector/app/retention.ts';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const DAY = 86_400_000;

describe('retention', () => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await openTestLedger();
    for (const day of [0, 30, 395, 400]) {
      await ledger.writer.append({ entries: [event({ id: 'a', sessionId: `day ${day}`, timeMs: NOON + day * DAY })], receivedMs: NOON + day * DAY });
    }
  });
  afterEach(async () => {
    jest.useRealTimers();
    await ledger.destroy();
  });

  /** What is logged a minute after the start of a collector whose clock says so. */
  const runAt = async (nowMs: number): Promise<unknown> => {
    jest.useFakeTimers({ now: nowMs, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const line = Promise.withResolvers<unknown>();
    const stop = pruneDaily(ledger.writer, 380, (code, message) => line.resolve([code, message]));
    jest.advanceTimersByTime(60_000);
    const logged = await line.promise;
    await stop();
    return logged;
  };

  test('removes what is older, by a clock that can be right', async () => {
    expect(await runAt(NOON + 400 * DAY)).toEqual(['retention_removed', 'Removed 1 entries older than 380 days.']);
    expect((await ledger.reader.status()).entries).toBe(3);
  });

  test('removes nothing by a clock that is ten years ahead, and says so', async () => {
    const line = await runAt(NOON + 4_000 * DAY);
    expect(line).toEqual(['retention_paused', expect.stringMatching(/^No entries were removed: this machine's clock says 2037-11-02, /)]);
    expect((await ledger.reader.status()).entries).toBe(4);
  });
});
