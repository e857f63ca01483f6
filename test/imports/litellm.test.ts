/** Spend logs of a LiteLLM proxy: whose a key is, what tokens are, and sums against an oracle that adds row by row. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LitellmImportConfig } from '../../collector/config/imports.ts';
import { parseUsd } from '../../collector/core/money.ts';
import type { StatementColumn } from '../../collector/imports/statements.ts';
import { LITELLM_KEY, LitellmStandIn, type SpendRow } from '../support/imports/litellm.ts';
import { seededRandom } from '../support/random.ts';
import { ALL, type Importing, importing, type RunOptions } from './importing.ts';

const SOURCE = 'litellm';
let at: Importing;
let proxy: LitellmStandIn;
beforeEach(async () => {
  at = await importing();
  proxy = await new LitellmStandIn().start();
});
afterEach(async () => {
  await proxy.stop();
  await at.stop();
});

const WANTED = { from: '2026-11-26', to: '2026-11-27' };
const run = (config: Partial<LitellmImportConfig> = {}, more: RunOptions = {}) =>
  at.run(SOURCE, {
    ...{ wanted: WANTED, config: { url: proxy.url, ...config }, world: { env: { LEDGERLINE_LITELLM_KEY: LITELLM_KEY } } },
    ...more,
  });
const sums = async (by: readonly StatementColumn[]) =>
  Object.fromEntries((await at.store.sums({ ...ALL, by, sources: [SOURCE] })).map(({ key, totals }) => [key.join(' '), totals]));

let number = 0;
/** Without cached tokens. */
const rowOf = (fields: Partial<SpendRow> = {}): SpendRow => ({
  ...{ request_id: `chatcmpl-${number++}`, call_type: 'anthropic_messages', api_key: 'a'.repeat(64), spend: 0.0125, total_tokens: 1_100 },
  ...{ prompt_tokens: 1_000, completion_tokens: 100, startTime: '2026-11-26T08:00:00.123000Z', endTime: '2026-11-26T08:00:09Z' },
  ...{ model: 'claude-opus-5-5', model_group: 'opus', custom_llm_provider: 'anthropic', user: 'ada@example.com', team_id: 'team-1' },
  ...{ cache_hit: 'False', status: 'success', metadata: { user_api_key_alias: 'ada-laptop' }, ...fields },
});

const MODELS = ['claude-opus-5-5', 'anthropic/claude-sonnet-5-5-20261001', 'bedrock/us.anthropic.claude-haiku-5-5-20261001-v1:0'];
const NAMES = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];

