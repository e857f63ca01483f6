import { describe, expect, test } from '@jest/globals';
import { type DirectorySuite, member } from './suite.ts';

export function describeSharing({ store, open }: DirectorySuite): void {
  describe('several at once', () => {
    test('read and write one after the other: nobody overwrites what another wrote meanwhile', async () => {
      const stores = [store(), store(), open(), open()];
      const add = (index: number) =>
        stores[index % stores.length]?.changing(async (change) => {
          const group = await change.resource('Group', 'g');
          const members = [...((group?.body.members as readonly string[] | undefined) ?? []), `m${index}`]; // as written below
          return change.write('Group', 'g', { members }, members.map(member), index);
        });
      await Promise.all(Array.from({ length: 16 }, (_, index) => add(index)));
      const group = await store().resource('Group', 'g');
      expect([group?.version, group?.body.members]).toEqual([16, expect.arrayContaining(Array.from({ length: 16 }, (_, index) => `m${index}`))]);
      expect((await store().stored()).received.filter(({ toMs }) => toMs === Number.POSITIVE_INFINITY)).toHaveLength(16);
    });

    test('each have a revision of their own', async () => {
      const other = open();
      const before = await store().revision();
      const merge = (index: number) =>
        (index % 2 === 0 ? store() : other).changing(async (change) => {
          await change.addMerge({ atMs: index, who: 'ops', alias: `alias-${index}`, user: 'ada' });
          return change.revision();
        });
      const revisions = await Promise.all(Array.from({ length: 12 }, (_, index) => merge(index)));
      expect(new Set([before, ...revisions]).size).toBe(13);
      expect([await store().revision(), await other.revision()]).toEqual(Array(2).fill(Math.max(...revisions)));
      expect((await other.stored()).merges).toHaveLength(12);
    });
  });
}
