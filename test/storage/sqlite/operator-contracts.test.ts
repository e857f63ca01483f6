import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAlertStore } from '../../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../../collector/storage/sqlite/budget-store.ts';
import { lockGateway, openGatewayStore } from '../../../collector/storage/sqlite/gateway-store.ts';
import { openOperatorRecords } from '../../../collector/storage/sqlite/operator-records.ts';
import { filesWith } from '../../support/kept.ts';
import { describeBudgets } from '../contract/budgets/budgets.ts';
import { describeGatewayRecords } from '../contract/gateway/gateway.ts';
import { describeOperatorRecords } from '../contract/operator/operator-records.ts';
import { describeOutbox } from '../contract/outbox/outbox.ts';

function newPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-place-'));
  return { folder, file: join(folder, 'budgets.sqlite'), destroy: () => rmSync(folder, { recursive: true }) };
}

const placeOf =
  <Store>(open: (file: string) => Store) =>
  () => {
    const { file, destroy } = newPlace();
    return { open: () => open(file), destroy };
  };

describeBudgets('node:sqlite', placeOf(openBudgetStore));
describeOutbox('node:sqlite', placeOf(openAlertStore));
describeGatewayRecords('node:sqlite', () => {
  const { file, destroy } = newPlace();
  return { open: () => openGatewayStore(file), lock: () => lockGateway(file), destroy };
});
describeOperatorRecords('node:sqlite', () => {
  const { folder, file, destroy } = newPlace();
  return {
    open: () => openOperatorRecords(file),
    journal: () => openBudgetStore(file),
    outbox: () => openAlertStore(file),
    gateways: () => openGatewayStore(file),
    holding: async (pattern) => filesWith(folder, pattern),
    destroy,
  };
});