describe('spend logs', () => {
  test('of many pages come to the sums of their rows, to the last digit', async () => {
    const random = seededRandom('spend logs');
    const rows = Array.from({ length: 11_500 }, (_, index): SpendRow & { index: number; cached: number; written: number; input: number } => {
      const [input, cached, written] = [random.below(10_000), random.below(100_000), random.below(5_000)];
      const usage_object = {
        ...{ cache_read_input_tokens: cached, cache_creation_input_tokens: written },
        prompt_tokens_details: {
          ...{ text_tokens: input, cached_tokens: cached, cache_creation_tokens: written },
          cache_creation_token_details: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: written },
        },
      };
      const startTime = new Date(Date.parse('2026-11-26T00:00:00Z') + Math.floor((index / 11_500) * 24 * 3_600_000)).toISOString();
      return {
        ...rowOf({ startTime, model: MODELS[index % 3], metadata: { usage_object }, user: random.pick(['Ada@Example.com', 'bob', null]) }),
        ...{ prompt_tokens: input + cached + written, completion_tokens: 7, spend: Number(`0.${random.below(10 ** 9)}`) },
        ...{ index, cached, written, input },
      };
    });
    proxy.rows = rows;
    expect(await run()).toMatchObject({ outcome: 'done', days: { new: 2 }, failed: [], remarks: [] });
    const total = (of: (row: (typeof rows)[number]) => bigint): bigint => rows.reduce((sum, row) => sum + of(row), 0n);
    const { '': all } = await sums([]);
    expect(all).toEqual({
      ...{ billed: undefined, list: undefined, estimated: total(({ spend }) => parseUsd(String(spend)) ?? -1n), requests: 11_500n },
      tokens: total(({ prompt_tokens: prompt }) => BigInt(Number(prompt) + 7)),
    });
    expect(Object.entries(await sums(['tokenClass'])).map(([name, { tokens }]) => [name, tokens])).toEqual([
      ['', undefined],
      ['cache_read', total(({ cached }) => BigInt(cached))],
      ['cache_write_1h', total(({ written }) => BigInt(written))],
      ['input', total(({ input }) => BigInt(input))],
      ['output', 11_500n * 7n],
    ]);
    for (const [index, model] of NAMES.entries()) {
      const own = rows.filter((row) => row.index % 3 === index);
      expect((await sums(['model']))[model]?.tokens).toBe(own.reduce((sum, row) => sum + BigInt(Number(row.prompt_tokens) + 7), 0n));
    }
    expect(Object.keys(await sums(['user']))).toEqual(['', 'ada@example.com', 'bob']);
    expect(Object.keys(await sums(['region']))).toEqual(['', 'us']);
  });

  test('the same again is the same; rows that are written late revise their day', async () => {
    proxy.rows = [rowOf(), rowOf({ startTime: '2026-11-27T23:59:59.900Z' })];
    expect(await run()).toMatchObject({ days: { new: 2 }, lines: 6 });
    expect(await run()).toMatchObject({ days: { same: 2, revised: 0 } });
    proxy.rows = [...proxy.rows, rowOf({ spend: '1e-7', request_id: 'late' })];
    expect(await run()).toMatchObject({ days: { same: 1, revised: 1 }, revised: [{ day: '2026-11-26', after: { estimated: 12_500_100_000n } }] });
  });

  test('a row that moves to another page while pages are read counts once', async () => {
    proxy.rows = Array.from({ length: 2_500 }, (_, index) => rowOf({ startTime: new Date(Date.parse('2026-11-26') + index * 1_000).toISOString() }));
    proxy.onRequest = () => {
      if (proxy.received.length === 2) proxy.rows = [rowOf({ startTime: '2026-11-26T00:00:00Z' }), ...proxy.rows];
    };
    expect(await run()).toMatchObject({ remarks: ['The same row twice, counted once (1 line).'] });
    expect((await sums([]))['']?.requests).toBe(2_500n);
  });

  test('ask for the oldest first, a thousand at once, as the proxy wants its days', async () => {
    await run();
    expect(proxy.received.map(({ searchParams }) => Object.fromEntries(searchParams))[0]).toEqual({
      ...{
        start_date: '2026-11-26 00:00:00',
        end_date: '2026-11-27 00:00:00',
        page: '1',
        page_size: '1000',
        sort_by: 'startTime',
        sort_order: 'asc',
      },
    });
  });
});

describe('whose a row is', () => {
  test('the configuration goes before the address in metadata, and that before the user of the row', async () => {
    const metadata = { user_api_key_alias: 'ci', user_api_key_user_email: 'Bob@Example.com', user_api_key_team_alias: 'Payments' };
    proxy.rows = [
      rowOf({ metadata }),
      rowOf({ metadata: JSON.stringify({ ...metadata, user_api_key_alias: 'other' }) }),
      rowOf({ metadata: {}, api_key: 'b'.repeat(64) }),
      rowOf({ metadata: null, user: '', team_id: null, api_key: 'f'.repeat(64) }),
    ];
    await run({ keys: { ci: { user: 'Build@Example.com', team: 'Platform' }, ['f'.repeat(64)]: { user: 'eve' } } });
    expect(Object.keys(await sums(['user', 'workspace', 'apiKey'])).sort()).toEqual([
      `ada@example.com team-1 ${'b'.repeat(64)}`,
      'bob@example.com Payments other',
      'build@example.com Platform ci',
      `eve  ${'f'.repeat(64)}`,
    ]);
  });

  test('a key with a name of an object is nobody special', async () => {
    proxy.rows = [rowOf({ metadata: { user_api_key_alias: 'constructor' } }), rowOf({ metadata: { user_api_key_alias: '__proto__' } })];
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(Object.keys(await sums(['user', 'apiKey']))).toEqual(['ada@example.com __proto__', 'ada@example.com constructor']);
  });

  test.each([
    ['bedrock_converse', 'bedrock'],
    ['vertex_ai-anthropic_models', 'vertex'],
    ['azure_ai', 'foundry'],
    ['openrouter', 'openrouter'],
    [null, ''],
  ])('provider %s is %s', async (given, expected) => {
    proxy.rows = [rowOf({ custom_llm_provider: given })];
    await run();
    expect(Object.keys(await sums(['provider']))).toEqual([expected]);
  });
});

