import { describe, expect, test } from '@jest/globals';
import { Eraser } from '../../../../collector/ledger/erasure.ts';
import { type DirectorySuite, login, member } from './suite.ts';

const NAMES = /ada@example|ada@work|Lovelace/i;

export function describeErasedUsers({ store, place }: DirectorySuite): void {
  const eraser = new Eraser(['ada@example.com', 'ada@work.example'], 'erased-1');
  const fill = () =>
    store().changing(async (change) => {
      await change.write('User', 'id-1', { userName: 'ada@example.com', displayName: 'Ada Lovelace' }, [login('ada@example.com')], 1);
      await change.write('User', 'id-2', { userName: 'bob', manager: 'ada@work.example' }, [login('bob')], 1);
      await change.write('Group', 'g', { displayName: 'Of ada@example.com' }, [member('id-1'), member('id-2')], 1);
      await change.addMerge({ atMs: 1, who: 'ada@example.com', alias: 'ada@work.example', user: 'ada@example.com' });
      await change.addMerge({ atMs: 1, who: 'ops', alias: 'robert', user: 'bob' });
    });
  const erase = async (isTrial = false): Promise<number> => {
    const records = place().records();
    const changed = await records.erase(eraser, isTrial);
    if (!isTrial) expect(await records.wipe()).toBe(true);
    await records.close();
    return changed;
  };

  describe('a user who is erased', () => {
    test('is gone, and stands nowhere under a name; others stay', async () => {
      await fill();
      const before = await store().revision();
      expect(await erase(true)).toBe(5);
      expect([await store().revision(), (await store().resources('User')).length]).toEqual([before, 2]);
      expect(await erase()).toBe(5);
      expect(await place().holding(NAMES)).toEqual([]);
      expect((await store().resources('User')).map(({ id, body }) => [id, body])).toEqual([['id-2', { userName: 'bob', manager: 'erased-1' }]]);
      expect((await store().resource('Group', 'g'))?.body).toEqual({ displayName: 'Of erased-1' });
      const { received, merges } = await store().stored();
      expect(received.map(({ id, value }) => [id, value])).toEqual([
        ['id-2', 'bob'],
        ['g', 'id-1'],
        ['g', 'id-2'],
      ]);
      expect(merges.map(({ who, alias, user }) => [who, alias, user])).toEqual([
        ['erased-1', 'erased-1', 'erased-1'],
        ['ops', 'robert', 'bob'],
      ]);
      expect(await store().revision()).not.toBe(before);
      expect(await erase()).toBe(0);
    });

    test('is found with all that is kept', async () => {
      await fill();
      const records = place().records();
      const found = await records.find(new Eraser(['ada@example.com', 'ada@work.example'], ''));
      expect(found).toHaveLength(6);
      expect(found).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: 'id-1', body: { userName: 'ada@example.com', displayName: 'Ada Lovelace' } }),
          expect.objectContaining({ id: 'id-2' }),
          expect.objectContaining({ id: 'g' }),
          expect.objectContaining({ id: 'id-1', fact: 'login', value: 'ada@example.com', from_ms: 1, to_ms: null }),
          expect.objectContaining({ id: 'g', fact: 'member', value: 'id-1' }),
          expect.objectContaining({ alias: 'ada@work.example', user: 'ada@example.com', who: 'ada@example.com', at_ms: 1 }),
        ]),
      );
      await records.close();
    });
  });
}
