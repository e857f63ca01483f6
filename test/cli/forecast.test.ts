/** ledgerline forecast, whole, on terminals of 60, 80 and 120 columns. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { displayWidth } from '../../collector/cli/width.ts';
import { event, NOON } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const DAY = 86_400_000;
const LATER = NOON + 90_000;
const CONFIG = `
budgets:
  - { name: platform, scope: { team: platform }, period: month, amount_usd: '2500.00' }
  - { name: search, scope: { team: 検索チーム }, period: month, amount_usd: '900.00' }
  - { name: new, scope: { team: late }, period: week, amount_usd: '10.00' }
`;

let ledger: TestLedger;
let source: readonly string[];

/** Fourteen users of platform and six of search, who work from Monday to Friday, each on some days. */
beforeAll(async () => {
  ledger = await openTestLedger();
  const config = join(dirname(ledger.file), 'ledgerline.yaml');
  writeFileSync(config, CONFIG);
  source = ['--data', dirname(ledger.file), '--config', config];
  const entries = Array.from({ length: 60 }, (_, back) => back)
    .filter((back) => new Date(NOON - back * DAY).getUTCDay() % 6 !== 0)
    .flatMap((back) =>
      Array.from({ length: 20 }, (_, user) => user)
        .filter((user) => (user * 5 + back * 3) % 7 !== 0)
        .map((user) =>
          event({
            ...{ id: `${back} ${user}`, sessionId: `${back} ${user}`, user: `user-${user}@example.com`, timeMs: NOON - back * DAY },
            ...{ team: user < 14 ? 'platform' : '検索チーム', cost: `${2 + ((user * user + back) % 23)}.25` },
            model: (user + back) % 3 === 0 ? 'claude-opus-5-5' : 'claude-sonnet-5',
          }),
        ),
    );
  await ledger.writer.append({ entries: [...entries, event({ id: 'late', team: 'late', user: 'late@example.com' })], receivedMs: NOON });
});
afterAll(() => ledger.destroy());

const PLATFORM = ['--pilot', 'team:platform', '--users', '400'];

describe.each([
  ['rollout', ['rollout', ...PLATFORM]],
  ['rollout-ramp-mix', ['rollout', ...PLATFORM, '--start', '2027-01-11', '--ramp', '8', '--mix', 'opus=20,sonnet=80']],
  ['rollout-too-small', ['rollout', '--pilot', 'user:user-3@example.com', '--users', '400', '--last', '10']],
  ['budget', ['budget']],
] as const)('ledgerline forecast (%s)', (name, words) => {
  test.each([60, 80, 120])('at %d columns', async (columns) => {
    const text = await printed(['forecast', ...words, ...source], { now: LATER, columns });
    expectGolden(join(import.meta.dirname, 'golden', `forecast-${name}.${columns}.txt`), text);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
  });
});

test('-o json is the answer of REST, and -o csv the months', async () => {
  const { text } = await outcome(['forecast', 'rollout', ...PLATFORM, '-o', 'json', ...source], { now: NOON });
  expect(JSON.parse(text)).toMatchObject({ users: 400, verdict: 'small', pilot: { users: 14 }, findings: [{ code: 'pilot_users' }] });
  const csv = await printed(['forecast', 'rollout', ...PLATFORM, '-o', 'csv', ...source], { now: NOON });
  const [header, ...rows] = csv.trimEnd().split('\r\n');
  expect(header).toBe('month,from,to,working_days,users,p50_usd,p90_usd,days');
  expect(rows.map((row) => row.split(',').slice(0, 5).join())).toContain('2027-02,2027-02-01,2027-02-28,20,400');
  expect(rows).toHaveLength(12);
});

test('a pilot that is too small ends with 1, one that is small with 0', async () => {
  const codeOf = async (words: readonly string[]): Promise<number> =>
    (await outcome(['forecast', 'rollout', ...words, ...source], { now: NOON })).code;
  expect(await codeOf(['--pilot', 'user:user-3@example.com', '--users', '9'])).toBe(1);
  expect(await codeOf(PLATFORM)).toBe(0);
});

test('the recommended command is one that sets a budget', async () => {
  const { text } = await outcome(['forecast', 'rollout', ...PLATFORM, '-o', 'json', ...source], { now: NOON });
  const command: string = JSON.parse(text).recommended.command;
  const [ledgerline, ...words] = command.split(' ');
  expect(ledgerline).toBe('ledgerline');
  await printed([...words, ...source], { now: NOON });
  const list = await printed(['budget', 'list', ...source], { now: NOON });
  expect(list).toContain('rollout');
  await printed(['budget', 'remove', 'rollout', ...source], { now: NOON });
});

test.each([
  [['--users', '400'], '--pilot'],
  [['--pilot', 'team:platform'], '--users'],
  [['--pilot', 'team:platform', '--users', 'many'], 'users=many is not a whole number'],
])('%j is refused', async (words, said) => {
  await expect(printed(['forecast', 'rollout', ...words, ...source])).rejects.toThrow(said);
});
