import { describe, expect, test } from '@jest/globals';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeInForce({ store }: BudgetSuite): void {
  describe('budgets in force', () => {
    const shown = (...configured: ReturnType<typeof budget>[]) =>
      store()
        .budgets(configured)
        .map(({ name, amount_usd, origin }) => [name, amount_usd, origin]);

    test('are those of the configuration while none was set', () => {
      expect(shown(budget('a'))).toEqual([['a', '5.00', undefined]]);
      expect(shown()).toEqual([]);
    });

    test('are those of the configuration first, then those that were set', () => {
      store().set(budget('set'), by('ops'));
      expect(shown(budget('file'))).toEqual([
        ['file', '5.00', undefined],
        ['set', '5.00', 'api'],
      ]);
    });

    test('follow the configuration where both have a name', () => {
      store().set(budget('a', '5.00'), by('ops'));
      expect(shown(budget('a', '7.00'))).toEqual([['a', '7.00', undefined]]);
    });

    test('remember their amounts of before, and no change of anything else', () => {
      store().set(budget('a', '5.00'), by('ops', 1));
      store().set({ ...budget('a', '5.00'), hard_limit: true }, by('ops', 2));
      store().set(budget('a', '6.00'), by('ops', 3));
      store().set(budget('a', '7.00'), by('ops', 4));
      const [{ earlier = [] } = {}] = store().budgets([]);
      expect(earlier.map(({ untilMs, budget: then }) => [untilMs, then.amount_usd])).toEqual([
        [3, '5.00'],
        [4, '6.00'],
      ]);
      store().remove('a', by('ops', 5));
      store().set(budget('a', '8.00'), by('ops', 6));
      expect(store().budgets([])[0]?.earlier).toBeUndefined();
    });

    test('are what was set last, until it is removed', () => {
      store().set(budget('a', '5.00'), by('ops'));
      store().set(budget('a', '6.00'), by('ops'));
      expect(shown()).toEqual([['a', '6.00', 'api']]);
      store().remove('a', by('ops'));
      expect(shown()).toEqual([]);
      store().set(budget('a', '8.00'), by('ops'));
      expect(shown()).toEqual([['a', '8.00', 'api']]);
    });
  });
}
