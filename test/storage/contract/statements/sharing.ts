import { describe, expect, test } from '@jest/globals';
import { billedIn, OCTOBER, putInto, type StatementSuite } from './suite.ts';

export function describeSharing({ store, open }: StatementSuite): void {
  const put = putInto(store);
  const billed = billedIn(store);

  describe('several processes', () => {
    test('see what the others have written', async () => {
      const other = open();
      await put([{ billed: 1n }]);
      expect(await other.days(OCTOBER)).toHaveLength(1);
      await putInto(() => other)([{ billed: 2n }], { atMs: 2 });
      expect(await billed()).toEqual([[2n]]);
    });

    test('that write one day at once leave what was asked for last, and one version at each instant', async () => {
      const writers = [store(), open(), open()].map((one) => putInto(() => one));
      const asked = Array.from({ length: 12 }, (_, index) => ((index * 5) % 12) + 1);
      const lines = (atMs: number) =>
        Array.from({ length: 20 }, (_, index) => ({ workspace: `w${index % 7}`, model: `m${index}`, billed: BigInt(atMs) }));
      await Promise.all(asked.map((atMs, index) => writers[index % writers.length]?.(lines(atMs), { atMs })));
      expect(await billed()).toEqual([[240n]]);
      const versions = (await store().versions(OCTOBER)).toSorted((one, two) => one.sinceMs - two.sinceMs);
      expect(versions.slice(1).map(({ sinceMs }) => sinceMs)).toEqual(versions.slice(0, -1).map(({ untilMs }) => untilMs));
      expect(versions.at(-1)?.untilMs).toBeUndefined();
    });

    test('that bring the same texts on different days at once all have their lines', async () => {
      const writers = [store(), open(), open()].map((one) => putInto(() => one));
      const texts = Array.from({ length: 60 }, (_, index) => ({ user: `user-${index}@example.com`, billed: 1n }));
      // In another order each, and days that are written by two of them.
      await Promise.all(
        Array.from({ length: 9 }, (_, index) =>
          writers[index % writers.length]?.([...texts.slice(index * 7), ...texts.slice(0, index * 7)], { day: `2026-10-0${(index % 8) + 1}` }),
        ),
      );
      expect(await billed()).toEqual([[480n]]);
      expect(await billed(['user'])).toHaveLength(60);
    });
  });

  describe('runs', () => {
    test('are remembered', async () => {
      const origin = { source: 'litellm', account: '' };
      const id = await store().beginRun(origin, OCTOBER, 5);
      expect(await store().runs(origin, 9)).toMatchObject([{ id, outcome: 'running', range: OCTOBER, endedMs: undefined }]);
      await store().endRun(id, { outcome: 'failed', days: 2, revised: 1, lines: 7, remarks: ['No key.'], nowMs: 8 });
      expect(await store().runs(origin, 9)).toEqual([
        { id, startedMs: 5, endedMs: 8, range: OCTOBER, outcome: 'failed', days: 2, revised: 1, lines: 7, remarks: ['No key.'] },
      ]);
      expect(await store().origins()).toEqual([origin]);
    });

    test('of several processes have numbers of their own, the newest first', async () => {
      const origin = { source: 'litellm', account: '' };
      const stores = [store(), open(), open()];
      const ids = await Promise.all(Array.from({ length: 9 }, (_, index) => stores[index % 3]?.beginRun(origin, OCTOBER, index)));
      expect((await store().runs(origin, 99)).map(({ id }) => id)).toEqual(ids.toSorted((one, two) => Number(two) - Number(one)));
      expect(new Set(ids).size).toBe(9);
      expect(await store().runs(origin, 2)).toHaveLength(2);
    });
  });
}
