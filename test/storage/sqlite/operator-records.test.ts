/** Names of people in budgets, alerts and messages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { Eraser, type PrivacyEntry } from '../../../collector/ledger/erasure.ts';
import { openAlertStore } from '../../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../../collector/storage/sqlite/budget-store.ts';
import { openOperatorRecords } from '../../../collector/storage/sqlite/operator-records.ts';
import { MESSAGE } from '../../alerts/message.ts';
import { filesWith } from '../../support/kept.ts';

const ENTRY: PrivacyEntry = { atMs: 5, who: 'ops', what: 'erased', subject: 'erased-1' };
const eraser = new Eraser(['ada@example.com'], 'erased-1');
const LABELS = { user: 'Ada@Example.com', budget: 'people/ada@example.com' };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-operator-'));
  file = join(folder, 'budgets.sqlite');
  const [budgets, alerts] = [openBudgetStore(file), openAlertStore(file)];
  const budget = budgetSchema.parse({
    name: 'people',
    per: 'user',
    scope: { user: ['ada@example.com', 'mary-ada@example.com'] },
    period: 'month',
    amount_usd: '1',
  });
  await budgets.set(budget, { who: 'ada@example.com', atMs: 1 });
  await budgets.raise({ key: 'people/ada@example.com', amount: 7n, fromMs: 0, untilMs: 9, why: "for 'ada@example.com'" }, { who: 'ops', atMs: 2 });
  await alerts.commit({
    records: [
      {
        ...{
          id: 'budget/people/ada@example.com/2026',
          name: 'LedgerlineBudgetThreshold',
          severity: 'warning',
          team: '',
          group: '',
          labels: LABELS,
          state: 'firing',
        },
        ...{ notification: 'notified', endsMs: undefined, firedMs: 1, resolvedMs: undefined, message: MESSAGE, channels: ['ops'] },
      },
    ],
    deliveries: [
      {
        id: 'd',
        kind: 'firing',
        channel: 'ops',
        subject: 'budget/people/ada@example.com/2026',
        message: MESSAGE,
        labels: LABELS,
        to: undefined,
        createdMs: 1,
      },
    ],
  });
  await alerts.failed('d', 'The mail server rejected it: ada@example.com is unknown.', 10);
  for (const store of [budgets, alerts]) await store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a request for more is as if the pseudonym had made it', async () => {
  const store = openBudgetStore(file);
  const asked = {
    key: 'people/ada@example.com',
    amount: 1n,
    unit: 'usd',
    untilMs: 9,
    why: 'for ada@example.com',
    user: 'ada@example.com',
    expiresMs: 9,
  } as const;
  const { id } = await store.request(asked, { who: 'ada@example.com', atMs: 3 });
  const records = openOperatorRecords(file);
  await records.erase(eraser, ENTRY, false);
  await records.close();
  expect(await store.findRequest(id)).toMatchObject({ user: 'erased-1', who: 'erased-1', key: 'people/erased-1', why: 'for erased-1' });
  expect([await store.requests({ user: 'ada@example.com', limit: 9 }), await store.requests({ user: 'erased-1', limit: 9 })]).toMatchObject([
    [],
    [{ id }],
  ]);
  await store.close();
});

test('become the pseudonym, while others have the file open', async () => {
  const [budgets, alerts, records] = [openBudgetStore(file), openAlertStore(file), openOperatorRecords(file)];
  const before = await budgets.revision();
  expect((await budgets.budgets([]))[0]?.scope).toEqual({ user: ['ada@example.com', 'mary-ada@example.com'] });
  expect(await records.erase(eraser, ENTRY, false)).toEqual({ budgets: 2, alerts: 1, messages: 1 });
  expect(await records.wipe()).toBe(true);
  expect(await budgets.revision()).not.toBe(before);
  expect((await budgets.budgets([]))[0]).toMatchObject({
    scope: { user: ['erased-1', 'mary-ada@example.com'] },
    raises: [{ key: 'people/erased-1', amount: 7n }],
  });
  expect((await budgets.audit('people')).map(({ who }) => who)).toEqual(['ops', 'erased-1']);
  expect(await alerts.known(['budget/people/erased-1/2026'])).toMatchObject([{ labels: { user: 'erased-1', budget: 'people/erased-1' } }]);
  expect(await alerts.due(10, 9)).toMatchObject([
    { subject: 'budget/people/erased-1/2026', error: 'The mail server rejected it: erased-1 is unknown.' },
  ]);
  expect(filesWith(folder, /(?<!mary-)ada@example/i)).toEqual([]);
  expect(await records.audit()).toEqual([ENTRY]);
  for (const store of [budgets, alerts, records]) await store.close();
});

test('stay with a trial, and entries of the journal cannot be changed after either', async () => {
  const records = openOperatorRecords(file);
  expect(await records.erase(eraser, ENTRY, true)).toEqual({ budgets: 2, alerts: 1, messages: 1 });
  expect([await records.audit(), (await records.find(eraser)).budgets.length]).toEqual([[], 2]);
  for (const isTrial of [true, false]) {
    await records.erase(eraser, ENTRY, isTrial);
    const database = new DatabaseSync(file);
    expect(() => database.exec(`UPDATE entries SET who = 'x'`)).toThrow('entries never change');
    database.close();
  }
  await records.close();
});
