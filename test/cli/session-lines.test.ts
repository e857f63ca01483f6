/** What `ledgerline session ID` says of reported and list cost. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sessionLines } from '../../collector/cli/session.ts';
import { freshnessOf } from '../../collector/query/render.ts';
import { renderSession } from '../../collector/query/sessions.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

async function said(cost: string, list: string, amounts: Readonly<Record<string, number>> = {}): Promise<string[]> {
  await ledger.writer.append({
    entries: [{ ...event({ id: 'a', cost, amounts: { requests: 1, ...amounts } }), listCost: usd(list) }],
    receivedMs: NOON,
  });
  const session = await ledger.reader.session('session-1');
  return session === undefined ? [] : sessionLines(renderSession(session, freshnessOf(NOON, NOON))).filter((line) => line.includes('list price'));
}

test.each([
  ['0.10', '0.15', ['At list price: $0.15, $0.05 more than reported. `--requests` says why, request by request.']],
  ['0.15', '0.10', ['At list price: $0.10, $0.05 less than reported. `--requests` says why, request by request.']],
  ['0.10', '0.10', []],
])('reported %s and list %s', async (cost, list, expected) => {
  expect(await said(cost, list)).toEqual(expected);
});

test('without a list price, that is what is said instead', async () => {
  expect(await said('0.10', '0', { unpriced_tokens: 30 })).toEqual(['30 tokens are from a model without a list price.']);
});
