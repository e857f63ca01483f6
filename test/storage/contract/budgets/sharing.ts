import { describe, expect, test } from '@jest/globals';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeSharing({ store, open }: BudgetSuite): void {
  describe('several processes', () => {
    test('see at once what another wrote, also after they had looked before', async () => {
      const other = open();
      expect(await other.budgets([])).toEqual([]);
      await store().set(budget('a'), by('ops'));
      await store().raise({ key: 'a', amount: 4n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops'));
      expect(await other.budgets([])).toMatchObject([{ name: 'a', origin: 'api', raises: [{ amount: 4n }] }]);
      await other.remove('a', by('other'));
      expect(await store().budgets([])).toEqual([]);
    });

    test('find everything when they open it again', async () => {
      await store().set(budget('a'), by('ops'));
      await store().raise({ key: 'a', amount: 4n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops'));
      const again = open();
      expect(await again.budgets([])).toEqual(await store().budgets([]));
      expect(await again.audit()).toEqual(await store().audit());
    });

    test('tell by the revision whether anything changed', async () => {
      const seen = [await store().revision()];
      const changes = [
        () => store().set(budget('a'), by('ops')),
        () => store().raise({ key: 'a', amount: 4n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops')),
        () => open().remove('a', by('ops')),
      ];
      for (const change of changes) {
        await change();
        expect(await store().revision()).toBe(await store().revision());
        seen.push(await store().revision());
      }
      expect(new Set(seen).size).toBe(4);
    });
  });
}
