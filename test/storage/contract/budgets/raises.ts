import { describe, expect, test } from '@jest/globals';
import type { NewRaise } from '../../../../collector/budgets/journal.ts';
import { budgetSchema } from '../../../../collector/config/budgets.ts';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeRaises({ store }: BudgetSuite): void {
  describe('raises', () => {
    const raise = (key: string, amount = 1n): NewRaise => ({ key, amount, fromMs: 1, untilMs: 2, why: 'a release' });
    const raisesOf = (name: string) =>
      store()
        .budgets([budget(name)])
        .flatMap(({ raises = [] }) => raises);

    test('keep every digit, and say who made them and when', () => {
      const made = store().raise(raise('a', 10n ** 20n + 1n), by('ada', 7));
      expect(made).toEqual({ ...raise('a', 10n ** 20n + 1n), id: made.id, who: 'ada', atMs: 7 });
      expect(raisesOf('a')).toEqual([made]);
    });

    test('of a member stand under the budget, in the order they were made', () => {
      const made = [store().raise(raise('a/ada'), by('ops')), store().raise(raise('a'), by('ops')), store().raise(raise('b'), by('ops'))];
      expect(raisesOf('a')).toEqual(made.slice(0, 2));
      expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    });

    test('in dollars do not raise a number of tokens', () => {
      store().set(budget('a'), by('ops'));
      store().raise(raise('a', 200n * 10n ** 12n), by('ops'));
      const tokens = budgetSchema.parse({ name: 'a', tokens: { amount: 100, classes: ['input'] } });
      store().set(tokens, by('ops'));
      expect(store().budgets([])).toMatchObject([{ tokens: { amount: 100 }, raises: [] }]);
      store().raise({ ...raise('b', 5n), unit: 'usd' }, by('ops'));
      expect(store().budgets([{ ...tokens, name: 'b' }])[0]?.raises).toEqual([]);
      store().set(budget('a'), by('ops'));
      expect(store().budgets([])).toMatchObject([{ raises: [{ key: 'a', unit: 'usd' }] }]);
    });

    test('stay when their budget changes, and go with it when it is removed', () => {
      store().set(budget('a'), by('ops'));
      store().raise(raise('a'), by('ops'));
      store().set(budget('a', '9.00'), by('ops'));
      expect(store().budgets([])).toMatchObject([{ amount_usd: '9.00', raises: [{ key: 'a' }] }]);
      store().remove('a', by('ops'));
      store().set(budget('a'), by('ops'));
      expect(store().budgets([])).toMatchObject([{ raises: [] }]);
    });
  });
}
