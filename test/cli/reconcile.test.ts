/** ledgerline reconcile over a month with most causes in it, whole, on terminals of 60, 80 and 120 columns. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { displayWidth } from '../../collector/cli/width.ts';
import { ENTRIES, LINES, NOVEMBER_14 } from '../query/reconcile/month.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { bring } from '../support/statements.ts';
import { outcome, printed } from './command.ts';

let ledger: TestLedger;
let bare: TestLedger;
const sourceOf = ({ file }: TestLedger): readonly string[] => ['--data', dirname(file), '--config', join(dirname(file), 'ledgerline.yaml')];

beforeAll(async () => {
  ledger = await openTestLedger();
  bare = await openTestLedger();
  for (const one of [ledger, bare]) {
    writeFileSync(join(dirname(one.file), 'ledgerline.yaml'), '');
    await one.writer.append({ entries: ENTRIES, receivedMs: NOVEMBER_14 });
  }
  await bring(join(dirname(ledger.file), 'statements.sqlite'), 'anthropic-analytics', LINES);
});
afterAll(async () => {
  await ledger.destroy();
  await bare.destroy();
});

describe.each([60, 80, 120])('at %d columns', (columns) => {
  test.each(['whole', 'bare'])('%s', async (name) => {
    const of = sourceOf(name === 'whole' ? ledger : bare);
    const text = await printed(['reconcile', '--month', '2026-10', ...of], { now: NOVEMBER_14, columns });
    expectGolden(join(import.meta.dirname, 'golden', `reconcile-${name}.${columns}.txt`), text);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
  });
});

test('the exit code says whether too much of the bill has no cause', async () => {
  const ask = async (source: TestLedger, ...more: string[]) =>
    (await outcome(['reconcile', '--month', '2026-10', ...more, ...sourceOf(source)])).code;
  expect(await ask(ledger)).toBe(0);
  expect(await ask(ledger, '--max-remainder', '0.5%')).toBe(0);
  // Of what is not known nothing can be said.
  expect(await ask(bare, '--max-remainder', '0.5%')).toBe(1);
  expect(await ask(ledger, '--max-remainder', '0.005')).toBe(0);
  for (const text of ['little', '5']) await expect(ask(ledger, '--max-remainder', text)).rejects.toThrow(`--max-remainder ${text} is not a share.`);
});

test.each(['many', '0', '-1', '2.5'])('--limit %s is no number of rows, and is said to be none', async (limit) => {
  await expect(outcome(['reconcile', '--month', '2026-10', '--limit', limit, ...sourceOf(ledger)])).rejects.toMatchObject({
    code: 'invalid',
    message: `--limit ${limit} is not a whole number from 1 to 10000.`,
  });
});

test('-o csv has every row with every cause, -o json the answer of REST', async () => {
  const csv = await printed(['reconcile', '--month', '2026-10', '-o', 'csv', ...sourceOf(ledger)], { now: NOVEMBER_14 });
  const [head = '', ...rows] = csv.trimEnd().split('\r\n');
  expect(head).toContain('day,workspace,model,reported_usd,list_usd,contracted_usd,billed_usd,remainder_usd');
  expect(head.split(',')).toContain('missing_telemetry_usd');
  expect(rows).toHaveLength(4);
  const json = JSON.parse(await printed(['reconcile', '--month', '2026-10', '-o', 'json', ...sourceOf(ledger)], { now: NOVEMBER_14 }));
  expect(json).toMatchObject({ billed_usd: '14.66', remainder_usd: '0.00', rows: { length: 4 } });
});
