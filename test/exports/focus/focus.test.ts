/** FOCUS: every row by the facts of its version, and every figure by the ledger's own sums. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FOCUS_VERSIONS } from '../../../collector/catalog/export-formats.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { parseUsd } from '../../../collector/core/money.ts';
import { CHARGE_DIMENSIONS, CHARGE_MEASURES } from '../../../collector/exports/charges.ts';
import { FOCUS_COLUMN_IDS, isIn } from '../../../collector/exports/focus/columns.ts';
import { configuredPrices } from '../../../collector/pricing/load.ts';
import { createPriceBook } from '../../../collector/pricing/price-book.ts';
import { event } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { randomLedger } from '../random-ledger.ts';
import { randomQuestion } from '../random-questions.ts';
import { readParquet } from '../read-parquet.ts';
import { contextOver, exported, readCsv } from '../reading.ts';
import { type FocusRow, faultsOf } from './validate.ts';

const random = seededRandom('FOCUS');
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await randomLedger(random, 600);
});
afterAll(() => ledger.destroy());

async function focusRows(query: string, context = contextOver(ledger.reader)): Promise<FocusRow[]> {
  return readCsv((await exported(`format=focus&${query}`, context)).bytes.toString());
}

describe('columns', () => {
  test('that came and went between the versions', () => {
    const ids = (version: (typeof FOCUS_VERSIONS)[number]): Set<string> => new Set(FOCUS_COLUMN_IDS.filter((id) => isIn(version, id)));
    const [first, second, third] = FOCUS_VERSIONS.map(ids);
    expect([first?.size, second?.size, third?.size]).toEqual([57, 65, 65]);
    expect([...(second ?? [])].filter((id) => !first?.has(id))).toEqual([
      ...['AllocatedMethodDetails', 'AllocatedMethodId', 'AllocatedResourceId', 'AllocatedResourceName', 'AllocatedTags'],
      ...['ContractApplied', 'HostProviderName', 'ServiceProviderName'],
    ]);
    expect([...(third ?? [])].filter((id) => !second?.has(id))).toEqual(['CommitmentProgramEligibilityDetails', 'InvoiceDetailId']);
    expect([...(second ?? [])].filter((id) => !third?.has(id))).toEqual(['ProviderName', 'PublisherName']);
  });
});

describe.each(FOCUS_VERSIONS)('FOCUS %s', (version) => {
  test('is right in every column of every row, over random ranges, zones and filters', async () => {
    for (let count = 0; count < 60; count++) {
      const { range } = randomQuestion(random);
      const { bytes } = await exported(`format=focus&focus=${version}&${range}`, contextOver(ledger.reader));
      const text = bytes.toString();
      expect(faultsOf(version, text.split('\r\n', 1).join().split(','), readCsv(text))).toEqual([]);
    }
  });

  test('is the same as Parquet', async () => {
    const parquet = await readParquet((await exported(`format=focus-parquet&focus=${version}`, contextOver(ledger.reader))).bytes);
    const { bytes } = await exported(`format=focus&focus=${version}`, contextOver(ledger.reader));
    const text = (value: unknown): string => (value === null ? '' : String(value).replace('.000Z', 'Z'));
    // A spreadsheet must not take a name for a formula; Parquet has it as it is.
    const plain = (rows: readonly Readonly<Record<string, unknown>>[]) =>
      rows.map((row) => Object.values(row).map((value) => text(value).replaceAll("'", '')));
    expect(plain(parquet)).toEqual(plain(readCsv(bytes.toString())));
  });
});

describe('charges', () => {
  const CLASSES = {
    input: 'input_tokens',
    output: 'output_tokens',
    cache_read: 'cache_read_tokens',
    cache_write_5m: 'cache_creation_tokens',
    cache_write_1h: 'cache_creation_tokens',
  } as const;

  /** Cost and tokens by day and group, as text. */
  function tallied(): { add(key: string, field: string, amount: bigint): void; readonly sums: Map<string, Map<string, bigint>> } {
    const sums = new Map<string, Map<string, bigint>>();
    return {
      sums,
      add(key, field, amount) {
        const of = sums.getOrInsertComputed(key, () => new Map());
        if (amount !== 0n) of.set(field, (of.get(field) ?? 0n) + amount);
      },
    };
  }

  test('of each day and group add up to what is booked and used', async () => {
    const tz = 'Europe/Berlin';
    const usage = await exported(
      `format=jsonl&tz=${tz}&by=${CHARGE_DIMENSIONS.join()},user&measures=${CHARGE_MEASURES.join()}`,
      contextOver(ledger.reader),
    );
    const booked = tallied();
    for (const line of usage.bytes.toString().trimEnd().split('\n')) {
      const { start, model, user, team, cost_usd, ...row } = JSON.parse(line);
      const key = [start.replace('.000', ''), user, team].join('|');
      booked.add(key, 'cost', parseUsd(cost_usd) ?? 0n);
      for (const field of new Set(Object.values(CLASSES))) booked.add(key, field, BigInt(row[field]));
    }
    const { bytes } = await exported(`format=focus-parquet&tz=${tz}&by=user`, contextOver(ledger.reader));
    const charged = tallied();
    const known = (value: unknown): string => String(value ?? 'unallocated');
    for (const row of await readParquet(bytes)) {
      const key = [String(row.ChargePeriodStart).replace('.000', ''), known(row.x_ConsumerId), known(row.SubAccountId)].join('|');
      charged.add(key, 'cost', parseUsd(String(row.EffectiveCost)) ?? 0n);
      const field = CLASSES[String(row.x_TokenClass) as keyof typeof CLASSES];
      if (row.x_TokenClass !== null) charged.add(key, field, (parseUsd(String(row.ConsumedQuantity)) ?? 0n) / 10n ** 12n);
    }
    // Tokens without a price are in no class: they are one number.
    for (const [key, sums] of booked.sums) {
      const ours = charged.sums.get(key);
      expect([key, ours?.get('cost') ?? 0n]).toEqual([key, sums.get('cost') ?? 0n]);
    }
    expect([...charged.sums.keys()].filter((key) => !booked.sums.has(key))).toEqual([]);
  });

  test('of a priced model have all its tokens, class by class', async () => {
    const filter = 'where=model:claude-opus-5-5';
    const context = contextOver(ledger.reader);
    const rows = (await focusRows(filter)).filter(({ ChargeCategory }) => ChargeCategory === 'Usage');
    const sum = (ids: readonly string[]): string =>
      String(rows.filter((row) => ids.includes(row.x_TokenClass ?? '')).reduce((total, row) => total + BigInt(row.ConsumedQuantity ?? 0), 0n));
    const { bytes } = await exported(`format=csv&grain=total&by=model&measures=${CHARGE_MEASURES.join()}&${filter}`, context);
    const [booked] = readCsv(bytes.toString());
    expect([sum(['input']), sum(['output']), sum(['cache_read']), sum(['cache_write_5m', 'cache_write_1h'])]).toEqual([
      ...[booked?.input_tokens, booked?.output_tokens, booked?.cache_read_tokens, booked?.cache_creation_tokens],
    ]);
  });

  test('carry what is agreed beside what is published, and the split follows what is agreed', async () => {
    const own = await openTestLedger();
    const amounts = { requests: 1, input_tokens: 1_000_000, output_tokens: 1_000_000, cache_creation_tokens: 10, cache_creation_1h_tokens: 4 };
    await own.writer.append({ entries: [event({ id: '1', cost: '10', amounts, dimensions: { speed: 'normal' } })], receivedMs: 0 });
    const rate = { input: '1', output: '3', cache_write_5m: '0', cache_write_1h: '0', cache_read: '0' };
    const prices = createPriceBook([{ 'claude-opus-5-5': [{ from: '2026-01-01', normal: rate }] }]);
    const rows = await focusRows('', { ...contextOver(own.reader), prices });
    await own.destroy();
    expect(
      rows.map((row) => [row.x_TokenClass, row.EffectiveCost, row.ContractedCost, row.ListCost, row.ListUnitPrice, row.PricingQuantity]),
    ).toEqual([
      ['input', '2.50', '1.00', '4.00', '4.00', '1'],
      ['output', '7.50', '3.00', '20.00', '20.00', '1'],
      ['cache_write_5m', '0.00', '0.00', '0.00003', '5.00', '0.000006'],
      ['cache_write_1h', '0.00', '0.00', '0.000032', '8.00', '0.000004'],
    ]);
  });

  test('carry the factor of a region at list, and discounts of the configuration', async () => {
    const own = await openTestLedger();
    const amounts = { requests: 1, input_tokens: 1_000_000, output_tokens: 1_000_000 };
    await own.writer.append({ entries: [event({ id: '1', cost: '24', amounts, dimensions: { provider: 'bedrock' } })], receivedMs: 0 });
    const config = configSchema.parse({
      prices: { assumed: [{ providers: ['bedrock'], region: 'us' }], discounts: [{ percent: 12.5, classes: ['output'] }] },
    });
    const rows = await focusRows('', { reader: own.reader, config, prices: configuredPrices({ models: {}, prices: config.prices }) });
    await own.destroy();
    expect(rows.map((row) => [row.x_TokenClass, row.ContractedCost, row.ListCost])).toEqual([
      ['input', '4.40', '4.40'],
      ['output', '19.25', '22.00'],
    ]);
  });

  test('without a price, or without tokens, are one row that says so', async () => {
    const own = await openTestLedger();
    const entries = [
      event({ id: '1', cost: '1.5', model: 'claude-unheard-of', amounts: { requests: 1, input_tokens: 7, output_tokens: 8 } }),
      event({ id: '2', cost: '0.000000000001', amounts: { requests: 1 } }),
    ];
    await own.writer.append({ entries, receivedMs: 0 });
    const rows = await focusRows('', contextOver(own.reader));
    await own.destroy();
    expect(rows.map((row) => [row.ChargeCategory, row.ChargeDescription, row.EffectiveCost, row.ListCost, row.x_UnpricedTokens, row.SkuId])).toEqual([
      ['Adjustment', 'claude-opus-5-5: cost without tokens', '0.000000000001', '0.00', '0', ''],
      ['Adjustment', 'claude-unheard-of: tokens without a list price', '1.50', '0.00', '15', ''],
    ]);
  });
});
