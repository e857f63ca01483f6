/**
 * `ledgerline import … --history` through a running collector: whatever comes in whichever order, the ledger has each day of a user once, from
 * telemetry where there is any.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatUsd, parseUsd } from '../../collector/core/money.ts';
import { outcome } from '../cli/command.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { ADMIN_KEY, AnthropicStandIn } from '../support/imports/anthropic.ts';
import { LITELLM_KEY, LitellmStandIn, type SpendRow } from '../support/imports/litellm.ts';
import { seededRandom } from '../support/random.ts';
import { logs } from './tokens.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const DAYS = ['2026-10-01', '2026-10-02', '2026-10-03', '2026-10-04'];
const RANGE = ['--from', '2026-10-01', '--to', '2026-10-04'];
const USERS = ['ada@example.com', 'bob@example.com', 'cleo@example.com'];

let folder: string;
let proxy: LitellmStandIn;
let api: AnthropicStandIn;
let collector: CollectorProcess;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-history-'));
  proxy = await new LitellmStandIn().start();
  api = await new AnthropicStandIn().start();
  writeFileSync(
    join(folder, 'directory.yaml'),
    JSON.stringify({
      users: { 'ada@example.com': { aliases: ['ada-at-the-proxy'], memberships: [{ team: 'search' }] } },
      teams: { search: { cost_center: 'cc-7' } },
    }),
  );
  writeFileSync(join(folder, 'ledgerline.yaml'), JSON.stringify(configured()));
  collector = await spawnCollector(join(folder, 'data'));
});
afterEach(async () => {
  await collector.kill();
  await proxy.stop();
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** JSON is YAML. */
const configured = () => ({
  data: 'data',
  attribution: { directory_file: 'directory.yaml' },
  imports: [
    { source: 'litellm', url: proxy.url },
    { source: 'claude-code-analytics', url: api.url },
    { source: 'anthropic-usage', url: api.url },
  ],
});

const env = { LEDGERLINE_LITELLM_KEY: LITELLM_KEY, LEDGERLINE_ANTHROPIC_ADMIN_KEY: ADMIN_KEY };
const importing = (source: string, ...args: readonly string[]) =>
  outcome(['import', source, ...RANGE, '--history', '--config', join(folder, 'ledgerline.yaml'), ...args], { now: NOW, env });

interface History {
  readonly booked: { readonly user_days: number; readonly cost_usd: string };
  readonly corrected: { readonly user_days: number; readonly cost_usd: string };
  readonly taken_back: { readonly user_days: number; readonly cost_usd: string };
  readonly unchanged: number;
  readonly left_to_telemetry: number;
  readonly left_to_other_imports: number;
  readonly closed_days: number;
  readonly lines_without_user: number;
}

async function history(source: string, ...args: readonly string[]): Promise<History> {
  const { text, code } = await importing(source, '-o', 'json', ...args);
  expect(code).toBe(0);
  return JSON.parse(text).history;
}

let number = 0;
const rowOf = (user: string, day: string, spend: string, fields: Partial<SpendRow> = {}): SpendRow => ({
  ...{ request_id: `chatcmpl-${number++}`, api_key: 'a'.repeat(64), spend, prompt_tokens: 1_000, completion_tokens: 100 },
  ...{ startTime: `${day}T08:00:00Z`, model: 'claude-opus-5-5', custom_llm_provider: 'anthropic', user, cache_hit: 'False', ...fields },
});

