/** What other programs read, to the letter. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { VERSION } from '../../collector/core/version.ts';
import { parquetBytes } from '../../collector/exports/parquet.ts';
import type { Cell, Column, TableRow } from '../../collector/exports/table.ts';
import { event } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { readParquet } from './read-parquet.ts';
import { contextOver, exported, readCsv } from './reading.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await openTestLedger();
  const amounts = { requests: 1, input_tokens: 10, output_tokens: 20, cache_read_tokens: 300, cache_creation_tokens: 40 };
  const dimensions = { provider: 'bedrock', region: 'eu', organization: 'example', repository: 'a/b', cost_center: 'CC 1' };
  const entries = [
    event({ id: '1', cost: '1.5', amounts, dimensions, team: '=HYPERLINK("http://x")' }),
    event({ id: '2', cost: '0.25', amounts: { requests: 1, input_tokens: 1 }, model: 'claude-haiku-4-5' }),
    event({ id: '3', cost: '0.000000000001', amounts: { requests: 1, output_tokens: 2 }, timeMs: Date.parse('2026-11-21T00:00:00Z') }),
  ];
  await ledger.writer.append({ entries, receivedMs: 0 });
});
afterAll(() => ledger.destroy());

const text = async (query: string): Promise<string> => (await exported(query, contextOver(ledger.reader))).bytes.toString();

test('ccusage', async () => {
  expect(JSON.parse(await text('format=ccusage'))).toEqual({
    daily: [
      {
        ...{
          period: '2026-11-20',
          date: '2026-11-20',
          agent: 'claude',
          inputTokens: 11,
          outputTokens: 20,
          cacheCreationTokens: 40,
          cacheReadTokens: 300,
        },
        ...{ totalTokens: 371, totalCost: 1.75, modelsUsed: ['claude-opus-5-5', 'claude-haiku-4-5'] },
        modelBreakdowns: [
          { modelName: 'claude-opus-5-5', inputTokens: 10, outputTokens: 20, cacheCreationTokens: 40, cacheReadTokens: 300, cost: 1.5 },
          { modelName: 'claude-haiku-4-5', inputTokens: 1, outputTokens: 0, cacheCreationTokens: 0, cacheReadTokens: 0, cost: 0.25 },
        ],
      },
      {
        ...{ period: '2026-11-21', date: '2026-11-21', agent: 'claude', inputTokens: 0, outputTokens: 2, cacheCreationTokens: 0, cacheReadTokens: 0 },
        ...{ totalTokens: 2, totalCost: 1e-12, modelsUsed: ['claude-opus-5-5'] },
        modelBreakdowns: [{ modelName: 'claude-opus-5-5', inputTokens: 0, outputTokens: 2, cacheCreationTokens: 0, cacheReadTokens: 0, cost: 1e-12 }],
      },
    ],
    totals: { inputTokens: 11, outputTokens: 22, cacheCreationTokens: 40, cacheReadTokens: 300, totalTokens: 373, totalCost: 1.750000000001 },
  });
  expect(await text('format=ccusage&from=2027-01-01')).toBe(
    '{"daily":[],"totals":{"inputTokens":0,"outputTokens":0,"cacheCreationTokens":0,"cacheReadTokens":0,"totalTokens":0,"totalCost":0.00}}\n',
  );
});

test('aws-billing', async () => {
  const rows = readCsv(await text('format=aws-billing&where=provider:bedrock&by=team,user,repository'));
  expect(rows.map((row) => [row.line_item_usage_type, row.line_item_usage_amount, row.line_item_unblended_cost])).toEqual([
    ['eu-claude-opus-5-5-input', '10', '0.085714285714'],
    ['eu-claude-opus-5-5-output', '20', '0.857142857144'],
    ['eu-claude-opus-5-5-cache_read', '300', '0.128571428571'],
    ['eu-claude-opus-5-5-cache_write_5m', '40', '0.428571428571'],
  ]);
  expect(rows[0]).toMatchObject({
    ...{ bill_billing_entity: 'Amazon Web Services', bill_payer_account_id: 'example', line_item_product_code: 'AmazonBedrock' },
    ...{ bill_billing_period_start_date: '2026-11-01T00:00:00.000Z', bill_billing_period_end_date: '2026-12-01T00:00:00.000Z' },
    ...{ line_item_usage_start_date: '2026-11-20T00:00:00.000Z', identity_time_interval: '2026-11-20T00:00:00Z/2026-11-21T00:00:00Z' },
    ...{ bill_invoice_id: '', pricing_public_on_demand_rate: '0.0000044', pricing_public_on_demand_cost: '0.000044' },
    // The spreadsheet must not run it.
    line_item_usage_account_id: '\'=HYPERLINK("http://x")',
  });
  const tags = JSON.parse(rows[0]?.resource_tags ?? '');
  expect(tags).toMatchObject({ user_user: 'alice@example.com', user_repository: 'a/b' });
  expect(new Set(rows.map(({ identity_line_item_id }) => identity_line_item_id)).size).toBe(4);
});

test('of a provider with a name that every object has', async () => {
  const hostile = await openTestLedger();
  try {
    const entries = [event({ id: '1', cost: '1.5', amounts: { requests: 1, input_tokens: 10 }, dimensions: { provider: 'constructor' } })];
    await hostile.writer.append({ entries, receivedMs: 0 });
    const rowsOf = async (format: string) => readCsv((await exported(`format=${format}`, contextOver(hostile.reader))).bytes.toString());
    expect(await rowsOf('focus')).toMatchObject([{ EffectiveCost: '1.50', ServiceProviderName: 'constructor', ServiceName: 'Claude' }]);
    expect(await rowsOf('aws-billing')).toMatchObject([{ line_item_unblended_cost: '1.50', bill_billing_entity: 'constructor' }]);
    expect((await exported('format=focus-parquet', contextOver(hostile.reader))).tally.rows).toBe(1);
  } finally {
    await hostile.destroy();
  }
});

describe('Parquet', () => {
  test('of the same figures is the same file, whatever version of the product writes it', async () => {
    const { bytes } = await exported('format=parquet', contextOver(ledger.reader));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    expect(parquetMetadata(file).created_by).toBe('ledgerline version 1');
    expect(bytes.includes(VERSION)).toBe(false);
  });

  const columns: readonly Column[] = [
    { name: 'at', type: 'instant', isRequired: true },
    { name: 'name', type: 'text' },
    { name: 'cost', type: 'usd' },
    { name: 'quantity', type: 'quantity' },
    { name: 'count', type: 'count' },
  ];

  async function written(rows: readonly TableRow[], pageRows: number): Promise<Record<string, unknown>[]> {
    async function* pages() {
      for (let from = 0; from < rows.length; from += pageRows) yield rows.slice(from, from + pageRows);
    }
    return readParquet(Buffer.concat(await Array.fromAsync(parquetBytes({ columns, pages: pages() }))));
  }

  test('reads back to the last digit, over several row groups', async () => {
    const money = [0n, 1n, -1n, 99_999_999n * 10n ** 12n + 999_999_999_999n, 10n ** 38n - 1n, -(10n ** 38n) + 1n, null];
    const rows = Array.from({ length: 45_000 }, (_, index): readonly Cell[] => {
      const cost = money[index % money.length] ?? null;
      return [
        index * 900_000,
        index % 3 === 0 ? null : `näme ${index % 99}`,
        cost,
        BigInt(index) * 7n,
        index % 2 === 0 ? 2n ** 63n - 1n : -BigInt(index),
      ];
    });
    const read = await written(rows, 7_001);
    expect(read).toHaveLength(rows.length);
    expect(read.slice(0, 7)).toEqual([
      { at: '1970-01-01T00:00:00.000Z', name: null, cost: '0.00', quantity: '0', count: 2n ** 63n - 1n },
      { at: '1970-01-01T00:15:00.000Z', name: 'näme 1', cost: '0.000000000001', quantity: '0.000007', count: -1n },
      { at: '1970-01-01T00:30:00.000Z', name: 'näme 2', cost: '-0.000000000001', quantity: '0.000014', count: 2n ** 63n - 1n },
      { at: '1970-01-01T00:45:00.000Z', name: null, cost: '99999999.999999999999', quantity: '0.000021', count: -3n },
      {
        at: '1970-01-01T01:00:00.000Z',
        name: 'näme 4',
        cost: '99999999999999999999999999.999999999999',
        quantity: '0.000028',
        count: 2n ** 63n - 1n,
      },
      { at: '1970-01-01T01:15:00.000Z', name: 'näme 5', cost: '-99999999999999999999999999.999999999999', quantity: '0.000035', count: -5n },
      { at: '1970-01-01T01:30:00.000Z', name: null, cost: null, quantity: '0.000042', count: 2n ** 63n - 1n },
    ]);
    expect(read.at(-1)).toEqual({
      ...{ at: new Date(44_999 * 900_000).toISOString(), name: 'näme 53', cost: '99999999.999999999999', quantity: '0.314993', count: -44_999n },
    });
  });

  test('has its columns also without a row', async () => {
    expect(await written([], 1)).toEqual([]);
  });

  test('refuses what its columns cannot hold, rather than write something else', async () => {
    await expect(written([[0, null, null, null, 2n ** 63n]], 1)).rejects.toThrow("count is 9223372036854775808, which Parquet's INT64 cannot hold.");
    await expect(written([[0, null, 10n ** 38n, null, 1n]], 1)).rejects.toThrow("which Parquet's DECIMAL(38) cannot hold.");
  });
});
