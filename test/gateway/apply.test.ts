/** What a run still does once another one may have taken over. */
import { expect, test } from '@jest/globals';
import { LedgerlineError } from '../../collector/core/error.ts';
import { applySteps } from '../../collector/gateway/apply.ts';
import type { SpendLimitApi } from '../../collector/gateway/client.ts';
import type { PlanStep } from '../../collector/gateway/plan.ts';
import type { LimitRecord } from '../../collector/gateway/records.ts';

const step = (id: string): PlanStep => ({
  ...{ action: 'create', current: undefined, note: '' },
  wanted: { scope: { type: 'user', id }, period: 'monthly', cents: 100n, pool: undefined, budgets: [id] },
});

test('sets nothing and notes nothing any more, and says why', async () => {
  const set: string[] = [];
  const noted: LimitRecord[] = [];
  let asked = 0;
  const api = { set: async ({ scope }: { scope: { id: string } }) => ({ id: `limit of ${set[set.push(scope.id) - 1]}` }) };
  const outcomes = await applySteps(['ada', 'bob', 'cleo'].map(step), {
    api: api as unknown as SpendLimitApi, // the part of it that sets
    records: { records: async () => noted, append: async (record) => void noted.push(record), close: async () => undefined },
    lock: {
      confirm: async () => {
        if (++asked > 1) throw new LedgerlineError('unavailable', 'Another run has taken over.');
      },
    },
    ...{ gateway: 'https://gateway.example.com', who: 'cli:ops', now: () => 1, isStopped: () => false },
  });
  expect([set, noted.map(({ outcome }) => outcome)]).toEqual([['ada'], ['begun', 'done']]);
  expect(outcomes.map(({ outcome, error }) => [outcome, error?.message])).toEqual([
    ['done', undefined],
    ['open', 'Another run has taken over.'],
    ['open', undefined],
  ]);
});
