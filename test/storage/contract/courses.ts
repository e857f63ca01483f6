/** The course of a session: what its records booked, in time order, within what is asked. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CourseQuery } from '../../../collector/ledger/session-course.ts';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;

export function describeCourses(open: OpenStore): void {
  describe('the course of a session', () => {
    const ledger = useLedger(open);
    const steps = async (id: string, query: Partial<CourseQuery> = {}) =>
      (await ledger.reader.course(id, { recordsMax: 100, ...query }))?.steps?.map(({ timeMs, cost, source, dims }) => [
        ...[(timeMs - NOON) / MINUTE, cost, source, dims.user],
      ]);

    beforeEach(() =>
      ledger.append(
        event({ id: 'late', sessionId: 's', timeMs: NOON + 3 * MINUTE, cost: '0.3', user: 'bob' }),
        event({ id: 'first', sessionId: 's', timeMs: NOON, cost: '0.1', user: 'ada' }),
        event({ id: 'second', sessionId: 's', timeMs: NOON + MINUTE, cost: '0.2', user: 'ada' }),
        metric({ id: 'all of it', sessionId: 's', timeMs: NOON + 4 * MINUTE, startMs: NOON - MINUTE, cost: '1', user: 'bob' }),
        event({ id: 'other', sessionId: 'other', timeMs: NOON, cost: '7', user: 'cleo' }),
      ),
    );

    test('is in time order, and comes to what is booked', async () => {
      expect(await steps('s')).toEqual([
        [0, usd('0.1'), 'events', 'ada'],
        [1, usd('0.2'), 'events', 'ada'],
        [3, usd('0.3'), 'events', 'bob'],
        [4, usd('0.4'), 'metrics', 'bob'],
      ]);
      expect((await ledger.reader.session('s'))?.cost).toBe(usd('1'));
    });

    test('is cut to a time range and to values, and what a record adds stays the same', async () => {
      expect(await steps('s', { fromMs: NOON + MINUTE, toMs: NOON + 3 * MINUTE })).toEqual([[1, usd('0.2'), 'events', 'ada']]);
      expect(await steps('s', { within: [{ dimension: 'user', values: ['bob'] }] })).toEqual([
        [3, usd('0.3'), 'events', 'bob'],
        [4, usd('0.4'), 'metrics', 'bob'],
      ]);
    });

    test('is nothing where there is no such session, or nothing of it is within', async () => {
      const none = { within: [{ dimension: 'user', values: ['cleo'] }] } as const;
      expect(await ledger.reader.course('nobody', { recordsMax: 100 })).toBeUndefined();
      expect(await ledger.reader.course('s', { recordsMax: 100, ...none })).toBeUndefined();
      expect(await ledger.reader.course('s', { recordsMax: 1, ...none })).toBeUndefined();
    });

    test('is left out where it is too long', async () => {
      expect(await ledger.reader.course('s', { recordsMax: 4 })).toMatchObject({ steps: { length: 4 } });
      expect(await ledger.reader.course('s', { recordsMax: 3 })).toEqual({ sessionId: 's', steps: undefined, hasRemoved: false });
    });
  });
}
