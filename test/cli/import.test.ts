/** `ledgerline import` against a stand-in made from the documentation, not against a real API: what it prints, asks for, keeps and never shows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EXIT_ERROR } from '../../collector/cli/exit-codes.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { formatUsd } from '../../collector/core/money.ts';
import { daysOf } from '../../collector/imports/days.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { readStatements } from '../../collector/storage/sqlite/statement-store.ts';
import { event } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { ADMIN_KEY, AnthropicStandIn, failure } from '../support/imports/anthropic.ts';
import { cloudFacts, csvText, curRow, writeExport } from '../support/imports/exports.ts';
import { type Fact, factsOf, sum } from '../support/imports/facts.ts';
import { filesWith } from '../support/kept.ts';
import { Random, seededRandom } from '../support/random.ts';
import { outcome, RunningCommand, run } from './command.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const GOLDEN = join(import.meta.dirname, 'golden');
let api: AnthropicStandIn;
let folder: string;
let data: string;
beforeEach(async () => {
  api = await new AnthropicStandIn().start();
  api.facts = FACTS;
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-import-'));
  data = join(folder, 'data');
  writeFileSync(join(folder, 'key'), `${ADMIN_KEY}\n`);
  configure([{ source: 'anthropic-cost' }]);
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

const FACT: Fact = {
  ...{ day: '2026-11-25', user: 'ada@example.com', key: 'apikey_1', workspace: 'wrkspc_a', model: 'claude-opus-5-5', product: 'claude_code' },
  ...{ tier: 'standard', speed: 'standard', context: '0-200k', geo: 'global', type: 'output_tokens', tokens: 1_234_567 },
  ...{ billed: 12_345_678_900_000n, list: 13_000_000_000_000n },
};
const FACTS: readonly Fact[] = [
  FACT,
  { ...FACT, day: '2026-11-26', workspace: null },
  { ...FACT, day: '2026-11-27', type: 'cache_read_input_tokens' },
];

/** JSON is YAML. */
function configure(imports: readonly object[]): void {
  const entries = imports.map((entry) => ({ url: api.url, key_file: 'key', ...entry }));
  writeFileSync(join(folder, 'ledgerline.yaml'), JSON.stringify({ data: 'data', imports: entries }));
}

const config = (): readonly string[] => ['--config', join(folder, 'ledgerline.yaml')];
const ledgerline = (...args: readonly string[]) => outcome(['import', ...args, ...config()], { now: NOW });
const RANGE = ['--from', '2026-11-25', '--to', '2026-11-27'];

async function refusal(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof LedgerlineError)) throw new Error(`It was not refused: ${String(thrown)}`);
  return `${thrown.message}\n${thrown.hint}`;
}

