/** Worked examples of each rule, with the arithmetic beside them. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { ADVICE, type AdviceAnswer } from '../../../collector/query/advice.ts';
import { DAY, incident, MINUTE, request, TODAY } from '../explain/scenario.ts';
import { openQuestioned, type Questioned } from '../put-question.ts';

const NINE = TODAY + 9 * 60 * MINUTE;
const HOUR = 60 * MINUTE;

let asked: Questioned;
beforeEach(async () => {
  asked = await openQuestioned(TODAY + DAY);
});
afterEach(() => asked.close());

async function advise(entries: readonly Entry[], words = ''): Promise<AdviceAnswer> {
  await asked.append(...entries);
  return asked.put(ADVICE, words);
}

const found = ({ advice }: AdviceAnswer, wanted: string): AdviceAnswer['advice'][number] => {
  const one = advice.find(({ code }) => code === wanted);
  if (one === undefined) throw new Error(`${wanted} is not among ${advice.map(({ code }) => code)}`);
  return one;
};

/** Requests of a conversation of ada that changes code, so that it is no small task. */
const talk = (atMs: number, plan: Partial<Parameters<typeof request>[0]> = {}): Entry =>
  request({ session: 'talk', team: 'platform', atMs, amounts: { edits_accepted: 1 }, ...plan });
const mark = (atMs: number, amounts: Entry['amounts']): Entry => incident('platform', 'talk', atMs, amounts);

describe('the cache written again after a pause', () => {
  test('would have saved the price of writing less that of reading, of what had been in it', async () => {
    // In the cache before: 20,000 read and 80,000 written. After 20 minutes 2,000 are read and 99,000 written, of which 98,000 had been there.
    const entries = [talk(NINE, { read: 20_000, written: 80_000 }), talk(NINE + 20 * MINUTE, { read: 2_000, written: 99_000 })];
    const advice = found(await advise(entries), 'cache_rebuilds');
    // 98,000 tokens of Opus 5.5 at (5 − 0.20) USD for a million.
    expect(advice).toMatchObject({ saved_usd: '0.4704', sessions: 1, requests: 1, unknown: [] });
    expect(advice.evidence).toMatchObject([
      {
        session_id: 'talk',
        user: 'ada',
        saved_usd: '0.4704',
        text: '1 pause longer than the cache lasts, the longest 20 min: 98k tokens written again',
      },
    ]);
  });

  test('of an hour is none before an hour has passed', async () => {
    const first = talk(NINE, { read: 0, written: 0, written1h: 90_000 });
    expect((await advise([first, talk(NINE + 50 * MINUTE, { read: 0, written: 0, written1h: 91_000 })])).advice).toEqual([]);
    // Then 91,000 tokens at (8 − 0.20).
    const late = await advise([talk(NINE + 50 * MINUTE + 61 * MINUTE, { read: 0, written: 0, written1h: 92_000 })]);
    expect(found(late, 'cache_rebuilds').saved_usd).toBe('0.7098');
  });

  test('is none after a compaction, of another model, within its lifetime, or of a short prompt', async () => {
    const { advice } = await advise([
      talk(NINE, { read: 0, written: 50_000 }),
      mark(NINE + 10 * MINUTE, { compactions: 1 }),
      talk(NINE + 20 * MINUTE, { read: 0, written: 50_000 }),
      talk(NINE + 40 * MINUTE, { read: 0, written: 50_000, model: 'claude-sonnet-5-5' }),
      talk(NINE + 44 * MINUTE, { read: 0, written: 50_000, model: 'claude-sonnet-5-5' }),
      talk(NINE + 60 * MINUTE, { session: 'short', read: 0, written: 9_000 }),
      talk(NINE + 80 * MINUTE, { session: 'short', read: 0, written: 9_000 }),
    ]);
    expect(advice).toEqual([]);
  });

  test('counts a pause from the end of a request to the beginning of the next', async () => {
    const long = (atMs: number) => talk(atMs, { read: 0, written: 50_000, amounts: { edits_accepted: 1, api_duration_ms: 2 * MINUTE } });
    expect((await advise([long(NINE), long(NINE + 6 * MINUTE)])).advice).toEqual([]);
  });
});

/** So many requests, a minute apart, that read a conversation of so many tokens and write 1,000 more. */
const reading = (count: number, tokens: number, startMs: number, more: Partial<Parameters<typeof request>[0]> = {}): Entry[] =>
  Array.from({ length: count }, (_, index) => talk(startMs + index * MINUTE, { input: 0, read: tokens, written: 1_000, ...more }));

