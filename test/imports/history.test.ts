/** History of an import: what lines come to, and the adjustments that it becomes. */
import { describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../collector/core/money.ts';
import { adjustmentsOf } from '../../collector/imports/history/adjustments.ts';
import { amountsOf, type HistoryLine } from '../../collector/imports/history/amounts.ts';
import type { Change, HistoryRow } from '../../collector/imports/history/plan.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { historySchema } from '../../collector/query/history-request.ts';
import { usd } from '../support/entries.ts';

const prices = loadPriceBook();
const DAY = '2026-10-01';
const line = (given: Omit<HistoryLine, 'day'>): HistoryLine => ({ day: DAY, model: 'claude-opus-5-5', ...given });

describe('amounts of history', () => {
  test('have the list price of each class, and what is not known about the lifetime of cache writes', () => {
    const counts = { input: 7, output: 5, cacheRead: 900_000, cacheCreation5m: 30, cacheCreation1h: 11 };
    const price = prices.listPrice('claude-opus-5-5', { ...counts, cacheRead: 0 }, Date.parse(DAY));
    const read = prices.listPrice('claude-opus-5-5', { input: 0, output: 0, cacheRead: 1, cacheCreation5m: 0, cacheCreation1h: 0 }, Date.parse(DAY));
    const lines = [
      ...[line({ tokenClass: 'input', tokens: 7 }), line({ tokenClass: 'output', tokens: 5 }), line({ tokenClass: 'cache_read', tokens: 900_000 })],
      ...[line({ tokenClass: 'cache_write', tokens: 30 }), line({ tokenClass: 'cache_write_1h', tokens: 11 }), line({ requests: 3 })],
    ];
    const { cost_list, cost, cost_estimated, cost_list_uncertain, cost_list_uncached: _, cost_contracted, ...others } = amountsOf(lines, prices);
    expect(cost_list).toBe((price?.cost ?? 0n) + 900_000n * (read?.cost ?? 0n));
    expect([cost, cost_estimated, cost_contracted]).toEqual([cost_list, cost_list, cost_list]);
    expect(cost_list_uncertain).toBeGreaterThan(0n);
    expect(others).toEqual({
      ...{ requests: 3n, input_tokens: 7n, output_tokens: 5n, cache_read_tokens: 900_000n },
      ...{ cache_creation_tokens: 41n, cache_creation_1h_tokens: 11n },
    });
  });

  test('have the cost of the source before list price, and tokens without a price as such', () => {
    expect(amountsOf([line({ model: 'claude-unheard-of', tokenClass: 'input', tokens: 7, estimated: 5n })], prices)).toEqual({
      ...{ cost: 5n, input_tokens: 7n, unpriced_tokens: 7n },
    });
  });
});

test('large amounts are sent in parts that add up, each of which a collector takes', () => {
  const dimensions = { model: 'm', team: '', workspace: '', cost_center: '', department: '' };
  const row: HistoryRow = {
    user: 'ada',
    day: DAY,
    dimensions,
    amounts: { cost: -usd('30000.000000000001'), cost_contracted: usd('30000.01'), requests: 7n },
  };
  const change: Change = { kind: 'corrected', user: 'ada', day: DAY, rows: [row] };
  const { adjustments } = historySchema.parse({ source: 'litellm', adjustments: adjustmentsOf([change], 0) });
  const sum = (of: (one: (typeof adjustments)[number]) => bigint): bigint => adjustments.reduce((all, one) => all + of(one), 0n);
  expect(sum(({ cost = '0' }) => parseUsd(cost) ?? 0n)).toBe(row.amounts.cost);
  expect(sum(({ amounts }) => parseUsd(String(amounts?.cost_contracted ?? 0)) ?? 0n)).toBe(row.amounts.cost_contracted);
  expect(sum(({ amounts }) => BigInt(amounts?.requests ?? 0))).toBe(7n);
  expect(adjustments.every(({ amounts }) => Number(amounts?.cost_contracted ?? 0) < 9_007)).toBe(true);
  expect(new Set(adjustments.map(({ id }) => id)).size).toBe(adjustments.length);
  const again = adjustmentsOf([change], 1);
  expect(new Set([...adjustments, ...again].map((one) => JSON.stringify(one))).size).toBe(2 * adjustments.length);
});
