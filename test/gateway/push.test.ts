/** `ledgerline limits push` against a stand-in made from the documentation (stand-in.ts), not a real gateway: what it shows, sets, and leaves alone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createProgram } from '../../collector/cli/program.ts';
import { displayWidth } from '../../collector/cli/width.ts';
import { describeError, LedgerlineError } from '../../collector/core/error.ts';
import { PICO_PER_USD } from '../../collector/core/money.ts';
import { Eraser } from '../../collector/ledger/erasure.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { lockGateway } from '../../collector/storage/sqlite/gateway-store.ts';
import { openOperatorRecords } from '../../collector/storage/sqlite/operator-records.ts';
import { type Outcome, outcome, RunningCommand } from '../cli/command.ts';
import { expectGolden } from '../support/golden.ts';
import { failure, KEY, StandIn } from './stand-in.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

let gateway: StandIn;
let folder: string;
beforeEach(async () => {
  gateway = await new StandIn().start();
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-gateway-'));
  writeFileSync(join(folder, 'key'), `${KEY}\n`);
  configure(BUDGETS);
});
afterEach(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

interface BudgetEntry {
  readonly name: string;
  readonly [key: string]: unknown;
}

const BUDGETS: readonly BudgetEntry[] = [
  { name: 'platform', scope: { team: 'platform' }, amount_usd: '1200.00', hard_limit: true },
  { name: 'each', per: 'user', period: 'day', amount_usd: '20.005', hard_limit: true },
  { name: 'data-weekly', scope: { team: 'data' }, period: 'week', amount_usd: '300.00', hard_limit: true },
  { name: 'everyone', amount_usd: '9000.00' },
];
const SETS = [
  {
    scope: { type: 'rbac_group', rbac_group_id: 'grp_platform' },
    period: 'monthly',
    amount: '15000',
    pooled_budget: { amount: '120000', paused: false },
  },
  { scope: { type: 'user', user_id: 'sub-ada' }, period: 'daily', amount: '2000' },
  { scope: { type: 'user', user_id: 'sub-bob' }, period: 'daily', amount: '2000' },
];

const configFile = (): string => join(folder, 'ledgerline.yaml');

/** JSON is YAML. */
function configure(budgets: readonly BudgetEntry[], other: object = {}): void {
  const users = { 'ada@example.com': 'sub-ada', 'bob@example.com': 'sub-bob' };
  const groups = { platform: 'grp_platform', data: 'grp_data' };
  const section = { url: gateway.url, key_file: 'key', groups, users, per_member_usd: '150.00', ...other };
  writeFileSync(configFile(), JSON.stringify({ data: 'data', budgets, gateway: section }));
}

/** What is printed, and how it ends; an error as main.ts has it. The key is in none of it. */
async function push(args: readonly string[] = ['--yes'], columns?: number): Promise<Outcome> {
  const words = ['limits', 'push', '--config', configFile(), ...args];
  const ended = await outcome(words, { now: NOW, ...(columns !== undefined && { columns }) }).catch((thrown: unknown) => ({
    text: describeError(LedgerlineError.from(thrown)),
    code: 2,
  }));
  expect(ended.text).not.toContain(KEY);
  return ended;
}

const json = async (...args: readonly string[]) => JSON.parse((await push([...args, '-o', 'json'])).text);
const actions = async (...args: readonly string[]): Promise<readonly string[]> =>
  (await json('--dry-run', ...args)).limits.map(({ action }: { action: string }) => action);
const golden = (name: string, columns: number, text: string): void => {
  expectGolden(join(import.meta.dirname, 'golden', `${name}.${columns}.txt`), text);
  expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
};

