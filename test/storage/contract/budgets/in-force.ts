import { describe, expect, test } from '@jest/globals';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeInForce({ store }: BudgetSuite): void {
  describe('budgets in force', () => {
    const shown = async (...configured: ReturnType<typeof budget>[]) =>
      (await store().budgets(configured)).map(({ name, amount_usd, origin }) => [name, amount_usd, origin]);

    test('are those of the configuration while none was set', async () => {
      expect(await shown(budget('a'))).toEqual([['a', '5.00', undefined]]);
      expect(await shown()).toEqual([]);
    });

    test('are those of the configuration first, then those that were set', async () => {
      await store().set(budget('set'), by('ops'));
      expect(await shown(budget('file'))).toEqual([
        ['file', '5.00', undefined],
        ['set', '5.00', 'api'],
      ]);
    });

    test('follow the configuration where both have a name', async () => {
      await store().set(budget('a', '5.00'), by('ops'));
      expect(await shown(budget('a', '7.00'))).toEqual([['a', '7.00', undefined]]);
    });

    test('remember their amounts of before, and no change of anything else', async () => {
      await store().set(budget('a', '5.00'), by('ops', 1));
      await store().set({ ...budget('a', '5.00'), hard_limit: true }, by('ops', 2));
      await store().set(budget('a', '6.00'), by('ops', 3));
      await store().set(budget('a', '7.00'), by('ops', 4));
      const [{ earlier = [] } = {}] = await store().budgets([]);
      expect(earlier.map(({ untilMs, budget: then }) => [untilMs, then.amount_usd])).toEqual([
        [3, '5.00'],
        [4, '6.00'],
      ]);
      await store().remove('a', by('ops', 5));
      await store().set(budget('a', '8.00'), by('ops', 6));
      expect((await store().budgets([]))[0]?.earlier).toBeUndefined();
    });

    test('are what was set last, until it is removed', async () => {
      await store().set(budget('a', '5.00'), by('ops'));
      await store().set(budget('a', '6.00'), by('ops'));
      expect(await shown()).toEqual([['a', '6.00', 'api']]);
      await store().remove('a', by('ops'));
      expect(await shown()).toEqual([]);
      await store().set(budget('a', '8.00'), by('ops'));
      expect(await shown()).toEqual([['a', '8.00', 'api']]);
    });
  });
}
