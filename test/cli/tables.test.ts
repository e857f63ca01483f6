import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandReference } from '../../collector/cli/reference.ts';
import { duration, percentText, printable, short } from '../../collector/cli/table.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const LATER = NOON + 90_000;
const HOUR_MS = 3_600_000;
let ledger: TestLedger;
let data: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  data = ['--data', dirname(ledger.file)];
  const tokens = { requests: 1, input_tokens: 1_623, output_tokens: 4_331, cache_read_tokens: 151_634, cache_creation_tokens: 19_902 };
  const entries = [
    event({ id: '1', cost: '0.2311778', amounts: { ...tokens, api_duration_ms: 379_700 } }),
    event({ id: '2', cost: '0.00253134', model: 'claude-haiku-5-5', timeMs: NOON + 1_000, dimensions: { client_version: '2.1.329' } }),
    metric({ id: '3', cost: '0.0025', model: 'claude-haiku-5-5', timeMs: NOON + 2_000 }),
    metric({ id: '4', cost: '0', model: '', timeMs: NOON + 60_000, amounts: { lines_added: 1_200, lines_removed: 7 } }),
    event({ id: '5', cost: '1234.5', sessionId: 'session-2', team: '', user: 'bob@example.com', timeMs: NOON - 24 * HOUR_MS }),
    event({ id: '6', cost: '2', sessionId: 'session-3', user: 'eve\u001b[31m', timeMs: NOON - 1_000 }),
  ];
  await ledger.writer.append({ entries, receivedMs: NOON + 60_000 });
});
afterAll(() => ledger.destroy());

test('docs/cli.md is what --help says', async () => {
  expect(readFileSync('docs/cli.md', 'utf8')).toBe(await commandReference());
});

describe('report', () => {
  test('this month by team, the largest first, with the unallocated rest and the total', async () => {
    expect(await printed(['report', ...data], { now: LATER })).toBe(
      `
Spend by team: this month (2026-11-01 to 2026-11-30)

team              cost  requests  input  output  cache read  cache creation
───────────────────────────────────────────────────────────────────────────
unallocated  $1,234.50         1     10      20           0               0
platform         $2.23         3  1,643   4,371     151,634          19,902
───────────────────────────────────────────────────────────────────────────
total        $1,236.73         4  1,653   4,391     151,634          19,902

As of 2026-11-20T12:01:00.000Z (30 s ago). Days begin in UTC. Costs are the clients' own estimates.`.trim(),
    );
  });

  test('with --from and --to, --period is the width of a row', async () => {
    const args = ['report', '--period', 'day', '--from', '2026-11-19', '--to', '2026-11-21', '--by', '', '--measures', 'cost', ...data];
    expect(await printed(args, { now: LATER })).toContain(
      `
start            cost
─────────────────────
2026-11-19  $1,234.50
2026-11-20      $2.23
─────────────────────
total       $1,236.73`.trim(),
    );
  });

  test('control characters in names cannot reach the terminal', async () => {
    const text = await printed(['report', '--by', 'user', ...data], { now: LATER });
    expect(text).toContain('eve\ufffd[31m');
    expect(text).not.toContain('\u001b');
  });

  test('CSV has the same fields as JSON, and exact money', async () => {
    const args = ['report', '--by', 'team', '--measures', 'cost,requests', ...data];
    expect(await printed([...args, '--csv'], { now: LATER })).toBe('team,cost_usd,requests\r\nunallocated,1234.50,1\r\nplatform,2.23370914,3');
    expect(JSON.parse(await printed([...args, '--json'], { now: LATER }))).toMatchObject({
      rows: [
        { team: 'unallocated', cost_usd: '1234.50', requests: 1 },
        { team: 'platform', cost_usd: '2.23370914', requests: 3 },
      ],
      total: '1236.73370914',
    });
  });

  test('figures made of measures are in their own unit, and empty where there is nothing to divide by', async () => {
    const figures = 'cost_per_request,cache_hit_ratio,tokens_per_request,latency_average,cost_per_commit';
    expect(await printed(['report', '--measures', figures, ...data], { now: LATER })).toContain(
      `
team         cost per request  cache hit ratio  tokens per request  latency average  cost per commit
────────────────────────────────────────────────────────────────────────────────────────────────────
unallocated         $1,234.50            0.0 %                  30                0
platform                $0.74           87.6 %           59,183.33       126,566.67
────────────────────────────────────────────────────────────────────────────────────────────────────
total                 $309.18           87.6 %              44,395           94,925`.trimStart(),
    );
  });

  test('a time range without spend says so', async () => {
    expect(await printed(['report', '--period', 'last_month', ...data], { now: LATER })).toContain('No spend in this time range.');
  });

  test('a filter that no record matches says which name may be meant', async () => {
    const lines = await printed(['report', '--where', 'team:platfrom', ...data], { now: LATER });
    expect(lines.split('\n', 1)).toEqual(['No record has the team "platfrom"; did you mean "platform"?']);
    expect(await printed(['report', '--where', 'user:Alice@EXAMPLE.com', '--csv', ...data], { now: LATER })).toContain('platform');
  });

  test.each<[string, string[], string]>([
    ['a period that is none', ['--period', 'fortnight'], 'period=fortnight is not a time Ledgerline can use.'],
    ['a dimension that is none', ['--by', 'teem'], 'by=teem is not known.'],
    ['a named period with --from', ['--period', 'last_month', '--from', '2026-11-01'], '--period last_month cannot be combined with --from or --to.'],
    ['a folder without a ledger', ['--data', 'no-such-folder'], 'There is no ledger at no-such-folder/ledger.sqlite.'],
  ])('%s is refused with its name', async (_, args, message) => {
    await expect(printed(['report', ...data, ...args], { now: LATER })).rejects.toThrow(message);
  });
});

