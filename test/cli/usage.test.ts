/** daily, weekly, monthly, session and blocks as scripts for ccusage call and read them. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { printed } from './command.ts';

const LATER = NOON + 3_600_000;
const DAY = 86_400_000;
const TOKENS = { requests: 2, input_tokens: 100, output_tokens: 20, cache_read_tokens: 3_000, cache_creation_tokens: 400 };
let ledger: TestLedger;
let data: readonly string[];

beforeAll(async () => {
  ledger = await openTestLedger();
  data = ['--data', dirname(ledger.file)];
  const entries = [
    event({ id: '1', cost: '0.1234567890123', amounts: TOKENS }),
    event({ id: '2', cost: '0.05', model: 'claude-haiku-5-5', amounts: TOKENS, timeMs: NOON + 60_000 }),
    event({ id: '3', cost: '2', sessionId: 'session-2', user: 'bob@example.com', timeMs: NOON - 20 * DAY, amounts: TOKENS }),
  ];
  await ledger.writer.append({ entries, receivedMs: NOON + 60_000 });
});
afterAll(() => ledger.destroy());

const usage = (...args: string[]): Promise<string> => printed([...args, ...data], { now: LATER });
const json = async (...args: string[]): Promise<unknown> => JSON.parse(await usage(...args));

/** As https://ccusage.com documents it: what a script may rely on. Numbers are numbers. */
const counts = { inputTokens: z.number(), outputTokens: z.number(), cacheCreationTokens: z.number(), cacheReadTokens: z.number() };
const totals = z.strictObject({ ...counts, totalTokens: z.number(), totalCost: z.number() });
const row = z.object({
  ...totals.shape,
  period: z.string(),
  modelsUsed: z.array(z.string()),
  modelBreakdowns: z.array(z.strictObject({ modelName: z.string(), ...counts, cost: z.number() })),
});
const block = z.object({
  ...{ id: z.string(), startTime: z.iso.datetime(), endTime: z.iso.datetime(), actualEndTime: z.iso.datetime().nullable() },
  ...{ isActive: z.boolean(), isGap: z.boolean(), entries: z.number(), totalTokens: z.number(), costUSD: z.number(), models: z.array(z.string()) },
  tokenCounts: z.strictObject({
    ...{ inputTokens: z.number(), outputTokens: z.number(), cacheCreationInputTokens: z.number(), cacheReadInputTokens: z.number() },
  }),
  burnRate: z.strictObject({ tokensPerMinute: z.number(), tokensPerMinuteForIndicator: z.number(), costPerHour: z.number() }).nullable(),
  projection: z.strictObject({ totalTokens: z.number(), totalCost: z.number(), remainingMinutes: z.number() }).nullable(),
});

describe('the JSON of ccusage', () => {
  test.each([
    ['daily', ['2026-10-31', '2026-11-20']],
    ['weekly', ['2026-10-26', '2026-11-16']],
    ['monthly', ['2026-10', '2026-11']],
    ['session', ['session-1', 'session-2']],
  ])('of %s', async (name, periods) => {
    const answer = z.strictObject({ [name]: z.array(row), totals }).parse(await json(name, '--json'));
    const rows = z.array(row).parse(answer[name]);
    expect(rows.map(({ period }) => period)).toEqual(periods);
    expect(answer.totals).toMatchObject({ inputTokens: 300, cacheReadTokens: 9_000, totalTokens: 10_560 });
    expect(rows.find(({ modelsUsed }) => modelsUsed.length === 2)?.modelBreakdowns.map(({ modelName, cost }) => [modelName, cost])).toEqual([
      ['claude-opus-5-5', 0.123456789012],
      ['claude-haiku-5-5', 0.05],
    ]);
  });

  test('has every digit of the cost', async () => expect(await usage('daily', '-j')).toContain('"totalCost": 2.173456789012\n'));

  test('of blocks, with the pause between two', async () => {
    const { blocks } = z.strictObject({ blocks: z.array(block) }).parse(await json('blocks', '--json'));
    expect(blocks.map(({ isGap, isActive, entries }) => ({ isGap, isActive, entries }))).toEqual([
      { isGap: false, isActive: false, entries: 2 },
      { isGap: true, isActive: false, entries: 0 },
      { isGap: false, isActive: true, entries: 4 },
    ]);
    expect(blocks[2]).toMatchObject({
      startTime: '2026-11-20T12:00:00.000Z',
      endTime: '2026-11-20T17:00:00.000Z',
      projection: { remainingMinutes: 240 },
    });
  });

  test('without cost has no field of cost', async () => {
    for (const name of ['daily', 'session', 'blocks'])
      expect(await usage(name, '--json', '--no-cost')).not.toMatch(/"(?:totalCost|cost|costPerHour)"/);
  });
});

