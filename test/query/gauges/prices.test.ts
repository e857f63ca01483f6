import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPriceBook, type PriceRow } from '../../../collector/pricing/price-book.ts';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

const rates = (input: string, output: string, read: string) => ({
  input,
  output,
  cache_read: read,
  cache_write_5m: String(Number(input) * 1.25),
  cache_write_1h: String(Number(input) * 2),
});
const row = (from: string, normal: PriceRow['normal'], more: Partial<PriceRow> = {}): PriceRow => ({ from, normal, ...more });

const prices = createPriceBook([
  {
    'claude-opus-4': [row('2025-05-22', rates('16', '80', '1.6'))],
    'claude-opus-5': [
      row('2026-09-01', rates('8', '40', '0.8')),
      row('2026-10-07', rates('4', '40', '0.4')),
      row('2027-01-01', rates('2', '10', '0.1')),
    ],
    'claude-haiku-5': [
      row('2026-01-01', rates('0.8', '4', '0.08')),
      row('2026-11-01', rates('0.8', '4', '0.08'), { fast: rates('8', '40', '0.8') }),
      row('2026-11-10', rates('0.8', '4', '0.08')),
    ],
    'claude-haiku-6': [row('2027-01-01', rates('0.4', '2', '0.04'))],
  },
]);

const use = (model: string, amounts: object, timeMs = NOON) =>
  event({ id: `${model} ${timeMs}`, model, timeMs, sessionId: `${model} ${timeMs}`, amounts });

describe('list prices', () => {
  test('should be of the newest of each line that has begun, at the rates of today', async () => {
    expect(await read(ledger, 'list_price', { prices })).toEqual([
      'claude-haiku-5, cache_creation: 1',
      'claude-haiku-5, cache_creation_1h: 1.6',
      'claude-haiku-5, cache_read: 0.08',
      'claude-haiku-5, input: 0.8',
      'claude-haiku-5, output: 4',
      'claude-opus-5, cache_creation: 5',
      'claude-opus-5, cache_creation_1h: 8',
      'claude-opus-5, cache_read: 0.4',
      'claude-opus-5, input: 4',
      'claude-opus-5, output: 40',
    ]);
  });

  test('should include an older model while it is used, and be narrowed by model alone', async () => {
    await append(ledger, [use('claude-opus-4', { input_tokens: 1 })]);
    const inputs = (samples: readonly string[]): string[] => samples.filter((sample) => sample.includes(', input:'));
    expect(inputs(await read(ledger, 'list_price', { prices }))).toEqual([
      'claude-haiku-5, input: 0.8',
      'claude-opus-4, input: 16',
      'claude-opus-5, input: 4',
    ]);
    expect(inputs(await read(ledger, 'list_price', { prices, where: only('model', 'claude-opus-5') }))).toEqual(['claude-opus-5, input: 4']);
    expect(inputs(await read(ledger, 'list_price', { prices, where: only('team', 'search') }))).toEqual([
      'claude-haiku-5, input: 0.8',
      'claude-opus-5, input: 4',
    ]);
  });

  test('should know the built-in table', async () => {
    expect(await read(ledger, 'list_price')).toContain('claude-opus-5-5, input: 4');
  });
});

describe('what the tokens of the month would cost', () => {
  test('should be each class at the rate of one model, the hour-long writes at theirs', async () => {
    await append(ledger, [
      use('claude-opus-5', { input_tokens: 1_000_000, output_tokens: 500_000, cache_read_tokens: 10_000_000 }),
      use('unknown-model', { cache_creation_tokens: 3_000_000, cache_creation_1h_tokens: 1_000_000 }),
      use('claude-opus-5', { input_tokens: 9_000_000 }, NOON - 25 * DAY_MS),
    ]);
    // Opus: 1 × 4 + 0.5 × 40 + 10 × 0.4 + 2 × 5 + 1 × 8 = 46. Haiku: 0.8 + 2 + 0.8 + 2 × 1 + 1.6 = 7.2.
    expect(await read(ledger, 'alternative_cost', { prices })).toEqual(['claude-haiku-5: 7.2', 'claude-opus-5: 46']);
    expect(await read(ledger, 'alternative_cost', { prices, where: only('model', 'unknown-model') })).toEqual([
      'claude-haiku-5: 3.6',
      'claude-opus-5: 18',
    ]);
  });

  test('should be nothing without tokens', async () => {
    expect(await read(ledger, 'alternative_cost', { prices })).toEqual([]);
  });
});

