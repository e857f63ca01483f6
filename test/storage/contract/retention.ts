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
  });
}