describe.each([60, 80, 120])('what is shown at %d columns', (columns) => {
  test('before anything is set', async () => golden('plan-new', columns, (await push(['--dry-run'], columns)).text));

  test('and what was set', async () => golden('push', columns, (await push(['--yes'], columns)).text));

  test('changes, leftovers, limits of others, and a run of which not all succeeds', async () => {
    await push();
    gateway.put({ type: 'rbac_group', rbac_group_id: 'grp_data' }, 'monthly', '5000');
    gateway.put({ type: 'organization' }, 'monthly', '50000');
    configure([
      { name: 'platform', scope: { team: 'platform' }, amount_usd: '1500.00', hard_limit: true },
      { name: 'data', scope: { team: 'data' }, amount_usd: '400.00', hard_limit: true },
      { name: 'ada', scope: { user: 'ada@example.com' }, amount_usd: '90.00', hard_limit: true },
    ]);
    golden('plan-changed', columns, (await push(['--dry-run'], columns)).text);
    golden('plan-prune-adopt', columns, (await push(['--dry-run', '--prune', '--adopt'], columns)).text);
    gateway.groups = ['grp_data'];
    golden('push-partial', columns, (await push(['--yes', '--prune'], columns)).text);
  });
});

describe('a push', () => {
  test('sets what the budgets say, reads it again, and has nothing to do the second time', async () => {
    const first = await push();
    expect(first).toMatchObject({ code: 0, text: expect.stringMatching(/3 of 3 done, verified by reading again\.$/) });
    expect(gateway.posts()).toEqual(SETS);
    expect(await push()).toMatchObject({ code: 0, text: expect.stringMatching(/Nothing to do\.$/) });
    expect(gateway.posts()).toHaveLength(3);
    expect(gateway.received.at(-1)?.method).toBe('GET');
  });

  test('changes nothing as a dry run or a check, and the check ends with 1 until the gateway is as it should be', async () => {
    expect(await push(['--dry-run'])).toMatchObject({ code: 0, text: expect.stringMatching(/Nothing was changed: this was a dry run\.$/) });
    expect((await push(['--check'])).code).toBe(1);
    expect(gateway.received.every(({ method }) => method === 'GET')).toBe(true);
    await push();
    expect((await push(['--check'])).code).toBe(0);
  });

  test('goes to another gateway where one is named, and keeps apart what was set where', async () => {
    configure(BUDGETS, { url: 'https://gateway.invalid/v0/' });
    expect((await push(['--yes', '--gateway', `${gateway.url}/`])).text).toMatch(/3 of 3 done, verified/);
    expect((await json('--history', '--gateway', `${gateway.url}/`)).records).toHaveLength(6);
    expect((await json('--history', '--gateway', 'https://gateway.invalid')).records).toEqual([]);
  });

  test('asks first, and takes only yes', async () => {
    expect((await push([])).text).toMatch(/^Nothing was changed\.\nAnswer yes, or use --yes/m);
    const questions: string[] = [];
    const answer = async (text: string): Promise<void> => {
      const ask = async (question: string): Promise<string> => {
        questions.push(question);
        return text;
      };
      const program = await createProgram({ out: () => undefined, err: () => undefined, env: {}, now: () => NOW, color: false, ask });
      await program.parseAsync(['limits', 'push', '--config', configFile()], { from: 'user' });
    };
    await expect(answer('y')).rejects.toThrow('Nothing was changed.');
    expect(gateway.posts()).toEqual([]);
    await answer('yes');
    expect(gateway.posts()).toEqual(SETS);
    expect(questions).toEqual(Array(2).fill('Set these 3 limits at the gateway? Type yes: '));
  });

  test('changes what differs from what it set, and says that somebody changed it', async () => {
    await push();
    gateway.limits = gateway.limits.map((limit) => (limit.scope.user_id === 'sub-ada' ? { ...limit, amount: '99900' } : limit));
    const { text } = await push();
    expect(text).toMatch(/~ +user sub-ada +daily +\$999\.00 +each\/ada@example\.com\n +→ \$20\.00\n/);
    expect(text).toMatch(/user sub-ada, daily: changed at the gateway since it was set/);
    expect(gateway.posts().at(-1)).toEqual(SETS[1]);
  });

  test('removes with --prune alone, and only what it set and nobody changed since', async () => {
    gateway.put({ type: 'user', user_id: 'sub-eve' }, 'monthly', '1');
    await push();
    configure([]);
    expect(await actions()).toEqual(['leftover', 'leftover', 'leftover']);
    expect((await push()).text).toMatch(/Nothing to do/);
    gateway.limits = gateway.limits.map((limit) => (limit.scope.user_id === 'sub-ada' ? { ...limit, amount: '99900' } : limit));
    const { text } = await push(['--yes', '--prune']);
    expect(text).toMatch(/user sub-ada, daily: no longer wanted, but changed at the gateway since it was set; remove it there/);
    expect(gateway.limits.map(({ scope }) => scope.user_id)).toEqual(['sub-eve', 'sub-ada']);
    expect((await json('--dry-run')).untouched).toBe(1);
  });

  test('never touches a limit that somebody else set, without --adopt', async () => {
    gateway.put({ type: 'user', user_id: 'sub-ada' }, 'daily', '500');
    gateway.put({ type: 'user', user_id: 'sub-bob' }, 'daily', '2000');
    expect(await actions()).toEqual(['create', 'foreign', 'keep']);
    expect((await push()).code).toBe(0);
    expect(gateway.posts()).toEqual([SETS[0]]);
    expect((await push(['--check'])).code).toBe(1);
    expect(await actions('--adopt')).toEqual(['keep', 'change', 'adopt']);
    await push(['--yes', '--adopt']);
    expect(gateway.posts()).toEqual([SETS[0], SETS[1]]);
    configure([]);
    expect(await actions('--prune')).toEqual(['remove', 'remove', 'remove']);
  });

  test('does not take for its own what was made again by somebody else, with the same amount', async () => {
    await push();
    gateway.limits = gateway.limits.filter(({ scope }) => scope.user_id !== 'sub-ada');
    gateway.put({ type: 'user', user_id: 'sub-ada' }, 'daily', '2000');
    configure([]);
    expect(await json('--dry-run', '--prune')).toMatchObject({ untouched: 1, limits: [{ action: 'remove' }, { action: 'remove' }] });
  });

  test('includes a raise, which the next push takes back when it is over', async () => {
    await push();
    const journal = openBudgetStore(join(folder, 'data', 'budgets.sqlite'));
    const raise = { key: 'platform', amount: 50n * PICO_PER_USD, unit: 'usd', fromMs: NOW, untilMs: NOW + 86_400_000, why: 'release' } as const;
    await journal.raise(raise, { who: 'x', atMs: NOW });
    await journal.close();
    await push();
    expect(gateway.posts().at(-1)).toMatchObject({ pooled_budget: { amount: '125000' } });
    const later = await outcome(['limits', 'push', '--config', configFile(), '--yes'], { now: NOW + 86_400_000 });
    expect(later.text).toMatch(/→ \$1,200\.00 shared/);
  });

  test('leaves a pool paused that is paused at the gateway', async () => {
    await push();
    gateway.limits = gateway.limits.map((limit) =>
      limit.pooled_budget ? { ...limit, pooled_budget: { ...limit.pooled_budget, paused: true } } : limit,
    );
    expect((await push()).text).toMatch(/the pool is paused at the gateway, and stays so[\s\S]*Nothing to do/);
    configure([{ name: 'platform', scope: { team: 'platform' }, amount_usd: '1.00', hard_limit: true }]);
    await push();
    expect(gateway.posts().at(-1)).toMatchObject({ pooled_budget: { amount: '100', paused: true } });
  });

  test('shows which pool pays for a user in several groups, or that the gateway does not say', async () => {
    expect((await push(['--dry-run'])).text).toMatch(/several groups: default_order \(pooled_conflict_rule of the gateway\)/);
    gateway.conflictRule = undefined;
    expect((await push(['--dry-run'])).text).toMatch(/does not say which pool pays/);
  });
});

