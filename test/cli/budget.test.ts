import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../collector/core/error.ts';
import type { BudgetAnswer, BudgetListAnswer } from '../../collector/query/budget-answers.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { type Outcome, outcome, printed } from './command.ts';

const NOW = NOON + 60_000;
const CONFIG = `
budgets:
  - name: platform
    scope: { team: platform }
    amount_usd: "1000.00"
    members:
      - { user: alice@example.com, amount_usd: "200.00" }
      - { user: bob@example.com, amount_usd: "150.00" }
  - { name: tokens, tokens: { amount: 20, classes: [output] }, period: day }
`;
const SPEND = [event({ id: '1', cost: '190' }), event({ id: '2', cost: '30', user: 'cleo@example.com' })];

let folder: string;
let local: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-budget-'));
  writeFileSync(join(folder, 'ledgerline.yaml'), CONFIG);
  local = ['--config', join(folder, 'ledgerline.yaml'), '--data', folder];
  const writer = await openWriter({ file: join(folder, 'ledger.sqlite'), timeZone: 'UTC', weekStart: 'monday' });
  await writer.append({ entries: SPEND, receivedMs: NOW });
  await writer.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const budget = (...args: string[]): Promise<string> => printed(['budget', ...args, ...local], { now: NOW });
const check = (...args: string[]): Promise<Outcome> => outcome(['budget', 'check', ...args, ...local], { now: NOW });

async function refusal(...args: string[]): Promise<string> {
  try {
    return await budget(...args);
  } catch (error) {
    if (error instanceof LedgerlineError) return `${error.message} ${error.hint}`;
    throw error;
  }
}