async function telemetry(user: string, day: string, usd: number, time = '23:59:59Z'): Promise<void> {
  const body = logs({ session: `${user} ${day}`, usd, atMs: Date.parse(`${day}T${time}`), attributes: { 'user.email': user } });
  const url = `http://127.0.0.1:${collector.ports.otlpHttp}/v1/logs`;
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

async function rest<Body>(path: string, body?: object): Promise<Body> {
  const posted = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/${path}`, posted);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Body;
}

type Row = Readonly<Record<string, string | number>>;
const spend = async (by: string, measures = 'cost', more = ''): Promise<readonly Row[]> =>
  (await rest<{ rows: readonly Row[] }>(`spend?by=${by}&measures=${measures}&tz=UTC&from=2026-10-01&to=2026-10-05${more}`)).rows;

describe('history of an import', () => {
  test('is in the ledger for exactly the days of users without telemetry, whatever comes, is revised or repeated', async () => {
    const random = seededRandom('imported history');
    const keyOf = (user: string, day: string): string => `${user} ${day}`;
    const reported = new Map<string, { cost: bigint; requests: number }>();
    const said = new Map<string, { user: string; day: string; spends: readonly string[] }>();
    const revise = (user: string, day: string): unknown =>
      // From few amounts, so that days go there and back.
      said.set(keyOf(user, day), { user, day, spends: Array.from({ length: random.below(3) }, () => random.pick(['0.25', '1.000000000001'])) });
    for (const user of USERS) for (const day of DAYS) revise(user, day);
    for (let round = 0; round < 9; round++) {
      for (let times = random.below(4); times > 0; times--) revise(random.pick(USERS), random.pick(DAYS));
      for (let times = round === 0 ? 1 : random.below(3); times > 0; times--) {
        const [user, day] = [random.pick(USERS), random.pick(DAYS)];
        const before = reported.get(keyOf(user, day)) ?? { cost: 0n, requests: 0 };
        await telemetry(user, day, 0.5, random.pick(['00:00:00Z', '12:00:00Z', '23:59:59Z']));
        reported.set(keyOf(user, day), { cost: before.cost + 500_000_000_000n, requests: before.requests + 1 });
      }
      // A day that the proxy has nothing of any more is another matter.
      const others = DAYS.map((day) => rowOf('zoe@example.com', day, '0.125'));
      proxy.rows = [...others, ...[...said.values()].flatMap(({ user, day, spends }) => spends.map((one) => rowOf(user, day, one)))];
      if (random.chance(0.5)) await importing('litellm', '--dry-run');
      if (random.chance(0.5)) await importing('litellm', '--to', random.pick(DAYS));
      await history('litellm');
      const again = await history('litellm');
      expect([again.booked.user_days, again.corrected.user_days, again.taken_back.user_days]).toEqual([0, 0, 0]);

      const expected = USERS.flatMap((user) => DAYS.map((day) => ({ user, day }))).flatMap(({ user, day }) => {
        const seen = reported.get(keyOf(user, day));
        const spends = said.get(keyOf(user, day))?.spends ?? [];
        const cost = seen?.cost ?? spends.reduce((sum, one) => sum + (parseUsd(one) ?? 0n), 0n);
        const requests = seen?.requests ?? spends.length;
        return cost === 0n ? [] : [`${user} ${day} ${formatUsd(cost)} ${requests} ${seen === undefined ? requests * 100 : 0}`];
      });
      const rows = await spend(
        'user',
        'cost,requests,output_tokens',
        '&grain=day&where=user:ada@example.com&where=user:bob@example.com&where=user:cleo@example.com',
      );
      const found = rows.flatMap(({ user, start, cost_usd: cost, requests, output_tokens: output }) =>
        cost === '0.00' ? [] : [`${user} ${String(start).slice(0, 10)} ${cost} ${requests} ${output}`],
      );
      expect(found.sort()).toEqual(expected.sort());
      expect(rows.every(({ cost_usd: cost, requests }) => cost !== '0.00' || requests === 0)).toBe(true);
    }
  });

  test('is shown before it is booked, by user, and says who belongs where', async () => {
    proxy.rows = [
      rowOf('ada-at-the-proxy', '2026-10-01', '2', { team_id: 'proxy-team' }),
      rowOf('bob@example.com', '2026-10-02', '0.5', { team_id: 'proxy-team' }),
      rowOf('bob@example.com', '2026-10-03', '4'),
      rowOf('', '2026-10-03', '8'),
      rowOf('zoe@example.com', '2026-10-04', '1'),
    ];
    await telemetry('bob@example.com', '2026-10-03', 0.25);
    const shown = (await importing('litellm', '--dry-run')).text;
    expect(shown).toContain(
      [
        'History, by days of users; nothing was booked:',
        '  3 would be booked: $3.50',
        '  0 would be corrected: $0.00',
        '  0 would be taken back: $0.00',
        '  1 left out: telemetry is there',
        '  3 lines without a user that the ledger could know, left out',
        '  ada@example.com: $2.00',
        '  zoe@example.com: $1.00',
        '  bob@example.com: $0.50',
      ].join('\n'),
    );
    expect(await spend('origin')).toEqual([{ origin: 'none', cost_usd: '0.25' }]);
    expect((await importing('litellm')).text).toContain('  3 booked: $3.50\n  0 corrected: $0.00\n');
    expect(await spend('user,team,cost_center,model,origin')).toMatchObject([
      { user: 'ada@example.com', team: 'search', cost_center: 'cc-7', model: 'claude-opus-5-5', origin: 'litellm', cost_usd: '2.00' },
      { user: 'zoe@example.com', team: 'unallocated', cost_usd: '1.00' },
      { user: 'bob@example.com', team: 'proxy-team', origin: 'litellm', cost_usd: '0.50' },
      { user: 'bob@example.com', origin: 'none', cost_usd: '0.25' },
    ]);
    await telemetry('bob@example.com', '2026-10-02', 0.75);
    expect(await history('litellm')).toMatchObject({ taken_back: { user_days: 1, cost_usd: '-0.50' }, unchanged: 2, left_to_telemetry: 2 });
    expect(await spend('user', 'cost', '&where=user:bob@example.com')).toMatchObject([{ cost_usd: '1.00' }]);
  });

  test('is left to the import that brought it first, and out of closed months', async () => {
    proxy.rows = DAYS.map((day) => rowOf('ada@example.com', day, '1'));
    const one = { id: 'a', day: '2026-10-02', user: 'ada@example.com', cost: '3.00' };
    await rest('adjustments', { source: 'claude-code-analytics', adjustments: [one] });
    const transcript = { id: 'b', day: '2026-10-03', user: 'ada@example.com', cost: '5.00', amounts: { requests: 1 } };
    await rest('adjustments', { source: 'transcripts', adjustments: [transcript] });
    expect(await history('litellm')).toMatchObject({ booked: { user_days: 2 }, left_to_other_imports: 1, left_to_telemetry: 1 });
    expect((await spend('origin')).map(({ origin, cost_usd: cost }) => `${origin} ${cost}`)).toEqual([
      'transcripts 5.00',
      'claude-code-analytics 3.00',
      'litellm 2.00',
    ]);
    await rest('closed-months', { month: '2026-10' });
    proxy.rows = DAYS.map((day) => rowOf('ada@example.com', day, '2'));
    expect(await history('litellm')).toMatchObject({ booked: { user_days: 0 }, corrected: { user_days: 0 }, closed_days: 4 });
  });

  test('is at list price where the source has no cost, and of users that it can name', async () => {
    const fact = { day: '2026-10-01', key: null, workspace: null, model: 'claude-opus-5-5', product: 'claude_code', tier: 'standard', geo: null };
    const usage = { speed: 'standard', context: '0-200k', type: 'output_tokens', tokens: 1_000_000, billed: 0n, list: 0n } as const;
    api.facts = [
      { ...fact, ...usage, user: 'ada@example.com' },
      { ...fact, ...usage, user: 'nobody' },
    ];
    const none = await history('anthropic-usage');
    expect(none).toMatchObject({ booked: { user_days: 0 } });
    expect(none.lines_without_user).toBeGreaterThan(0);
    api.lists = { users: [{ id: 'user_ada@example.com', email: 'Ada@Example.com' }] };
    expect(await history('anthropic-usage')).toMatchObject({ booked: { user_days: 1 } });
    const [row] = await spend('user', 'cost,cost_list,cost_estimated,output_tokens,unpriced_tokens');
    expect(row).toMatchObject({ user: 'ada@example.com', output_tokens: 1_000_000, unpriced_tokens: 0 });
    expect([row?.cost_usd_list, row?.cost_usd_estimated]).toEqual([row?.cost_usd, row?.cost_usd]);
    expect(await history('claude-code-analytics')).toMatchObject({ left_to_other_imports: 1 });
  });

  test('leaves to telemetry what a line has under a merged name, under pseudonyms, too', async () => {
    const attribution = { pseudonymize: true, pseudonym_key_file: join(folder, 'pseudonyms.key') };
    writeFileSync(attribution.pseudonym_key_file, 'a key of sixteen bytes or more');
    writeFileSync(join(folder, 'ledgerline.yaml'), JSON.stringify({ ...configured(), attribution }));
    await collector.stop();
    collector = await spawnCollector(join(folder, 'data'), { attribution });
    await telemetry('ada@example.com', '2026-10-01', 0.5);
    await rest('directory/merges', { alias: 'account-1', user: 'ada@example.com' });
    proxy.rows = [rowOf('account-1', '2026-10-01', '2')];
    expect(await history('litellm')).toMatchObject({ booked: { user_days: 0 }, left_to_telemetry: 1 });
    expect(await spend('origin')).toEqual([{ origin: 'none', cost_usd: '0.50' }]);
  });

  test('of more users than a question may have rows is read day by day, and a day that has too many names the limit', async () => {
    await collector.stop();
    collector = await spawnCollector(join(folder, 'data'), { limits: { query_rows: 2 } });
    for (const day of DAYS) for (const user of USERS.slice(0, 2)) await telemetry(user, day, 0.5);
    proxy.rows = [...DAYS.map((day) => rowOf('ada@example.com', day, '1')), rowOf('cleo@example.com', '2026-10-04', '8')];
    expect(await history('litellm', '--dry-run')).toMatchObject({ booked: { user_days: 1, cost_usd: '8.00' }, left_to_telemetry: 4 });
    await telemetry('cleo@example.com', '2026-10-03', 0.5);
    await expect(importing('litellm')).rejects.toMatchObject({
      message: '2026-10-03 alone has more rows in the ledger than the collector answers with (limits.query_rows).',
      hint: expect.stringContaining('Raise limits.query_rows'),
    });
  });

  test('needs a collector that runs', async () => {
    await collector.stop();
    await expect(importing('litellm')).rejects.toMatchObject({
      message: 'No collector runs on this ledger, and booking history is its work.',
      hint: expect.stringContaining('ledgerline serve'),
    });
    expect(proxy.received).toEqual([]);
  });
});
