/** Four reports of one organization: each brings what it has, to the last digit, and together they agree. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { IMPORT_SOURCES } from '../../collector/config/imports.ts';
import { daysOf } from '../../collector/imports/days.ts';
import type { StatementColumn } from '../../collector/imports/statements.ts';
import { type Fact, factsOf, sum, tokensOf } from '../support/imports/facts.ts';
import { seededRandom } from '../support/random.ts';
import { ALL, type Importing, importing } from './importing.ts';

const DAYS = daysOf({ from: '2026-10-29', to: '2026-11-28' });
const random = seededRandom('imported facts');
let at: Importing;
let facts: readonly Fact[];
beforeEach(async () => {
  at = await importing();
  facts = factsOf(random, DAYS, 40);
  at.api.facts = facts;
  at.api.pageSize = 7;
});
afterEach(() => at.stop());

const sums = async (by: readonly StatementColumn[], source: string) =>
  new Map((await at.store.sums({ ...ALL, by, sources: [source] })).map(({ key, totals }) => [key.join(' '), totals]));
const grouped = (of: readonly Fact[], key: (fact: Fact) => string) => [...Map.groupBy(of, key)];

test.each(IMPORT_SOURCES.filter((source) => /anthropic|claude-code/.test(source)))('%s brings thirty days, each with its own', async (source) => {
  expect(await at.run(source)).toMatchObject({ outcome: 'done', days: { new: 30, same: 0 }, failed: [], remarks: [] });
  expect((await at.store.days(ALL)).map(({ day, isComplete }) => [day, isComplete])).toEqual(
    DAYS.map((day) => [day, source !== 'anthropic-analytics' || day < '2026-11-27']),
  );
});

test('the usage report: tokens by workspace, key, account, model, class and tier', async () => {
  await at.run('anthropic-usage');
  expect((await sums([], 'anthropic-usage')).get('')).toEqual({
    billed: undefined,
    list: undefined,
    estimated: undefined,
    tokens: tokensOf(facts),
    requests: undefined,
  });
  const byUser = await sums(['day', 'user', 'model'], 'anthropic-usage');
  for (const [key, own] of grouped(facts, ({ day, user, model }) => `${day} ${user === null ? '' : `user_${user}`.toLowerCase()} ${model}`)) {
    expect([key, byUser.get(key)?.tokens]).toEqual([key, tokensOf(own)]);
  }
  const byClass = await sums(['tokenClass', 'contextWindow', 'speed'], 'anthropic-usage');
  expect(byClass.get('cache_write_1h 200k-1M fast')?.tokens).toBe(
    tokensOf(facts.filter(({ type, context, speed }) => type.includes('1h') && context === '200k-1M' && speed === 'fast')),
  );
});

test('the cost report: every digit of every amount in cents', async () => {
  await at.run('anthropic-cost');
  expect((await sums([], 'anthropic-cost')).get('')?.billed).toBe(sum(facts, ({ billed }) => billed));
  const byModel = await sums(['day', 'workspace', 'model', 'serviceTier'], 'anthropic-cost');
  for (const [key, own] of grouped(facts, ({ day, workspace, model, tier }) => `${day} ${workspace ?? ''} ${model} ${tier}`)) {
    expect([key, byModel.get(key)?.billed]).toEqual([key, sum(own, ({ billed }) => billed)]);
  }
});

test('the analytics: billed, list, tokens and requests in the same lines', async () => {
  await at.run('anthropic-analytics');
  expect((await sums([], 'anthropic-analytics')).get('')).toEqual({
    ...{ billed: sum(facts, ({ billed }) => billed), list: sum(facts, ({ list }) => list), estimated: undefined },
    ...{ tokens: tokensOf(facts), requests: BigInt(facts.length) },
  });
  const byClass = await sums(['day', 'user', 'product', 'tokenClass'], 'anthropic-analytics');
  const nameOf = ({ user }: Fact): string => (user ?? '').toLowerCase();
  for (const [key, own] of grouped(
    facts.filter(({ type }) => type === 'output_tokens'),
    (fact) => `${fact.day} ${nameOf(fact)} ${fact.product} output`,
  )) {
    const { billed, list, tokens } = byClass.get(key) ?? {};
    expect([key, billed, list, tokens]).toEqual([key, sum(own, (fact) => fact.billed), sum(own, (fact) => fact.list), tokensOf(own)]);
  }
});

test('the analytics by other dimensions: no sum is another', async () => {
  await at.run('anthropic-analytics', { config: { group_by: ['api_key_id', 'context_window', 'inference_geo', 'service_tier', 'model'] } });
  expect((await sums([], 'anthropic-analytics')).get('')?.billed).toBe(sum(facts, ({ billed }) => billed));
  expect((await sums(['apiKey', 'inferenceGeo'], 'anthropic-analytics')).get('apikey_1 us')?.list).toBe(
    sum(
      facts.filter(({ key, geo }) => key === 'apikey_1' && geo === 'us'),
      ({ list }) => list,
    ),
  );
});

test('Claude Code Analytics: an estimate by user and model, never billed', async () => {
  await at.run('claude-code-analytics');
  const own = facts.filter(({ product, user, key }) => product === 'claude_code' && (user !== null || key !== null));
  const { billed, list, estimated, tokens } = (await sums([], 'claude-code-analytics')).get('') ?? {};
  expect([billed, list, tokens]).toEqual([undefined, undefined, tokensOf(own)]);
  // Numbers of JSON have sixteen digits; amounts here have up to thirteen.
  expect(estimated).toBe(sum(own, (fact) => fact.list));
  expect([...(await sums(['user', 'costType'], 'claude-code-analytics')).keys()]).toEqual([
    ' api',
    'ada@example.com subscription',
    'bob@example.com subscription',
  ]);
});

describe('names behind ids', () => {
  const wanted = { from: '2026-11-20', to: '2026-11-20' };
  beforeEach(() => {
    at.api.lists = {
      workspaces: ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id: `wrkspc_${id}`, name: `Team ${id}` })),
      users: [
        { id: 'user_1', email: 'Ada@Example.com', name: 'Ada' },
        { id: 'user_2', email: null },
      ],
      api_keys: [
        { id: 'apikey_1', name: 'ci', principal: { type: 'user_actor', user_id: 'user_1' } },
        { id: 'apikey_2', name: 'shared', principal: null },
        { id: 'apikey_3', name: 'robot', principal: { type: 'service_account_actor', service_account_id: 'svac_1' } },
      ],
    };
  });

  test.each(['anthropic-cost', 'anthropic-usage', 'anthropic-analytics'] as const)(
    'are read with %s: workspaces, users, and whom a key acts as',
    async (source) => {
      await at.run(source, { wanted });
      expect([...(await at.store.names('workspace'))].map(([, name]) => name)).toEqual(['Team a', 'Team b', 'Team c', 'Team d', 'Team e']);
      expect([...(await at.store.names('user')), ...(await at.store.names('keyOwner'))]).toEqual([
        ['user_1', 'ada@example.com'],
        ['apikey_1', 'ada@example.com'],
      ]);
      at.api.lists = { workspaces: [{ id: 'wrkspc_a', name: 'Renamed' }] };
      await at.run(source, { wanted });
      expect([(await at.store.names('workspace')).get('wrkspc_a'), (await at.store.names('workspace')).size]).toEqual(['Renamed', 5]);
    },
  );

  test('are not read as a dry run', async () => {
    await at.run('anthropic-cost', { wanted, isTrial: true });
    expect((await at.store.names('workspace')).size).toBe(0);
  });

  test('are a help alone: an import without them is done, and says so', async () => {
    at.api.lists = undefined;
    const { outcome, remarks } = await at.run('anthropic-cost', { wanted });
    expect([outcome, remarks]).toEqual(['done', [expect.stringMatching(/^Names behind ids could not be read: .*403: an Admin key is required$/)]]);
  });
});

test('what nobody documents is kept in the provider’s words, counted, and never lost', async () => {
  at.api.facts = facts.slice(0, 3).map((fact) => ({ ...fact, day: '2026-11-01', tier: 'warp', model: 'claude-novel-7', geo: 'moon' }));
  at.api.changeRow = (row) => ({ ...row, brand_new: { nested: [1] }, thinking_tokens: 5 });
  const summary = await at.run('anthropic-usage', { wanted: { from: '2026-11-01', to: '2026-11-01' } });
  expect(summary.remarks.join('\n')).toMatch(/Unknown service_tier "warp", kept as it is \(\d+ lines?\)/);
  expect(summary.remarks.join('\n')).toMatch(/Unknown inference_geo "moon"/);
  expect(summary.remarks.join('\n')).toMatch(/Unknown class of tokens thinking_tokens, not stored/);
  expect([...(await sums(['serviceTier', 'model', 'inferenceGeo'], 'anthropic-usage')).keys()]).toEqual(['warp claude-novel-7 moon']);
  expect((await sums([], 'anthropic-usage')).get('')?.tokens).toBe(tokensOf(at.api.facts));
});

describe('a page that is not as documented', () => {
  test.each([
    ['an amount that is none', { amount: 'a lot' }],
    ['an amount that is too large', { amount: '99999999999999' }],
    ['another currency', { currency: 'EUR' }],
    ['a number for text', { model: 7 }],
  ])('%s: its day is named and stays as it was, the others are read', async (_, change) => {
    await at.run('anthropic-cost');
    const before = await at.store.sums({ ...ALL, by: ['day'] });
    at.api.changeRow = (row, url) => (url.searchParams.get('starting_at')?.startsWith('2026-11-20') ? { ...row, ...change } : row);
    const summary = await at.run('anthropic-cost');
    expect(summary).toMatchObject({ outcome: 'failed', days: { same: 29 }, failed: [{ day: '2026-11-20' }], error: undefined });
    expect(summary.failed[0]?.error.message).toMatch(/is not understood: .*cost_report on 2026-11-20|is not understood: an amount/);
    expect(await at.store.sums({ ...ALL, by: ['day'] })).toEqual(before);
    at.api.changeRow = (row) => row;
    expect(await at.run('anthropic-cost')).toMatchObject({ outcome: 'done', days: { same: 30 } });
  });

  test('no bucket for the day is no empty day', async () => {
    at.api.interfere = () => ({ status: 200, body: { data: [], has_more: false, next_page: null } });
    const summary = await at.run('anthropic-usage', { wanted: { from: '2026-11-20', to: '2026-11-21' } });
    expect([summary.failed.length, await at.store.days(ALL)]).toEqual([2, []]);
  });

  test('a row of another day', async () => {
    at.api.changeRow = (row) => ({ ...row, starting_at: '2026-11-01T00:00:00Z', date: '2026-11-01T00:00:00Z' });
    for (const source of ['anthropic-analytics', 'claude-code-analytics'] as const) {
      expect(await at.run(source, { wanted: { from: '2026-11-20', to: '2026-11-20' } })).toMatchObject({ failed: [{ day: '2026-11-20' }] });
    }
  });

  test('a row that is there twice is counted once, and said', async () => {
    const wanted = { from: '2026-11-20', to: '2026-11-20' };
    const row = { date: '2026-11-20', actor: { type: 'user_actor', email_address: 'ada@example.com' }, customer_type: 'api' };
    const model = { model: 'claude-opus-5-5', tokens: { input: 5, output: 0, cache_read: 0, cache_creation: 0 }, estimated_cost: null };
    const rows = [
      { ...row, model_breakdown: [model] },
      { ...row, model_breakdown: [model] },
      { ...row, is_remote: true, model_breakdown: [model] },
    ];
    at.api.interfere = () => ({ status: 200, body: { data: rows, has_more: false } });
    const summary = await at.run('claude-code-analytics', { wanted });
    expect(summary).toMatchObject({ totals: { tokens: 10n, estimated: undefined }, remarks: ['The same row twice, counted once (1 line).'] });
  });

  test('a page that is there twice is counted once, also where its rows differ in their amounts alone', async () => {
    const row = { date: '2026-11-20', actor: { type: 'user_actor', email_address: 'ada@example.com' }, customer_type: 'api' };
    const rowOf = (input: number) => ({
      ...row,
      model_breakdown: [{ model: 'claude-opus-5-5', tokens: { input, output: 0, cache_read: 0, cache_creation: 0 }, estimated_cost: null }],
    });
    at.api.interfere = () => ({ status: 200, body: { data: [rowOf(5), rowOf(7), rowOf(5), rowOf(7)], has_more: false } });
    expect(await at.run('claude-code-analytics', { wanted: { from: '2026-11-20', to: '2026-11-20' } })).toMatchObject({
      totals: { tokens: 12n },
      remarks: ['Rows that differ in their amounts alone, added up (1 line).', 'The same row twice, counted once (2 lines).'],
    });
  });
});