describe('ledgerline budget', () => {
  test('status has the most severe first, with what is left', async () => {
    const lines = (await budget('status')).split('\n');
    expect(lines.slice(2, 6).map((line) => line.split(/ {2,}/).slice(0, 6))).toEqual([
      ['tokens', 'over', '40 tok', '20 tok', '200.0 %', '-20 tok'],
      ['platform/alice@example.com', 'warning', '$190.00', '$200.00', '95.0 %', '$10.00'],
      ['platform', 'ok', '$220.00', '$1,000.00', '22.0 %', '$780.00'],
      ['platform/bob@example.com', 'ok', '$0.00', '$150.00', '0.0 %', '$150.00'],
    ]);
    expect(lines.slice(-2)).toEqual([
      'As of 2026-11-20T12:01:00.000Z (0 s ago).',
      '! "platform" counts user=bob@example.com, which has never spent anything; known: alice@example.com, cleo@example.com.',
    ]);
  });

  test('list has what is configured, show one budget with all that is known', async () => {
    expect(await budget('list')).toMatch(
      /platform\/bob@example\.com +team=platform, user=bob@example\.com +month +\$150\.00 .*100 % forecast +platform/,
    );
    const shown = await budget('show', 'platform');
    for (const part of [
      'month: 2026-11-01 to 2026-11-30 (UTC)',
      '$220.00, 22.0 %; $780.00 left',
      '$350.00 for members; $30.00 of the other $650.00 spent',
      'none. No spend in the 56 days before today',
    ]) {
      expect(shown).toContain(part);
    }
    // The ledger began within the period: what is not known of the one before is no zero.
    expect(shown).toMatch(/user +alice@example\.com +\$190\.00 +86\.3 % *\n/);
    const answer: BudgetAnswer = JSON.parse(await budget('show', 'platform', '--json'));
    expect(answer).toMatchObject({
      key: 'platform',
      origin: 'file',
      members: [{ key: 'platform/alice@example.com' }, { key: 'platform/bob@example.com' }],
    });
  });

  test('what is read is also CSV, JSON and chosen fields, on a file and on a narrow terminal', async () => {
    expect(await budget('list', '--fields', 'key,unit,base', '-o', 'csv', '-q')).toBe(
      'key,unit,base\r\nplatform,usd,1000.00\r\nplatform/alice@example.com,usd,200.00\r\nplatform/bob@example.com,usd,150.00\r\ntokens,tokens,20',
    );
    expect(JSON.parse(await budget('status', '--json', '--fields', 'key,state,remaining', '--compact'))).toContainEqual({
      key: 'platform/alice@example.com',
      state: 'warning',
      remaining: '10.00',
    });
    expect(await budget('show', 'platform', '--csv', '--fields', 'key,spent')).toContain('platform/alice@example.com,190.00');
    expect(await budget('history', 'platform', '--csv')).toBe('period_start,period_end,spent,limit,used_ratio,unit,time_zone');
    const file = join(folder, 'budgets.csv');
    expect(await budget('status', '-o', 'csv', '--out-file', file, '-q')).toBe('');
    expect(readFileSync(file, 'utf8')).toMatch(/^key,state,spent,limit,.*\r?\ntokens,over,40,20,2,/);
    for (const words of [['list'], ['status'], ['show', 'platform'], ['history', 'platform']]) {
      const text = await printed(['budget', ...words, ...local, '-q'], { now: NOW, columns: 60 });
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    }
  });

  test('check fails when something is used up, and says what', async () => {
    expect(await check('platform')).toEqual({
      text: expect.stringMatching(/^None of 3 budgets has reached 100 %\.\n! "platform" counts user=bob@example\.com/),
      code: 0,
    });
    expect((await check('platform/bob@example.com', '--at', '0.57')).text).toContain('None of 1 budgets has reached 57 %.');
    expect(await check('tokens', '--at', '10')).toEqual({ text: 'None of 1 budgets has reached 1000 %.', code: 0 });
    expect(await check()).toEqual({ text: expect.stringMatching(/^tokens +over/m), code: 1 });
    expect(await check('platform', '--at', '0.95')).toEqual({ text: expect.stringMatching(/^platform\/alice@example\.com/m), code: 1 });
  });

  test('set, raise and remove work beside the ledger, and history tells who did', async () => {
    await budget('set', 'extra', '--where', 'team:platform', '--where', 'team:data', '--amount', '250', '--period', 'rolling 7', '--warn-at', '0.5');
    expect(await budget('raise', 'extra', '--by', '50', '--until', '2026-11-21', '--why', 'release week')).toBe(
      '"extra" is raised by 50.00 until the end of 2026-11-21.',
    );
    const { budgets }: BudgetListAnswer = JSON.parse(await budget('status', '--json'));
    expect(budgets.find(({ key }) => key === 'extra')).toMatchObject({
      scope: 'team=platform|data',
      period: 'rolling 7 days',
      limit: '300.00',
      raised: '50.00',
      spent: '220.00',
    });
    const history = await budget('history', 'extra');
    expect(history).toMatch(/cli:\S+: budget raised \{"key":"extra","amount":"50\.00","from":"2026-11-20T12:01:00\.000Z".*"why":"release week"/);
    expect(await budget('remove', 'extra')).toBe('The budget "extra" is removed.');
    expect(await refusal('show', 'extra')).toContain('There is no budget "extra".');
    expect(await budget('history', 'extra')).toMatch(/extra has no periods of its own[\s\S]*budget removed[\s\S]*budget raised[\s\S]*budget set/);
  });

  test('a hard limit that stops nothing is told at once', async () => {
    const sentence =
      '"opus" has a hard limit that stops nothing: the guard goes by organization, team, user, workspace, repository and job, not by model.';
    const set = await budget('set', 'opus', '--where', 'model:claude-opus-5-5', '--amount', '5', '--hard-limit');
    expect(set).toBe(`The budget "opus" is set.\n! ${sentence}`);
    expect(await budget('check', 'opus')).toContain(sentence);
    expect(await printed(['doctor', ...local], { now: NOW })).toContain('Budgets have hard limits that stop nothing: "opus".');
    await budget('remove', 'opus');
  });

  test('a name that is spelt otherwise is told at once, and an address is one whatever its case', async () => {
    expect(await budget('set', 'typo', '--where', 'team:platfrom', '--amount', '5')).toBe(
      'The budget "typo" is set.\n! "typo" counts team=platfrom, which has never spent anything; did you mean "platform"?',
    );
    expect(await budget('check', 'typo')).toContain('did you mean "platform"?');
    const { notes }: BudgetListAnswer = JSON.parse(await budget('list', '--json'));
    expect(notes.map((note) => note.budget)).toEqual(['platform', 'typo']);
    expect(await printed(['doctor', ...local], { now: NOW })).toContain('"typo" counts team=platfrom');
    await budget('remove', 'typo');
    await budget('set', 'own', '--where', 'user:Alice@Example.com', '--amount', '300');
    const own: BudgetAnswer = JSON.parse(await budget('show', 'own', '--json'));
    expect(own).toMatchObject({ scope: 'user=alice@example.com', spent: '190.00' });
    await budget('remove', 'own');
    const member: BudgetAnswer = JSON.parse(await budget('show', 'platform/Alice@Example.com', '--json'));
    expect(member.spent).toBe('190.00');
  });

  test('set is done before there is a ledger', async () => {
    const data = join(folder, 'new');
    expect(await printed(['budget', 'set', 'everyone', '--amount', '9000.00', '--data', data], { now: NOW })).toBe('The budget "everyone" is set.');
  });

  test('of hundreds of members the most severe are shown, and how many there are', async () => {
    const users = Array.from({ length: 70 }, (_, index) => `--where=user:dev${index}@example.com`);
    await budget('set', 'many', ...users, '--per', 'user', '--amount', '10');
    expect((await budget('status')).split('\n').filter((line) => line.startsWith('and '))).toEqual(['and 14 more, at worst ok; --json shows all']);
    expect(await budget('list')).toContain('and 14 more; --json shows all');
    await budget('remove', 'many');
  });

  test.each<[string[], string]>([
    [['set', 'x'], 'x.amount_usd: missing; add it, such as amount_usd: "500.00"'],
    [['set', 'x', '--amount', '5', '--period', 'moth'], 'period: must be one of day, week, month, quarter, year'],
    [['set', 'x', '--amount', '5', '--where', 'teem:a'], '--where teem:a is not a filter. Write dimension:value'],
    [['set', 'platform', '--amount', '5'], 'is in the configuration and can only be changed there. Change it in ledgerline.yaml'],
    [['raise', 'platform', '--by', 'much', '--until', '2026-11-30', '--why', 'x'], 'by cannot be "much". Give an amount in USD above zero'],
    [['raise', 'nope', '--by', '1', '--until', '2026-11-30', '--why', 'x'], 'There is no budget "nope". Budgets: platform, tokens.'],
    [['check', 'nope'], 'There is no budget "nope". Budgets: platform, tokens.'],
    [['check', '--at', '80%'], '--at 80% is not a share. Use a number above 0 and at most 10'],
    [['set', 'x', '--tokens', '5'], '--tokens is given without --classes. Example: --tokens 50000000'],
    [['set', 'x', '--tokens', 'ten', '--classes', 'input'], 'tokens.amount: must be a whole number of at least 1, not "ten"'],
    [['set', 'x', '--amount', '5', '--warn-at', '80%'], 'warning_threshold: must be a number above 0 and at most 10, not "80%"'],
    [['show', 'platfrom'], 'There is no budget "platfrom". Did you mean "platform"? Budgets: platform, tokens.'],
    [['set', 'x', '--file', 'no-such-file'], '--file: cannot read no-such-file.'],
  ])('%j is refused: %s', async (args, part) => expect(await refusal(...args)).toContain(part));

  test('of a collector that asks for a token is read with the one that it is changed with', async () => {
    const sha256 = createHash('sha256').update('secret').digest('hex');
    const api: TestApi = await startApi({ nowMs: NOW, authenticate: createAuthenticator([{ name: 'ops', role: 'admin', sha256 }]) });
    try {
      await api.append(SPEND);
      const remote = (...args: string[]) => printed(['budget', ...args, '--url', api.url], { now: NOW, env: { LEDGERLINE_TOKEN: 'secret' } });
      expect(await remote('set', 'typo', '--where', 'team:platfrom', '--amount', '5')).toContain('is set.\n! "typo" counts team=platfrom');
      expect(await remote('list', '--fields', 'key', '--csv', '-q')).toBe('key\r\ntypo');
    } finally {
      await api.stop();
    }
  });

  test('of a running collector says the same', async () => {
    const config = { budgets: [{ name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' }] };
    const api: TestApi = await startApi({ nowMs: NOW, config });
    try {
      await api.append(SPEND);
      const remote = (...args: string[]) => printed(['budget', ...args, '--url', api.url], { now: NOW });
      await remote('set', 'extra', '--amount', '400');
      await remote('raise', 'extra', '--by', '40', '--until', '2026-11-30', '--why', 'more');
      expect(await remote('status')).toMatch(/extra +info +\$220\.00 +\$440\.00 +50\.0 %/);
      expect(await remote('remove', 'extra')).toBe('The budget "extra" is removed.');
      await expect(remote('show', 'extra')).rejects.toThrow('There is no budget "extra".');
    } finally {
      await api.stop();
    }
  });
});
