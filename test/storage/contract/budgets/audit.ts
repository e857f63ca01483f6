import { describe, expect, test } from '@jest/globals';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeAudit({ store }: BudgetSuite): void {
  describe('the audit', () => {
    test('says who changed what and when, the newest first, with what was before and after', async () => {
      await store().set(budget('a', '5.00'), by('ops', 1));
      await store().set(budget('a', '6.00'), by('cli:ada', 2));
      await store().raise({ key: 'a/bob', amount: 3n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops', 3));
      await store().remove('a', by('ops', 4));
      const shown = (await store().audit()).map(({ who, atMs, what, name, before, after }) => [who, atMs, what, name, before, after]);
      expect(shown).toEqual([
        ['ops', 4, 'budget_removed', 'a', expect.objectContaining({ amount_usd: '6.00' }), undefined],
        ['ops', 3, 'budget_raised', 'a', undefined, expect.objectContaining({ key: 'a/bob', amount: '3' })],
        ['cli:ada', 2, 'budget_set', 'a', expect.objectContaining({ amount_usd: '5.00' }), expect.objectContaining({ amount_usd: '6.00' })],
        ['ops', 1, 'budget_set', 'a', undefined, expect.objectContaining({ amount_usd: '5.00' })],
      ]);
    });

    test('of one budget leaves out the others', async () => {
      await store().set(budget('a'), by('ops'));
      await store().set(budget('b'), by('ops'));
      expect(await store().audit('b')).toMatchObject([{ name: 'b', before: undefined }]);
      expect(await store().audit('nobody')).toEqual([]);
    });

    test('numbers its entries upwards', async () => {
      for (const name of ['a', 'b', 'c']) await store().set(budget(name), by('ops'));
      const ids = (await store().audit()).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted((a, b) => b - a));
      expect(new Set(ids).size).toBe(3);
    });
  });
}