describe('a conversation that is compacted late, or never', () => {
  const first = talk(NINE, { input: 0, read: 0, written: 20_000 });

  test('would have saved what was carried beyond what a compaction leaves, less the cost of one', async () => {
    const answer = await advise([
      first,
      // Passes 100,000 at 150,000 + 1,000, and is carried along by 100 requests more.
      ...reading(101, 150_000, NINE + 2 * MINUTE),
      mark(NINE + 110 * MINUTE, { compactions: 1 }),
      talk(NINE + 111 * MINUTE, { input: 0, read: 20_000, written: 10_000 }),
    ]);
    const advice = found(answer, 'late_compaction');
    // Carried: from 30,000 to 151,000; of each, 120,000 were read (0.20) and 1,000 written (5): 0.024 + 0.005 = 0.029, a hundred times.
    // A compaction at 151,000 reads it (0.0302), answers with 30,000 - 20,000 (0.20), and writes 30,000 (0.15).
    expect(advice.saved_usd).toBe('2.5198');
    expect(advice.evidence).toMatchObject([
      { text: 'prompts of up to 151k tokens, carried along by 87 requests beyond what pays for a compaction', at: '2026-11-20T09:02:00.000Z' },
    ]);
    expect(answer.compactions).toEqual({ count: 1, median_tokens_before: 151_000, median_tokens_after: 30_000 });
  });

  test('is measured by the prompt of the summary where the client reports it', async () => {
    const dimensions = { query_source: 'auxiliary', query_source_detail: 'compact' };
    const { compactions } = await advise([
      first,
      talk(NINE + 2 * MINUTE, { input: 0, read: 150_000, written: 1_000 }),
      talk(NINE + 3 * MINUTE, { input: 500, read: 151_000, written: 500, output: 4_000, dimensions }),
      mark(NINE + 4 * MINUTE, { compactions: 1 }),
      talk(NINE + 5 * MINUTE, { input: 0, read: 20_000, written: 4_000 }),
    ]);
    expect(compactions).toEqual({ count: 1, median_tokens_before: 152_000, median_tokens_after: 24_000 });
  });

  test('is not advised where a compaction costs more than it saves', async () => {
    const entries = [first, ...reading(11, 110_000, NINE + 2 * MINUTE), mark(NINE + 20 * MINUTE, { compactions: 1 })];
    const { advice } = await advise([...entries, talk(NINE + 21 * MINUTE, { input: 0, read: 20_000, written: 10_000 })]);
    expect(advice).toEqual([]);
  });

  test('has no amount where none of the user was compacted, and says why', async () => {
    const never = await advise([first, ...reading(30, 150_000, NINE + 2 * MINUTE)]);
    expect(never.saved_usd).toBeNull();
    expect(found(never, 'late_compaction')).toMatchObject({
      saved_usd: null,
      unknown: [{ requests: 29, reason: expect.stringMatching(/^No compaction/) }],
    });
    // One in another session of the user says how far.
    const other = (atMs: number, plan: object) => talk(atMs, { session: 'other', input: 0, ...plan });
    const measured = await advise([
      other(NINE, { read: 0, written: 20_000 }),
      incident('platform', 'other', NINE + MINUTE, { compactions: 1 }),
      other(NINE + 2 * MINUTE, { read: 20_000, written: 3_000 }),
    ]);
    // 29 times (128,000 - 1,000) read and 1,000 written; less 151,000 read, 3,000 of summary and 23,000 written.
    expect(found(measured, 'late_compaction').saved_usd).toBe('0.6764');
  });
});

describe('a task that begins in the conversation of the one before', () => {
  const entries = [
    talk(NINE, { input: 0, read: 0, written: 20_000 }),
    ...reading(3, 60_000, NINE + 5 * MINUTE),
    mark(NINE + 8 * MINUTE, { commits: 1 }),
    mark(NINE + 20 * MINUTE, { prompts: 1 }),
    talk(NINE + 21 * MINUTE, { input: 0, read: 0, written: 64_000 }),
    ...reading(9, 64_000, NINE + 22 * MINUTE),
  ];

  test('after a commit and a pause would have saved what lies between the first prompt and its end', async () => {
    const advice = found(await advise(entries), 'tasks_without_clear');
    // The conversation had 61,000 tokens, 20,000 of them from the first prompt on: 41,000 written once (5.00) and read nine times (0.20).
    expect(advice).toMatchObject({ saved_usd: '0.2788', requests: 10 });
    expect(advice.evidence).toMatchObject([{ text: '1 task begun in an old conversation of up to 61k tokens', at: '2026-11-20T09:20:00.000Z' }]);
  });

  test('is counted once together with the cache that was written again for it', async () => {
    const answer = await advise(entries);
    // Written again after the pause: 61,000 at (5 - 0.20) = 0.2928, which is more than the 41,000 at 5 of the same request (0.205).
    expect(found(answer, 'cache_rebuilds').saved_usd).toBe('0.2928');
    expect(answer.saved_usd).toBe('0.3666');
    expect(answer.users).toEqual([{ organization: 'unallocated', team: 'platform', user: 'ada', cost_usd: answer.cost_usd, saved_usd: '0.3666' }]);
  });

  test('is none without a commit or a night, right after the commit, or when the conversation was compacted', async () => {
    const without = entries.filter(({ amounts }) => amounts.commits === undefined);
    expect((await advise(without)).advice.map(({ code }) => code)).toEqual(['cache_rebuilds']);
  });

  test('begins after a night without any commit', async () => {
    const answer = await advise([
      talk(NINE - 12 * HOUR, { input: 0, read: 0, written: 20_000 }),
      ...reading(3, 60_000, NINE - 12 * HOUR + MINUTE),
      mark(NINE, { prompts: 1 }),
      ...reading(5, 61_000, NINE + MINUTE),
    ]);
    // 41,000 read five times.
    expect(found(answer, 'tasks_without_clear').saved_usd).toBe('0.041');
  });
});

