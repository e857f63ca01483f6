/** Bills of AWS and Google Cloud from files: sums against an oracle that adds fact by fact, again, revised, broken and hostile. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { importWords } from '../../collector/app/import-words.ts';
import { defaultConfig } from '../../collector/config/config.ts';
import type { AwsImportConfig, GcpImportConfig } from '../../collector/config/imports.ts';
import { loadDirectory } from '../../collector/directory/load.ts';
import { daysOf } from '../../collector/imports/days.ts';
import type { StatementColumn } from '../../collector/imports/statements.ts';
import { type CloudFact, cloudFacts, csvText, curRow, flatRow, gcpRow, jsonLines, principalOf, writeExport } from '../support/imports/exports.ts';
import { seededRandom } from '../support/random.ts';
import { ALL, type Importing, importing, NOW, type RunOptions } from './importing.ts';

const OCTOBER = daysOf({ from: '2026-10-01', to: '2026-11-01' });
const WRITTEN = '2026-11-04T00:00:00Z';
const random = seededRandom('bills of clouds');

let at: Importing;
beforeEach(async () => {
  at = await importing();
});
afterEach(() => at.stop());

const file = (...names: readonly string[]): string => join(at.folder, 'export', ...names);
const aws = (config: Partial<AwsImportConfig> = {}, options: RunOptions = {}) =>
  at.run('aws-cur', { config: { url: undefined, path: join(at.folder, 'export'), ...config }, ...options });
const gcp = (config: Partial<GcpImportConfig> = {}, options: RunOptions = {}) =>
  at.run('gcp-billing', { config: { url: undefined, path: join(at.folder, 'export'), user_label: 'user', ...config }, ...options });
const sums = async (source: string, by: readonly StatementColumn[] = []) =>
  Object.fromEntries((await at.store.sums({ ...ALL, by, sources: [source] })).map(({ key, totals }) => [key.join(' '), totals]));

async function expectFacts(source: string, facts: readonly CloudFact[]): Promise<void> {
  const views: [readonly StatementColumn[], (fact: CloudFact) => string][] = [
    [[], () => ''],
    [['day', 'user'], ({ day, user }) => `${day} ${user}`],
    [
      ['workspace', 'model', 'tokenClass', 'region'],
      ({ account, model, type, isGlobal }) =>
        `${account} ${model.id} ${type.tokenClass} ${isGlobal ? 'global' : source === 'aws-cur' ? 'us' : 'us-east5'}`,
    ],
  ];
  for (const [by, keyOf] of views) {
    const expected = [...Map.groupBy(facts, keyOf)].map(([key, own]) => {
      const total = (of: (fact: CloudFact) => bigint): bigint => own.reduce((sum, fact) => sum + of(fact), 0n);
      return [key, { billed: total((of) => of.billed), list: total((of) => of.list), tokens: total((of) => BigInt(of.tokens)) }];
    });
    const found = Object.entries(await sums(source, by)).map(([key, { billed, list, tokens }]) => [key, { billed, list, tokens }]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  }
}

const PRINCIPALS = Object.fromEntries(['111122223333', '444455556666'].map((account) => [principalOf('build', account), 'build']));
const october = (): CloudFact[] => cloudFacts(random, OCTOBER, 60);

function writeCur(facts: readonly CloudFact[], folder = file('data', 'BILLING_PERIOD=2026-10'), written = WRITTEN): void {
  const half = Math.floor(facts.length / 2);
  for (const [index, own] of [facts.slice(0, half), facts.slice(half)].entries())
    writeExport(join(folder, `cur-0000${index + 1}.csv.gz`), csvText(own.map(curRow)), written);
}

describe('a Cost and Usage Report', () => {
  test('comes to the sums of its rows, and again is the same', async () => {
    const facts = october();
    writeCur(facts);
    expect(await aws({ principals: PRINCIPALS })).toMatchObject({
      ...{ outcome: 'done', range: { from: '2026-10-01', to: '2026-11-01' }, days: { new: 31 }, failed: [], remarks: [] },
    });
    await expectFacts('aws-cur', facts);
    expect((await at.store.days(ALL)).every(({ isComplete }) => isComplete)).toBe(true);
    expect(await aws({ principals: PRINCIPALS })).toMatchObject({ days: { new: 0, same: 31, revised: 0 } });
  });

  test('as Parquet comes to the same sums', async () => {
    const facts = october();
    const rows = facts.map(curRow);
    const columnData = Object.keys(rows[0] ?? {}).map((name) => ({ name, data: rows.map((row) => row[name] ?? ''), type: 'STRING' as const }));
    writeExport(file('cur.snappy.parquet'), new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 500 })), WRITTEN);
    expect(await aws({ principals: PRINCIPALS })).toMatchObject({ outcome: 'done', days: { new: 31 }, remarks: [] });
    await expectFacts('aws-cur', facts);
  });

  test('that is delivered again replaces its month, of which only the newest delivery counts', async () => {
    const facts = october();
    const folder = (delivery: string): string => file('data', 'BILLING_PERIOD=2026-10', delivery);
    writeCur(facts, folder('20261103T051200Z-a'));
    await aws({ principals: PRINCIPALS });
    const revised = facts
      .filter(({ day, hour }) => day !== '2026-10-07' || hour < 12)
      .map((fact) => ({ ...fact, billed: fact.day === '2026-10-20' ? 1n : fact.billed }));
    writeCur(revised, folder('20261105T051200Z-b'), '2026-11-06T00:00:00Z');
    expect(await aws({ principals: PRINCIPALS })).toMatchObject({ days: { same: 29, revised: 2 } });
    await expectFacts('aws-cur', revised);
    // Read by name, the older delivery changes nothing.
    expect(await aws({ principals: PRINCIPALS, path: folder('20261103T051200Z-a') })).toMatchObject({ days: { outdated: 31 } });
    await expectFacts('aws-cur', revised);
  });

  test('leaves days alone that it is not about', async () => {
    const facts = october();
    writeCur(facts);
    await aws({ principals: PRINCIPALS });
    const november = cloudFacts(random, ['2026-11-02'], 5);
    const refund = { ...curRow({ ...facts[0], billed: -5n } as CloudFact), line_item_line_item_type: 'Refund' };
    const rows = [...november.map(curRow), { ...refund, bill_billing_period_start_date: '2026-11-01T00:00:00.000Z' }];
    writeExport(join(at.folder, 'november.csv'), csvText(rows), '2026-11-20T00:00:00Z');
    expect(await aws({ principals: PRINCIPALS, path: join(at.folder, 'november.csv') })).toMatchObject({
      ...{ range: { from: '2026-11-01', to: '2026-11-03' }, days: { new: 2, revised: 0 }, remarks: [] },
    });
    // The refund stands on the first day of the bill that has it.
    expect((await sums('aws-cur', ['day', 'costType']))['2026-11-01 refund']).toMatchObject({ billed: -5n, list: undefined, tokens: undefined });
  });

  test('a day is complete only where the file was written after it', async () => {
    writeExport(file('cur.csv'), csvText(cloudFacts(random, ['2026-11-24', '2026-11-26'], 3).map(curRow)), '2026-11-27T12:00:00Z');
    await aws();
    expect((await at.store.days(ALL)).map(({ day, isComplete }) => [day.slice(8), isComplete]).slice(-4)).toEqual([
      ['23', true],
      ['24', true],
      ['25', true],
      ['26', false],
    ]);
  });

  const FACT: CloudFact = { ...(cloudFacts(random, ['2026-10-05'], 1)[0] as CloudFact), user: 'ada@example.com', account: '111122223333' };
  const one = async (change: Readonly<Record<string, string>>, config: Partial<AwsImportConfig> = {}) => {
    writeExport(file('cur.csv'), csvText([{ ...curRow(FACT), ...change }, curRow({ ...FACT, day: '2026-10-09' })]), WRITTEN);
    const { remarks } = await aws(config, { wanted: { from: '2026-10-05', to: '2026-10-05' }, acceptsEmpty: true });
    return {
      remarks,
      texts: Object.keys(await sums('aws-cur', ['user', 'model', 'costType', 'tokenClass', 'serviceTier', 'region'])),
      all: (await sums('aws-cur'))[''],
    };
  };

  test.each([
    ['the ARN in the map', { principals: { [principalOf('ada@example.com', '111122223333')]: 'Grace@example.com' } }, 'grace@example.com'],
    ['its role in the map', { principals: { 'arn:aws:iam::111122223333:role/Developers': 'role' } }, 'role'],
    ['a tag', { user_tag: 'iamPrincipal/team' }, 'one, "two"'],
    ['the name of its session', {}, 'ada@example.com'],
  ])('a principal is %s', async (_, config, user) => {
    expect((await one({}, config)).texts[0]?.startsWith(`${user} claude-`)).toBe(true);
  });

  test('a principal that is an alias in the directory is its user, on the days on which it is', async () => {
    const people = join(at.folder, 'directory.yaml');
    const arn = 'arn:aws:iam::111122223333:user/svc';
    writeExport(people, JSON.stringify({ users: { 'grace@example.com': { aliases: [{ name: arn, from: '2026-10-06' }] } } }), WRITTEN);
    const config = defaultConfig();
    const words = importWords(config, loadDirectory({ ...config, attribution: { ...config.attribution, directory_file: people } }));
    const rows = ['2026-10-05', '2026-10-06'].map((day) => ({ ...curRow({ ...FACT, day }), line_item_iam_principal: arn }));
    writeExport(file('cur.csv'), csvText(rows), WRITTEN);
    await aws({}, { world: words });
    expect(Object.keys(await sums('aws-cur', ['day', 'user']))).toEqual([`2026-10-05 ${arn}`, '2026-10-06 grace@example.com']);
  });

  test('a principal that nothing names is its ARN; none is none', async () => {
    expect((await one({ line_item_iam_principal: 'arn:aws:iam::1:user/__proto__' })).texts[0]).toMatch(/^arn:aws:iam::1:user\/__proto__ /);
    expect((await one({ line_item_iam_principal: '' })).texts[0]).toMatch(/^ claude-/);
  });

  test.each([
    ['USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units', 'cache_write_1h', 'standard', 'global'],
    ['EUC1-MP:EUC1_InputTokenCount_Batch-Units', 'input', 'batch', 'us'],
    ['USE1-MP:USE1_output_tokens_global_batch-Units', 'output', 'batch', 'global'],
    ['USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global', 'cache_read', 'standard', 'global'],
    ['APN1-Claude4.6Sonnet-cache-write-input-token-count', 'cache_write', 'standard', 'us'],
    ['USE1-anthropic.claude-opus-5-output-tokens-flex', 'output', 'flex', 'us'],
  ])('%s is %s', async (type, tokenClass, tier, region) => {
    const { texts, remarks } = await one({ line_item_usage_type: type });
    expect([remarks, texts[0]?.split(' ').slice(2)]).toEqual([[], ['tokens', tokenClass, tier, region]]);
  });

  test.each([
    ['Claude Sonnet 4.5 (Amazon Bedrock Edition)', 'claude-sonnet-4-5'],
    ['Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)', 'claude-3-5-sonnet'],
    ['Claude Opus 5 (Amazon Bedrock Edition)', 'claude-opus-5'],
    ['Claude4.6Sonnet', 'claude-sonnet-4-6'],
    ['anthropic.claude-opus-4-6-v1:0', 'claude-opus-4-6'],
  ])('%s is %s', async (name, model) => {
    expect((await one({ product: JSON.stringify({ product_name: name }) })).texts[0]?.split(' ')[1]).toBe(model);
  });

  test('what is not known is kept and named; what is not of Claude is named and left out', async () => {
    const { texts, remarks, all } = await one({ line_item_usage_type: 'USE1-MP:USE1_ThinkingDeeply-Units' });
    expect([texts[0]?.split(' ').slice(2, 3), remarks]).toEqual([
      ['ThinkingDeeply-Units'],
      ['Usage type that is not known, kept: USE1-MP:USE1_ThinkingDeeply-Units (1 line).'],
    ]);
    expect(all).toMatchObject({ billed: FACT.billed, tokens: undefined });
    const other = {
      product: '{"product_name":"Nova Pro"}',
      line_item_product_code: 'AmazonBedrock',
      line_item_usage_type: 'USE1-NovaPro-input-tokens',
    };
    expect(await one({ ...other, line_item_line_item_description: '' })).toMatchObject({
      texts: [],
      remarks: ['Of Bedrock, but not of Claude, left out: USE1-NovaPro-input-tokens (1 line).'],
    });
  });

  test('units that nothing explains have no tokens; net cost may be missing; taxes and discounts within net cost add nothing', async () => {
    expect(await one({ line_item_line_item_description: 'x' })).toMatchObject({
      ...{ remarks: ['Units that are not known, without tokens (1 line).'], all: { billed: FACT.billed, tokens: undefined } },
    });
    expect(await one({ line_item_net_unblended_cost: '' })).toMatchObject({ all: { billed: FACT.list } });
    expect(await one({ line_item_line_item_type: 'Tax' })).toMatchObject({ texts: [], remarks: ['Taxes, left out (1 line).'] });
    const discount = { line_item_line_item_type: 'EdpDiscount', line_item_net_unblended_cost: '', line_item_unblended_cost: '-1' };
    expect(await one(discount)).toMatchObject({ all: { billed: 0n } });
    expect(await one({ line_item_line_item_type: 'Credit', line_item_net_unblended_cost: '-1.5' })).toMatchObject({
      all: { billed: -1_500_000_000_000n },
    });
  });

  test.each([
    [{ line_item_net_unblended_cost: 'NaN' }, /line_item_net_unblended_cost is no amount/],
    [{ line_item_net_unblended_cost: '1e39' }, /line_item_net_unblended_cost is no amount/],
    [{ pricing_public_on_demand_cost: '1,5' }, /pricing_public_on_demand_cost is no amount/],
    [{ line_item_usage_amount: '-4' }, /line_item_usage_amount is no number/],
    [{ line_item_usage_start_date: '2026-13-45T00:00:00Z' }, /it has no day/],
    [{ line_item_currency_code: 'EUR\u001b[2J' }, /its currency is EUR[^\n]*/],
  ])('a row with %p is named and left out', async (change, why) => {
    const { texts, remarks } = await one(change);
    expect([texts, remarks.length, remarks[0]]).toEqual([[], 1, expect.stringMatching(why)]);
    expect(remarks[0]).toMatch(/^Broken rows of cur\.csv, left out: .* \(1 line\)\.$/);
    expect(remarks[0]).not.toContain('\u001b');
  });

  test('files that are cut, no CSV, of something else or there twice change nothing', async () => {
    writeCur(october());
    await aws();
    const before = await sums('aws-cur');
    const text = csvText(october().map(curRow));
    const { gzipSync } = await import('node:zlib');
    const failures: [string, string | Uint8Array, RegExp][] = [
      ['cut.csv', text.slice(0, -20).concat('"'), /quote does not end/],
      ['long.csv', `a,b\n"${'x'.repeat(3_000_000)}`, /a row does not end/],
      ['other.csv', 'when,what\n1,2\n', /has no line_item_usage_start_date/],
      ['empty.csv', '', /nothing about the days/],
    ];
    for (const [name, content, why] of failures) {
      const path = join(at.folder, name);
      writeExport(path, content, '2026-11-20T00:00:00Z');
      expect(await aws({ path })).toMatchObject({ outcome: 'failed', error: { message: expect.stringMatching(why) } });
    }
    const cut = join(at.folder, 'cut.csv.bin');
    writeExport(cut, gzipSync(text).subarray(0, 2_000), '2026-11-20T00:00:00Z');
    const { renameSync } = await import('node:fs');
    renameSync(cut, join(at.folder, 'cut.csv.gz'));
    expect(await aws({ path: join(at.folder, 'cut.csv.gz') })).toMatchObject({
      error: { message: expect.stringMatching(/broken, or not complete/) },
    });
    writeExport(file('data', 'BILLING_PERIOD=2026-10', 'cur.parquet'), 'PAR1', WRITTEN);
    expect(await aws()).toMatchObject({ error: { message: expect.stringMatching(/has CSV and Parquet/) } });
    expect(await aws({ path: join(at.folder, 'none') })).toMatchObject({ error: { code: 'not_found' } });
    expect(await sums('aws-cur')).toEqual(before);
  });

  test('is read in bounded memory, however large', async () => {
    const rows = cloudFacts(random, ['2026-10-05'], 500).map(curRow);
    const text = csvText(rows);
    const body = text.slice(text.indexOf('\n') + 1);
    const { createWriteStream } = await import('node:fs');
    const { once } = await import('node:events');
    const path = join(at.folder, 'large.csv');
    const stream = createWriteStream(path);
    stream.write(text);
    // 150 MB or so.
    for (let copy = 1; copy < 400; copy++) if (!stream.write(body)) await once(stream, 'drain');
    stream.end();
    await once(stream, 'finish');
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    expect(await aws({ path }, { nowMs: NOW })).toMatchObject({ outcome: 'done', days: { new: 5 } });
    expect((await sums('aws-cur'))['']?.billed).toBe(
      400n * rows.reduce((sum, row) => sum + BigInt(Math.round(Number(row.line_item_net_unblended_cost) * 1e12)), 0n),
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });
});

