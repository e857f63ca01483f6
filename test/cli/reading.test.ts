/** What all reading commands have in common, on the example of `report`. */
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fitColumns } from '../../collector/cli/fit.ts';
import { withProgress } from '../../collector/cli/progress.ts';
import { outputFormat, timeParameters } from '../../collector/cli/reading-options.ts';
import { wantsColor } from '../../collector/cli/terminal.ts';
import { cutTo, displayWidth, wrapTo } from '../../collector/cli/width.ts';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed, RunningCommand, run } from './command.ts';

const LATER = NOON + 90_000;
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-reading-'));
let ledger: TestLedger;
let data: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  data = ['--data', dirname(ledger.file)];
  await ledger.writer.append({ entries: [event({ id: '1', cost: '2.5' }), event({ id: '2', cost: '0.25', team: 'search' })], receivedMs: NOON });
});
afterAll(async () => {
  await ledger.destroy();
  rmSync(folder, { recursive: true });
});

const report = (...args: string[]): Promise<string> => printed(['report', ...args, ...data], { now: LATER });

describe('output', () => {
  test('-o json is the answer of REST, and --fields picks from its rows', async () => {
    expect(await report('-o', 'json')).toBe(await report('--json'));
    expect(JSON.parse(await report('-o', 'json', '--fields', 'cost_usd,team'))).toEqual([
      { cost_usd: '2.50', team: 'platform' },
      { cost_usd: '0.25', team: 'search' },
    ]);
    expect(await report('-j', '--fields', 'team', '--compact')).toBe('[{"team":"platform"},{"team":"search"}]');
  });

  test('-o csv has exact money, and the header also where there are no rows', async () => {
    expect(await report('-o', 'csv', '--fields', 'team,cost_usd')).toBe('team,cost_usd\r\nplatform,2.50\r\nsearch,0.25');
    expect(await report('-o', 'csv', '--period', 'last-year', '--measures', 'cost')).toBe('team,cost_usd');
  });

  test('--out-file appears whole, without colors and whatever the width', async () => {
    const file = join(folder, 'report.txt');
    expect(await printed(['report', '--out-file', file, ...data], { now: LATER, columns: 40 })).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(`${await report()}\n`);
    await expect(report('--out-file', join(folder, 'nowhere/report.txt'))).rejects.toThrow('--out-file: cannot write');
    expect(readdirSync(folder)).toEqual(['report.txt']);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  test('--out-file writes into what is no file, and where a link leads', async () => {
    const [device, target, link] = [join(folder, 'device'), join(folder, 'target.txt'), join(folder, 'link.txt')];
    symlinkSync('/dev/null', device);
    await report('--out-file', device);
    symlinkSync('target.txt', link);
    writeFileSync(target, 'before');
    await report('--out-file', link);
    for (const path of [device, link]) expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect([readFileSync(target, 'utf8'), readFileSync(device, 'utf8')]).toEqual([`${await report()}\n`, '']);
    for (const path of [device, target, link]) rmSync(path);
  });

  test('--color paints a pipe, too', async () => expect(await report('--color')).toContain('\u001b['));

  test.each<[object, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '', FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('with %j on a terminal (%s) color is %s', (env, isTerminal, expected) => expect(wantsColor({ ...env }, isTerminal)).toBe(expected));

  test('two formats at once are refused', () => expect(() => outputFormat({ output: 'csv', json: true })).toThrow('json and csv'));
});

describe('time', () => {
  test.each<[Parameters<typeof timeParameters>[0], Parameters<typeof timeParameters>[1], string]>([
    [{ last: '3' }, {}, 'from=now-2d%2Fd'],
    [{ last: '1' }, { lastUnit: 'quarter' }, 'from=now-0Q%2FQ'],
    [{ window: '5d' }, {}, 'period=5d'],
    [{ window: '2026-11-01,2026-11-05' }, {}, 'from=2026-11-01&to=2026-11-05'],
    [{ since: '20261101', until: '20261130', timezone: 'Europe/Berlin' }, {}, 'since=20261101&until=20261130&tz=Europe%2FBerlin'],
    [{ tz: 'UTC' }, { fallback: 'this_month' }, 'period=this_month&tz=UTC'],
  ])('%j with %j is %s', (options, more, query) => expect(timeParameters(options, more).toString()).toBe(query));

  test.each([
    [{ last: '0' }, '--last 0 is not a whole number from 1 to 10000.'],
    [{ last: '2', since: 'today' }, '--last cannot be combined'],
    [{ window: '5d', to: 'today' }, '--window cannot be combined'],
  ])('%j is refused', (options, message) => expect(() => timeParameters(options)).toThrow(message));

  test('reports for a period as people call it, with or without --period, and rows of weeks', async () => {
    expect(await report('daily')).toBe(await report('--period', 'today'));
    expect(await report('--period', 'monthly')).toBe(await report('--period', 'this_month'));
    expect(await report('weekly', '--last', '2', '-o', 'csv', '--measures', 'cost', '--by', '')).toBe(
      'start,cost_usd\r\n2026-11-16T00:00:00.000Z,2.75',
    );
  });
});

test('quarters are the width of a row, too', async () => {
  expect(await report('quarterly', '--last', '2', '-o', 'csv', '--measures', 'cost', '--by', '')).toBe(
    'start,cost_usd\r\n2026-10-01T00:00:00.000Z,2.75',
  );
});

test('Ctrl+C ends a command that waits with 130, and leaves no file', async () => {
  const asked = Promise.withResolvers<void>();
  const server = createServer(() => asked.resolve());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port.
  const file = join(folder, 'interrupted.txt');
  const command = new RunningCommand(['report', '--url', `http://127.0.0.1:${port}`, '--out-file', file]);
  try {
    await asked.promise;
    expect((await command.stop('SIGINT')).code).toBe(130);
    expect(readdirSync(folder).filter((name) => name.startsWith('interrupted'))).toEqual([]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe('mistakes name the nearest word', () => {
  test.each<[string[], string]>([
    [['--fields', 'tean'], 'did you mean team?'],
    [['--period', 'this_wek'], 'Did you mean "this_week"? Allowed: '],
  ])('report %j', async (args, words) => {
    await expect(report(...args)).rejects.toMatchObject({ code: 'invalid', message: expect.any(String) });
    const { message, hint } = await report(...args).catch((error) => error);
    expect(`${message} ${hint}`).toContain(words);
  });

  test.each<[string[], RegExp]>([
    [['reprot'], /Did you mean report\?/],
    [['report', '--formt', 'csv'], /Did you mean/],
    [['report', '-o', 'xml'], /Allowed choices are table, json, csv/],
  ])('%j ends with 2', async (args, words) => {
    const { code, err } = await run(args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(words) });
  });

  test('a value that no record has ends with 2 where another is near it, and not where none is', async () => {
    const near = await outcome(['report', '--where', 'team:platfrom', ...data], { now: LATER });
    expect(near).toEqual({ code: 2, text: expect.stringContaining('did you mean "platform"?') });
    expect((await outcome(['report', '--where', 'team:something-else', ...data], { now: LATER })).code).toBe(0);
  });
});

describe('width', () => {
  test.each([
    ['abc', 3],
    ['検索', 4],
    ['zoë', 3],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['ﾊﾝ', 2],
    ['한국', 4],
  ])('%s takes %d', (text, width) => expect(displayWidth(text)).toBe(width));

  test.each<[number, string, 'end' | 'middle', string]>([
    [5, 'platform', 'end', 'plat…'],
    [5, 'platform', 'middle', 'pl…rm'],
    [8, 'platform', 'end', 'platform'],
    [4, '検索チーム', 'end', '検…'],
    [1, 'platform', 'end', '…'],
    [0, 'platform', 'end', ''],
  ])('%d columns of %s cut at the %s are %s', (width, text, at, cut) => expect(cutTo(width, text, at)).toBe(cut));

  test('lines are parted between words', () => expect(wrapTo(10, 'one two three four')).toEqual(['one two', 'three four']));

  test('columns are left out by priority, then shortened, and never widened', () => {
    const column = (width: number, priority?: number) => ({ width, titleWidth: 4, canShorten: priority === undefined, priority });
    expect(fitColumns([column(30), column(10, 1), column(10, 2)], 2, 60)).toEqual([30, 10, 10]);
    expect(fitColumns([column(30), column(10, 1), column(10, 2)], 2, 40)).toEqual([16, 10, 10]);
    expect(fitColumns([column(30), column(10, 1), column(10, 2)], 2, 30)).toEqual([18, 10, undefined]);
    expect(fitColumns([column(30), column(10, 1), column(10, 2)], 2, 9)).toEqual([9, undefined, undefined]);
  });
});

test('progress is silent for a second, and said once where there is no terminal', async () => {
  const said: string[] = [];
  const terminal = { out: () => undefined, err: (line: string) => void said.push(line), env: {}, now: () => 0, color: false };
  await withProgress(terminal, 'Reading', Promise.resolve(1));
  expect(said).toEqual([]);
  const work = Promise.withResolvers<number>();
  const hear = (line: string): void => {
    said.push(line);
    work.resolve(7);
  };
  const wanted = withProgress({ ...terminal, err: hear }, 'Reading', work.promise);
  expect(await wanted).toBe(7);
  expect(said).toEqual(['Reading …']);
});
