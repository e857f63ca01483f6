import { describe, expect, test } from '@jest/globals';
import { delivery, idsOf, type OutboxSuite } from './suite.ts';

export function describeDigests({ store, open }: OutboxSuite): void {
  describe('digests', () => {
    const digest = (id: string) => delivery(id, { kind: 'digest', subject: 'weekly' });

    test('were never due before the first', async () => expect(await store().digestedMs('weekly')).toBeUndefined());

    test('remember when each was last handed over, with its messages', async () => {
      await store().digested('weekly', 100, [digest('1'), digest('2')]);
      await store().digested('daily', 50, []);
      await store().digested('weekly', 200, [digest('3')]);
      const again = open();
      expect([await again.digestedMs('weekly'), await again.digestedMs('daily')]).toEqual([200, 50]);
      expect(idsOf(await again.deliveries(undefined, 10))).toEqual(['3', '2', '1']);
    });
  });
}
