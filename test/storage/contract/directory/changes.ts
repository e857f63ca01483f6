import { describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../../collector/directory/store.ts';
import { type DirectorySuite, login, member } from './suite.ts';

export function describeChanges({ store }: DirectorySuite): void {
  describe('resources', () => {
    test('are found by id and kind, in the order in which they came', async () => {
      await store().changing(async (change) => {
        await change.write('User', 'b', { userName: 'b', nested: { deep: [1, null, 'ä'] } }, [], 1);
        await change.write('User', 'a', { userName: 'a' }, [], 2);
        await change.write('Group', 'b', { displayName: 'B' }, [], 3);
      });
      expect((await store().resources('User')).map(({ id }) => id)).toEqual(['b', 'a']);
      expect(await store().resource('User', 'b')).toEqual({
        ...{ id: 'b', version: 1, createdMs: 1, modifiedMs: 1, body: { userName: 'b', nested: { deep: [1, null, 'ä'] } } },
      });
      expect(await store().resource('Group', 'b')).toMatchObject({ body: { displayName: 'B' } });
      expect(await store().resource('Group', 'a')).toBeUndefined();
    });

    test('count their changes, and keep when they were made', async () => {
      await store().changing((change) => change.write('User', 'a', { userName: 'a' }, [], 1));
      const again = await store().changing((change) => change.write('User', 'a', { userName: 'b' }, [], 5));
      expect(again).toEqual({ id: 'a', version: 2, createdMs: 1, modifiedMs: 5, body: { userName: 'b' } });
      expect(await store().resource('User', 'a')).toEqual(again);
    });

    test('that are removed are gone, once', async () => {
      await store().changing((change) => change.write('User', 'a', { userName: 'a' }, [], 1));
      const remove = () => store().changing((change) => change.remove('User', 'a', 2));
      expect([await remove(), await remove(), await store().resource('User', 'a')]).toEqual([true, false, undefined]);
    });
  });

  describe('facts', () => {
    const facts = async () => (await store().stored()).received.map(({ id, fact, value, fromMs, toMs }) => [id, fact, value, fromMs, toMs]);

    test('hold from when they came until they are taken back, and those that stay go on', async () => {
      const write = (values: readonly string[], nowMs: number) =>
        store().changing((change) => change.write('User', 'a', {}, values.map(login), nowMs));
      await write(['one', 'two', 'two'], 1);
      await write(['two', 'three'], 2);
      await write(['one', 'two', 'three'], 3);
      expect(await facts()).toEqual([
        ['a', 'login', 'one', 1, 2],
        ['a', 'login', 'two', 1, Number.POSITIVE_INFINITY],
        ['a', 'login', 'three', 2, Number.POSITIVE_INFINITY],
        ['a', 'login', 'one', 3, Number.POSITIVE_INFINITY],
      ]);
    });

    test('of a user who is removed end, and memberships of groups that name the user with them', async () => {
      await store().changing(async (change) => {
        await change.write('User', 'a', {}, [login('ada')], 1);
        await change.write('Group', 'g', {}, [member('a'), member('b')], 2);
        await change.remove('User', 'a', 3);
      });
      expect(await facts()).toEqual([
        ['a', 'login', 'ada', 1, 3],
        ['g', 'member', 'a', 2, 3],
        ['g', 'member', 'b', 2, Number.POSITIVE_INFINITY],
      ]);
    });
  });

  describe('what holds now', () => {
    test('is found by what it is, in any capitals, of one kind, and no longer once it is taken back', async () => {
      const title: Fact = { fact: 'title', value: 'Ada' };
      const found = async () => [await store().idsWith('User', login('ADA')), await store().idsWith('Group', { ...title, value: 'ada' })];
      await store().changing(async (change) => {
        await change.write('User', 'a', {}, [login('Ada'), { fact: 'name', value: 'É\0' }], 1);
        await change.write('User', 'b', {}, [login('bob')], 1);
        await change.write('Group', 'g', {}, [title], 1);
        expect(await change.idsWith('User', login('ada'))).toEqual(['a']);
      });
      expect(await found()).toEqual([['a'], ['g']]);
      expect(await store().idsWith('User', { fact: 'name', value: 'É\0' })).toEqual(['a']);
      await store().changing(async (change) => {
        await change.write('User', 'a', {}, [login('eve')], 2);
        await change.remove('Group', 'g', 2);
      });
      expect(await found()).toEqual([[], []]);
    });

    test('is who is in which group, by the title of now', async () => {
      await store().changing(async (change) => {
        await change.write('Group', 'h', {}, [{ fact: 'title', value: 'former' }, member('a')], 1);
        await change.write('Group', 'g', {}, [{ fact: 'title', value: 'G' }, member('b'), member('a'), member('A')], 2);
        await change.write('Group', 'h', {}, [{ fact: 'title', value: 'H' }, member('a')], 3);
        expect(await change.members('b')).toEqual([{ member: 'b', group: 'g', title: 'G' }]);
      });
      expect((await store().members('a')).map(({ group, title }) => [group, title])).toEqual([
        ['h', 'H'],
        ['g', 'G'],
      ]);
      expect(await store().members()).toHaveLength(4);
      await store().changing((change) => change.remove('User', 'a', 4));
      await store().changing((change) => change.write('Group', 'g', {}, [{ fact: 'title', value: 'G' }, member('b')], 5));
      expect([await store().members('a'), await store().members('none\0')]).toEqual([[{ member: 'a', group: 'h', title: 'H' }], []]);
    });
  });

  describe('merges', () => {
    test('are kept in the order in which they were made', async () => {
      for (const alias of ['z', 'a']) await store().changing((change) => change.addMerge({ atMs: 7, who: 'cli:ops', alias, user: 'ada' }));
      const { merges } = await store().stored();
      expect(merges.map(({ atMs, who, alias, user }) => [atMs, who, alias, user])).toEqual([
        [7, 'cli:ops', 'z', 'ada'],
        [7, 'cli:ops', 'a', 'ada'],
      ]);
      expect(new Set(merges.map(({ id }) => id)).size).toBe(2);
    });
  });

  describe('a change', () => {
    test('that fails leaves nothing, and what comes after it is carried out', async () => {
      const before = await store().revision();
      const broken = store().changing(async (change) => {
        await change.write('User', 'a', { userName: 'a' }, [login('a')], 1);
        throw new Error('broken off');
      });
      const next = store().changing((change) => change.write('User', 'b', {}, [], 1));
      await expect(broken).rejects.toThrow('broken off');
      await next;
      expect([(await store().resources('User')).map(({ id }) => id), (await store().stored()).received]).toEqual([['b'], []]);
      expect(await store().revision()).not.toBe(before);
    });

    test('sees what it wrote itself', async () => {
      const seen = await store().changing(async (change) => {
        await change.write('User', 'a', {}, [], 1);
        return (await change.resources('User')).length;
      });
      expect(seen).toBe(1);
    });

    test('has another revision, and one that changes nothing need not', async () => {
      const revisions = [await store().revision()];
      const note = async () => revisions.push(await store().revision());
      await store().changing((change) => change.write('User', 'a', {}, [], 1));
      await note();
      await store().changing((change) => change.addMerge({ atMs: 1, who: 'ops', alias: 'a', user: 'b' }));
      await note();
      await store().changing((change) => change.remove('User', 'a', 2));
      await note();
      expect(new Set(revisions).size).toBe(4);
      expect(revisions.toSorted((one, two) => one - two)).toEqual(revisions);
    });
  });
}
