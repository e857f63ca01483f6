/** analyze, trend, breakdown and compare, as people and scripts see them. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bar, sparkline } from '../../collector/cli/chart.ts';
import { displayWidth } from '../../collector/cli/width.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import { randomEntries } from '../query/random-entries.ts';
import { adjustment, event, NOON } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { Random } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const LATER = NOON + 90_000;
let ledger: TestLedger;
let data: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  data = ['--data', dirname(ledger.file)];
  const entries = randomEntries(new Random(20), { count: 600, fromMs: Date.parse('2026-09-15T00:00:00Z'), toMs: NOON });
  const hostile = event({ id: 'hostile', cost: '90', team: 'very-long-name-of-a-team-that-nobody-shortened', user: 'eve\u001b[31m' });
  await ledger.writer.append({ entries: [...entries, hostile], receivedMs: NOON + 60_000 });
});
afterAll(() => ledger.destroy());

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ['analyze'],
  ['analyze', '--month', '2026-10', '--limit', '2'],
  ['trend', '--days', '10'],
  ['trend', '--weeks', '6', '--by', 'team', '--limit', '2'],
  ['breakdown', '--by', 'feature'],
  ['breakdown', '--by', 'user,model', '--limit', '5'],
  ['compare', '--models', 'all'],
  ['compare', '--periods', 'last-month,this-month'],
  ['compare', '--teams', 'all', '--month', '2026-11'],
];

const fileOf = (words: readonly string[], columns: number): string =>
  join(import.meta.dirname, 'golden', `${words.join(' ').replaceAll(/[^\w]+/g, '-')}.${columns}.txt`);

describe.each(COMMANDS.map((words) => [words.join(' '), words] as const))('ledgerline %s', (_, words) => {
  test.each([60, 80, 120])('at %d columns', async (columns) => {
    const text = await printed([...words, ...data], { now: LATER, columns });
    expectGolden(fileOf(words, columns), `${text}\n`);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
    expect(text).not.toContain('\u001b');
  });

  test('as JSON and CSV', async () => {
    const answer = JSON.parse(await printed([...words, ...data, '-o', 'json'], { now: LATER }));
    expect(answer).toMatchObject({ as_of: expect.any(String), hints: [] });
    const lines = (await printed([...words, ...data, '-o', 'csv'], { now: LATER })).split('\r\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).not.toContain('$');
  });
});

test('CSV of a trend by a dimension has its values, as REST has them', async () => {
  const words = ['trend', '--days', '2', '--by', 'team', '--limit', '1', ...data];
  const { points, series, others } = JSON.parse(await printed([...words, '-o', 'json'], { now: LATER }));
  const rows = points.flatMap(({ start }: { start: string }, index: number) => [
    [start, series[0].value, series[0].values[index]].join(),
    [start, '(others)', others.values[index]].join(),
  ]);
  expect((await printed([...words, '-o', 'csv'], { now: LATER })).split('\r\n')).toEqual(['start,team,value', ...rows]);
  const fields = JSON.parse(await printed([...words, '-o', 'json', '--fields', 'team,value'], { now: LATER }));
  expect(fields[0]).toEqual({ team: series[0].value, value: series[0].values[0] });
});

describe('mistakes', () => {
  test.each<[string[], string]>([
    [['breakdown', '--by', 'featuer'], 'Did you mean "feature"?'],
    [['compare', '--periods', 'soon'], 'Such as last_month'],
    [['trend', '--measure', 'latency_p50'], 'Allowed: cost'],
    [['analyze', '--month', 'November'], 'such as 2026-11'],
  ])('%j', async (args, words) => {
    const { message, hint } = await printed([...args, ...data], { now: LATER }).catch((error) => error);
    expect(`${message} ${hint}`).toContain(words);
  });

  test('a value that no record has is said, with the nearest', async () => {
    const { text, code } = await outcome(['analyze', '--where', 'team:platfrom', ...data], { now: LATER });
    expect([text.includes('did you mean "platform"?'), code]).toEqual([true, 2]);
  });
});

test('a change against less than nothing is an amount', async () => {
  const own = await openTestLedger();
  try {
    const timeMs = NOON - 2 * DAY_MS;
    const before = [event({ id: '1', cost: '1', timeMs }), adjustment({ id: '2', cost: '-3', timeMs })];
    await own.writer.append({ entries: [...before, event({ id: '3', cost: '1', timeMs: NOON - DAY_MS })], receivedMs: NOON });
    const text = await printed(['trend', '--from', '2026-11-19', '--to', '2026-11-20', '--data', dirname(own.file)], { now: LATER });
    expect(text).toContain('Spend by day, 19 November 2026: $1.00, +$3.00 against the -$2.00 of 18 November 2026; ');
  } finally {
    await own.destroy();
  }
});

describe('an empty ledger', () => {
  test.each([['analyze'], ['trend'], ['breakdown'], ['compare', '--teams', 'all']])('%s says that it is empty', async (...words) => {
    const empty = await openTestLedger();
    expect(await printed([...words, '--data', dirname(empty.file)], { now: LATER })).toContain('The ledger is empty');
    await empty.destroy();
  });
});

describe('drawing', () => {
  test('a course has a level for each value, and another sign for what is not known', () => {
    expect(sparkline([0, 1, 4, 8, null])).toBe('▁▁▄█·');
    expect(sparkline([0, 0])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });

  test('a bar is as long as its share, and never nothing for something', () => {
    expect([0, 0.001, 0.5, 0.55, 1, 7].map((share) => bar(share, 4))).toEqual(['', '▏', '██', '██▎', '████', '████']);
  });
});