describe('ledgerline import', () => {
  test('reads files of an export from the path of the configuration or of the command', async () => {
    const [fact] = cloudFacts(seededRandom('bills on the command line'), ['2026-11-20'], 1);
    if (fact === undefined) throw new Error('There is no fact.');
    writeExport(join(folder, 'cur', 'cur-00001.csv.gz'), csvText([curRow(fact)]), '2026-11-27T00:00:00Z');
    writeFileSync(join(folder, 'ledgerline.yaml'), JSON.stringify({ data: 'data', imports: [{ source: 'aws-cur', path: 'cur' }] }));
    expect((await ledgerline('aws-cur')).text).toMatch(/^aws-cur, 2026-11-01 to 2026-11-20: days: 20 new\.\n {2}1 line; billed \$/);
    expect((await ledgerline('aws-cur', '--path', join(folder, 'cur', 'cur-00001.csv.gz'))).text).toMatch(/20 unchanged/);
    expect((await ledgerline('aws-cur', '--path', join(folder, 'none'))).text).toMatch(/no day was read/);
    expect(await refusal(ledgerline('gcp-billing'))).toMatch(/There is no path for gcp-billing\.\nName the file/);
  });

  test('says what it brought, what it found unchanged, and what was revised', async () => {
    const texts = [await ledgerline('anthropic-cost', ...RANGE), await ledgerline('anthropic-cost', ...RANGE)];
    api.facts = [{ ...FACT, billed: 12_500_000_000_000n }, ...FACTS.slice(1)];
    texts.push(await ledgerline('anthropic-cost', ...RANGE, '--dry-run'), await ledgerline('anthropic-cost', ...RANGE));
    expect(texts.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expectGolden(join(GOLDEN, 'import-anthropic-cost.txt'), texts.map(({ text }) => text).join('\n\n'));
  });

  test('answers in JSON, money as decimal strings', async () => {
    const { text } = await ledgerline('anthropic-cost', ...RANGE, '-o', 'json');
    expect(JSON.parse(text)).toEqual([
      {
        ...{ source: 'anthropic-cost', account: '', from: '2026-11-25', to: '2026-11-27', dry_run: false, outcome: 'done', lines: 3 },
        days: { new: 3, same: 0, revised: 0, outdated: 0, failed: 0 },
        totals: { billed_usd: '37.0370367', list_usd: null, estimated_usd: null, tokens: null, requests: null },
        ...{ revised: [], failed: [], remarks: [] },
      },
    ]);
  });

  test('imports every account that the configuration has, or one', async () => {
    configure([{ source: 'anthropic-cost' }, { source: 'anthropic-cost', account: 'lab' }]);
    expect((await ledgerline('anthropic-cost', ...RANGE, '--account', 'lab')).text).toMatch(
      /^anthropic-cost --account lab, 2026-11-25 to 2026-11-27: days: 3 new/,
    );
    expect((await ledgerline('anthropic-cost', ...RANGE)).text).toMatch(/^anthropic-cost, .*3 new[\s\S]*--account lab, .*3 unchanged/);
    expect(await refusal(ledgerline('anthropic-cost', '--account', 'home'))).toMatch(/no account home for anthropic-cost\.\nThere are: lab\./);
  });

  test.each([
    ['anthropic-cost', '--key-file'],
    ['aws-cur', '--path'],
  ])('%s takes a %s for one account alone', async (source, option) => {
    configure([{ source: 'anthropic-cost' }, { source: 'anthropic-cost', account: 'lab' }]);
    const files = [{ source: 'aws-cur' }, { source: 'aws-cur', account: 'lab' }];
    if (source === 'aws-cur') writeFileSync(join(folder, 'ledgerline.yaml'), JSON.stringify({ data: 'data', imports: files }));
    const given = [option, join(folder, 'key')];
    expect(await refusal(ledgerline(source, ...RANGE, ...given))).toBe(
      `${option} is of one account, and ${source} has 2.\nSay which one: --account "", --account lab.`,
    );
    expect(api.received).toEqual([]);
  });

  test('reads the other accounts where one has no key, and says so at the end', async () => {
    configure([
      { source: 'anthropic-cost', key_file: 'none' },
      { source: 'anthropic-cost', account: 'lab' },
    ]);
    const { text, code } = await ledgerline('anthropic-cost', ...RANGE);
    expect(text).toMatch(/^anthropic-cost --account lab, .*3 new[\s\S]*\nanthropic-cost: imports\.key_file: cannot read .*none\./);
    expect(code).toBe(EXIT_ERROR);
  });

  test('takes a key for the account that is named, also for the one without a name', async () => {
    configure([{ source: 'anthropic-cost' }, { source: 'anthropic-cost', account: 'lab' }]);
    for (const account of ['', 'lab'])
      expect((await ledgerline('anthropic-cost', ...RANGE, '--account', account, '--key-file', join(folder, 'key'))).code).toBe(0);
  });

  test('ends with 2 where a day could not be read, and says which and what to do', async () => {
    api.changeRow = (row, url) => (url.searchParams.get('starting_at')?.startsWith('2026-11-26') ? { ...row, currency: 'EUR' } : row);
    const { text, code } = await ledgerline('anthropic-cost', ...RANGE);
    expect(code).toBe(EXIT_ERROR);
    expect(text).toMatch(/days: 2 new, 1 not read\.[\s\S]*2026-11-26 not read, it is as it was: .*currency/);
    expect(text).toMatch(/whether there is a newer Ledgerline/);
  });

  test.each([
    [['--from', '2026-02-30'], /--from must be a day such as 2026-09-01/],
    [['--to', 'yesterday'], /--to must be a day/],
    [['--from', '2026-11-28', '--to', '2026-11-01'], /There are no days/],
  ])('refuses %j', async (args, words) => {
    expect(await refusal(ledgerline('anthropic-cost', ...args))).toMatch(words);
  });
});

test('what is imported is what `reconcile` says is billed and counted, whichever source says it', async () => {
  const writer = await openWriter({ file: join(data, 'ledger.sqlite'), timeZone: 'UTC', weekStart: 'monday' });
  await writer.append({ entries: [event({ id: 'a', timeMs: NOW, cost: '1.00', model: FACT.model })], receivedMs: NOW });
  await writer.close();
  api.facts = factsOf(new Random(14), daysOf({ from: '2026-11-01', to: '2026-11-28' }), 20);
  api.lists = { workspaces: [{ id: 'wrkspc_a', name: 'payments' }] };
  configure([{ source: 'anthropic-cost' }, { source: 'anthropic-usage' }, { source: 'anthropic-analytics' }]);
  const reconciled = async () => JSON.parse((await outcome(['reconcile', '--month', '2026-11', '--json', ...config()], { now: NOW })).text);
  expect(await reconciled()).toMatchObject({ billed_usd: null });
  const billed = formatUsd(sum(api.facts, (fact) => fact.billed));
  for (const source of ['anthropic-cost', 'anthropic-usage']) await ledgerline(source, '--from', '2026-11-01');
  expect(await reconciled()).toMatchObject({
    billed_usd: billed,
    sources: [{ billed: { 'anthropic-cost': 27 }, counted: { 'anthropic-usage': 27 } }],
  });
  await ledgerline('anthropic-analytics', '--from', '2026-11-01');
  expect(await reconciled()).toMatchObject({
    billed_usd: billed,
    sources: [{ billed: { 'anthropic-analytics': 27 }, counted: { 'anthropic-analytics': 27 }, provisional_days: 1 }],
  });
});

describe('the key', () => {
  const without = (env: Record<string, string>, source = 'anthropic-usage') =>
    outcome(['import', source, '--data', data, '--from', '2026-11-27'], { now: NOW, env });

  test('is looked for in file and environment, and what is missing is said', async () => {
    expect(await refusal(without({}))).toMatch(
      /There is no key for anthropic-usage\.\nSet LEDGERLINE_ANTHROPIC_ADMIN_KEY_FILE to a file with the key/,
    );
    expect(await refusal(without({}, 'anthropic-analytics'))).toMatch(/Set LEDGERLINE_ANTHROPIC_ANALYTICS_KEY_FILE/);
    expect(await refusal(without({ LEDGERLINE_ANTHROPIC_ADMIN_KEY_FILE: join(folder, 'none') }))).toMatch(/KEY_FILE: cannot read .*none/);
    expect(await refusal(without({ LEDGERLINE_ANTHROPIC_ADMIN_KEY: 'two words' }))).toMatch(/LEDGERLINE_ANTHROPIC_ADMIN_KEY holds no key/);
    expect(await refusal(ledgerline('anthropic-cost', '--key-file', join(folder, 'none')))).toMatch(/key_file: cannot read/);
  });

  test.each([
    [{ LEDGERLINE_ANTHROPIC_ADMIN_KEY: ADMIN_KEY }],
    [{ LEDGERLINE_ANTHROPIC_ANALYTICS_KEY: ADMIN_KEY, LEDGERLINE_ANTHROPIC_ADMIN_KEY: 'sk-other' }],
  ])('is taken from the environment: %#', async (env) => {
    const entries = JSON.stringify([{ source: 'anthropic-analytics', url: api.url }]);
    const { code } = await outcome(['import', 'anthropic-analytics', '--data', data, ...RANGE], {
      now: NOW,
      env: { LEDGERLINE_IMPORTS: entries, ...env },
    });
    expect(code).toBe(0);
  });

  test('is in nothing that is printed or kept, whatever the API says', async () => {
    const texts = [(await ledgerline('anthropic-cost', ...RANGE)).text];
    api.interfere = () => failure(403, 'permission_error', `not with ${ADMIN_KEY}`);
    const refused = await ledgerline('anthropic-cost', ...RANGE);
    texts.push(refused.text, (await ledgerline('status')).text, (await ledgerline('status', '-o', 'json')).text);
    expect(refused).toMatchObject({ code: 2, text: expect.stringMatching(/responded with 403: not with <secret>[\s\S]*Admin key/) });
    expect(texts.join('\n')).not.toContain(ADMIN_KEY);
    expect(filesWith(data, new RegExp(ADMIN_KEY))).toEqual([]);
  });

  test.each([['http://api.example.com'], ['https://name:word@example.com'], ['ftp://example.com']])('is sent to no address like %s', async (url) => {
    configure([{ source: 'anthropic-cost', url }]);
    expect(await refusal(ledgerline('anthropic-cost'))).toMatch(/imports\[0\]\.url: must be an address that begins with https/);
  });
});

describe('ledgerline import status', () => {
  test('shows what is there, the last import, and what is wrong', async () => {
    expect((await ledgerline('status')).text).toMatch(/anthropic-cost +0 .*never[\s\S]*anthropic-cost has brought no complete day yet/);
    await ledgerline('anthropic-cost', ...RANGE);
    const well = await ledgerline('status');
    await ledgerline('anthropic-cost', '--from', '2026-11-20', '--to', '2026-11-21');
    const gap = await ledgerline('status');
    expect([well.code, gap.code]).toEqual([0, 1]);
    expectGolden(join(GOLDEN, 'import-status.txt'), `${well.text}\n\n${gap.text}`);
    const [state] = JSON.parse((await ledgerline('status', '-o', 'json')).text);
    expect(state).toMatchObject({
      ...{ source: 'anthropic-cost', configured: true, last_run: { outcome: 'done', days: 2 } },
      days: {
        first: '2026-11-20',
        last: '2026-11-27',
        count: 5,
        missing: ['2026-11-22', '2026-11-23', '2026-11-24'],
        totals: { billed_usd: '37.0370367' },
      },
      findings: [{ code: 'import_gap' }],
    });
  });

  test('says so where nothing was imported, and makes no file', async () => {
    const { text, code } = await outcome(['import', 'status', '--data', data]);
    expect([text, code]).toEqual(['Nothing was imported yet. `ledgerline import --help` lists the sources.', 0]);
    expect(() => filesWith(data, /./)).toThrow('no such file');
  });
});

describe('a process', () => {
  const start = (): RunningCommand => new RunningCommand(['import', 'anthropic-cost', ...config(), ...RANGE]);
  const days = async (): Promise<(readonly [string, bigint | undefined])[]> => {
    const reader = readStatements(join(data, 'statements.sqlite'));
    const found = (await reader.days({ from: '', to: '~' })).map(({ day, totals }) => [day, totals.billed] as const);
    await reader.close();
    return found;
  };
  const WHOLE = FACTS.map(({ day, billed }) => [day, billed] as const);

  test('that is killed between two days leaves whole days, and the next one goes on', async () => {
    const command = start();
    api.interfere = (_, count) => {
      if (count < 3) return undefined;
      command.child.kill('SIGKILL');
      return 'silent';
    };
    await command.finished();
    expect(await days()).toEqual(WHOLE.slice(0, 2));
    const status = (ms: number) => outcome(['import', 'status', ...config()], { now: Date.now() + ms });
    expect([(await status(0)).text, (await status(2 * 3_600_000)).text]).toEqual([
      expect.stringMatching(/ago, running/),
      expect.stringMatching(/ago, killed/),
    ]);
    api.interfere = () => undefined;
    expect(await run(['import', 'anthropic-cost', ...config(), ...RANGE])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/1 new, 2 unchanged/),
    });
    expect(await days()).toEqual(WHOLE);
    expect((await days()).reduce((total, [, billed]) => total + (billed ?? 0n), 0n)).toBe(sum(FACTS, ({ billed }) => billed));
  });

  test('that gets Ctrl+C says so, and ends with 130', async () => {
    const command = start();
    api.interfere = (_, count) => {
      if (count < 2) return undefined;
      command.child.kill('SIGINT');
      return 'silent';
    };
    expect(await command.finished()).toMatchObject({ code: 130, out: expect.stringMatching(/days: 1 new\.[\s\S]*Stopped\. Whole days are stored/) });
    expect(await days()).toEqual(WHOLE.slice(0, 1));
  });

  test('beside another one: both end well, with the same days', async () => {
    const both = [start(), start()];
    expect((await Promise.all(both.map((command) => command.finished()))).map(({ code }) => code)).toEqual([0, 0]);
    expect(await days()).toEqual(WHOLE);
  });
});
