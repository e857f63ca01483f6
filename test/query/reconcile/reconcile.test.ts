/** The question, over a real ledger and real statements. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadDirectory } from '../../../collector/directory/load.ts';
import type { KnownName } from '../../../collector/imports/names.ts';
import { closeChecks } from '../../../collector/query/reconcile/close-checks.ts';
import { RECONCILE } from '../../../collector/query/reconcile.ts';
import { openStatementStore, readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { event, usd } from '../../support/entries.ts';
import { bring, type LineOfDay } from '../../support/statements.ts';
import { openQuestioned, type Questioned } from '../put-question.ts';
import { ENTRIES, LINES, NOVEMBER_14, OCTOBER_5, OF_NOVEMBER } from './month.ts';

const DAYS = Array.from({ length: 31 }, (_, index) => `2026-10-${String(index + 1).padStart(2, '0')}`);

let bare: Questioned;
let whole: Questioned;

async function open(hasStatements: boolean, lines = LINES, names: readonly KnownName[] = []): Promise<Questioned> {
  const questioned = await openQuestioned(NOVEMBER_14, { reconcile: { users: { 'key-7': 'bob@example.com' } } });
  await questioned.append(...ENTRIES);
  if (!hasStatements) return questioned;
  const file = join(dirname(questioned.ledger.file), 'statements.sqlite');
  await bring(file, 'anthropic-analytics', lines, { days: DAYS });
  const store = openStatementStore(file);
  await store.putNames(names);
  await store.close();
  const asking = { ...questioned.asking, statements: () => readStatements(file) };
  return {
    ...questioned,
    asking,
    async put(question, words = '') {
      const { answer } = await question.respond({ parameters: new URLSearchParams(words) }, asking);
      question.answer.parse(answer);
      return answer;
    },
  };
}

beforeAll(async () => {
  [bare, whole] = [await open(false), await open(true)];
});
afterAll(async () => {
  await bare.close();
  await whole.close();
});

const stepsOf = ({ steps }: { readonly steps: readonly { readonly cause: string; readonly amount_usd: string }[] }) =>
  Object.fromEntries(steps.map(({ cause, amount_usd }) => [cause, amount_usd]));

describe('with statements', () => {
  test('every difference has its cause, to the last digit', async () => {
    const answer = await whole.put(RECONCILE, 'month=2026-10');
    expect(answer).toMatchObject({ reported_usd: '15.40', list_usd: '14.00', billed_usd: '14.66', remainder_usd: '0.00', covered_usd: '2.00' });
    expect(stepsOf(answer)).toEqual({
      metrics_alone: '-0.80',
      price_date: '-0.60',
      covered: '-2.00',
      metrics_counted: '0.80',
      missing_telemetry: '1.00',
      agreed_discount: '-0.69',
      server_tools: '0.30',
      other_products: '1.25',
    });
    expect(answer.sources).toEqual([
      {
        ...{ biller: 'anthropic', billed: { 'anthropic-analytics': 31 }, counted: { 'anthropic-analytics': 31 } },
        ...{ missing_billed_days: 0, missing_counted_days: 0, provisional_days: 0 },
        accounts: [{ account: '', missing_billed_days: 0, missing_counted_days: 0 }],
      },
    ]);
    expect(answer.missing).toEqual([]);
  });

  test('rows are by what is asked for, and add up', async () => {
    const answer = await whole.put(RECONCILE, 'month=2026-10&by=model');
    const found = answer.rows.map(({ model, reported_usd, billed_usd }) => [model, reported_usd, billed_usd]);
    // None has a remainder: the largest distance between list and bill comes first.
    expect(found).toEqual([
      ['claude-sonnet-5-5', '0.00', '1.25'],
      ['claude-opus-5-5', '15.40', '13.11'],
      ['unknown', '0.00', '0.30'],
    ]);
  });

  test('users are as complete as their telemetry is, the worst first', async () => {
    const { completeness } = await whole.put(RECONCILE, 'month=2026-10');
    expect(completeness.user_sources).toEqual(['anthropic-analytics']);
    expect(completeness.silent_users).toBe(1);
    expect(completeness.users.map(({ name, cost_ratio, is_silent }) => [name, cost_ratio, is_silent])).toEqual([
      ['dora@example.com', 0, true],
      ['alice@example.com', 1, false],
      ['bob@example.com', 1, false],
    ]);
  });

  test('days that no record is about make nobody more complete', async () => {
    const later = await open(true);
    await later.append(OF_NOVEMBER);
    const [october, more] = [await later.put(RECONCILE, 'month=2026-10'), await later.put(RECONCILE, 'from=2026-10-01&to=2026-11-04')];
    await later.close();
    expect(Number(more.reported_usd)).toBeGreaterThan(Number(october.reported_usd));
    expect(more.completeness).toEqual(october.completeness);
  });

  test('ids of the provider are compared by the names behind them', async () => {
    const byId = LINES.map((line) => ({
      ...line,
      ...(line.workspace !== undefined && { workspace: 'wrkspc_1' }),
      ...(line.user === 'alice@example.com' && { user: 'user_1' }),
      ...(line.user === 'bob@example.com' && { user: undefined, apiKey: 'apikey_9' }),
    }));
    const named = await open(true, byId, [
      { kind: 'workspace', id: 'wrkspc_1', name: 'API' },
      { kind: 'user', id: 'user_1', name: 'alice@example.com' },
      { kind: 'keyOwner', id: 'apikey_9', name: 'bob@example.com' },
    ]);
    const [answer, expected] = [await named.put(RECONCILE, 'month=2026-10'), await whole.put(RECONCILE, 'month=2026-10')];
    await named.close();
    expect(answer.completeness).toEqual(expected.completeness);
    expect([stepsOf(answer), answer.unmapped_workspaces]).toEqual([stepsOf(expected), expected.unmapped_workspaces]);
  });

  test('what a user does with other products takes nothing from the completeness of Claude Code', async () => {
    const chat = {
      day: '2026-10-05',
      user: 'alice@example.com',
      product: 'chat',
      model: 'claude-sonnet-5-5',
      tokenClass: 'output',
      tokens: 9_000_000,
    };
    const other = await open(true, [...LINES, { ...chat, billed: usd('90.00'), list: usd('90.00') }]);
    const [answer, expected] = [await other.put(RECONCILE, 'month=2026-10'), await whole.put(RECONCILE, 'month=2026-10')];
    await other.close();
    expect(answer.completeness.users).toEqual(expected.completeness.users);
  });

  test('a user is one under all names, also where the names were merged after the import', async () => {
    const merges = [{ id: 1, atMs: NOVEMBER_14, who: 'admin', alias: 'dora@example.com', user: 'alice@example.com' }];
    const directory = () => loadDirectory(whole.asking.config, { received: [], merges });
    const { answer } = await RECONCILE.respond({ parameters: new URLSearchParams('month=2026-10') }, { ...whole.asking, directory });
    expect(answer.completeness).toMatchObject({ silent_users: 0, users: [{ name: 'alice@example.com' }, { name: 'bob@example.com' }] });
  });

  test('a reader of one team sees nothing of the bill', async () => {
    const asking = { ...whole.asking, scope: [{ dimension: 'team', values: ['platform'] }] as const };
    const { answer } = await RECONCILE.respond({ parameters: new URLSearchParams('month=2026-10') }, asking);
    expect(answer).toMatchObject({ billed_usd: null, imports: [], missing: [], findings: [{ code: 'bill_not_shown' }] });
  });
});

describe('a second organization', () => {
  const OF_LAB: LineOfDay = { day: '2026-10-07', workspace: 'api', model: 'claude-opus-5-5', tokenClass: 'output_tokens' };

  /** The bill of the first is whole; `more` brings that of the second. */
  async function ask(more: (file: string) => Promise<void>, imports: readonly object[] = [], ended_accounts = {}) {
    const questioned = await openQuestioned(NOVEMBER_14, { imports, reconcile: { ended_accounts } });
    await questioned.append(...ENTRIES);
    const file = join(dirname(questioned.ledger.file), 'statements.sqlite');
    await bring(file, 'anthropic-analytics', LINES, { days: DAYS });
    await more(file);
    const asking = { ...questioned.asking, statements: () => readStatements(file) };
    const { answer } = await RECONCILE.respond({ parameters: new URLSearchParams('month=2026-10') }, asking);
    await questioned.close();
    RECONCILE.answer.parse(answer);
    return answer;
  }

  test('is billed through the source that it has, whichever the first one has', async () => {
    const answer = await ask(async (file) => {
      await bring(file, 'anthropic-cost', [{ ...OF_LAB, billed: usd('2.00') }], { days: DAYS, account: 'lab' });
      await bring(file, 'anthropic-usage', [{ ...OF_LAB, tokens: 100_000 }], { days: DAYS, account: 'lab' });
    });
    expect(answer).toMatchObject({ billed_usd: '16.66', remainder_usd: '0.00', missing: [], findings: [] });
    expect(answer.sources).toMatchObject([{ billed: { 'anthropic-analytics': 31, 'anthropic-cost': 31 }, missing_billed_days: 0 }]);
  });

  test('that was billed nothing takes no tokens from the comparison', async () => {
    const alone = await ask(async () => undefined);
    const answer = await ask((file) => bring(file, 'anthropic-cost', [], { days: DAYS, account: 'lab' }));
    expect(answer.completeness).toEqual(alone.completeness);
    expect(answer.remainder_usd).toBe(alone.remainder_usd);
  });

  test('that begins later is not missed before, where files of the provider say what is billed', async () => {
    const answer = await ask(async (file) => {
      await bring(file, 'gcp-billing', [], { days: DAYS });
      await bring(file, 'gcp-billing', [], { days: ['2026-11-01'], account: 'new' });
    });
    expect(answer.missing).toEqual([]);
  });

  test('that lacks days is named with the import that brings them, and speaks against closing the month', async () => {
    const answer = await ask((file) =>
      bring(file, 'anthropic-cost', [{ ...OF_LAB, billed: usd('2.00') }], { days: DAYS.slice(0, 10), account: 'lab' }),
    );
    expect(answer.sources).toMatchObject([
      {
        ...{ missing_billed_days: 21, missing_counted_days: 31 },
        accounts: [
          { account: '', missing_billed_days: 0, missing_counted_days: 0 },
          { account: 'lab', missing_billed_days: 21, missing_counted_days: 31 },
        ],
      },
    ]);
    expect(answer.missing).toEqual([
      { message: 'What Anthropic bills is not known for 21 days of the account lab.', command: 'ledgerline import anthropic-cost --account lab' },
      { message: 'What Anthropic counted is not known for 31 days of the account lab.', command: 'ledgerline import anthropic-usage --account lab' },
    ]);
    expect(answer.findings).toMatchObject([
      { code: 'account_not_imported', remedy: '`ledgerline import anthropic-cost --account lab` brings them.' },
    ]);
    expect(closeChecks(answer, OCTOBER_5, NOVEMBER_14)[0]).toMatchObject({
      ...{ isGood: false, message: 'What Anthropic bills is not known for 21 days of the account lab.' },
      remedy: expect.stringContaining('`ledgerline import anthropic-cost --account lab`'),
    });
  });

  test.each([
    ['that had a record in another month', (file: string) => bring(file, 'anthropic-analytics', [], { days: ['2026-08-01'], account: 'lab' }), []],
    ['that is configured', async () => undefined, [{ source: 'anthropic-analytics', account: 'lab' }]],
  ])('%s is missed', async (_, more, imports) => {
    const { sources, missing } = await ask(more, imports);
    expect(sources).toMatchObject([{ missing_billed_days: 31, accounts: [{ account: '' }, { account: 'lab', missing_billed_days: 31 }] }]);
    // One import brings both.
    expect(missing).toMatchObject([{ command: 'ledgerline import anthropic-analytics --account lab' }]);
  });

  test('that has ended is missed up to its last day', async () => {
    const more = (file: string) => bring(file, 'anthropic-analytics', [], { days: ['2026-08-01'], account: 'lab' });
    expect((await ask(more, [], { lab: '2026-10-03' })).sources).toMatchObject([
      { missing_billed_days: 2, accounts: [{ account: '' }, { account: 'lab', missing_billed_days: 2 }] },
    ]);
    expect(await ask(more, [], { lab: '2026-09-01' })).toMatchObject({ missing: [], findings: [] });
  });

  test('that was merely tried is not missed', async () => {
    const answer = await ask(async (file) => {
      const store = openStatementStore(file);
      await store.beginRun({ source: 'anthropic-analytics', account: 'typo' }, { from: '2026-10-01', to: '2026-10-02' }, NOVEMBER_14);
      await store.close();
    });
    expect(answer.sources).toMatchObject([{ missing_billed_days: 0, accounts: [{ account: '' }] }]);
  });
});

