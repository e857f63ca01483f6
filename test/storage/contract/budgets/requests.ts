import { describe, expect, test } from '@jest/globals';
import type { NewRequest } from '../../../../collector/budgets/request.ts';
import { type BudgetSuite, budget, by } from './suite.ts';

export function describeRequests({ store, open }: BudgetSuite): void {
  describe('requests for more', () => {
    const asked = (user: string, key = 'a', amount = 1n): NewRequest => ({
      ...{ key, amount, unit: 'usd', untilMs: 50, why: 'a release', user, expiresMs: 40 },
    });
    const raise = (request: number) => ({ key: 'a', amount: 7n, unit: 'usd', fromMs: 1, untilMs: 2, why: 'w', request }) as const;

    test('keep every digit, and say who made them and when', async () => {
      const made = await store().request(asked('ada', 'a/ada', 10n ** 20n + 1n), by('laptop', 7));
      expect(made).toEqual({ ...asked('ada', 'a/ada', 10n ** 20n + 1n), id: made.id, who: 'laptop', atMs: 7, decision: undefined });
      expect(await open().findRequest(made.id)).toEqual(made);
      expect(await store().findRequest(made.id + 1)).toBeUndefined();
    });

    test('are listed with the newest first, of one user, since an instant, and so many', async () => {
      const ids: number[] = [];
      for (const [index, user] of ['ada', 'bob', 'ada', 'ada'].entries()) ids.push((await store().request(asked(user), by('t', index + 1))).id);
      const list = async (given: object) => (await store().requests({ limit: 10, ...given })).map(({ id }) => ids.indexOf(id));
      expect(await list({})).toEqual([3, 2, 1, 0]);
      expect(await list({ user: 'ada' })).toEqual([3, 2, 0]);
      expect(await list({ user: 'ada', limit: 2 })).toEqual([3, 2]);
      expect(await list({ sinceMs: 2 })).toEqual([3, 2]);
      expect(await list({ user: 'nobody' })).toEqual([]);
      expect([await store().requestsSince(0), await store().requestsSince(3), await store().requestsSince(4)]).toEqual([4, 1, 0]);
    });

    test('end by a raise, a denial or a withdrawal, once', async () => {
      await store().set(budget('a'), by('ops'));
      const [one, two, three] = await Promise.all(['ada', 'bob', 'cleo'].map((user) => store().request(asked(user), by('t'))));
      if (one === undefined || two === undefined || three === undefined) throw new Error('three were made');
      await store().raise(raise(one.id), by('ops', 5));
      await store().end(two, 'request_denied', 'too much', by('lead', 6));
      await store().end(three, 'request_withdrawn', undefined, by('t', 7));
      const found = await Promise.all([one, two, three].map(({ id }) => store().findRequest(id)));
      const decisions = found.map((request) => request?.decision);
      expect(decisions).toEqual([
        { what: 'approved', who: 'ops', atMs: 5, why: undefined, amount: 7n },
        { what: 'denied', who: 'lead', atMs: 6, why: 'too much', amount: undefined },
        { what: 'withdrawn', who: 't', atMs: 7, why: undefined, amount: undefined },
      ]);
      for (const { id } of [one, two, three]) await expect(open().raise(raise(id), by('ops'))).rejects.toThrow();
      await expect(store().end(one, 'request_denied', 'late', by('ops'))).rejects.toThrow();
      expect(await store().budgets([])).toMatchObject([{ raises: [{ amount: 7n, request: one.id }] }]);
    });

    test('go with their budget, and only those that were open', async () => {
      await store().set(budget('a'), by('ops'));
      const [one, two] = await Promise.all(['ada', 'bob'].map((user) => store().request(asked(user), by('t'))));
      if (one === undefined || two === undefined) throw new Error('two were made');
      await store().end(two, 'request_denied', 'no', by('ops', 3));
      await store().remove('a', by('lead', 4));
      await store().set(budget('a'), by('ops', 5));
      const later = await store().request(asked('ada'), by('t', 6));
      const found = await Promise.all([one, two, later].map(({ id }) => store().findRequest(id)));
      const ends = found.map((request) => request?.decision).map((end) => [end?.what, end?.who, end?.atMs]);
      expect(ends).toEqual([
        ['removed', 'lead', 4],
        ['denied', 'ops', 3],
        [undefined, undefined, undefined],
      ]);
    });

    test('change no budget: neither the revision nor what is in force', async () => {
      await store().set(budget('a'), by('ops'));
      const before = [await store().revision(), await store().budgets([])];
      const request = await store().request(asked('ada'), by('t'));
      await store().end(request, 'request_withdrawn', undefined, by('t'));
      expect([await store().revision(), await store().budgets([])]).toEqual(before);
    });

    test('stand in the audit of their budget, and leave what was before a change as it is', async () => {
      await store().set(budget('a', '5.00'), by('ops', 1));
      const request = await store().request(asked('ada', 'a/ada'), by('laptop', 2));
      await store().end(request, 'request_denied', 'no', by('lead', 3));
      await store().set(budget('a', '6.00'), by('ops', 4));
      const shown = (await store().audit('a')).map(({ who, atMs, what, before, after }) => [who, atMs, what, before, after]);
      expect(shown).toMatchObject([
        ['ops', 4, 'budget_set', { amount_usd: '5.00' }, { amount_usd: '6.00' }],
        ['lead', 3, 'request_denied', undefined, { request: request.id, why: 'no' }],
        ['laptop', 2, 'budget_requested', undefined, { key: 'a/ada', amount: '1', user: 'ada' }],
        ['ops', 1, 'budget_set', undefined, { amount_usd: '5.00' }],
      ]);
    });

    test('are news in their order, and nothing else is', async () => {
      await store().set(budget('a'), by('ops'));
      const request = await store().request(asked('ada'), by('t'));
      await store().set(budget('b'), by('ops'));
      await store().raise(raise(request.id), by('ops'));
      const [made, ended, ...more] = await store().requestNews(0);
      expect([made, ended, more]).toMatchObject([
        { what: 'made', request: request.id, entry: request.id },
        { what: 'ended', request: request.id },
        [],
      ]);
      expect(await store().requestNews(made?.entry ?? 0)).toEqual([ended]);
    });

    test('that go with their budget are news of its removal, each that was open', async () => {
      await store().set(budget('a'), by('ops'));
      const [ada, bob, cleo] = [
        await store().request(asked('ada'), by('t')),
        await store().request(asked('bob'), by('t')),
        await store().request(asked('cleo'), by('t')),
      ];
      await store().end(bob, 'request_denied', 'no', by('lead'));
      const denied = (await store().requestNews(cleo.id)).at(-1)?.entry ?? 0;
      await store().remove('a', by('lead'));
      const gone = await store().requestNews(denied);
      expect(gone.map(({ what, request }) => [what, request])).toEqual([
        ['ended', ada.id],
        ['ended', cleo.id],
      ]);
      expect(new Set(gone.map(({ entry }) => entry)).size).toBe(1);
      await store().set(budget('a'), by('ops'));
      await store().remove('a', by('lead'));
      const second = await store().requestNews(gone[0]?.entry ?? 0);
      expect(second.map(({ what, request }) => [what, request])).toEqual([['ended', undefined]]);
    });

    test('are written together with what was read before, or not at all', async () => {
      const run = () =>
        store().atomically(async (within) => {
          await within.request(asked('ada'), by('t'));
          throw new Error('no');
        });
      await expect(run()).rejects.toThrow('no');
      expect(await store().requests({ limit: 10 })).toEqual([]);
      await store().atomically((within) => within.request(asked('ada'), by('t')));
      expect(await open().requests({ limit: 10 })).toHaveLength(1);
    });
  });
}
