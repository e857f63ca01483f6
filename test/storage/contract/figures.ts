/** Figures that a roll-up must not distort: large sums, latencies, what is in no roll-up yet. */
import { describe, expect, test } from '@jest/globals';
import type { MeasureName } from '../../../collector/catalog/measures.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describeFigures(open: OpenStore): void {
  describe('figures', () => {
    const ledger = useLedger(open);
    const { append, receive, ask, total, by } = ledger;

    test('sums beyond 64 bits are exact', async () => {
      const big = (index: number) => event({ id: '', cost: '900000', team: `t${index}`, sessionId: `session-${index}`, timeMs: NOON + index });
      await append(...Array.from({ length: 30 }, (_, index) => big(index)));
      expect(await total()).toBe(usd('27000000'));
      expect((await ask({ grain: 'day', by: ['model'] })).rows[0]?.values).toEqual([usd('27000000')]);
    });

    test('what requests would cost without a cache is exact money, also beyond 64 bits', async () => {
      const large = { requests: 1, cost_list_uncached: Number.MAX_SAFE_INTEGER };
      for (let round = 0; round < 4; round++) {
        await append(
          ...Array.from({ length: 300 }, (_, index) => event({ id: `${round} ${index}`, team: `t${round}`, amounts: large, timeMs: NOON + index })),
        );
      }
      const expected = BigInt(Number.MAX_SAFE_INTEGER) * 1_200n;
      expect((await ask({ measures: ['cost_list_uncached'] })).totals).toEqual([expected]);
      expect((await ledger.reader.session('session-1'))?.totals.cost_list_uncached).toBe(expected);
    });

    test('latency buckets count what took at most their bound, each including the ones below', async () => {
      const took = (id: string, api_duration_ms: number, ttft_ms: number) =>
        event({ id, amounts: { requests: 1, api_duration_ms, ttft_ms, ttft_requests: 1 }, timeMs: NOON + api_duration_ms });
      await append(took('a', 2_500, 1_000), took('b', 2_501, 1_001), took('c', 39_000, 8_000), took('d', 90_000, 8_001));
      const measures: MeasureName[] = ['requests_le_2500_ms', 'requests_le_5000_ms', 'requests_le_20000_ms', 'requests_le_40000_ms', 'requests'];
      expect((await ask({ measures })).totals).toEqual([1n, 2n, 2n, 3n, 4n]);
      expect((await ask({ measures: ['requests_le_80000_ms', 'requests_le_160000_ms', 'ttft_requests_le_32000_ms'] })).totals).toEqual([3n, 4n, 4n]);
      const first: MeasureName[] = ['ttft_requests_le_1000_ms', 'ttft_requests_le_2000_ms', 'ttft_requests_le_4000_ms', 'ttft_requests_le_8000_ms'];
      expect((await ask({ measures: first })).totals).toEqual([1n, 2n, 2n, 3n]);
      expect((await ledger.reader.session('session-1'))?.totals).toMatchObject({
        requests_le_5000_ms: 2n,
        requests_le_40000_ms: 3n,
        ttft_requests_le_8000_ms: 3n,
      });
    });

    test('figures by tool, skill or hour are the same before and after a quarter of an hour is over, and with what comes late', async () => {
      const tool = (id: string, timeMs: number, name: string) =>
        event({ id, timeMs, dimensions: { tool: name, organization: 'acme' }, amounts: { tool_calls: 1, tool_duration_ms: 7 } });
      const seen = async () => ({
        total: await by('tool', 'tool_calls'),
        day: await by('tool', 'tool_calls', { fromMs: NOON - (NOON % DAY), toMs: NOON - (NOON % DAY) + DAY }),
        hours: (await ask({ measures: ['tool_calls'], by: ['team'], grain: 'hour' })).rows.map((row) => [row.startMs, row.values[0]]),
      });
      await receive(NOON, tool('a', NOON, 'Bash'), tool('b', NOON + 1, 'Edit'));
      expect(await seen()).toEqual({ total: { Bash: 1n, Edit: 1n }, day: { Bash: 1n, Edit: 1n }, hours: [[NOON, 2n]] });
      await receive(NOON + HOUR + MINUTE, tool('c', NOON + HOUR, 'Bash'));
      const later = {
        total: { Bash: 2n, Edit: 1n },
        day: { Bash: 2n, Edit: 1n },
        hours: [
          [NOON, 2n],
          [NOON + HOUR, 1n],
        ],
      };
      expect(await seen()).toEqual(later);
      await ledger.reopen();
      expect(await seen()).toEqual(later);
      await receive(NOON + 2 * HOUR, tool('d', NOON + 2, 'Read'), tool('a', NOON, 'Bash'));
      expect((await seen()).total).toEqual({ Bash: 2n, Edit: 1n, Read: 1n });
      expect((await seen()).hours).toEqual([
        [NOON, 3n],
        [NOON + HOUR, 1n],
      ]);
      await ledger.reopen({ timeZone: 'Asia/Kolkata' });
      expect((await seen()).total).toEqual({ Bash: 2n, Edit: 1n, Read: 1n });
      expect(await ledger.reader.check()).toEqual([]);
      await ledger.reopen();
    });
  });
}
