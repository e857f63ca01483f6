import { describe, expect, test } from '@jest/globals';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeSharing({ store, open }: BudgetSuite): void {
  describe('several processes', () => {
    test('see at once what another wrote, also after they had looked before', () => {
      const other = open();
      expect(other.budgets([])).toEqual([]);
      store().set(budget('a'), by('ops'));
      store().raise({ key: 'a', amount: 4n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops'));
      expect(other.budgets([])).toMatchObject([{ name: 'a', origin: 'api', raises: [{ amount: 4n }] }]);
      other.remove('a', by('other'));
      expect(store().budgets([])).toEqual([]);
    });

    test('find everything when they open it again', () => {
      store().set(budget('a'), by('ops'));
      store().raise({ key: 'a', amount: 4n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops'));
      const again = open();
      expect(again.budgets([])).toEqual(store().budgets([]));
      expect(again.audit()).toEqual(store().audit());
    });

    test('tell by the revision whether anything changed', () => {
      const seen = [store().revision()];
      const changes = [
        () => store().set(budget('a'), by('ops')),
        () => store().raise({ key: 'a', amount: 4n, fromMs: 1, untilMs: 2, why: 'w' }, by('ops')),
        () => open().remove('a', by('ops')),
      ];
      for (const change of changes) {
        change();
        expect(store().revision()).toBe(store().revision());
        seen.push(store().revision());
      }
      expect(new Set(seen).size).toBe(4);
    });
  });
}
