import { beforeEach, describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite } from './suite.ts';

export function describeSummaries({ store, enqueue }: OutboxSuite): void {
  describe('one message for several', () => {
    const summary = delivery('sum', { kind: 'summary', subject: 'summary' });
    beforeEach(async () => {
      await enqueue(delivery('1'), delivery('2'), delivery('3'));
      await store().group(summary, ['1', '2']);
    });
    const statuses = async () => Object.fromEntries((await store().deliveries(undefined, 10)).map(({ id, status }) => [id, status]));

    test('is due instead of them', async () => {
      expect(idsOf(await store().due(100, 10))).toEqual(['3', 'sum']);
      expect(await statuses()).toEqual({ 1: 'folded', 2: 'folded', 3: 'waiting', sum: 'waiting' });
    });

    test('holds up what follows about the same subjects', async () => {
      await enqueue(delivery('over', { kind: 'resolved', subject: 'subject of 1' }));
      expect(idsOf(await store().due(100, 10))).toEqual(['3', 'sum']);
      await store().delivered('sum', 120);
      expect(idsOf(await store().due(120, 10))).toEqual(['3', 'over']);
    });

    test('that is delivered has delivered them, and counts once', async () => {
      await store().delivered('sum', 120);
      await store().delivered('3', 130);
      expect(await statuses()).toEqual({ 1: 'delivered', 2: 'delivered', 3: 'delivered', sum: 'delivered' });
      expect([await store().sentMs('chat', 0), await store().sentMs('chat', 120), await store().sentMs('mail', 0)]).toEqual([[120, 130], [130], []]);
      expect(idsOf(await store().deliveries('delivered', 10))).toEqual(['sum', '3']);
    });

    test('that failed for good is the one dead letter, and revived with them', async () => {
      await store().failed('sum', 'unknown address', undefined);
      expect(await statuses()).toEqual({ 1: 'dead', 2: 'dead', 3: 'waiting', sum: 'dead' });
      expect(idsOf(await store().deliveries('dead', 10))).toEqual(['sum']);
      expect(await store().revive(undefined, 300)).toBe(1);
      expect(await statuses()).toEqual({ 1: 'folded', 2: 'folded', 3: 'waiting', sum: 'waiting' });
    });

    test('leaves out what arrived meanwhile, and what is no more', async () => {
      await store().delivered('3', 130);
      await store().group(delivery('later', { kind: 'summary', subject: 'later' }), ['3', 'nobody']);
      expect(await statuses()).toMatchObject({ 3: 'delivered', later: 'waiting' });
      expect(await store().sentMs('chat', 0)).toEqual([130]);
    });

    test('can be part of a larger one', async () => {
      await store().group(delivery('larger', { kind: 'summary', subject: 'larger' }), ['1', '2', '3']);
      await store().delivered('larger', 150);
      expect(await statuses()).toMatchObject({ 1: 'delivered', 2: 'delivered', 3: 'delivered', larger: 'delivered' });
    });
  });

  test('digests and tests are no messages about alerts, whose number is limited', async () => {
    await enqueue(delivery('1', { kind: 'digest' }), delivery('2', { kind: 'test' }), delivery('3', { kind: 'resolved' }));
    for (const [id, atMs] of [
      ['1', 110],
      ['2', 120],
      ['3', 130],
    ] as const)
      await store().delivered(id, atMs);
    expect(await store().sentMs('chat', 0)).toEqual([130]);
  });
}
