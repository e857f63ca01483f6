/** ledgerline plans, whole, on terminals of 60, 80 and 120 columns. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { displayWidth } from '../../collector/cli/width.ts';
import { ENTRIES, NOVEMBER_14 } from '../query/reconcile/month.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { printed } from './command.ts';

const CONFIG = `
plans:
  - { plan: team, seat: premium, seats: 40, monthly_usd: "100.00" }
  - { plan: team, seat: standard, seats: 120, monthly_usd: "20.00", from: 2026-09-01 }
`;

let ledger: TestLedger;
let source: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  const config = join(dirname(ledger.file), 'ledgerline.yaml');
  writeFileSync(config, CONFIG);
  source = ['--data', dirname(ledger.file), '--config', config];
  await ledger.writer.append({ entries: ENTRIES, receivedMs: NOVEMBER_14 });
});
afterAll(() => ledger.destroy());

test.each([60, 80, 120])('at %d columns', async (columns) => {
  const text = await printed(['plans', '--month', '2026-10', ...source], { now: NOVEMBER_14, columns });
  expectGolden(join(import.meta.dirname, 'golden', `plans.${columns}.txt`), text);
  expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
});
