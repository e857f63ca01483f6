import { describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite } from './suite.ts';

export function describeOutcomes({ store, enqueue }: OutboxSuite): void {
  describe('what becomes of a message', () => {
    test('delivered: it says when, and is not due again', () => {
      enqueue(delivery('1'));
      store().failed('1', 'no answer', 150);
      store().delivered('1', 160);
      expect(store().due(1_000, 10)).toEqual([]);
      expect(store().deliveries('delivered', 10)).toMatchObject([{ id: '1', attempts: 2, deliveredMs: 160, error: undefined }]);
    });

    test('failed: it says why, and is due again when it may be tried', () => {
      enqueue(delivery('1'));
      store().failed('1', 'no answer', 150);
      expect(store().due(149, 10)).toEqual([]);
      expect(store().due(150, 10)).toMatchObject([{ id: '1', attempts: 1, nextMs: 150, error: 'no answer' }]);
    });

    test('failed for good: a dead letter, which holds up no other', () => {
      enqueue(delivery('1', { subject: 'a' }), delivery('2', { subject: 'a' }));
      store().failed('1', 'unknown address', undefined);
      expect(idsOf(store().due(100, 10))).toEqual(['2']);
      expect(store().deliveries('dead', 10)).toMatchObject([{ id: '1', attempts: 1, error: 'unknown address' }]);
    });

    test('revived: one dead letter or all, from the first attempt on, and how many', () => {
      enqueue(...['1', '2', '3', '4'].map((id) => delivery(id)));
      for (const id of ['1', '2', '3']) store().failed(id, 'unknown address', undefined);
      expect([store().revive('2', 300), store().revive('4', 300), store().revive('nobody', 300)]).toEqual([1, 0, 0]);
      expect(store().due(300, 10)).toMatchObject([{ id: '2', attempts: 0, nextMs: 300 }, { id: '4' }]);
      expect(store().revive(undefined, 400)).toBe(2);
      expect(idsOf(store().due(400, 10))).toEqual(['1', '2', '3', '4']);
    });

    test('listed: the newest first, by status, as many as asked for', () => {
      enqueue(...['1', '2', '3'].map((id) => delivery(id)));
      store().delivered('2', 110);
      expect(idsOf(store().deliveries(undefined, 10))).toEqual(['3', '2', '1']);
      expect(idsOf(store().deliveries(undefined, 2))).toEqual(['3', '2']);
      expect(idsOf(store().deliveries('waiting', 10))).toEqual(['3', '1']);
    });
  });
}
