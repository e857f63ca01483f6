import { describe, expect, test } from '@jest/globals';
import { MESSAGE } from '../../../alerts/message.ts';
import { delivery, idsOf, type OutboxSuite, record } from './suite.ts';

export function describeRecords({ store, open }: OutboxSuite): void {
  describe('records of alerts', () => {
    const commit = (...records: ReturnType<typeof record>[]) => store().commit({ records, deliveries: [] });

    test('come back as they were written, and the last writing counts', async () => {
      const first = record('a');
      const last = record('a', { state: 'resolved', resolvedMs: 30, notification: 'notified', message: MESSAGE, channels: ['chat'], endsMs: 40 });
      await commit(first);
      expect(await store().records()).toEqual([first]);
      await commit(last);
      expect(await store().records()).toEqual([last]);
    });

    test('are listed with what fires first, and the newest first among these and those', async () => {
      const over = { state: 'resolved', resolvedMs: 50 } as const;
      await commit(
        record('old', { firedMs: 1 }),
        record('over', { firedMs: 9, ...over }),
        record('new', { firedMs: 5 }),
        record('older over', { firedMs: 2, ...over }),
      );
      expect((await store().records()).map(({ id }) => id)).toEqual(['new', 'old', 'over', 'older over']);
    });

    test('to decide by are all that fire, and those that are asked for', async () => {
      const over = { state: 'resolved', resolvedMs: 50 } as const;
      await commit(record('fires'), record('over', over), record('forgotten', over));
      const known = (await store().known(['over', 'fires', 'nobody'])).map(({ id }) => id);
      expect(known.toSorted()).toEqual(['fires', 'over']);
    });

    test('are written together with the messages that follow from them, or neither is', async () => {
      await store().commit({ records: [record('a')], deliveries: [delivery('1')] });
      const broken = { ...delivery('2'), createdMs: undefined as unknown as number }; // what no store can hold
      await expect(store().commit({ records: [record('b')], deliveries: [delivery('3'), broken] })).rejects.toThrow();
      expect([(await store().records()).map(({ id }) => id), idsOf(await open().deliveries(undefined, 10))]).toEqual([['a'], ['1']]);
    });

    test('are there after a restart', async () => {
      await store().commit({ records: [record('a')], deliveries: [delivery('1')] });
      const again = open();
      expect([await again.records(), idsOf(await again.due(100, 10))]).toEqual([[record('a')], ['1']]);
    });
  });
}
