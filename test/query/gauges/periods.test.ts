import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

const at = (instant: string): number => Date.parse(instant) / 1000;

test('the current day, week and month began where the ledger’s time zone has midnight, across a change of clocks', async () => {
  const starts = (instant: string) => read(ledger, 'period_start', { timeZone: 'Europe/Berlin', nowMs: Date.parse(instant) });
  // Sunday the 1st of November, half past midnight; the week began on Monday the 26th, a day after the change.
  expect(await starts('2026-10-31T23:30:00Z')).toEqual([
    `day: ${at('2026-10-31T23:00:00Z')}`,
    `month: ${at('2026-10-31T23:00:00Z')}`,
    `week: ${at('2026-10-25T23:00:00Z')}`,
  ]);
  expect(await starts('2026-10-28T12:00:00Z')).toContain(`month: ${at('2026-09-30T22:00:00Z')}`);
});
