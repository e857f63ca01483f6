/** A person who is taken out of a running collector: no byte of the name is left in the data folder, none in an answer, and no figure has moved. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DIMENSION_NAMES } from '../../collector/catalog/measures.ts';
import { type Hook, startHook } from '../alerts/receivers.ts';
import { outcome, printed } from '../cli/command.ts';
import { sendRequests } from '../exposition/live-collector.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { answersOf, filesWith } from '../support/kept.ts';
import { waitFor } from '../support/wait.ts';

const ALICE = 'alice.w@example.com';
const NAME = /alice\.w(@|%40)example/i;

let folder: string;
let data: string;
let hook: Hook;
let running: CollectorProcess | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-erasure-'));
  data = join(folder, 'data');
  hook = await startHook();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await hook.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CONFIG = () => ({
  budgets: [{ name: 'people', per: 'user', period: 'month', amount_usd: '0.10' }],
  alerts: { deliver: true, interval_seconds: 1, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] },
});
const command = (...args: string[]): string[] => [...args, '--data', data];
const now = Date.now();
/** With the clock of today: budgets and periods are of now. */
const run = (...args: string[]): Promise<string> => printed(command(...args), { now });

async function start(): Promise<{
  readonly api: string;
  readonly send: (...requests: Parameters<typeof sendRequests>[1][number][]) => Promise<void>;
}> {
  const one = await spawnCollector(data, CONFIG());
  running = one;
  return { api: `http://127.0.0.1:${one.ports.api}`, send: (...requests) => sendRequests(one.ports.otlpHttp, requests) };
}

const spendBy = async (api: string, by: string): Promise<unknown> => {
  const answer = (await (await fetch(`${api}/api/v1/spend?by=${by}&grain=month`)).json()) as { rows: unknown; total: unknown };
  return { rows: answer.rows, total: answer.total };
};

async function fill(api: string, send: Awaited<ReturnType<typeof start>>['send']): Promise<void> {
  await send(
    { usd: 1, user: ALICE, team: 'platform', session: 's1' },
    { usd: 2, user: 'Alice.W@Example.com', team: `sandbox of ${ALICE}`, session: `of:${ALICE}` },
    { usd: 3, user: 'bob@example.com', team: 'platform' },
    { usd: 4, user: ALICE, model: ALICE },
  );
  const json = { 'content-type': 'application/json' };
  const budget = JSON.stringify({ scope: { user: ALICE }, period: 'month', amount_usd: '5.00' });
  expect((await fetch(`${api}/api/v1/budgets/hers`, { method: 'PUT', headers: json, body: budget })).status).toBe(200);
  const raise = JSON.stringify({ by: '1.00', until: '2099-01-01', why: `asked by ${ALICE}` });
  expect(
    (await fetch(`${api}/api/v1/budgets/${encodeURIComponent(`people/${ALICE}`)}/raises`, { method: 'POST', headers: json, body: raise })).status,
  ).toBe(201);
  await waitFor('a message about her', () => hook.received.some(({ body }) => NAME.test(body)));
}

describe('privacy erase', () => {
  test('beside a running collector: no byte is left, no total moves, and she stays erased', async () => {
    const { api, send } = await start();
    await fill(api, send);
    const before = [await spendBy(api, 'team,model'), await spendBy(api, 'organization')].map((answer) =>
      JSON.stringify(answer).replaceAll(new RegExp(NAME, 'gi'), ''),
    );
    expect(filesWith(data, NAME)).not.toEqual([]);

    const trial = await run('privacy', 'erase', ALICE, '--dry-run', '--url', api);
    expect(trial).toMatch(/^Would erase alice\.w@example\.com\.\n/);
    expect(filesWith(data, NAME)).not.toEqual([]);

    const said = await run('privacy', 'erase', ALICE, '--yes', '--url', api);
    const [, pseudonym = ''] = /from now on (erased-[\w-]+)\./.exec(said) ?? [];
    expect(pseudonym).not.toBe('');
    expect(filesWith(data, NAME)).toEqual([]);
    const answers = await answersOf(api, DIMENSION_NAMES);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ text }) => NAME.test(text)).map(({ path }) => path)).toEqual([]);
    const after = [await spendBy(api, 'team,model'), await spendBy(api, 'organization')].map((answer) =>
      JSON.stringify(answer)
        .replaceAll(`sandbox of ${pseudonym}`, `sandbox of ${ALICE}`)
        .replaceAll(pseudonym, ALICE)
        .replaceAll(new RegExp(NAME, 'gi'), ''),
    );
    expect(after).toEqual(before);

    const sent = hook.received.length;
    await send({ usd: 5, user: ALICE, session: 's1' }, { usd: 6, user: 'carol@example.com' });
    await waitFor('a message after it', () => hook.received.slice(sent).some(({ body }) => body.includes('carol')));
    expect(hook.received.slice(sent).filter(({ body }) => NAME.test(body))).toEqual([]);
    const exposed = await (await fetch(`http://127.0.0.1:${running?.ports.metrics}/metrics`)).text();
    expect([NAME.test(exposed), exposed.includes(pseudonym)]).toEqual([false, true]);
    expect(JSON.stringify(await spendBy(api, 'user'))).toContain(pseudonym);
    await run('backup', join(folder, 'copy.sqlite'));
    await running?.stop();
    expect(filesWith(folder, NAME)).toEqual([]);
    expect(await outcome(command('check'))).toMatchObject({ code: 0 });
    expect(await run('privacy', 'audit')).toMatch(new RegExp(`^\\S+  erased  ${pseudonym}  by local$`));
  });

  test('without a collector, and again: there is nothing left to do', async () => {
    const { api, send } = await start();
    await fill(api, send);
    await running?.stop();
    expect(await run('privacy', 'erase', ALICE, '--yes')).toMatch(/^Erased alice\.w@example\.com, from now on erased-/);
    expect(filesWith(data, NAME)).toEqual([]);
    expect(await run('privacy', 'erase', ALICE, '--yes')).toContain('0 combinations of dimensions, 0 values, 0 session ids, 0 keys');
    expect(await outcome(command('check'))).toMatchObject({ code: 0 });
  });

  test('asks first, and refuses nobody', async () => {
    await start();
    await expect(run('privacy', 'erase', ALICE)).rejects.toThrow('Nothing was changed.');
    await expect(run('privacy', 'erase', 'unallocated', '--yes')).rejects.toThrow('"unallocated" is no user.');
  });
});

test('privacy export has all of it, in a file of its own, and is in the audit', async () => {
  const { api, send } = await start();
  await fill(api, send);
  const file = join(folder, 'alice.json');
  writeFileSync(file, '', { mode: 0o644 });
  await run('privacy', 'export', 'Alice.W@example.com', '--output', file);
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('bob@example.com');
  const exported = JSON.parse(text);
  expect(exported).toMatchObject({ names: [ALICE], has_more_sessions: false });
  expect(exported.spend_by_month.map(({ cost_usd }: { cost_usd: string }) => cost_usd).sort()).toEqual(['1.00', '2.00', '4.00']);
  expect(exported.sessions.map(({ session_id }: { session_id: string }) => session_id)).toEqual(expect.arrayContaining(['s1', `of:${ALICE}`]));
  expect(exported.budgets).toHaveLength(2);
  expect(exported.alerts.length).toBeGreaterThan(0);
  expect(exported.messages.length).toBeGreaterThan(0);
  expect(await run('privacy', 'audit')).toMatch(/exported {2}Alice\.W@example\.com {2}by cli:/);
});
