/** ledgerline prices, whole: tables on terminals of 60, 80 and 120 columns, and what it does to files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createProgram } from '../../collector/cli/program.ts';
import { displayWidth } from '../../collector/cli/width.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { loadPriceTable } from '../../collector/pricing/load.ts';
import { event } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const CONFIG = `
models:
  prices_file: own.yaml
prices:
  discounts:
    - { percent: 12.5, models: ["claude-opus-*"], from: 2026-11-01 }
    - { percent: 5, models: [claude-opsu-5] }
`;
const OWN = `version: 1
currency: USD
models:
  # Agreed in spring.
  claude-sonnet-5-5:
    - from: 2026-10-01
      source: contract
      normal: { input: "1.90", output: "9.50", cache_write_5m: "2.375", cache_write_1h: "3.80", cache_read: "0.19" }
`;

const golden = (name: string, columns: number): string => join(import.meta.dirname, 'golden', `prices-${name}.${columns}.txt`);

let ledger: TestLedger;
let source: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  const folder = dirname(ledger.file);
  writeFileSync(join(folder, 'ledgerline.yaml'), CONFIG);
  writeFileSync(join(folder, 'own.yaml'), OWN);
  source = ['--data', folder, '--config', join(folder, 'ledgerline.yaml')];
  const used = (id: string, model: string, unpriced: number, speed = 'normal') =>
    event({ id, model, timeMs: NOW - 3_600_000, amounts: { requests: 1, unpriced_tokens: unpriced }, dimensions: { speed } });
  const entries = [
    used('1', 'claude-opus-9', 1_234_567),
    used('2', 'claude-sonnet-5-5', 70, 'fast'),
    used('3', 'claude-fable-5-2', 5_000),
    used('4', 'claude-opus-4', 0),
  ];
  await ledger.writer.append({ entries, receivedMs: NOW });
});
afterAll(() => ledger.destroy());

describe.each([
  ['list', ['list']],
  ['list-at-bedrock', ['list', '--at', '2026-10-15', '--provider', 'bedrock', '--region', 'us']],
  ['list-contracted', ['list', '--contracted']],
  ['show', ['show', 'claude-opus-4-8']],
  ['show-banded', ['show', 'us.anthropic.claude-haiku-5-5-v1:0', '--provider', 'bedrock']],
  ['check', ['check']],
  ['diff-days', ['diff', '2026-10-01', 'today']],
  ['diff-own', ['diff', 'built-in', 'own']],
] as const)('ledgerline prices (%s)', (name, words) => {
  test.each([60, 80, 120])('at %d columns', async (columns) => {
    const text = await printed(['prices', ...words, ...source], { now: NOW, columns });
    expectGolden(golden(name, columns), text);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
  });
});

describe.each(['', 'list', 'show', 'check', 'diff', 'litellm'])('ledgerline prices %s --help', (name) => {
  test.each([80, 120])('at %d columns', async (columns) => {
    let text = '';
    const out = (part: string): void => {
      text += `${part}\n`;
    };
    const program = await createProgram({ out, err: out, env: {}, now: () => 0, color: false, columns });
    const prices = program.commands.find((command) => command.name() === 'prices');
    const commands = prices?.commands.flatMap((command) => [command, ...command.commands]);
    (name === '' ? prices : commands?.find((command) => command.name() === name))?.outputHelp();
    expectGolden(golden(`help-${name}`, columns), text.trimEnd());
  });
});

describe('ledgerline prices', () => {
  const codeOf = async (...words: string[]): Promise<number> => (await outcome(['prices', ...words, ...source], { now: NOW })).code;

  test('should end with 1 where tokens are unpriced or prices differ, and with 0 where not', async () => {
    expect([await codeOf('check'), await codeOf('diff', 'built-in', 'own'), await codeOf('diff', '2026-11-19', 'today')]).toEqual([1, 1, 0]);
    const empty = mkdtempSync(join(tmpdir(), 'ledgerline-prices-'));
    expect(await outcome(['prices', 'check', '--data', empty], { now: NOW })).toMatchObject({
      code: 0,
      text: expect.stringContaining('no ledger yet'),
    });
    rmSync(empty, { recursive: true });
  });

  test('check should name repricing for the days alone that have a price', async () => {
    const other = await openTestLedger();
    const folder = dirname(other.file);
    const rates = '{ input: "2", output: "10", cache_write_5m: "2.50", cache_write_1h: "4", cache_read: "0.20" }';
    const rows = [`{ from: 2026-09-01, source: a, normal: ${rates} }`, `{ from: 2026-10-01, source: b, normal: ${rates}, fast: ${rates} }`];
    writeFileSync(join(folder, 'own.yaml'), `version: 1\ncurrency: USD\nmodels: { claude-opus-9: [${rows.join(', ')}] }\n`);
    writeFileSync(join(folder, 'ledgerline.yaml'), 'models: { prices_file: own.yaml }');
    const config = ['--data', folder, '--config', join(folder, 'ledgerline.yaml')];
    const used = (id: string, day: string, unpriced: number) =>
      event({
        ...{ id, model: 'claude-opus-9', timeMs: Date.parse(`${day}T12:00:00Z`), amounts: { requests: 1, unpriced_tokens: unpriced } },
        dimensions: { speed: 'fast' },
      });
    await other.writer.append({ entries: [used('1', '2026-09-30', 70), used('2', '2026-10-01', 5)], receivedMs: NOW });
    const { points } = JSON.parse(await printed(['prices', 'check', '-o', 'json', ...config], { now: NOW }));
    const ofModel = points.filter(({ tokens }: { tokens: string | null }) => tokens !== null);
    await other.destroy();
    expect(ofModel).toEqual([
      expect.objectContaining({
        what: 'unpriced',
        message: 'claude-opus-9 in fast mode: 70 tokens are of days before 2026-10-01, from which it has a list price.',
        remedy: 'Add its `fast` rates of those days to your own price file; see docs/prices.md.',
      }),
      expect.objectContaining({ what: 'priced_since', message: 'claude-opus-9 in fast mode: 5 tokens were booked before it had a list price.' }),
    ]);
  });

  test.each<[string, string[], string]>([
    ['a model that has no price', ['show', 'claude-opus-5-4'], 'did you mean claude-opus-'],
    ['a day that is none', ['list', '--at', '2026-02-30'], '--at 2026-02-30 is not a day'],
    ['a day beside a table', ['diff', 'built-in', '2026-02-03'], 'cannot be compared'],
    ['a file that is not there', ['diff', 'built-in', 'nowhere.yaml'], 'nowhere.yaml'],
  ])('should refuse %s', async (_name, words, message) => {
    await expect(printed(['prices', ...words, ...source], { now: NOW })).rejects.toThrow(message);
  });
});

test('ledgerline prices check names own rows that apply to nothing, and their right name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-prices-'));
  try {
    const row = '[{ from: 2026-10-01, normal: { input: "1", output: "5", cache_write_5m: "1", cache_write_1h: "2", cache_read: "0.1" } }]';
    const names = ['claude-opus-9-20261101', 'our-model', 'Claude-Sonnet-9', 'theirs', 'claude-haiku-9'];
    const models = names.map((name) => `  ${name}: ${row}\n`).join('');
    writeFileSync(join(folder, 'own.yaml'), `version: 1\ncurrency: USD\nmodels:\n${models}`);
    writeFileSync(join(folder, 'ledgerline.yaml'), 'models: { prices_file: own.yaml, aliases: { theirs: claude-haiku-9 } }\n');
    const said = await printed(['prices', 'check', '--config', join(folder, 'ledgerline.yaml'), '--data', folder], { now: NOW });
    expect(said.match(/\S+: your own rows apply to nothing, since the ledger has this model as \S+\./g)).toEqual([
      'claude-opus-9-20261101: your own rows apply to nothing, since the ledger has this model as claude-opus-9.',
      'Claude-Sonnet-9: your own rows apply to nothing, since the ledger has this model as claude-sonnet-9.',
      'theirs: your own rows apply to nothing, since the ledger has this model as claude-haiku-9.',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('ledgerline prices import litellm', () => {
  const rates = (input: number) => ({
    ...{ litellm_provider: 'anthropic', mode: 'chat', input_cost_per_token: input, output_cost_per_token: input * 5 },
    ...{
      cache_creation_input_token_cost: input * 1.25,
      cache_creation_input_token_cost_above_1hr: input * 2,
      cache_read_input_token_cost: input / 10,
    },
  });
  const MAP = {
    'claude-opus-9': { ...rates(4e-6), provider_specific_entry: { us: 1.1, fast: 2 } },
    'claude-opus-9-20261101': rates(4e-6),
    'claude-haiku-9': {
      ...rates(1e-7),
      ...{ input_cost_per_token_above_100k_tokens: 5e-7, output_cost_per_token_above_100k_tokens: 2.5e-6 },
      ...{ cache_creation_input_token_cost_above_100k_tokens: 6.25e-7, cache_creation_input_token_cost_above_1hr_above_100k_tokens: 1e-6 },
      cache_read_input_token_cost_above_100k_tokens: 5e-8,
    },
    'claude-opus-5-5': rates(3e-6),
    'claude-opus-5': rates(5e-6),
    'claude-sonnet-9': { ...rates(3e-6), cache_read_input_token_cost: undefined },
    'us.anthropic.claude-opus-8': { ...rates(9e-6), litellm_provider: 'bedrock_converse' },
    'gpt-9': { ...rates(9e-6), litellm_provider: 'openai' },
  };
  let folder: string;
  let words: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-prices-'));
    writeFileSync(join(folder, 'map.json'), JSON.stringify(MAP));
    writeFileSync(join(folder, 'own.yaml'), OWN);
    writeFileSync(join(folder, 'ledgerline.yaml'), 'models: { prices_file: own.yaml }\n');
    words = ['prices', 'import', 'litellm', join(folder, 'map.json'), '--config', join(folder, 'ledgerline.yaml'), '--data', folder];
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const own = (): string => readFileSync(join(folder, 'own.yaml'), 'utf8');
  const run = (...more: string[]): Promise<string> => printed([...words, ...more], { now: NOW });
  const withoutFolder = (text: string): string => text.replaceAll(folder, 'FOLDER');

  test('should show what it would add, and change nothing', async () => {
    expectGolden(golden('import-dry-run', 120), withoutFolder(await run('--dry-run')));
    expect(own()).toBe(OWN);
  });

  test('should add models without a price, keep what is there as it is written, and have nothing to add again', async () => {
    expectGolden(golden('import', 120), `${withoutFolder(await run('--yes'))}\n\n${own()}`);
    expect(own().startsWith(OWN)).toBe(true);
    expect(await run('--yes')).toContain('0 to add');
    const shown = JSON.parse(await printed(['prices', 'show', 'claude-opus-9', '--region', 'us', '-o', 'json', ...words.slice(4)], { now: NOW }));
    expect(shown.list).toMatchObject([{ input_usd: '4.40' }, { mode: 'fast', input_usd: '8.80' }]);
  });

  test('should multiply rates for fast mode exactly, and say where that makes none', async () => {
    const fast = (times: number) => ({ ...rates(3.75e-6), provider_specific_entry: { fast: times } });
    writeFileSync(join(folder, 'map.json'), JSON.stringify({ 'claude-opus-9': fast(1.1), 'claude-haiku-9': fast(1.0000001) }));
    expect(await run('--yes')).toContain('? claude-haiku-9 in fast mode: left out, since 1.0000001 times its rates are no exact ones');
    const [opus = '', haiku = ''] = own().split('claude-opus-9:').slice(-1)[0]?.split('claude-haiku-9:') ?? [];
    expect(opus).toMatch(/fast: .*4\.125.*20\.625.*5\.15625.*8\.25.*0\.4125/s);
    expect(haiku).not.toContain('fast');
  });

  test('should add a new row for another price with --changed, and refuse a second of one day', async () => {
    await run('--yes', '--changed', '--from', '2026-12-01');
    expect(own()).toContain('claude-opus-5-5:\n    - from: 2026-12-01');
    writeFileSync(join(folder, 'map.json'), JSON.stringify({ 'claude-opus-5-5': rates(2e-6) }));
    await expect(run('--yes', '--changed', '--from', '2026-12-01')).rejects.toThrow('has a row of 2026-12-01');
    await run('--yes', '--changed', '--from', '2026-12-02');
    expect(own()).toContain('    - from: 2026-12-02');
  });

  test('should go on with fast mode and the band of long prompts where the map says nothing of them', async () => {
    const shown = async (model: string, at: string) =>
      JSON.parse(await printed(['prices', 'show', model, '--at', at, '-o', 'json', ...words.slice(4)], { now: NOW })).list;
    const usd = (list: { mode: string; input_usd: string }[]) => list.map(({ mode, input_usd }) => [mode, input_usd]);
    await run('--yes');
    const [opus, haiku] = [usd(await shown('claude-opus-5-5', '2026-11-20')), usd(await shown('claude-haiku-9', '2026-11-20'))];
    expect([opus.length, haiku.length]).toEqual([2, 2]);
    writeFileSync(join(folder, 'map.json'), JSON.stringify({ 'claude-opus-5-5': rates(3e-6), 'claude-haiku-9': rates(2e-7) }));
    const said = await run('--yes', '--changed', '--from', '2026-12-01');
    expect(said).not.toMatch(/fast|long/);
    expect(usd(await shown('claude-opus-5-5', '2026-12-01'))).toEqual([['normal', '3.00'], opus[1]]);
    expect(usd(await shown('claude-haiku-9', '2026-12-01'))).toEqual([['normal', '0.20'], haiku[1]]);
    expect(await run('--changed', '--from', '2026-12-02')).toContain('0 to add');
  });

  test.each(['claude-opus-9', 'claude-haiku-9'])(
    'should add to a list that models share (&name, *name) for %s alone, and lose no row of it',
    async (model) => {
      const charged = '&charged { input: "1.00", output: "5.00", cache_write_5m: "1.25", cache_write_1h: "2.00", cache_read: "0.10" }';
      const rows = `&shared\n    - { from: 2026-10-01, normal: ${charged} }\n    - { from: 2026-10-15, normal: *charged }`;
      writeFileSync(join(folder, 'own.yaml'), `version: 1\ncurrency: USD\nmodels:\n  claude-opus-9: ${rows}\n  claude-haiku-9: *shared\n`);
      writeFileSync(join(folder, 'map.json'), JSON.stringify({ [model]: rates(4e-6) }));
      await run('--yes', '--changed');
      const days = Object.entries(loadPriceTable(join(folder, 'own.yaml'))).map(([name, own]) => [name, own.map(({ from }) => from)]);
      const before = ['2026-10-01', '2026-10-15'];
      expect(days).toEqual(['claude-opus-9', 'claude-haiku-9'].map((name) => [name, name === model ? [...before, '2026-11-20'] : before]));
    },
  );

  test('should ask before it writes, and begin a file that is not there', async () => {
    await expect(run()).rejects.toThrow('Nothing was changed');
    const file = join(folder, 'new.yaml');
    expect(await run('--yes', '--file', file)).toContain('2 rows more');
    expect(readFileSync(file, 'utf8')).toContain('version: 1\ncurrency: USD\nmodels:\n  claude-opus-9:');
  });

  test('should refuse what is no such map', async () => {
    writeFileSync(join(folder, 'map.json'), '[1]');
    await expect(run()).rejects.toThrow(LedgerlineError);
  });
});
