import { describe, expect, test } from '@jest/globals';
import type { BudgetWriter, JournalWithin } from '../../../../collector/budgets/journal.ts';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeTogether({ store, open }: BudgetSuite): void {
  describe('what holds together', () => {
    const namesOf = async (journal: Pick<BudgetWriter, 'budgets'>) => (await journal.budgets([])).map(({ name }) => name).sort();
    /** Reads, and writes what follows from it: one more budget than there were. */
    const oneMore = (journal: BudgetWriter) =>
      journal.atomically(async (within) => {
        const count = (await within.budgets([])).length;
        await within.set(budget(`b${count}`), by('ops'));
      });

    test('is done by one after the other, on one journal and on several', async () => {
      const other = open();
      await Promise.all(Array.from({ length: 10 }, (_, index) => oneMore(index % 2 === 0 ? store() : other)));
      expect(await namesOf(store())).toEqual(Array.from({ length: 10 }, (_, index) => `b${index}`));
    });

    test('is seen by nobody before it is done, and is not taken back with what others write meanwhile', async () => {
      const other = open();
      const begun = Promise.withResolvers<void>();
      const seen = Promise.withResolvers<void>();
      const failing = store().atomically(async (within) => {
        await within.set(budget('mine'), by('ops'));
        expect(await namesOf(within)).toEqual(['mine']);
        begun.resolve();
        await seen.promise;
        throw new Error('no');
      });
      await begun.promise;
      const names = namesOf(other);
      const written = store().set(budget('theirs'), by('ops'));
      seen.resolve();
      await expect(failing).rejects.toThrow('no');
      expect(await names).not.toContain('mine');
      await written;
      expect([await namesOf(store()), await namesOf(other)]).toEqual([['theirs'], ['theirs']]);
    });

    test('is one, also where a part of it is to hold together', async () => {
      const nested = (end: () => void) =>
        store().atomically(async (within: JournalWithin) => {
          await within.atomically((inner) => inner.set(budget('a'), by('ops')));
          end();
        });
      const fail = (): void => {
        throw new Error('no');
      };
      await expect(nested(fail)).rejects.toThrow('no');
      expect(await namesOf(store())).toEqual([]);
      await nested(() => undefined);
      expect(await namesOf(open())).toEqual(['a']);
    });

    test('is forgotten with all that was seen of it, though another takes its place', async () => {
      const failing = store().atomically(async (within) => {
        await within.set(budget('mine'), by('ops'));
        await within.budgets([]);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await open().set(budget('theirs'), by('ops'));
      expect(await namesOf(store())).toEqual(['theirs']);
    });
  });
}