describe('flags', () => {
  test('-s and -u are both included, and take both spellings of a date', async () => {
    const both = await usage('daily', '-s', '20261031', '-u', '20261120', '--csv', '--fields', 'period,cost_usd');
    expect(both).toBe('period,cost_usd\r\n2026-10-31,2.00\r\n2026-11-20,0.173456789012');
    expect(await usage('daily', '-s', '2026-11-20', '-u', '2026-11-20', '--csv', '--fields', 'period')).toBe('period\r\n2026-11-20');
  });

  test('-o takes an order as ccusage does, and a format as all commands do', async () => {
    const days = async (...args: string[]): Promise<string> => usage('daily', '--csv', '--fields', 'period', ...args);
    expect(await days('-o', 'desc')).toBe('period\r\n2026-11-20\r\n2026-10-31');
    expect(await days('--order', 'asc')).toBe(await days());
    expect(await usage('daily', '-o', 'csv')).toBe(await usage('daily', '--csv'));
    await expect(days('-o', 'asc', '--order', 'desc')).rejects.toThrow('contradicts');
  });

  test('--last counts days, weeks, months, sessions or blocks', async () => {
    const period = async (name: string, field: string): Promise<string> => usage(name, '--last', '1', '--csv', '--fields', field);
    expect(await period('daily', 'period')).toBe('period\r\n2026-11-20');
    expect(await period('monthly', 'period')).toBe('period\r\n2026-11');
    expect(await period('session', 'session_id')).toBe('session_id\r\nsession-1');
    expect(await period('blocks', 'start')).toBe('start\r\n2026-11-20 12:00 UTC');
  });

  test('a list of sessions says that there are more, unless so many were asked for', async () => {
    const many = await openTestLedger();
    try {
      const add = (...ids: number[]) =>
        many.writer.append({ entries: ids.map((id) => event({ id: `${id}`, sessionId: `session-${id}`, timeMs: NOON - id })), receivedMs: NOON });
      const list = (...args: string[]): Promise<string> => printed(['session', ...args, '--data', dirname(many.file)], { now: NOON });
      await add(...Array.from({ length: 50 }, (_, index) => index));
      expect(await list()).not.toContain('older ones');
      await add(50);
      for (const args of [[], ['-o', 'csv'], ['--json']])
        expect(await list(...args)).toMatch(/^The newest 50 sessions; older ones are not here and not in the total\. More with --last\.\n/);
      expect(await list('--last', '50')).not.toContain('older ones');
    } finally {
      await many.destroy();
    }
  });

  test('--breakdown has a row for each model', async () => {
    expect(await usage('daily', '-b', '--last', '1', '--csv', '--fields', 'period,model,cost_usd')).toBe(
      'period,model,cost_usd\r\n2026-11-20,,0.173456789012\r\n2026-11-20,claude-opus-5-5,0.123456789012\r\n2026-11-20,claude-haiku-5-5,0.05',
    );
  });

  test('a zone cuts the days, and a filter leaves one user', async () => {
    expect(await usage('daily', '-z', 'Asia/Tokyo', '--where', 'user:bob@example.com', '--csv', '--fields', 'period')).toBe('period\r\n2026-10-31');
  });

  test('--start-of-week cuts weeks otherwise than the ledger, and sums stay', async () => {
    const weeks = async (...args: string[]): Promise<string> => usage('weekly', '--csv', '--fields', 'period,cost_usd', ...args);
    expect(await weeks('--start-of-week', 'sunday')).toBe('period,cost_usd\r\n2026-10-25,2.00\r\n2026-11-15,0.173456789012');
    expect(await weeks('-w', 'monday')).toBe(await weeks());
    expect(await weeks('-w', 'saturday', '--last', '1')).toBe('period,cost_usd\r\n2026-11-14,0.173456789012');
  });

  test('--token-limit compares blocks with it, and JSON says how the one that runs ends', async () => {
    expect(await usage('blocks', '--token-limit', '7040', '--csv', '--fields', 'start,of_limit')).toBe(
      'start,of_limit\r\n2026-10-31 12:00 UTC,0.5\r\n2026-11-20 12:00 UTC,1',
    );
    const { blocks } = z
      .object({ blocks: z.array(z.object({ tokenLimitStatus: z.unknown().optional() })) })
      .parse(await json('blocks', '-t', 'max', '--json'));
    expect(blocks.map(({ tokenLimitStatus }) => tokenLimitStatus)).toEqual([
      undefined,
      undefined,
      { limit: 3_520, projectedUsage: expect.any(Number), percentUsed: expect.any(Number), status: 'exceeds' },
    ]);
    await expect(usage('blocks', '-t', 'much')).rejects.toThrow('--token-limit much is not a number of tokens');
  });

  test('--project is a workspace, --instances names what to use instead, --offline changes nothing', async () => {
    const [all, nowhere] = [await usage('daily', '--csv'), await usage('session', '-p', 'nowhere', '--csv', '-q')];
    expect(nowhere.split('\r\n')).toHaveLength(1);
    expect(await usage('daily', '--project', 'unallocated', '--csv')).toBe(all);
    expect(await usage('daily', '-O', '--csv')).toBe(all);
    await expect(usage('daily', '--instances')).rejects.toThrow('--instances: rows are not parted by project here.');
  });
});