describe('what does not go well', () => {
  test('one group that is not known keeps no other limit from being set; a second run goes on', async () => {
    gateway.groups = [];
    const { text, code } = await push();
    expect(code).toBe(2);
    expect(text).toMatch(/FAILED +group grp_platform, monthly: The gateway responded with 404 .*no group grp_platform/);
    expect(text).toMatch(/2 of 3 done, verified by reading again\. Run the command again to go on with the rest\./);
    expect(text).toMatch(/check its id in gateway\.groups/);
    gateway.groups = ['grp_platform'];
    expect((await push()).text).toMatch(/1 of 1 done, verified/);
    expect((await push()).text).toMatch(/Nothing to do/);
  });

  test.each([
    [409, /Somebody else changed it meanwhile/, 2],
    [403, /may not change limits/, 0],
    [429, /asked too often/, 0],
  ])('%d in the middle', async (status, hint, others) => {
    gateway.interfere = ({ method, body }) =>
      method === 'POST' && String(body.period) === 'monthly' ? failure(status, 'no', { 'x-should-retry': 'false' }) : undefined;
    const { text, code } = await push();
    expect(code).toBe(2);
    expect(text).toMatch(hint);
    expect(text).toMatch(new RegExp(`${others} of 3 done`));
    expect(text.match(/not tried/g)?.length ?? 0).toBe(2 - others);
    gateway.interfere = () => undefined;
    expect((await push()).code).toBe(0);
    expect((await push(['--check'])).code).toBe(0);
  });

  test('401 changes nothing', async () => {
    writeFileSync(join(folder, 'key'), 'sk-another-secret-key');
    const { text, code } = await push();
    expect(code).toBe(2);
    expect(text).toMatch(/responded with 401 .*\nThe gateway rejected the key/);
    expect(text).not.toContain('sk-another-secret-key');
    expect(gateway.received).toHaveLength(1);
  });

  test('a limit that was set though no answer came is known for ours by the next run', async () => {
    gateway.interfere = ({ method, body }) => {
      if (method !== 'POST') return undefined;
      // These are the fields that the client sends, with an amount for each.
      gateway.put(body.scope as never, String(body.period), String(body.amount), body.pooled_budget as never);
      return failure(502, 'bad gateway', { 'x-should-retry': 'false' });
    };
    const { text } = await push();
    expect(text).toMatch(/UNKNOWN +group grp_platform[\s\S]*the next run finds out/);
    gateway.interfere = () => undefined;
    configure([]);
    expect(await actions('--prune')).toEqual(['remove']);
  });

  test('a change of which no answer came is not taken for one of somebody else', async () => {
    await push();
    gateway.interfere = ({ method, body }) => {
      if (method !== 'POST') return undefined;
      gateway.limits = gateway.limits.map((limit) => (limit.scope.user_id === 'sub-ada' ? { ...limit, amount: String(body.amount) } : limit));
      return failure(502, 'bad gateway', { 'x-should-retry': 'false' });
    };
    const ada = { name: 'ada', scope: { user: 'ada@example.com' }, period: 'day', amount_usd: '5.00', hard_limit: true };
    configure([ada]);
    expect((await push()).text).toMatch(/UNKNOWN +user sub-ada/);
    gateway.interfere = () => undefined;
    expect((await json('--dry-run')).limits[0]).toMatchObject({ action: 'keep', note: null });
    configure([]);
    expect(await actions('--prune')).toEqual(['remove', 'remove', 'remove']);
  });

  test('what the gateway takes and does not keep is found when it is read again', async () => {
    gateway.interfere = ({ method, body }) =>
      method === 'POST'
        ? { status: 200, body: { type: 'spend_limit', id: 'spl_x', scope: body.scope, period: body.period, amount: body.amount } }
        : undefined;
    const { text, code } = await push();
    expect(code).toBe(2);
    expect(text).toMatch(/took the limit of group grp_platform, and does not have it so now/);
    expect(text).toMatch(/the gateway differs when it is read again/);
  });

  test('two runs at once: one of them sets, the other says so', async () => {
    const runs = await Promise.all([push(), push()]);
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 2]);
    expect(runs.map(({ text }) => text).join()).toMatch(/being pushed from this folder by another run/);
    expect(gateway.posts()).toEqual(SETS);
    const lock = await lockGateway(join(folder, 'data', 'budgets.sqlite'));
    expect((await push()).code).toBe(2);
    expect((await push(['--dry-run'])).code).toBe(0);
    await lock.release();
    expect((await push()).code).toBe(0);
  });

  test('Ctrl+C ends it with an account, and the next run goes on', async () => {
    const command = new RunningCommand(['limits', 'push', '--config', configFile(), '--yes']);
    gateway.interfere = ({ method, body }) => {
      if (method !== 'POST' || body.period === 'monthly') return undefined;
      command.child.kill('SIGINT');
      return failure(503, 'busy', { 'retry-after': '55' });
    };
    const { code, out } = await command.finished();
    expect(code).toBe(130);
    expect(out).toMatch(/created +group grp_platform/);
    expect(out).toMatch(/UNKNOWN +user sub-ada[\s\S]*not tried +user sub-bob[\s\S]*1 of 3 done/);
    gateway.interfere = () => undefined;
    expect((await push()).text).toMatch(/2 of 2 done, verified/);
  });

  test('no gateway, no key, and an address at which the key could be read', async () => {
    rmSync(join(folder, 'key'));
    expect((await push()).text).toMatch(/gateway\.key_file: cannot read/);
    writeFileSync(join(folder, 'key'), 'two\nlines');
    expect((await push()).text).toMatch(/holds no key/);
    expect((await push(['--yes', '--gateway', 'http://gateway.example.com'])).text).toMatch(
      /^--gateway must be an address that begins with https:\/\//,
    );
    configure(BUDGETS, { url: 'http://gateway.example.com' });
    expect((await push()).text).toMatch(/gateway\.url.*must be an address that begins with https:\/\//);
    configure(BUDGETS, { groups: { a: 'g', b: 'g' } });
    expect((await push()).text).toMatch(/same group for two teams/);
    writeFileSync(configFile(), '{}');
    expect((await push()).text).toMatch(/^No gateway is configured\./);
    expect(gateway.received).toEqual([]);
  });
});