describe("Google Cloud's billing export", () => {
  test.each(['JSON Lines', 'CSV'] as const)('as %s comes to the sums of its rows, again is the same, and revised replaces', async (kind) => {
    const write = (facts: readonly CloudFact[], written: string): void => {
      const rows = facts.map(gcpRow);
      const name = kind === 'CSV' ? 'billing.csv.gz' : 'billing-000000000000.json';
      writeExport(file(name), kind === 'CSV' ? csvText(rows.map(flatRow)) : jsonLines(rows), written);
    };
    const facts = october();
    write(facts, WRITTEN);
    expect(await gcp()).toMatchObject({ outcome: 'done', days: { new: 31 }, remarks: [] });
    await expectFacts('gcp-billing', facts);
    expect(await gcp()).toMatchObject({ days: { same: 31, revised: 0 } });
    const revised = facts.map((fact) => (fact.day === '2026-10-20' ? { ...fact, billed: fact.list } : fact));
    write(revised, '2026-11-10T00:00:00Z');
    expect(await gcp()).toMatchObject({ days: { same: 30, revised: 1 } });
    await expectFacts('gcp-billing', revised);
  });

  const FACT = cloudFacts(random, ['2026-10-05'], 1)[0] as CloudFact;
  const one = async (change: Readonly<Record<string, unknown>>, config: Partial<GcpImportConfig> = {}) => {
    const rows = [{ ...gcpRow(FACT), ...change }, gcpRow({ ...FACT, day: '2026-10-09' })];
    writeExport(file('billing.jsonl'), jsonLines(rows), WRITTEN);
    const { remarks } = await gcp(config, { wanted: { from: '2026-10-05', to: '2026-10-05' }, acceptsEmpty: true });
    return {
      remarks,
      texts: Object.keys(await sums('gcp-billing', ['user', 'costType', 'tokenClass', 'serviceTier'])),
      all: (await sums('gcp-billing'))[''],
    };
  };

  test.each([
    ['Claude Sonnet 4.5 - Cache Hit Tokens (Batch)', 'tokens cache_read batch'],
    ['Claude Opus 5 Cache Write Tokens', 'tokens cache_write standard'],
    ['Claude Opus 5 1 hour Cache Creation Tokens', 'tokens cache_write_1h standard'],
    ['Claude Haiku 4.5 Response Tokens', 'tokens output standard'],
  ])('%s is %s', async (description, expected) => {
    expect((await one({ sku: { description } })).texts).toEqual([`${FACT.user} ${expected}`]);
  });

  test('credits are taken as they are, and adjustments stand apart', async () => {
    expect((await one({ credits: [] })).all).toMatchObject({ billed: FACT.list, list: FACT.list });
    expect((await one({ cost_type: 'adjustment', cost: -2, credits: [{ amount: 0.5 }] })).all).toMatchObject({ billed: -1_500_000_000_000n });
    expect(await one({ cost_type: 'tax' })).toMatchObject({ texts: [], remarks: ['Taxes, left out (1 line).'] });
    expect((await one({}, { user_label: undefined })).texts[0]).toMatch(/^ tokens/);
  });

  test('what is not known is kept and named; units that are none of tokens have none', async () => {
    expect(await one({ sku: { description: 'Claude Opus 5 Provisioned Throughput' } })).toMatchObject({
      ...{
        remarks: ['SKU that is not known, kept: Claude Opus 5 Provisioned Throughput (1 line).'],
        all: { billed: FACT.billed, tokens: undefined },
      },
    });
    expect(await one({ usage: { amount: 3, unit: 'seconds' } })).toMatchObject({
      ...{ remarks: ['Units that are not known, without tokens (1 line).'], all: { billed: FACT.billed, tokens: undefined } },
    });
    expect(await one({ sku: { description: 'Gemini 3 Flash Input Tokens' } })).toMatchObject({ texts: [], remarks: [] });
  });

  test.each([
    [{ cost: 'x' }, /cost is no amount/],
    [{ cost: 1e300 }, /cost is no amount/],
    [{ credits: [{ amount: null }] }, /credits are no list/],
    [{ credits: 'x' }, /credits are no list/],
    [{ currency: 'JPY' }, /its currency is JPY/],
    [{ usage: { amount: 1e30, unit: 'count' } }, /usage\.amount is no number/],
  ])('a row with %p is named and left out', async (change, why) => {
    const { texts, remarks } = await one(change);
    expect([texts, remarks]).toEqual([[], [expect.stringMatching(why)]]);
  });

  test('a row of another year says nothing about the days between', async () => {
    writeExport(file('billing.jsonl'), jsonLines([FACT, { ...FACT, day: '2026-10-08' }, { ...FACT, day: '2025-01-01' }].map(gcpRow)), WRITTEN);
    expect(await gcp()).toMatchObject({ outcome: 'done', days: { new: 5 } });
    expect((await at.store.days(ALL)).map(({ day }) => day)).toEqual(['2025-01-01', '2026-10-05', '2026-10-06', '2026-10-07', '2026-10-08']);
  });

  test('lines that are no rows are counted, and the others stand', async () => {
    const lines = ['{"cost":', '7', '[]', 'null', '{}', `"${'x'.repeat(2_000_000)}`];
    writeExport(file('billing.jsonl'), jsonLines([gcpRow(FACT)]) + lines.map((line) => `${line}\n`).join('') + jsonLines([gcpRow(FACT)]), WRITTEN);
    const { outcome, remarks } = await gcp();
    expect({ outcome, remarks }).toEqual({
      outcome: 'done',
      remarks: [
        'Broken rows of billing.jsonl, left out: it is no JSON object (4 lines).',
        'Broken rows of billing.jsonl, left out: it has no day (1 line).',
        'Broken rows of billing.jsonl, left out: it is too long (1 line).',
      ],
    });
    expect((await sums('gcp-billing'))['']?.billed).toBe(2n * FACT.billed);
  });
});

test('without a path a source of files says what it needs', () => {
  expect(() => aws({ path: undefined })).toThrow('There is no path for aws-cur.');
});
