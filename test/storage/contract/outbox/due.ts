import { describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite } from './suite.ts';

export function describeDue({ store, enqueue }: OutboxSuite): void {
  describe('messages that are due', () => {
    test('come back whole, in the order they were taken in, from the time they were made', () => {
      const made = [delivery('1', { to: ['ada@example.com'] }), delivery('2', { kind: 'digest', createdMs: 200 }), delivery('3')];
      enqueue(...made);
      expect(idsOf(store().due(100, 10))).toEqual(['1', '3']);
      const waiting = { status: 'waiting', attempts: 0, deliveredMs: undefined, error: undefined };
      expect(store().due(200, 10)).toEqual(made.map((one) => ({ ...one, ...waiting, nextMs: one.createdMs })));
    });

    test('are as many as asked for', () => {
      enqueue(...['1', '2', '3'].map((id) => delivery(id)));
      expect(idsOf(store().due(100, 2))).toEqual(['1', '2']);
    });

    test('are taken in once, however often the same message is committed', () => {
      enqueue(delivery('1'));
      store().delivered('1', 110);
      enqueue(delivery('1', { channel: 'other' }));
      expect(store().due(1_000, 10)).toEqual([]);
      expect(store().deliveries(undefined, 10)).toMatchObject([{ id: '1', channel: 'chat', status: 'delivered' }]);
    });

    test('wait for those before them of the same subject and channel, and for no others', () => {
      const subject = 'alert a';
      enqueue(
        delivery('fires', { subject }),
        delivery('over', { subject, kind: 'resolved' }),
        delivery('mail', { subject, channel: 'mail' }),
        delivery('b'),
      );
      expect(idsOf(store().due(100, 10))).toEqual(['fires', 'mail', 'b']);
      store().failed('fires', 'no answer', 500);
      expect(idsOf(store().due(100, 10))).toEqual(['mail', 'b']);
      store().delivered('fires', 500);
      expect(idsOf(store().due(500, 10))).toEqual(['over', 'mail', 'b']);
    });
  });
}