describe('without statements', () => {
  test('what is billed is unknown, and the import that brings it is named', async () => {
    const answer = await bare.put(RECONCILE, 'month=2026-10');
    expect(answer).toMatchObject({ reported_usd: '15.40', list_usd: '14.00', billed_usd: null, remainder_usd: null, remainder_absolute_usd: null });
    expect(stepsOf(answer)).toEqual({ metrics_alone: '-0.80', price_date: '-0.60' });
    expect(answer.missing.map(({ command }) => command)).toEqual(['ledgerline import anthropic-analytics', 'ledgerline import anthropic-usage']);
  });

  test('days are whole, in UTC', async () => {
    const { range, time_zone } = await bare.put(RECONCILE, 'from=2026-10-05T06:00:00Z&to=2026-10-05T18:00:00Z');
    expect([range.from, range.to, time_zone]).toEqual(['2026-10-05T00:00:00.000Z', '2026-10-06T00:00:00.000Z', 'UTC']);
    await expect(bare.put(RECONCILE, 'tz=Europe/Berlin')).rejects.toThrow('tz=Europe/Berlin is not a parameter here');
    await expect(bare.put(RECONCILE, 'from=2024-01-01&to=2026-01-01')).rejects.toThrow('more than 400 days');
  });
});

describe('once October is closed', () => {
  let closed: Questioned;
  const NOVEMBER_3 = Date.parse('2026-11-03T10:00:00Z');
  beforeAll(async () => {
    closed = await openQuestioned(NOVEMBER_3 + 86_400_000);
    await closed.ledger.writer.append({ entries: ENTRIES, receivedMs: OCTOBER_5 });
    await closed.ledger.writer.closeMonth('2026-10', NOVEMBER_3);
    const late = event({ id: 'late', cost: '3.00', sessionId: 'late', timeMs: OCTOBER_5, dimensions: { workspace: 'api', price_basis: 'list' } });
    await closed.ledger.writer.append({ entries: [late], receivedMs: NOVEMBER_3 });
  });
  afterAll(() => closed.close());

  const LATE = { month: '2026-10', workspace: 'api', model: 'claude-opus-5-5', reported_usd: '3.00', list_usd: '3.00' };

  test('its figures stay, and what comes for it later is listed beside them', async () => {
    const answer = await closed.put(RECONCILE, 'month=2026-10');
    expect(answer).toMatchObject({
      reported_usd: '15.40',
      list_usd: '14.00',
      closed_months: [{ month: '2026-10', closed_at: '2026-11-03T10:00:00.000Z' }],
    });
    expect(answer.adjustments).toEqual([]);
    expect(answer.later_adjustments).toMatchObject([LATE]);
  });

  test('the open month has it, and names it on the way to its own bill', async () => {
    const file = join(dirname(closed.ledger.file), 'statements.sqlite');
    const bought = { day: '2026-11-03', workspace: 'api', model: 'claude-opus-5-5', product: 'claude_code' };
    await bring(file, 'anthropic-analytics', [{ ...bought, tokenClass: 'output_tokens', tokens: 50_000, list: usd('1.00'), billed: usd('1.00') }]);
    const asking = { ...closed.asking, statements: () => readStatements(file) };
    const { answer } = await RECONCILE.respond({ parameters: new URLSearchParams('month=2026-11') }, asking);
    expect(answer).toMatchObject({ reported_usd: '3.00', list_usd: '3.00', billed_usd: '1.00', remainder_usd: '0.00', adjustments: [LATE] });
    expect(stepsOf(answer)).toEqual({ closed_months: '-3.00', missing_telemetry: '1.00' });
    expect(answer).toMatchObject({ closed_months: [], later_adjustments: [] });
  });
});

