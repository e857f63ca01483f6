/** `ledgerline debug` and the requests of a session, as people see them. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { displayWidth } from '../../collector/cli/width.ts';
import { DAY, incident, MINUTE, request, TODAY, usualDay, usualDays } from '../query/explain/scenario.ts';
import { expectGolden } from '../support/golden.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const LATER = TODAY + DAY;
const NINE = TODAY + 9 * 60 * MINUTE;
let ledger: TestLedger;
let data: readonly string[];

const growing = Array.from({ length: 40 }, (_, index) =>
  request({
    session: '3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34',
    team: 'search',
    user: 'sue@example.com',
    atMs: NINE + index * MINUTE,
    read: 20_000 + index * 10_000,
  }),
);
const short = [
  request({ session: 'short', team: 'search', user: 'sam', atMs: NINE, read: 0, written: 30_000 }),
  incident('search', 'short', NINE + MINUTE, { errors: 1 }, { status: '529' }),
  request({ session: 'short', team: 'search', user: 'sam', atMs: NINE + 2 * MINUTE, read: 30_000, written: 2_000 }),
  incident('search', 'short', NINE + 3 * MINUTE, { compactions: 1 }),
  request({ session: 'short', team: 'search', user: 'sam', atMs: NINE + 25 * MINUTE, read: 0, written: 12_000 }),
];

beforeAll(async () => {
  ledger = await openTestLedger();
  data = ['--data', dirname(ledger.file)];
  const entries = [...usualDays('search'), ...usualDay('search', TODAY), ...growing, ...short];
  await ledger.writer.append({ entries, receivedMs: LATER - 60_000 });
});
afterAll(() => ledger.destroy());

const COMMANDS: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['debug', ['debug']],
  ['debug-nothing', ['debug', '--from', '2026-11-18', '--to', '2026-11-19']],
  ['debug-session', ['debug', '3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34']],
  ['session-requests', ['session', 'short', '--requests']],
];

describe.each(COMMANDS)('%s', (name, words) => {
  test.each([60, 80, 120])('at %d columns', async (columns) => {
    const text = await printed([...words, ...data], { now: LATER, columns });
    expectGolden(join(import.meta.dirname, 'golden', `${name}.${columns}.txt`), `${text}\n`);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
  });
});

describe('one session', () => {
  const session = (...words: string[]) => printed(['session', 'short', ...words, ...data], { now: LATER, columns: 60 });

  test('its requests are also CSV, chosen fields, and a file that has nothing of the terminal', async () => {
    expect((await session('--requests', '--csv', '-q')).split('\r\n')).toEqual([
      expect.stringMatching(/^time,kind,model,source,context_tokens,cache_read_tokens,/),
      ...Array.from({ length: short.length }, () => expect.stringMatching(/^2026-11-\d\dT09:/)),
    ]);
    expect(JSON.parse(await session('--requests', '--json', '--fields', 'kind', '--compact'))).toContainEqual({ kind: 'request' });
    const file = join(dirname(ledger.file), 'requests.txt');
    expect(await session('--requests', '--out-file', file)).toBe('');
    expect(Math.max(...readFileSync(file, 'utf8').split('\n').map(displayWidth))).toBeGreaterThan(60);
  });

  test('it has no rows of its own, and says so', async () => {
    await expect(session('-o', 'csv')).rejects.toThrow('One session has no rows for CSV.');
    await expect(session('--fields', 'cost_usd')).rejects.toThrow('One session has no rows for --fields.');
  });
});

describe('debug', () => {
  const run = (...words: string[]) => outcome(['debug', ...words, ...data], { now: LATER });

  test('-o json is the answer of REST, -o csv the findings', async () => {
    const { findings } = JSON.parse((await run('-o', 'json')).text);
    expect(findings[0]).toMatchObject({ code: 'largest_sessions', estimated: false });
    const [head, first] = (await run('-o', 'csv')).text.split('\r\n');
    expect(head).toBe('finding,explains_usd,share,severity,estimated');
    expect(first).toMatch(/^largest_sessions,\d+\.\d+,0\.\d+,critical,false$/);
  });

  test('a session and a time range are refused together', async () => {
    await expect(run('short', '--period', 'today')).rejects.toThrow('session=short cannot be combined with period.');
  });

  test('a session has all its requests in JSON', async () => {
    const { requests, next } = JSON.parse(await printed(['session', 'short', '--requests', '--json', ...data], { now: LATER }));
    expect([requests.length, next]).toEqual([5, null]);
  });
});
