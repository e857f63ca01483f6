/** Months whose figures do not move any more. */
import { describe, expect, test } from '@jest/globals';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const DAY = 24 * 3_600_000;
const DECEMBER = Date.parse('2026-12-01T00:00Z');
const CLOSING = DECEMBER + DAY + 7 * 60_000;

export function describeClosedMonths(open: OpenStore): void {
  describe('closed months', () => {
    const ledger = useLedger(open);
    const months = async () => {
      const { rows } = await ledger.ask({ by: ['team'], grain: 'month' });
      return rows.map(({ startMs = 0, values: [cost = 0n] }) => [startMs, cost] as const).sort(([a, x], [b, y]) => a - b || Number(x - y));
    };
    const november = Date.parse('2026-11-01T00:00Z');

    test('keep their sums: what comes for them is posted when it comes, and can be asked for', async () => {
      await ledger.append(event({ id: 'a', cost: '2' }));
      const closed = await ledger.writer.closeMonth('2026-11', CLOSING);
      expect(closed).toEqual({ month: '2026-11', fromMs: november, toMs: DECEMBER, closedMs: CLOSING });
      await ledger.receive(CLOSING, event({ id: 'late', cost: '3', timeMs: NOON + 1 }), event({ id: 'old', cost: '1', timeMs: NOON - 40 * DAY }));
      await ledger.receive(CLOSING + DAY, event({ id: 'later', cost: '0.5', timeMs: NOON + 2, team: 'data' }));
      expect(await months()).toEqual([
        [november, usd('2')],
        [DECEMBER, usd('0.5')],
        [DECEMBER, usd('4')],
      ]);
      const quarters = await ledger.ask({ grain: 'quarter_hour', fromMs: DECEMBER });
      expect(quarters.rows.map(({ startMs }) => startMs)).toEqual([DECEMBER + DAY, DECEMBER + 2 * DAY]);
      const moved = await ledger.reader.moved({ by: ['team'], rowsMax: 9 });
      expect(moved.map(({ month, key, sums, lastMs }) => [month, ...key, sums.cost, sums.requests, lastMs])).toEqual([
        ['2026-10', 'platform', usd('1'), 1n, CLOSING],
        ['2026-11', 'data', usd('0.5'), 1n, CLOSING + DAY],
        ['2026-11', 'platform', usd('3'), 1n, CLOSING],
      ]);
      const narrowed = { by: [], within: [{ dimension: 'team', values: ['data'] }], fromMs: DECEMBER + 2 * DAY, rowsMax: 1 } as const;
      expect((await ledger.reader.moved(narrowed)).map(({ sums }) => sums.cost)).toEqual([usd('0.5')]);
      expect(await ledger.reader.moved({ by: [], toMs: DECEMBER + DAY, rowsMax: 9 })).toEqual([]);
      await expect(ledger.reader.moved({ by: ['team'], rowsMax: 1 })).rejects.toThrow('More than 1 rows were moved.');
    });

    test('leave out of a time, where that is asked for, what was spent before it and posted in it', async () => {
      await ledger.append(event({ id: 'a', cost: '2' }));
      await ledger.writer.closeMonth('2026-11', CLOSING);
      const old = event({ id: 'old', cost: '1', timeMs: NOON - 40 * DAY });
      await ledger.receive(CLOSING, event({ id: 'late', cost: '3', timeMs: NOON + 1 }), old);
      const today = event({ id: 'today', cost: '7', timeMs: CLOSING + DAY, team: 'data' });
      await ledger.receive(CLOSING + DAY, event({ id: 'later', cost: '0.5', timeMs: NOON + 2, team: 'data' }), today);
      const inTime = { isInTime: true, toMs: DECEMBER + 3 * DAY } as const;
      const december = await ledger.ask({ ...inTime, fromMs: DECEMBER, by: ['team'] });
      expect(december.rows).toEqual([{ startMs: undefined, key: ['data'], values: [usd('7')] }]);
      expect(december.totals).toEqual([usd('7')]);
      const [platform] = [[{ dimension: 'team', values: ['platform'] }] as const];
      expect((await ledger.ask({ ...inTime, fromMs: DECEMBER, where: platform })).totals).toEqual([0n]);
      // Spent within these: since the beginning, and since November.
      expect((await ledger.ask({ ...inTime })).totals).toEqual([usd('13.5')]);
      expect((await ledger.ask({ ...inTime, fromMs: november })).totals).toEqual([usd('12.5')]);
      const days = await ledger.ask({ ...inTime, fromMs: november, grain: 'day' });
      expect(days.rows.map(({ startMs, values }) => [startMs, values[0]])).toEqual([
        [NOON - DAY / 2, usd('2')],
        [DECEMBER + 2 * DAY, usd('7')],
      ]);
      expect(await ledger.reader.moved({ by: [], spentBeforeMs: november, rowsMax: 1 })).toHaveLength(1);
    });

    test('are listed, closed once, and one after the other', async () => {
      const closed = await ledger.writer.closeMonth('2026-10', CLOSING);
      expect(await ledger.writer.closeMonth('2026-10', CLOSING + 5)).toEqual(closed);
      await expect(ledger.writer.closeMonth('2026-12', CLOSING)).rejects.toThrow('2026-12 has not ended in UTC.');
      await expect(ledger.writer.closeMonth('2026-09', CLOSING)).rejects.toThrow('the next one is 2026-11');
      await ledger.reopen();
      const second = await ledger.writer.closeMonth('2026-11', CLOSING);
      expect(await ledger.reader.closedMonths()).toEqual([closed, second]);
      expect(await ledger.reader.snapshot((one) => one.closedMonths())).toEqual([closed, second]);
    });

    test('take back what was estimated in the open month, where a session is booked again', async () => {
      await ledger.append({ ...event({ id: 'a', cost: '0' }), isCostMissing: true, listCost: usd('2') });
      await ledger.writer.closeMonth('2026-11', CLOSING);
      await ledger.receive(CLOSING, metric({ id: 'm', cost: '0.75', startMs: NOON - 1_000, timeMs: NOON + 1_000 }));
      expect(await months()).toEqual([
        [november, usd('2')],
        [DECEMBER, usd('-1.25')],
      ]);
      expect((await ledger.reader.session('session-1'))?.cost).toBe(usd('0.75'));
    });

    test('stay when the ledger is opened again, days are cut anew, entries removed and people erased', async () => {
      await ledger.append(event({ id: 'a', cost: '2', user: 'ada' }));
      await ledger.writer.closeMonth('2026-11', CLOSING);
      await ledger.reopen();
      const late = [event({ id: 'b', cost: '3', user: 'ada' }), event({ id: 'c', cost: '4', user: 'bea' })];
      await ledger.receive(CLOSING, ...late);
      await ledger.writer.erase({ names: ['ada'], pseudonym: 'bea', isRemembered: false, isTrial: false });
      expect((await ledger.reader.moved({ by: ['user'], rowsMax: 9 })).map(({ key, sums }) => [...key, sums.cost])).toEqual([['bea', usd('7')]]);
      await ledger.writer.prune(CLOSING);
      await ledger.reopen({ timeZone: 'Asia/Tokyo' });
      expect((await ledger.ask({ toMs: DECEMBER })).totals).toEqual([usd('2')]);
      expect((await ledger.ask({ fromMs: DECEMBER })).totals).toEqual([usd('7')]);
    });

    test('stay in the delayed roll-ups, too, also where these had not come so far when it was closed', async () => {
      const lastMinute = DECEMBER - 60_000;
      await ledger.receive(lastMinute, event({ id: 'a', timeMs: lastMinute, cost: '2' }));
      await ledger.writer.closeMonth('2026-11', DECEMBER);
      await ledger.receive(DECEMBER + 1, event({ id: 'b', timeMs: lastMinute, cost: '3' }));
      await ledger.receive(DECEMBER + DAY, event({ id: 'c', timeMs: lastMinute, cost: '5' }));
      const { rows } = await ledger.ask({ by: ['agent'], grain: 'day' });
      expect(rows.map(({ startMs, values }) => [startMs, values[0]])).toEqual([
        [DECEMBER - DAY, usd('2')],
        [DECEMBER, usd('3')],
        [DECEMBER + DAY, usd('5')],
      ]);
    });
  });
}
