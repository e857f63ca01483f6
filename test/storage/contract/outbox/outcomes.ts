import { describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite } from './suite.ts';

export function describeOutcomes({ store, enqueue }: OutboxSuite): void {
  describe('what becomes of a message', () => {
    test('delivered: it says when, and is not due again', async () => {
      await enqueue(delivery('1'));
      await store().failed('1', 'no answer', 150);
      await store().delivered('1', 160);
      expect(await store().due(1_000, 10)).toEqual([]);
      expect(await store().deliveries('delivered', 10)).toMatchObject([{ id: '1', attempts: 2, deliveredMs: 160, error: undefined }]);
    });

    test('failed: it says why, and is due again when it may be tried', async () => {
      await enqueue(delivery('1'));
      await store().failed('1', 'no answer', 150);
      expect(await store().due(149, 10)).toEqual([]);
      expect(await store().due(150, 10)).toMatchObject([{ id: '1', attempts: 1, nextMs: 150, error: 'no answer' }]);
    });

    test('delivered stays so, whoever tried it besides and failed', async () => {
      await enqueue(delivery('1'));
      await store().delivered('1', 160);
      await store().failed('1', 'no answer', 170);
      await store().failed('1', 'no answer', undefined);
      expect(await store().deliveries(undefined, 10)).toMatchObject([{ id: '1', status: 'delivered', attempts: 1, error: undefined }]);
    });

    test('failed for good: a dead letter, which holds up no other', async () => {
      await enqueue(delivery('1', { subject: 'a' }), delivery('2', { subject: 'a' }));
      await store().failed('1', 'unknown address', undefined);
      expect(idsOf(await store().due(100, 10))).toEqual(['2']);
      expect(await store().deliveries('dead', 10)).toMatchObject([{ id: '1', attempts: 1, error: 'unknown address' }]);
    });

    test('revived: one dead letter or all, from the first attempt on, and how many', async () => {
      await enqueue(...['1', '2', '3', '4'].map((id) => delivery(id)));
      for (const id of ['1', '2', '3']) await store().failed(id, 'unknown address', undefined);
      expect([await store().revive('2', 300), await store().revive('4', 300), await store().revive('nobody', 300)]).toEqual([1, 0, 0]);
      expect(await store().due(300, 10)).toMatchObject([{ id: '2', attempts: 0, nextMs: 300 }, { id: '4' }]);
      expect(await store().revive(undefined, 400)).toBe(2);
      expect(idsOf(await store().due(400, 10))).toEqual(['1', '2', '3', '4']);
    });

    test('listed: the newest first, by status, as many as asked for', async () => {
      await enqueue(...['1', '2', '3'].map((id) => delivery(id)));
      await store().delivered('2', 110);
      expect(idsOf(await store().deliveries(undefined, 10))).toEqual(['3', '2', '1']);
      expect(idsOf(await store().deliveries(undefined, 2))).toEqual(['3', '2']);
      expect(idsOf(await store().deliveries('waiting', 10))).toEqual(['3', '1']);
    });
  });
}