describe('what is kept of it', () => {
  test('who set what and when, with what was there before, also of what failed', async () => {
    gateway.groups = [];
    await push();
    const { records } = await json('--history');
    expect(records).toHaveLength(6);
    expect(records.at(-2)).toMatchObject({ what: 'set', outcome: 'failed', error: expect.stringMatching(/404/), before: null });
    expect(records[0]).toMatchObject({
      ...{ at: '2026-11-20T12:00:00.000Z', who: expect.stringMatching(/^cli:/), gateway: gateway.url, what: 'set', outcome: 'done' },
      ...{ scope: { type: 'user', id: 'sub-bob' }, period: 'daily', budgets: ['each/bob@example.com'] },
      ...{ before: null, after: { amount_usd: '20.00', pool_usd: null } },
    });
    expect((await push(['--history'])).text).toMatch(/2026-11-20 12:00:00 +set +user sub-bob +daily +– +\$20\.00/);
    expect(readFileSync(join(folder, 'data', 'budgets.sqlite')).includes(KEY)).toBe(false);
  });

  test('is nothing where nothing was set', async () => {
    expect((await push(['--history'])).text).toBe('Nothing has been set at a gateway from this data folder.');
  });

  test('does not name a user who was erased', async () => {
    await push();
    const records = openOperatorRecords(join(folder, 'data', 'budgets.sqlite'));
    const eraser = new Eraser(['ada@example.com'], 'erased-1');
    expect((await records.find(eraser)).budgets).toHaveLength(2);
    expect((await records.erase(eraser, { atMs: NOW, who: 'x', what: 'erased', subject: 'erased-1' }, false)).budgets).toBe(2);
    await records.close();
    const { text } = await push(['--history', '-o', 'json']);
    expect(text).toContain('each/erased-1');
    expect(text).not.toContain('ada@example.com');
    expect((await push(['--check'])).code).toBe(0);
  });

  test('the plan as JSON', async () => {
    const plan = await json('--dry-run');
    expect(plan).toMatchObject({ gateway: gateway.url, pooled_conflict_rule: 'default_order', untouched: 0, verified: null });
    expect(plan.limits[0]).toEqual({
      ...{ action: 'create', scope: { type: 'rbac_group', id: 'grp_platform' }, period: 'monthly', budgets: ['platform'], before: null },
      after: { amount_usd: '150.00', pool_usd: '1200.00', has_pool: true, is_paused: false },
      ...{ note: null, outcome: null, error: null },
    });
    expect(plan.not_pushed.map(({ budget }: { budget: string }) => budget)).toEqual([
      'data-weekly',
      'everyone',
      'each/ada@example.com',
      'each/bob@example.com',
    ]);
    const done = await json('--yes');
    expect(done).toMatchObject({ verified: true, limits: [{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'done' }] });
  });
});