describe('what is looked at before a month is closed', () => {
  const NOT_KNOWN = 'false The remainder is not known. Import what is billed first.';
  const RECORDED = ['true Every day has a record of what is billed.', 'true No record is provisional.'];
  const bill = (billed: string, day: string): LineOfDay => ({ day, model: 'claude-opus-5-5', billed: usd(billed) });
  const CREDITED = [bill('1.00', '2026-10-05'), bill('-1.00', '2026-10-06')];

  /** Of imports, what is provisional and the remainder; `lines` are what is billed, undefined where nothing was imported. */
  async function checked(hasSpend: boolean, lines: readonly LineOfDay[] | undefined): Promise<readonly string[]> {
    const questioned = await openQuestioned(NOVEMBER_14);
    if (hasSpend) await questioned.append(...ENTRIES);
    const file = join(dirname(questioned.ledger.file), 'statements.sqlite');
    if (lines !== undefined) await bring(file, 'anthropic-analytics', lines, { days: DAYS });
    const asking = { ...questioned.asking, statements: () => readStatements(file) };
    const { answer } = await RECONCILE.respond({ parameters: new URLSearchParams('month=2026-10') }, asking);
    await questioned.close();
    const checks = closeChecks(answer, OCTOBER_5, NOVEMBER_14).slice(0, 3);
    return checks.map(({ isGood, message, remedy }) => `${isGood} ${message} ${remedy}`.trim());
  }

  test('of a month of which nothing is known, nothing is said to be recorded', async () => {
    expect(await checked(false, undefined)).toEqual([
      'false Neither use nor a bill of the month is known. Import what is billed first, where there is any.',
      'true There is no record that could be provisional.',
      NOT_KNOWN,
    ]);
  });

  test('without an import no record is said to be final', async () => {
    expect((await checked(true, undefined)).slice(1)).toEqual(['true There is no record that could be provisional.', NOT_KNOWN]);
  });

  test.each([
    [false, 'no use and an empty bill', []],
    [true, 'use and an empty bill', []],
    [false, 'a bill that credits come up to', CREDITED],
  ])('with every day imported the remainder is known (use: %s), of %s', async (hasSpend, _, lines) => {
    expect(await checked(hasSpend, lines)).toEqual([...RECORDED, 'true 0.00 USD has no cause, of a bill of 0.00 USD.']);
  });

  test('what has no cause is said in dollars where the bill comes to nothing', async () => {
    expect(await checked(true, CREDITED)).toEqual([
      ...RECORDED,
      'false -12.00 USD has no cause, of a bill of 0.00 USD. `ledgerline reconcile` says on which days and models.',
    ]);
  });
});
