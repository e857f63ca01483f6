/** What only the embedded store of operator records does; what every store does is in test/storage/contract/operator/. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { Eraser } from '../../../collector/ledger/erasure.ts';
import { openBudgetStore } from '../../../collector/storage/sqlite/budget-store.ts';
import { openOperatorRecords } from '../../../collector/storage/sqlite/operator-records.ts';

test('entries of the journal cannot be changed after an erasure either', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-operator-'));
  const file = join(folder, 'budgets.sqlite');
  const journal = openBudgetStore(file);
  await journal.set(budgetSchema.parse({ name: 'hers', scope: { user: 'ada@example.com' }, amount_usd: '1' }), { who: 'ops', atMs: 1 });
  const records = openOperatorRecords(file);
  for (const isTrial of [true, false]) {
    const entry = { atMs: 5, who: 'ops', what: 'erased', subject: 'erased-1' } as const;
    expect(await records.erase(new Eraser(['ada@example.com'], 'erased-1'), entry, isTrial)).toMatchObject({ budgets: 1 });
    const database = new DatabaseSync(file);
    expect(() => database.exec(`UPDATE entries SET who = 'x'`)).toThrow('entries never change');
    database.close();
  }
  await records.close();
  await journal.close();
  rmSync(folder, { recursive: true });
});
