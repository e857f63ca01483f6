/**
 * Budgets of every kind, over the nights on which clocks change, leap days and the ends of months, in zones with odd offsets: what a
 * budget has spent is always what plain arithmetic over the entries says, and what the ledger answers for the same time range and scope.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { amountAt, evaluateBudgets } from '../../collector/budgets/evaluate.ts';
import type { Budget } from '../../collector/budgets/journal.ts';
import { budgetTimeRange } from '../../collector/budgets/period.ts';
import type { BudgetStatus } from '../../collector/budgets/status.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { budgetMistakes } from '../../collector/config/budgets-check.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { usd } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { DAY, generateBudget, generateEntries, LEDGER, MOMENTS, near } from '../support/random-budgets.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const ROUNDS = 250;
/** The same as the ledger, by going through every entry. */
function addedUp(entries: readonly Entry[], where: readonly Filter[], measures: readonly string[], fromMs: number, toMs: number): bigint {
  const within = entries.filter(
    ({ timeMs, dimensions }) =>
      timeMs >= fromMs && timeMs < toMs && where.every(({ dimension, values }) => values.includes(dimensions[dimension] ?? '')),
  );
  const amounts = within.flatMap(({ cost, amounts: own }) =>
    measures.map((measure) => (measure === 'cost' ? cost : BigInt(own[measure as keyof typeof own] ?? 0))),
  );
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

describe('the spend of a budget is the spend of the ledger', () => {
  const random = seededRandom('budgets');
  const entries = generateEntries(random);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger(LEDGER);
    await ledger.writer.append({ entries, receivedMs: Math.max(...MOMENTS) + 60 * DAY });
  });
  afterAll(() => ledger.destroy());

  async function expectExact(status: BudgetStatus): Promise<void> {
    const { where, measures, periodStartMs: fromMs, periodEndMs: toMs } = status;
    const expected = addedUp(entries, where, measures, fromMs, toMs);
    const asked = await ledger.reader.query({ measures, by: [], fromMs, toMs, grain: 'total', timeZone: 'UTC', where, rowsMax: 10 });
    expect({ status, spent: status.spent }).toEqual({ status, spent: expected });
    expect(asked.totals.reduce((sum, total) => sum + total, 0n)).toBe(expected);
    expect(status.remaining).toBe(status.limit - status.spent);
    expect(status.limit).toBe(status.base + status.rolledOver + status.raised);
  }

  function expectItsRules(budget: Budget, status: BudgetStatus, nowMs: number): void {
    const timeRange = budgetTimeRange(budget, nowMs, LEDGER);
    expect(timeRange.isActive).toBe(status.periodStartMs <= nowMs && nowMs < status.periodEndMs);
    expect(status.stopped).toBe(budget.hard_limit === true && timeRange.isActive && status.spent >= status.limit);
    for (const { at, on, reached } of status.thresholds) {
      const isReached = on === 'actual' && status.active && status.spent > 0n && status.spent * 1000n >= status.limit * BigInt(Math.round(at * 1000));
      expect({ at, on, reached }).toEqual({ at, on, reached: isReached });
    }
    if (timeRange.previous === undefined || budget.rollover !== true || status.parent !== undefined) {
      expect(status.rolledOver).toBe(0n);
      return;
    }
    const { fromMs, toMs } = timeRange.previous;
    const left = amountAt(budget, toMs - 1, timeRange.calendar.timeZone) - addedUp(entries, status.where, status.measures, fromMs, toMs);
    const isKnown = addedUp(entries, [], status.measures, fromMs, toMs) > 0n;
    const bound = budget.rollover_max_usd === undefined ? left : usd(budget.rollover_max_usd);
    expect(status.rolledOver).toBe(!isKnown || left <= 0n ? 0n : left < bound ? left : bound);
  }

  test('whatever the period, the zone, the scope and the moment, alone and all at once', async () => {
    const nowMs = near(random, 20 * DAY);
    const budgets = Array.from({ length: ROUNDS }, (_, index) => generateBudget(random, index));
    expect(budgetMistakes(budgets).filter(({ path }) => !path.includes('members') && !path.includes('period'))).toEqual([]);
    const together = await evaluateBudgets(budgets, { reader: ledger.reader, calendar: LEDGER, nowMs });
    for (const status of together) await expectExact(status);
    for (const budget of budgets) {
      const alone = await evaluateBudgets([budget], { reader: ledger.reader, calendar: LEDGER, nowMs });
      expect(alone).toEqual(together.filter(({ name }) => name === budget.name));
      for (const status of alone) expectItsRules(budget, status, nowMs);
    }
  });

  test('periods of the calendar follow one another without a gap, and every entry belongs to exactly one', () => {
    for (let round = 0; round < 60; round++) {
      const budget = { ...generateBudget(random, round), per: undefined, members: undefined, rollover: false };
      if (typeof budget.period !== 'string' || budget.period === 'day') continue;
      const nowMs = near(random, 20 * DAY);
      const current = budgetTimeRange(budget, nowMs, LEDGER);
      expect(current.fromMs <= nowMs && nowMs < current.toMs).toBe(true);
      expect(budgetTimeRange(budget, current.toMs, LEDGER).fromMs).toBe(current.toMs);
      expect(budgetTimeRange(budget, current.fromMs - 1, LEDGER)).toMatchObject({ fromMs: current.previous?.fromMs, toMs: current.fromMs });
    }
  });

  test('moment after moment, until long after the last entry', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const nowMs = near(random, 50 * DAY);
      const budget = generateBudget(random, round);
      for (const status of await evaluateBudgets([budget], { reader: ledger.reader, calendar: LEDGER, nowMs })) {
        await expectExact(status);
        expectItsRules(budget, status, nowMs);
      }
    }
  });
});
