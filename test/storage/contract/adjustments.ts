/** Signed entries that are booked as they are. */
import { describe, expect, test } from '@jest/globals';
import type { MeasureName } from '../../../collector/catalog/measures.ts';
import { importId } from '../../../collector/ledger/session-owners.ts';
import { adjustment, event, metric, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const DAY = 24 * 3_600_000;
const HISTORY = importId('gateway', 'alice@example.com', '2026-11-19');

export function describeAdjustments(open: OpenStore): void {
  describe('adjustments', () => {
    const ledger = useLedger(open);
    const sums = async (...measures: MeasureName[]) => (await ledger.ask({ measures })).totals;

    test('are booked as they are, under no source, also below zero', async () => {
      await ledger.append(
        event({ id: 'a', cost: '1' }),
        adjustment({ id: 'a', cost: '-0.25', listCost: usd('-0.5'), amounts: { output_tokens: -30 } }),
      );
      expect(await sums('cost', 'cost_events', 'cost_list', 'output_tokens')).toEqual([usd('0.75'), usd('1'), usd('0.5'), -10n]);
      const session = await ledger.reader.session('session-1');
      expect([session?.cost, session?.totals.cost, session?.totals.output_tokens, session?.totals.sessions]).toEqual([
        usd('0.75'),
        usd('0.75'),
        -10n,
        1n,
      ]);
    });

    test('are recognized when they come again, and another amount of the same identity is a conflict', async () => {
      await ledger.append(adjustment({ id: 'a', cost: '2' }));
      expect(await ledger.append(adjustment({ id: 'a', cost: '2' }))).toMatchObject({ appended: 0, duplicates: 1 });
      expect(await ledger.append(adjustment({ id: 'a', cost: '3' }))).toMatchObject({ appended: 0, conflicts: 1 });
      expect(await ledger.append(adjustment({ id: 'a', cost: '2', listCost: 1n }))).toMatchObject({ appended: 0, conflicts: 1 });
      expect(await ledger.total()).toBe(usd('2'));
    });

    test('open no window: what a metric reports beyond events is booked beside them', async () => {
      const reading = metric({ id: 'm', cost: '3', startMs: NOON - 1_000 });
      await ledger.append(adjustment({ id: 'a', cost: '5' }), event({ id: 'e', cost: '1' }), adjustment({ id: 'b', cost: '7' }), reading);
      expect(await sums('cost', 'cost_events', 'cost_metrics')).toEqual([usd('15'), usd('1'), usd('3')]);
    });

    test('count as no session, nobody, no minute and nothing late until the session has a record', async () => {
      await ledger.receive(
        NOON + DAY,
        adjustment({ id: 'a', sessionId: HISTORY, timeMs: NOON - DAY, amounts: { requests: 3, api_duration_ms: 9_000 } }),
      );
      expect(await sums('sessions', 'requests', 'requests_le_10000_ms')).toEqual([0n, 3n, 0n]);
      expect(await ledger.reader.people()).toEqual([]);
      expect(await ledger.reader.minutes({ fromMs: NOON - 2 * DAY, toMs: NOON + DAY })).toEqual([]);
      expect(await ledger.reader.userMinutes({ fromMs: NOON - 2 * DAY, toMs: NOON + DAY, rowsMax: 9 })).toEqual([]);
      expect(await ledger.reader.senders(0)).toEqual([]);
      expect(await ledger.writer.clockLead(NOON)).toBe(0);
      expect(await ledger.reader.status()).toMatchObject({ sessions: 0, counters: { late: 0, appended: 1 } });
      expect((await ledger.reader.session(HISTORY))?.totals).toMatchObject({ sessions: 0n, requests: 3n, cost: usd('0.01') });
      await ledger.append(event({ id: 'e', sessionId: HISTORY }));
      expect([await ledger.total('sessions'), (await ledger.reader.status()).sessions]).toEqual([1n, 1]);
    });

    test('may bring sessions of their own', async () => {
      await ledger.append(adjustment({ id: 'a', sessionId: HISTORY, amounts: { sessions: 4 } }), event({ id: 'e' }));
      expect(await ledger.total('sessions')).toBe(5n);
      expect((await ledger.reader.session(HISTORY))?.totals.sessions).toBe(4n);
    });

    test('do not begin a session that has records, and end it only where they are later', async () => {
      const at = (timeMs: number, id: string) => adjustment({ id, timeMs, user: 'bob@example.com' });
      await ledger.append(at(NOON - DAY, 'before'), event({ id: 'e' }), at(NOON, 'same'));
      expect(await ledger.reader.session('session-1')).toMatchObject({ firstSeenMs: NOON, lastSeenMs: NOON, user: 'alice@example.com' });
      await ledger.append(at(NOON + 5, 'after'));
      expect(await ledger.reader.session('session-1')).toMatchObject({ firstSeenMs: NOON, lastSeenMs: NOON + 5, user: 'bob@example.com' });
    });

    test('are steps of the course of their session, which come to its cost', async () => {
      await ledger.append(adjustment({ id: 'a', cost: '-0.5', timeMs: NOON + 1 }), event({ id: 'e', cost: '2' }));
      const course = await ledger.reader.course('session-1', { recordsMax: 9 });
      expect(course?.steps?.map(({ cost, isAdjustment = false }) => [cost, isAdjustment])).toEqual([
        [usd('2'), false],
        [usd('-0.5'), true],
      ]);
    });

    test('outlive their entries, and what comes for that time afterwards is expired', async () => {
      await ledger.append(
        adjustment({ id: 'a', cost: '-2', sessionId: HISTORY }),
        event({ id: 'e', cost: '5' }),
        adjustment({ id: 'b', cost: '-1' }),
      );
      await ledger.writer.prune(NOON + 2 * DAY);
      expect(await ledger.total()).toBe(usd('2'));
      expect([(await ledger.reader.session(HISTORY))?.cost, (await ledger.reader.session('session-1'))?.totals.cost]).toEqual([usd('-2'), usd('4')]);
      expect(await ledger.append(adjustment({ id: 'a', cost: '-2', sessionId: HISTORY }))).toMatchObject({ appended: 0, expired: 1 });
      expect(await ledger.total()).toBe(usd('2'));
    });

    test('are exact beyond 64 bits below zero, too', async () => {
      const huge = Array.from({ length: 15 }, (_, index) => adjustment({ id: `${index}`, cost: '-1000000', amounts: { input_tokens: -9e15 } }));
      await ledger.append(...huge);
      await ledger.append(event({ id: 'e', cost: '3' }), adjustment({ id: 'x', cost: '0', amounts: { input_tokens: 1 } }));
      expect(await sums('cost', 'input_tokens')).toEqual([usd('-14999997'), -9_000_000_000_000_000n * 15n + 11n]);
      expect((await ledger.reader.session('session-1'))?.cost).toBe(usd('-14999997'));
      expect(await ledger.by('agent')).toEqual({ '': usd('-14999997') });
    });

    test('go under the pseudonym of who was erased, before and afterwards', async () => {
      const own = (id: string) => adjustment({ id, sessionId: importId('gateway', 'ada', '2026-11-19'), user: 'ada' });
      await ledger.append(own('a'));
      await ledger.writer.erase({ names: ['ada'], pseudonym: 'erased-1', isRemembered: true, isTrial: false });
      expect(await ledger.append(own('a'), own('b'))).toMatchObject({ appended: 1, duplicates: 1 });
      expect(await ledger.by('user')).toEqual({ 'erased-1': usd('0.02') });
      expect((await ledger.reader.session(importId('gateway', 'erased-1', '2026-11-19')))?.cost).toBe(usd('0.02'));
    });
  });
}
