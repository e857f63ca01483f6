import { describe, expect, test } from '@jest/globals';
import type { NewRequest } from '../../../../collector/budgets/request.ts';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeRequests({ store, open }: BudgetSuite): void {
  describe('requests for more', () => {
    const asked = (user: string, key = 'a', amount = 1n): NewRequest => ({
      ...{ key, amount, unit: 'usd', untilMs: 50, why: 'a release', user, expiresMs: 40 },
    });
    const raise = (request: number) => ({ key: 'a', amount: 7n, unit: 'usd', fromMs: 1, untilMs: 2, why: 'w', request }) as const;

    test('keep every digit, and say who made them and when', () => {
      const made = store().request(asked('ada', 'a/ada', 10n ** 20n + 1n), by('laptop', 7));
      expect(made).toEqual({ ...asked('ada', 'a/ada', 10n ** 20n + 1n), id: made.id, who: 'laptop', atMs: 7, decision: undefined });
      expect(open().findRequest(made.id)).toEqual(made);
      expect(store().findRequest(made.id + 1)).toBeUndefined();
    });

    test('are listed with the newest first, of one user, since an instant, and so many', () => {
      const ids = ['ada', 'bob', 'ada', 'ada'].map((user, index) => store().request(asked(user), by('t', index + 1)).id);
      const list = (given: object) =>
        store()
          .requests({ limit: 10, ...given })
          .map(({ id }) => ids.indexOf(id));
      expect(list({})).toEqual([3, 2, 1, 0]);
      expect(list({ user: 'ada' })).toEqual([3, 2, 0]);
      expect(list({ user: 'ada', limit: 2 })).toEqual([3, 2]);
      expect(list({ sinceMs: 2 })).toEqual([3, 2]);
      expect(list({ user: 'nobody' })).toEqual([]);
      expect([store().requestsSince(0), store().requestsSince(3), store().requestsSince(4)]).toEqual([4, 1, 0]);
    });

    test('end by a raise, a denial or a withdrawal, once', () => {
      store().set(budget('a'), by('ops'));
      const [one, two, three] = ['ada', 'bob', 'cleo'].map((user) => store().request(asked(user), by('t')));
      if (one === undefined || two === undefined || three === undefined) throw new Error('three were made');
      store().raise(raise(one.id), by('ops', 5));
      store().end(two, 'request_denied', 'too much', by('lead', 6));
      store().end(three, 'request_withdrawn', undefined, by('t', 7));
      const decisions = [one, two, three].map(({ id }) => store().findRequest(id)?.decision);
      expect(decisions).toEqual([
        { what: 'approved', who: 'ops', atMs: 5, why: undefined, amount: 7n },
        { what: 'denied', who: 'lead', atMs: 6, why: 'too much', amount: undefined },
        { what: 'withdrawn', who: 't', atMs: 7, why: undefined, amount: undefined },
      ]);
      for (const { id } of [one, two, three]) expect(() => open().raise(raise(id), by('ops'))).toThrow();
      expect(() => store().end(one, 'request_denied', 'late', by('ops'))).toThrow();
      expect(store().budgets([])).toMatchObject([{ raises: [{ amount: 7n, request: one.id }] }]);
    });

    test('go with their budget, and only those that were open', () => {
      store().set(budget('a'), by('ops'));
      const [one, two] = ['ada', 'bob'].map((user) => store().request(asked(user), by('t')));
      if (one === undefined || two === undefined) throw new Error('two were made');
      store().end(two, 'request_denied', 'no', by('ops', 3));
      store().remove('a', by('lead', 4));
      store().set(budget('a'), by('ops', 5));
      const later = store().request(asked('ada'), by('t', 6));
      const ends = [one, two, later].map(({ id }) => store().findRequest(id)?.decision).map((end) => [end?.what, end?.who, end?.atMs]);
      expect(ends).toEqual([
        ['removed', 'lead', 4],
        ['denied', 'ops', 3],
        [undefined, undefined, undefined],
      ]);
    });

    test('change no budget: neither the revision nor what is in force', () => {
      store().set(budget('a'), by('ops'));
      const before = [store().revision(), store().budgets([])];
      const request = store().request(asked('ada'), by('t'));
      store().end(request, 'request_withdrawn', undefined, by('t'));
      expect([store().revision(), store().budgets([])]).toEqual(before);
    });

    test('stand in the audit of their budget, and leave what was before a change as it is', () => {
      store().set(budget('a', '5.00'), by('ops', 1));
      const request = store().request(asked('ada', 'a/ada'), by('laptop', 2));
      store().end(request, 'request_denied', 'no', by('lead', 3));
      store().set(budget('a', '6.00'), by('ops', 4));
      const shown = store()
        .audit('a')
        .map(({ who, atMs, what, before, after }) => [who, atMs, what, before, after]);
      expect(shown).toMatchObject([
        ['ops', 4, 'budget_set', { amount_usd: '5.00' }, { amount_usd: '6.00' }],
        ['lead', 3, 'request_denied', undefined, { request: request.id, why: 'no' }],
        ['laptop', 2, 'budget_requested', undefined, { key: 'a/ada', amount: '1', user: 'ada' }],
        ['ops', 1, 'budget_set', undefined, { amount_usd: '5.00' }],
      ]);
    });

    test('are news in their order, and nothing else is', () => {
      store().set(budget('a'), by('ops'));
      const request = store().request(asked('ada'), by('t'));
      store().set(budget('b'), by('ops'));
      store().raise(raise(request.id), by('ops'));
      const [made, ended, ...more] = store().requestNews(0);
      expect([made, ended, more]).toMatchObject([
        { what: 'made', request: request.id, entry: request.id },
        { what: 'ended', request: request.id },
        [],
      ]);
      expect(store().requestNews(made?.entry ?? 0)).toEqual([ended]);
    });

    test('are written together with what was read before, or not at all', () => {
      const run = () =>
        store().atomically(() => {
          store().request(asked('ada'), by('t'));
          throw new Error('no');
        });
      expect(run).toThrow('no');
      expect(store().requests({ limit: 10 })).toEqual([]);
      store().atomically(() => store().request(asked('ada'), by('t')));
      expect(open().requests({ limit: 10 })).toHaveLength(1);
    });
  });
}
