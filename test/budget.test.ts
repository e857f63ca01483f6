import { describe, expect, test } from '@jest/globals';
import { budgetStatus, scopeFilters, scopeText } from '../collector/budget.ts';
import { configSchema } from '../collector/config.ts';
import type { Query, QueryResult } from '../collector/ledger.ts';
import { PICO_PER_USD } from '../collector/money.ts';

const calendar = { timeZone: 'Europe/Berlin', weekStart: 'monday' } as const;
const budgetOf = (given: object) => {
  const [budget] = configSchema.parse({ budgets: [{ name: 'b', amount_usd: '100.00', ...given }] }).budgets;
  if (budget === undefined) throw new Error('one budget was given');
  return budget;
};

/** Answers every question with one amount, and remembers the question. */
function ledgerWith(spent: bigint): { asked: Query[]; query(query: Query): QueryResult } {
  const asked: Query[] = [];
  return {
    asked,
    query: (query) => {
      asked.push(query);
      return { rows: [], totals: [spent], asOfMs: 5 };
    },
  };
}

describe('a budget', () => {
  test('covers the calendar month of its zone, also across the change of the clock', () => {
    const ledger = ledgerWith(0n);
    const status = budgetStatus(budgetOf({}), ledger, calendar, Date.parse('2026-10-31T23:30:00Z'));
    expect(new Date(status.periodStartMs).toISOString()).toBe('2026-10-31T23:00:00.000Z');
    expect(new Date(status.periodEndMs).toISOString()).toBe('2026-11-30T23:00:00.000Z');
    expect(ledger.asked).toMatchObject([{ fromMs: status.periodStartMs, toMs: status.periodEndMs, timeZone: 'Europe/Berlin' }]);
    const october = budgetStatus(budgetOf({}), ledger, calendar, Date.parse('2026-10-31T22:59:59Z'));
    expect(new Date(october.periodStartMs).toISOString()).toBe('2026-09-30T22:00:00.000Z');
    expect(october.periodEndMs).toBe(status.periodStartMs);
  });

  test('reaches its threshold at exactly that share, not a pico-dollar before', () => {
    const at = (spent: bigint) => budgetStatus(budgetOf({ amount_usd: '12345.67' }), ledgerWith(spent), calendar, 0).usedRatio;
    const limit = 1234567n * (PICO_PER_USD / 100n);
    expect(at((limit * 8n) / 10n)).toBe(0.8);
    expect(at((limit * 8n) / 10n - 1n)).toBeLessThan(0.8);
    expect(at(limit)).toBe(1);
    expect(at(limit - 1n)).toBeLessThan(1);
  });

  test('of nothing is exhausted by the first cent', () => {
    const status = (spent: bigint) => budgetStatus(budgetOf({ amount_usd: '0' }), ledgerWith(spent), calendar, 0).usedRatio;
    expect(status(0n)).toBe(0);
    expect(status(1n)).toBe(Number.POSITIVE_INFINITY);
  });

  test('names its scope in one order, and finds what is unallocated', () => {
    expect(scopeText({})).toBe('everything');
    expect(scopeText({ user: 'alice', model: 'opus' })).toBe('model=opus,user=alice');
    expect(scopeFilters({ team: 'unallocated' })).toEqual([{ dimension: 'team', values: [''] }]);
  });
});
