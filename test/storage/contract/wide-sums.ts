/** Sums that no 64-bit integer holds are as exact as all others: of a session, a day, a lifetime, of money and of counts. */
import { describe, expect, test } from '@jest/globals';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST = '1000000';
/** Below 2^53, so that an entry can carry it; eleven hundred of them leave 64 bits. */
const MANY = 9_000_000_000_000_000;

export function describeWideSums(open: OpenStore): void {
  describe('sums beyond 64 bits', () => {
    const ledger = useLedger(open);
    const { append, total, by, ask } = ledger;
    const huge = (count: number, overrides: { readonly sessionId?: string; readonly timeMs?: number } = {}) =>
      Array.from({ length: count }, (_, index) => event({ id: String(index), cost: MOST, timeMs: NOON + index, ...overrides }));

    test('are exact in one export and over many, and the exports of others go on', async () => {
      expect((await append(...huge(12))).appended).toBe(12);
      for (let round = 0; round < 12; round++) {
        await append(event({ id: `again ${round}`, cost: MOST, timeMs: NOON + 100 + round }));
        await append(event({ id: `other ${round}`, sessionId: 'session-2', team: 'data', timeMs: NOON + round }));
      }
      expect(await by('team')).toEqual({ platform: usd('24000000'), data: usd('0.12') });
      expect(await by('team', 'cost_list')).toEqual({ platform: usd('24000000'), data: usd('0.12') });
      expect(await by('agent')).toEqual({ '': usd('24000000.12') });
      const days = await ask({ by: ['user', 'tool'], grain: 'day', where: [{ dimension: 'team', values: ['platform'] }] });
      expect(days.rows.map(({ values }) => values)).toEqual([[usd('24000000')]]);
      const session = await ledger.reader.session('session-1');
      expect([session?.cost, session?.costBySource.events, session?.totals.cost]).toEqual(Array(3).fill(usd('24000000')));
    });

    test('stay when the ledger is opened again, days are cut anew, later quarters come and entries are removed', async () => {
      await append(...huge(30));
      await ledger.reopen({ timeZone: 'Asia/Tokyo' });
      expect((await ask({ by: ['team'], grain: 'day', timeZone: 'Asia/Tokyo' })).totals).toEqual([usd('30000000')]);
      await ledger.reopen();
      await ledger.receive(NOON + 2 * DAY, event({ id: 'later', sessionId: 'session-2', timeMs: NOON + 2 * DAY }));
      expect(await by('agent')).toEqual({ '': usd('30000000.01') });
      await ledger.writer.prune(NOON + DAY);
      const session = await ledger.reader.session('session-1');
      expect([session?.cost, session?.totals.cost_events]).toEqual([usd('30000000'), usd('30000000')]);
      expect(await total()).toBe(usd('30000000.01'));
    });

    test('fall again where a record that came late is booked before others', async () => {
      await append(...Array.from({ length: 20 }, (_, index) => metric({ id: String(index), cost: MOST, timeMs: NOON + index })));
      await append(...huge(20, { timeMs: NOON - HOUR }));
      expect([await total(), await total('cost_events'), await total('cost_metrics')]).toEqual(Array(3).fill(usd('20000000')));
    });

    test('order and band sessions', async () => {
      const sessions = [9, 13, 11, 1].map((count) => huge(count, { sessionId: `of ${count}` }));
      await append(...sessions.flat(), event({ id: 'small', sessionId: 'small' }));
      const ids = (await ledger.reader.sessions({ limit: 9, order: 'cost' })).map(({ sessionId }) => sessionId);
      expect(ids).toEqual(['of 13', 'of 11', 'of 9', 'of 1', 'small']);
      const bands = await ledger.reader.sessionBands({ fromMs: 0, edges: [usd('1'), usd('1000000'), usd('11000000')] });
      expect(bands.map(({ band, sessions: count }) => [band, count])).toEqual([
        [0, 1],
        [2, 2],
        [3, 2],
      ]);
    });

    test('of counts are exact beyond 2^53 and beyond 2^63, in rows and over rows', async () => {
      const entries = Array.from({ length: 1_100 }, (_, index) =>
        event({ id: String(index), sessionId: `s${index}`, amounts: { tool_duration_ms: MANY, tool_calls: 1 } }),
      );
      await append(...entries);
      await append(event({ id: 'data', sessionId: 'data', team: 'data', amounts: { tool_duration_ms: MANY } }));
      const expected = BigInt(MANY) * 1_100n;
      expect(await by('team', 'tool_duration_ms')).toEqual({ platform: expected, data: BigInt(MANY) });
      const { totals } = await ask({ measures: ['tool_calls', 'tool_duration_ms', 'cost'], by: ['agent'] });
      expect(totals).toEqual([1_100n, expected + BigInt(MANY), usd('11.01')]);
    });

    test('of counts that fit their rows but not together are added up all the same', async () => {
      const entries = Array.from({ length: 1_200 }, (_, index) =>
        event({ id: String(index), sessionId: `s${index}`, team: index % 2 === 0 ? 'a' : 'b', amounts: { tool_duration_ms: MANY } }),
      );
      await append(...entries);
      expect(await total('tool_duration_ms')).toBe(BigInt(MANY) * 1_200n);
      expect(await by('agent', 'tool_duration_ms')).toEqual({ '': BigInt(MANY) * 1_200n });
    });
  });
}