describe('tokens', () => {
  const classes = async (fields: Partial<SpendRow>) => {
    proxy.rows = [rowOf(fields)];
    const { remarks } = await run();
    const tokens = Object.entries(await sums(['tokenClass'])).flatMap(([name, { tokens: of }]) => (of === undefined ? [] : [[name, Number(of)]]));
    return { tokens: Object.fromEntries(tokens), remarks };
  };
  const additional = (read: number, written: number) => ({
    metadata: { additional_usage_values: { cache_read_input_tokens: read, cache_creation_input_tokens: written } },
  });

  test('without anything cached are what they are', async () => {
    expect(await classes({})).toEqual({ tokens: { input: 1_000, output: 100 }, remarks: [] });
  });
  test('that are cached are taken out of prompt tokens, and it is said that this is assumed', async () => {
    expect(await classes(additional(700, 200))).toEqual({
      tokens: { input: 100, output: 100, cache_read: 700, cache_write: 200 },
      remarks: [expect.stringMatching(/^Cached tokens taken as part of prompt_tokens.* \(1 line\)\.$/)],
    });
  });
  test('that are more than prompt tokens can be no part of them', async () => {
    expect(await classes(additional(5_000, 0))).toEqual({
      tokens: { input: 1_000, output: 100, cache_read: 5_000 },
      remarks: ['Cached tokens that are no part of prompt_tokens (1 line).'],
    });
  });
  test('of text prove it, either way', async () => {
    const usage = (text: number) => ({
      metadata: { usage_object: { cache_read_input_tokens: 700, prompt_tokens_details: { cached_tokens: 700, text_tokens: text } } },
    });
    expect(await classes(usage(300))).toEqual({ tokens: { input: 300, output: 100, cache_read: 700 }, remarks: [] });
    expect(await classes(usage(1_000))).toMatchObject({ tokens: { input: 1_000, cache_read: 700 }, remarks: [expect.stringMatching(/no part/)] });
  });
  test("of an answer from LiteLLM's own cache are none", async () => {
    expect(await classes({ cache_hit: 'True', spend: 0 })).toMatchObject({ tokens: {}, remarks: [expect.stringMatching(/own cache/)] });
  });
});

describe('rows that are not wanted, or not understood', () => {
  test('of other models are counted by name and left out, unless they are asked for', async () => {
    proxy.rows = [
      rowOf(),
      rowOf({ model: 'gpt-9', model_group: 'gpt' }),
      rowOf({ model: 'gpt-9' }),
      rowOf({ model: null, model_group: '\u001b[31mx' }),
    ];
    expect(await run()).toMatchObject({
      outcome: 'done',
      remarks: ['Other models, left out: gpt-9 (2 lines).', expect.not.stringContaining('\u001b')],
    });
    expect(Object.keys(await sums(['model']))).toEqual(['claude-opus-5-5']);
    expect(await run({ other_models: true })).toMatchObject({ remarks: [] });
    expect(Object.keys(await sums(['model']))).toContain('gpt-9');
  });

  test('are counted, named and left out', async () => {
    proxy.rows = [
      rowOf(),
      ...[{ spend: -1e30 }, { spend: 'much' }, { spend: null }, { prompt_tokens: -5 }, { prompt_tokens: 1e300 }, { completion_tokens: 'x' }].map(
        rowOf,
      ),
      // A row, as far as the type goes.
      ...([7, null, { startTime: '2026-11-26T01:00:00Z' }] as unknown as SpendRow[]).map((row) =>
        Object.assign(Object(row), { startTime: '2026-11-26T01:00:00Z' }),
      ),
    ];
    const { outcome, remarks } = await run();
    expect({ outcome, remarks }).toEqual({
      outcome: 'done',
      remarks: [
        'Broken rows of 2026-11-26, left out: it is no object (1 line).',
        'Broken rows of 2026-11-26, left out: request_id (2 lines).',
        'Broken rows of 2026-11-26, left out: spend or startTime (3 lines).',
        'Broken rows of 2026-11-26, left out: prompt_tokens (2 lines).',
        'Broken rows of 2026-11-26, left out: completion_tokens (1 line).',
      ],
    });
    expect((await sums([]))['']?.requests).toBe(1n);
  });

  test('a proxy that is asked too often is waited for, and its key is in no message', async () => {
    proxy.rows = [rowOf()];
    proxy.interfere = (count) => (count === 1 ? { status: 429, retryAfter: '7' } : count === 2 ? { status: 503 } : undefined);
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(at.pauses).toEqual([7_000, 2_000]);
    const refused = await run({}, { world: { env: { LEDGERLINE_LITELLM_KEY: 'sk-another' } } });
    expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'unauthenticated', hint: expect.stringMatching(/The key was rejected/) } });
    expect(JSON.stringify(refused, (_, value) => (typeof value === 'bigint' ? String(value) : value)) + refused.error?.message).not.toContain(
      'sk-another',
    );
  });
});