describe('price changes', () => {
  const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000;

  test('should be dated and worded, of models that were used, without those to come', async () => {
    await append(ledger, [
      use('claude-opus-5', { input_tokens: 1 }),
      use('claude-haiku-5', { input_tokens: 1 }),
      use('claude-opus-4', { input_tokens: 1 }),
    ]);
    expect(await read(ledger, 'price_change', { prices })).toEqual([
      `claude-haiku-5, fast mode begins at input 8: ${day('2026-11-01')}`,
      `claude-haiku-5, fast mode ends: ${day('2026-11-10')}`,
      `claude-opus-5, input 8 to 4, cache_read 0.8 to 0.4, cache_creation 10 to 5, cache_creation_1h 16 to 8: ${day('2026-10-07')}`,
    ]);
    expect(await read(ledger, 'price_change', { prices, where: only('model', 'claude-opus-4') })).toEqual([]);
  });

  test('should be none of models that nobody used, and none older than 400 days', async () => {
    expect(await read(ledger, 'price_change', { prices })).toEqual([]);
    const nowMs = Date.parse('2027-11-20T12:00:00Z');
    await append(ledger, [use('claude-opus-5', { input_tokens: 1 }, nowMs)]);
    // 2026-10-07 is 409 days before, 2027-01-01 is not.
    expect(await read(ledger, 'price_change', { prices, nowMs })).toEqual([
      `claude-opus-5, input 4 to 2, output 40 to 10, cache_read 0.4 to 0.1, cache_creation 5 to 2.5, cache_creation_1h 8 to 4: ${day('2027-01-01')}`,
    ]);
  });

  test('should say when a model that was used was repriced', async () => {
    await append(ledger, [use('claude-opus-4', { input_tokens: 1 })]);
    const figures = { team: '', list: '1.00', contracted: '0.00', uncertain: '0.00', cost: '0.00', unpricedTokens: 0 };
    const shares = ['claude-opus-4', 'claude-haiku-5'].map((model) => ({ model, ...figures }));
    const beyond = { sessions: 0, list: '0.00', unpricedTokens: 0 };
    const outcome = { entries: 2, corrections: 2, shares, beyond, isWhole: true };
    const begun = { startedMs: 1, who: 'ada', book: 'b', asked: {} };
    const endedMs = day('2026-11-19') * 1_000;
    await ledger.writer.noteRepricing({ ...begun, endedMs, outcome });
    await ledger.writer.noteRepricing({ ...begun, endedMs: undefined, outcome: undefined });
    expect(await read(ledger, 'price_change', { prices })).toEqual([`claude-opus-4, repriced at 2026-11-19T00:00:00.000Z: ${day('2026-11-19')}`]);
  });

  test('should tell when prompts of a length begin to cost more', async () => {
    const normal = rates('1', '5', '0.1');
    const banded = createPriceBook([
      { m: [row('2026-01-01', normal), row('2026-11-02', normal, { above: { prompt_tokens: 100_000, normal: rates('2', '9', '0.2') } })] },
    ]);
    await append(ledger, [use('m', { input_tokens: 1 })]);
    expect(await read(ledger, 'price_change', { prices: banded })).toEqual([`m, prompts beyond 100000 tokens cost more: ${day('2026-11-02')}`]);
  });
});