describe('a small task', () => {
  test('would have cost less on the next smaller class', async () => {
    const small = [0, 1, 2].map((index) => request({ session: 'question', team: 'platform', atMs: NINE + index * MINUTE }));
    const advice = found(await advise(small), 'smaller_model');
    // Each has 50 input, 20,000 read, 1,000 written and 500 output tokens: on Opus 5.5 0.0192 USD, on Sonnet 5.5 0.0096.
    expect(advice).toMatchObject({ saved_usd: '0.0288', requests: 3 });
  });

  test('is none on a small model, with edits, of many requests, or in fast mode', async () => {
    const one = (session: string, plan: Partial<Parameters<typeof request>[0]>, count = 1) =>
      Array.from({ length: count }, (_, index) => request({ session, team: 'platform', atMs: NINE + index * MINUTE, ...plan }));
    const { advice } = await advise([
      ...one('small', { model: 'claude-sonnet-5-5' }),
      ...one('edits', { amounts: { lines_added: 3 } }),
      ...one('many', {}, 9),
      ...one('fast', { dimensions: { speed: 'fast' } }),
      ...one('long', { output: 4_001 }),
      ...one('unknown', { model: 'house-model' }),
    ]);
    expect(advice).toEqual([]);
  });

  test('is a search of a subagent, whatever the session did', async () => {
    const dimensions = { query_source: 'subagent', query_source_detail: 'agent:builtin:Explore', agent: 'Explore' };
    const answer = await advise([
      talk(NINE),
      talk(NINE + MINUTE, { dimensions }),
      talk(NINE + 2 * MINUTE, { dimensions: { ...dimensions, agent: 'custom' } }),
    ]);
    expect(found(answer, 'smaller_model')).toMatchObject({ saved_usd: '0.0096', requests: 1 });
  });
});

describe('background work', () => {
  test('would have saved what a session costs in the background beyond 0.04 USD', async () => {
    const dimensions = { query_source: 'auxiliary', query_source_detail: 'prompt_suggestion' };
    const entries = [1, 2, 3, 4].map((index) => talk(NINE + index * MINUTE, { dimensions, cost: 15_000_000_000n }));
    const compact = talk(NINE + 9 * MINUTE, { dimensions: { ...dimensions, query_source_detail: 'compact' }, cost: 500_000_000_000n });
    const advice = found(await advise([talk(NINE), ...entries, compact]), 'background');
    expect(advice).toMatchObject({ saved_usd: '0.02', requests: 2 });
    expect(advice.evidence[0]?.text).toBe('2 background requests for $0.03 after the first $0.04');
  });
});

describe('amounts', () => {
  test('of a model without a list price are null, never zero', async () => {
    const model = 'house-model';
    const answer = await advise([talk(NINE, { model, read: 0, written: 80_000 }), talk(NINE + 20 * MINUTE, { model, read: 0, written: 80_000 })]);
    expect(answer.saved_usd).toBeNull();
    expect(found(answer, 'cache_rebuilds')).toMatchObject({ saved_usd: null, unknown: [{ requests: 1, reason: 'The model has no list price.' }] });
    expect(answer.users).toMatchObject([{ user: 'ada', saved_usd: null }]);
  });

  test('are those of a contract where requests cost less than list price, and never more than list price', async () => {
    const pair = (session: string, part: (list: bigint) => bigint): Entry[] =>
      [NINE, NINE + 20 * MINUTE].map((atMs) => {
        const entry = talk(atMs, { session, input: 0, output: 0, read: 0, written: 100_000 });
        return { ...entry, cost: part(entry.listCost) };
      });
    const answer = await advise([...pair('half', (list) => list / 2n), ...pair('with a fee', (list) => list + 10n ** 12n)]);
    const { evidence } = found(answer, 'cache_rebuilds');
    expect(evidence.map(({ session_id, saved_usd }) => [session_id, saved_usd])).toEqual([
      ['with a fee', '0.48'],
      ['half', '0.24'],
    ]);
  });

  test('of two time ranges add up to those of both', async () => {
    const entries = [0, 1, 2, 3].map((index) => talk(NINE + index * 20 * MINUTE, { read: 0, written: 50_000 + index * 1_000 }));
    await asked.append(...entries);
    const saved = async (words: string): Promise<unknown> => (await asked.put(ADVICE, words)).saved_usd;
    expect(await saved('from=2026-11-20&to=2026-11-21')).toBe('0.7344');
    expect(await saved('from=2026-11-20&to=2026-11-20T09:30:00Z')).toBe('0.24');
    expect(await saved('from=2026-11-20T09:30:00Z&to=2026-11-21')).toBe('0.4944');
  });
});
