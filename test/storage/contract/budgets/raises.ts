import { describe, expect, test } from '@jest/globals';
import type { NewRaise } from '../../../../collector/budgets/journal.ts';
import { budgetSchema } from '../../../../collector/config/budgets.ts';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeRaises({ store }: BudgetSuite): void {
  describe('raises', () => {
    const raise = (key: string, amount = 1n): NewRaise => ({ key, amount, fromMs: 1, untilMs: 2, why: 'a release' });
    const raisesOf = async (name: string) => (await store().budgets([budget(name)])).flatMap(({ raises = [] }) => raises);

    test('keep every digit, and say who made them and when', async () => {
      const made = await store().raise(raise('a', 10n ** 20n + 1n), by('ada', 7));
      expect(made).toEqual({ ...raise('a', 10n ** 20n + 1n), id: made.id, who: 'ada', atMs: 7 });
      expect(await raisesOf('a')).toEqual([made]);
    });

    test('of a member stand under the budget, in the order they were made', async () => {
      const made = [
        await store().raise(raise('a/ada'), by('ops')),
        await store().raise(raise('a'), by('ops')),
        await store().raise(raise('b'), by('ops')),
      ];
      expect(await raisesOf('a')).toEqual(made.slice(0, 2));
      expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    });

    test('in dollars do not raise a number of tokens', async () => {
      await store().set(budget('a'), by('ops'));
      await store().raise(raise('a', 200n * 10n ** 12n), by('ops'));
      const tokens = budgetSchema.parse({ name: 'a', tokens: { amount: 100, classes: ['input'] } });
      await store().set(tokens, by('ops'));
      expect(await store().budgets([])).toMatchObject([{ tokens: { amount: 100 }, raises: [] }]);
      await store().raise({ ...raise('b', 5n), unit: 'usd' }, by('ops'));
      expect((await store().budgets([{ ...tokens, name: 'b' }]))[0]?.raises).toEqual([]);
      await store().set(budget('a'), by('ops'));
      expect(await store().budgets([])).toMatchObject([{ raises: [{ key: 'a', unit: 'usd' }] }]);
    });

    test('stay when their budget changes, and go with it when it is removed', async () => {
      await store().set(budget('a'), by('ops'));
      await store().raise(raise('a'), by('ops'));
      await store().set(budget('a', '9.00'), by('ops'));
      expect(await store().budgets([])).toMatchObject([{ amount_usd: '9.00', raises: [{ key: 'a' }] }]);
      await store().remove('a', by('ops'));
      await store().set(budget('a'), by('ops'));
      expect(await store().budgets([])).toMatchObject([{ raises: [] }]);
    });
  });
}
