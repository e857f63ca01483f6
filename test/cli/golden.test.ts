/** What people see, whole: tables on terminals of 60, 80 and 120 columns, and in a pipe. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProgram } from '../../collector/cli/program.ts';
import { displayWidth } from '../../collector/cli/width.ts';
import { event, NOON } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { printed } from './command.ts';

const LATER = NOON + 90_000;
let ledger: TestLedger;
let data: readonly string[];

const TOKENS = { requests: 12, input_tokens: 1_623, output_tokens: 4_331, cache_read_tokens: 151_634_000, cache_creation_tokens: 19_902 };

beforeAll(async () => {
  ledger = await openTestLedger();
  data = ['--data', dirname(ledger.file)];
  const entries = [
    event({ id: '1', cost: '1234.2311778', amounts: TOKENS, team: 'platform-engineering-and-developer-experience' }),
    event({ id: '2', cost: '0.00253134', model: 'claude-haiku-5-5', team: '検索チーム', user: 'zoë@example.com', sessionId: 'session-2' }),
    event({ id: '3', cost: '56.5', team: '', user: 'bob@example.com', sessionId: 'session-3', timeMs: NOON - 86_400_000 }),
  ];
  await ledger.writer.append({ entries, receivedMs: NOON + 60_000 });
});
afterAll(() => ledger.destroy());

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ['report'],
  ['report', '--by', 'team,user,model'],
  ['report', '--by', 'team', '--period', 'day', '--last', '2'],
  ['report', '--fields', 'team,cost_usd'],
  ['report', '--compact'],
  ['report', '--where', 'team:nobody-of-that-name'],
  ['daily'],
  ['daily', '--breakdown', '-o', 'desc'],
  ['weekly', '--no-cost'],
  ['monthly', '--last', '1', '--mode', 'calculate'],
  ['session'],
  ['blocks'],
  ['blocks', '--active', '--where', 'user:alice@example.com'],
  ['top'],
  ['limits', 'plan', '--users', '200'],
  ['limits', 'plan', '--users', '200', '--training', '40', '--where', 'model:claude-haiku-5-5'],
  ['limits', 'plan', '--aws'],
  ['directory', 'check', '--max-unallocated', '100%'],
  ['directory', 'show', 'bob@example.com'],
];

const fileOf = (words: readonly string[], columns: number): string =>
  join(import.meta.dirname, 'golden', `${words.join(' ').replaceAll(/[^\w]+/g, '-')}.${columns}.txt`);

describe.each(COMMANDS.map((words) => [words.join(' '), words] as const))('ledgerline %s', (_, words) => {
  test.each([60, 80, 120])('at %d columns', async (columns) => {
    const text = await printed([...words, ...data], { now: LATER, columns });
    expectGolden(fileOf(words, columns), text);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
  });
});

describe.each(['report', 'daily', 'session', 'blocks', 'top', 'guard', 'run', 'statusline', 'connect', 'directory', 'import'])(
  'ledgerline %s --help',
  (name) => {
    test.each([60, 80, 120])('at %d columns', async (columns) => {
      let text = '';
      const out = (part: string): void => {
        text += `${part}\n`;
      };
      const program = await createProgram({ out, err: out, env: {}, now: () => 0, color: false, columns });
      program.commands.find((candidate) => candidate.name() === name)?.outputHelp();
      expectGolden(fileOf(['help', name], columns), text.trimEnd());
    });
  },
);