describe('session', () => {
  test("is the client's own /cost block, with the difference between the two signals", async () => {
    expect(await printed(['session', 'session-1', ...data])).toBe(
      `
Session:               session-1
User, team:            alice@example.com, platform
Seen:                  2026-11-20T12:00:00.000Z to 2026-11-20T12:01:00.000Z (Claude Code unknown)

Total cost:            $0.23
Total duration (API):  6m 19.7s
Total duration (wall): 1m 0.0s
Total code changes:    1,200 lines added, 7 lines removed
Usage by model:
  claude-opus-5-5: 1.6k input, 4.3k output, 151.6k cache read, 19.9k cache write ($0.23)
  claude-haiku-5-5: 10 input, 20 output, 0 cache read, 0 cache write ($0.0025)

From events: $0.23; from metrics: $0.0025. Likely cause: the process ended before sending its last metrics, or only events are sent.
Booked are the events, and what the metric has beyond them.`.trim(),
    );
  });

  test('an unknown id is an error with the next step', async () => {
    await expect(printed(['session', 'nobody', ...data])).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('ledgerline doctor'),
    });
  });
});

test('doctor says who sends, how old it is, and what is wrong', async () => {
  const { text, code } = await outcome(['doctor', ...data], { now: LATER });
  expect(code).toBe(0);
  expect(text).toContain('Last data: 30 s ago. 6 entries of 3 sessions.');
  expect(text).toMatch(/^bob@example\.com +unallocated +unknown +1 +24 h$/m);
});

test('check says that the roll-ups equal the entries', async () => {
  expect(await printed(['check', ...data])).toBe('The roll-ups equal the 6 entries of 3 sessions.');
});

test.each([
  [0, '0.0s'],
  [59_949, '59.9s'],
  [59_960, '1m 0.0s'],
  [23_590_200, '6h 33m 10.2s'],
])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [999n, '999'],
  [151_634n, '151.6k'],
  [5_177_870_107n, '5.2b'],
])('%d tokens are %s', (count, text) => expect(short(count)).toBe(text));

test.each([
  [0, '0.0 %'],
  [0.000001, '<0.1 %'],
  [0.0005, '0.1 %'],
  [0.123, '12.3 %'],
  [0.9994, '99.9 %'],
  [0.999998, '>99.9 %'],
  [1, '100.0 %'],
  [-0.25, '-25.0 %'],
  [1.25, '125.0 %'],
])('%d of the whole is %s', (share, text) => expect(percentText(share)).toBe(text));

test('printable keeps letters of every script', () => expect(printable('Zoë 東京\n')).toBe('Zoë 東京\ufffd'));
