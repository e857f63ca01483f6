import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAlertStore } from '../../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../../collector/storage/sqlite/budget-store.ts';
import { describeBudgets } from '../contract/budgets/budgets.ts';
import { describeOutbox } from '../contract/outbox/outbox.ts';

const placeOf =
  <Store>(open: (file: string) => Store) =>
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ledgerline-place-'));
    return { open: () => open(join(folder, 'budgets.sqlite')), destroy: () => rmSync(folder, { recursive: true }) };
  };

describeBudgets('node:sqlite', placeOf(openBudgetStore));
describeOutbox('node:sqlite', placeOf(openAlertStore));
