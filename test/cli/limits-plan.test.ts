/** ledgerline limits plan over a month of growing use, whole, on terminals of 60, 80 and 120 columns. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { displayWidth } from '../../collector/cli/width.ts';
import { event, NOON } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const CONFIG = `
rate_limits:
  tokens_per_minute: 400000
  output_tokens_per_minute: 90000
  requests_per_minute: 12
`;

let ledger: TestLedger;
let source: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  const config = join(dirname(ledger.file), 'ledgerline.yaml');
  writeFileSync(config, CONFIG);
  source = ['--data', dirname(ledger.file), '--config', config];
  const entries = Array.from({ length: 40 }, (_, day) =>
    Array.from({ length: 40 + 2 * (40 - day) }, (_unused, index) =>
      event({
        ...{
          id: `${day} ${index}`,
          sessionId: `${day} ${index % 7}`,
          user: `user-${index % 7}@example.com`,
          team: index % 7 < 4 ? 'platform' : '検索チーム',
        },
        timeMs: NOON - day * DAY - Math.floor(index / 2) * MINUTE,
        amounts: {
          requests: 1 + (index % 3),
          input_tokens: 9_000 + 1_300 * (index % 11),
          output_tokens: 900 + 10 * index,
          cache_read_tokens: 4_000_000,
        },
        dimensions: { organization: 'acme' },
      }),
    ),
  ).flat();
  await ledger.writer.append({ entries, receivedMs: NOON });
});
afterAll(() => ledger.destroy());

describe.each([
  ['plan', []],
  ['plan-training', ['--users', '200', '--training', '40']],
  ['plan-quota', ['--users', '200', '--where', 'model:claude-opus-5-5', '--aws']],
] as const)('ledgerline limits plan (%s)', (name, options) => {
  test.each([60, 80, 120])('at %d columns', async (columns) => {
    const text = await printed(['limits', 'plan', ...options, ...source], { now: NOON + 90_000, columns });
    expectGolden(join(import.meta.dirname, 'golden', `limits-${name}.${columns}.txt`), text);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
  });
});

test('-o json is the answer of REST, and -o csv the measured rates', async () => {
  const { text } = await outcome(['limits', 'plan', '--users', '200', '-o', 'json', ...source], { now: NOON });
  expect(JSON.parse(text)).toMatchObject({ users: 200, users_from: 'asked', measured: { users: 7 }, recommendation: { basis: 'measured' } });
  const csv = await printed(['limits', 'plan', '-o', 'csv', ...source], { now: NOON });
  expect(csv.split('\r\n')[0]).toBe('rate,p50,p95,p99,peak,working_p95,peak_at');
  expect(
    csv
      .split('\r\n')
      .slice(1, 6)
      .map((line) => line.split(',')[0]),
  ).toEqual(['tokens', 'input_tokens', 'output_tokens', 'requests', 'users']);
});

test('a number of users that is none is refused', async () => {
  await expect(printed(['limits', 'plan', '--users', 'many', ...source])).rejects.toThrow('users=many is not a whole number from 1 to 1000000.');
});
