/** One session, one cost: events and metrics describe the same money. */
import { describe, expect, test } from '@jest/globals';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describeBooking(open: OpenStore): void {
  describe('events and metrics', () => {
    const ledger = useLedger(open);
    const { append, ask, total, by } = ledger;

    test('a session costs the larger of what events and metrics say, and shows both', async () => {
      await append(event({ id: 'a', cost: '0.02' }), metric({ id: 'm', cost: '0.03', timeMs: NOON + 1000 }));
      const session = await ledger.reader.session('session-1');
      expect(session?.totals).toMatchObject({ cost: usd('0.03'), cost_events: usd('0.02'), cost_metrics: usd('0.03') });
      expect(session?.models.map(({ model, totals }) => [model, totals.cost])).toEqual([['claude-opus-5-5', usd('0.03')]]);
    });

    test('what the sources name differently is the same money: the larger sum, under the model that answered', async () => {
      await append(
        event({ id: 'a', cost: '0.05', model: 'claude-opus-5-5' }),
        metric({ id: 'm', cost: '0.04', model: 'claude-opus-5-5', timeMs: NOON + 1 }),
        metric({ id: 'n', cost: '0.01', model: 'claude-haiku-5-5', timeMs: NOON + 2 }),
      );
      expect(Object.entries(await by('model')).filter(([, cost]) => cost !== 0n)).toEqual([['claude-opus-5-5', usd('0.05')]]);
    });

    test('a name that only one signal uses for a model does not count the money twice', async () => {
      const arn = 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/x';
      const spelt = metric({ id: 'm', cost: '0.05', model: arn, timeMs: NOON + 1 });
      await append(event({ id: 'a', cost: '0.05' }));
      await append(spelt);
      await append(event({ id: 'b', cost: '0.02', timeMs: NOON + 2 }));
      expect(await total()).toBe(usd('0.07'));
    });

    test.each(['event', 'metric'])('a model that the %s leaves out does not count the money twice', async (nameless) => {
      const without = { model: '' };
      await append(event({ id: 'a', cost: '0.05', ...(nameless === 'event' && without) }));
      await append(metric({ id: 'm', cost: '0.05', timeMs: NOON + 1, ...(nameless === 'metric' && without) }));
      expect(await total()).toBe(usd('0.05'));
    });

    test('a metric point that comes before the events of its interval books nothing twice', async () => {
      await append(metric({ id: 'm', cost: '0.03', timeMs: NOON + 60_000 }));
      await append(event({ id: 'a', cost: '0.01', timeMs: NOON + 10_000 }), event({ id: 'b', cost: '0.02', timeMs: NOON + 20_000 }));
      expect(await total()).toBe(usd('0.03'));
      expect((await ask({ grain: 'quarter_hour' })).rows.map((row) => row.startMs)).toEqual([NOON]);
    });

    test('cumulative points add what they grew by; a new start adds again; repeats and late ones move nothing', async () => {
      const point = (id: string, cost: string, seconds: number, startMs = NOON) =>
        metric({ id, cost, timeMs: NOON + seconds * 1000, cumulative: { series: 's', startMs } });
      await append(point('1', '0.01', 60));
      await append(point('3', '0.05', 180));
      await append(point('2', '0.02', 120), point('4', '0.05', 240), point('1', '0.01', 60));
      expect(await total('cost_metrics')).toBe(usd('0.05'));
      await append(point('5', '0.04', 300, NOON + 290_000));
      expect(await total('cost_metrics')).toBe(usd('0.09'));
    });

    test('a cumulative series without a start begins again when its value falls', async () => {
      const point = (id: string, cost: string, seconds: number) =>
        metric({ id, cost, timeMs: NOON + seconds * 1000, cumulative: { series: 's', startMs: 0 } });
      await append(point('1', '0.03', 60), point('2', '0.05', 120), point('3', '0.01', 180));
      expect(await total()).toBe(usd('0.06'));
    });

    test('sessions count once, where they began, and dashboards not at all', async () => {
      await append(event({ id: 'b', timeMs: NOON + DAY, team: 'late' }), event({ id: 'a', timeMs: NOON, team: 'early' }));
      await append(event({ id: 'x', sessionId: 'dashboard', amounts: { session_starts: 1 }, cost: '0', dimensions: { start_type: 'agents_view' } }));
      expect(await total('sessions')).toBe(1n);
      expect(Object.entries(await by('team', 'sessions')).filter(([, count]) => count !== 0n)).toEqual([['early', 1n]]);
      expect(await ledger.reader.session('session-1')).toMatchObject({ firstSeenMs: NOON, lastSeenMs: NOON + DAY, team: 'late' });
    });
  });
}
