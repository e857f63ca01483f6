/** What stays: after opening again, in another time zone, and when entries are removed. */
import { describe, expect, test } from '@jest/globals';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describeRetention(open: OpenStore): void {
  describe('what stays', () => {
    const ledger = useLedger(open);
    const { append, ask, total } = ledger;

    test('everything is there after opening again, and goes on being recognized', async () => {
      await append(event({ id: 'a' }), metric({ id: 'm', cost: '0.04', timeMs: NOON + 1 }));
      await ledger.reopen();
      expect((await append(event({ id: 'a' }))).duplicates).toBe(1);
      await append(event({ id: 'b', cost: '0.02', timeMs: NOON + 2 }));
      expect(await total()).toBe(usd('0.04'));
      expect(await total('cost_events')).toBe(usd('0.03'));
    });

    test('another time zone cuts the days anew', async () => {
      await append(event({ id: 'a', timeMs: Date.parse('2026-11-20T23:30:00Z') }));
      await ledger.reopen({ timeZone: 'Europe/Berlin' });
      const rows = (await ask({ by: ['team'], grain: 'day', timeZone: 'Europe/Berlin' })).rows;
      expect(rows.map((row) => new Date(row.startMs ?? 0).toISOString())).toEqual(['2026-11-20T23:00:00.000Z']);
      await ledger.reopen();
    });

    test('pruned sessions keep their totals, and their late entries are refused and counted', async () => {
      await append(event({ id: 'a' }), event({ id: 'b', sessionId: 'session-2', timeMs: NOON + DAY }));
      expect(await ledger.writer.prune(NOON + HOUR)).toBe(1);
      expect(await total()).toBe(usd('0.02'));
      expect(await append(event({ id: 'a' }))).toEqual({ appended: 0, duplicates: 0, conflicts: 0, expired: 1 });
      expect((await ledger.reader.session('session-1'))?.totals.cost).toBe(usd('0.01'));
      expect((await ledger.reader.status()).entries).toBe(1);
    });

    test('a resumed session is booked from the horizon on, beside what it came to before', async () => {
      await append(event({ id: 'a', sequence: 1 }), event({ id: 'b', cost: '0.03', model: 'claude-haiku-5-5', timeMs: NOON + 1, sequence: 2 }));
      expect(await ledger.writer.prune(NOON + HOUR)).toBe(2);
      const resumed = [
        event({ id: 'c', cost: '0.05', timeMs: NOON + DAY }),
        event({ id: 'd', cost: '0.07', timeMs: NOON + DAY + 1, sequence: 9 }),
        metric({ id: 'm', cost: '0.14', timeMs: NOON + DAY + 2 }),
      ];
      expect(await append(event({ id: 'a' }), ...resumed)).toEqual({ appended: 3, duplicates: 0, conflicts: 0, expired: 1 });
      expect(await append(...resumed)).toEqual({ appended: 0, duplicates: 3, conflicts: 0, expired: 0 });
      const session = await ledger.reader.session('session-1');
      expect([session?.cost, session?.totals.cost, session?.firstSeenMs]).toEqual([usd('0.18'), usd('0.18'), NOON]);
      expect(session?.models.map(({ model, totals }) => [model, totals.cost_events]).sort()).toEqual([
        ['claude-haiku-5-5', usd('0.03')],
        ['claude-opus-5-5', usd('0.13')],
      ]);
      await ledger.reopen();
      expect(await ledger.reader.check()).toEqual([]);
      expect(await ledger.writer.prune(NOON + 2 * DAY)).toBe(3);
      expect((await append(event({ id: 'e', cost: '0.02', timeMs: NOON + 3 * DAY }))).appended).toBe(1);
      expect((await ledger.reader.session('session-1'))?.totals.cost).toBe(usd('0.20'));
      expect([await total(), await total('sessions')]).toEqual([usd('0.20'), 1n]);
    });

    test('a running total that began before the horizon is not booked again as a whole', async () => {
      const reading = (id: string, timeMs: number, startMs: number) =>
        metric({ id, cost: '0.05', timeMs, cumulative: { series: `s ${startMs}`, startMs } });
      await append(reading('a', NOON, NOON - HOUR));
      await ledger.writer.prune(NOON + HOUR);
      expect((await append(reading('b', NOON + DAY, NOON - HOUR))).expired).toBe(1);
      expect((await append(reading('c', NOON + DAY, NOON + DAY - 1))).appended).toBe(1);
      expect(await total()).toBe(usd('0.10'));
    });

    test('exports come in between, however much is removed, and what is broken off is gone on with', async () => {
      const old = Array.from({ length: 9_000 }, (_, index) => event({ id: String(index), sessionId: `s${index % 90}`, timeMs: NOON + index }));
      await append(...old, event({ id: 'young', timeMs: NOON + DAY }));
      let isDone = false;
      const pruned = ledger.writer.prune(NOON + HOUR).finally(() => (isDone = true));
      let between = 0;
      while (!isDone) {
        await append(event({ id: `between ${between}`, timeMs: NOON + DAY + between }));
        between++;
        // What is there at any instant adds up. Removing does not wait for who reads, so that this may be the last one.
        if (between === 5) expect(await ledger.reader.check()).toEqual([]);
      }
      expect(await pruned).toBe(9_000);
      expect(between).toBeGreaterThan(4);
      expect((await ledger.reader.status()).entries).toBe(1 + between);
    });

    test('says how far a clock is ahead of the newest sessions', async () => {
      expect(await ledger.writer.clockLead(NOON)).toBe(0);
      await append(event({ id: 'a' }));
      expect(await ledger.writer.clockLead(NOON + 3_650 * DAY)).toBe(3_650 * DAY);
    });
  });
}
