import { describe, expect, test } from '@jest/globals';
import { WAIT_MAX_MS } from '../../../../collector/alerts/outbox.ts';
import { delivery, idsOf, type OutboxSuite } from './suite.ts';

export function describeDue({ store, enqueue }: OutboxSuite): void {
  describe('messages that are due', () => {
    test('come back whole, in the order they were taken in, from the time they were made', async () => {
      const made = [delivery('1', { to: ['ada@example.com'] }), delivery('2', { kind: 'digest', createdMs: 200 }), delivery('3')];
      await enqueue(...made);
      expect(idsOf(await store().due(100, 10))).toEqual(['1', '3']);
      const waiting = { status: 'waiting', attempts: 0, deliveredMs: undefined, error: undefined };
      expect(await store().due(200, 10)).toEqual(made.map((one) => ({ ...one, ...waiting, nextMs: one.createdMs })));
    });

    test('are as many as asked for', async () => {
      await enqueue(...['1', '2', '3'].map((id) => delivery(id)));
      expect(idsOf(await store().due(100, 2))).toEqual(['1', '2']);
    });

    test('are taken in once, however often the same message is committed', async () => {
      await enqueue(delivery('1'));
      await store().delivered('1', 110);
      await enqueue(delivery('1', { channel: 'other' }));
      expect(await store().due(1_000, 10)).toEqual([]);
      expect(await store().deliveries(undefined, 10)).toMatchObject([{ id: '1', channel: 'chat', status: 'delivered' }]);
    });

    test('are those, too, that a clock wrote that was ahead: none waits for longer than an attempt may', async () => {
      await enqueue(delivery('later', { createdMs: 100 + WAIT_MAX_MS }), delivery('ahead', { createdMs: 101 + WAIT_MAX_MS }));
      expect(idsOf(await store().due(100, 10))).toEqual(['ahead']);
    });

    test('wait for those before them of the same subject and channel, and for no others', async () => {
      const subject = 'alert a';
      await enqueue(
        delivery('fires', { subject }),
        delivery('over', { subject, kind: 'resolved' }),
        delivery('mail', { subject, channel: 'mail' }),
        delivery('b'),
      );
      expect(idsOf(await store().due(100, 10))).toEqual(['fires', 'mail', 'b']);
      await store().failed('fires', 'no answer', 500);
      expect(idsOf(await store().due(100, 10))).toEqual(['mail', 'b']);
      await store().delivered('fires', 500);
      expect(idsOf(await store().due(500, 10))).toEqual(['over', 'mail', 'b']);
    });
  });
}
