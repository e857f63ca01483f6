/** The hooks of a fleet against a real collector: under load, stopped in the middle, gone, and with a token that it does not know. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sendRequests } from '../../exposition/live-collector.ts';
import { type CollectorProcess, spawnCollector } from '../../support/collector-process.ts';
import { waitFor } from '../../support/wait.ts';
import { Cache, CLIENT, type Ended, hook, runScript } from './hook.ts';
import { inputOf } from './samples.ts';

const TOKEN = { ada: 'll_token-of-ada', ben: 'll_token-of-ben', admin: 'll_token-of-the-admin' } as const;
type User = 'ada' | 'ben';
const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
const CONFIG = {
  budgets: [{ name: 'each', scope: {}, per: 'user', period: 'month', amount_usd: '1.00', hard_limit: true }],
  // The highest: no session that spends less than the whole amount is taken for a runaway.
  guard: { contact: '#ask-platform', session: { runaway_share: 1 } },
  auth: {
    tokens: [
      { name: 'ada', role: 'ingest', user: 'ada@example.com', team: 'platform', sha256: sha256(TOKEN.ada) },
      { name: 'ben', role: 'ingest', user: 'ben@example.com', team: 'platform', sha256: sha256(TOKEN.ben) },
      { name: 'admin', role: 'admin', sha256: sha256(TOKEN.admin) },
    ],
  },
};

let data: string;
let collector: CollectorProcess;
let cache: Cache;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-guarded-'));
  collector = await spawnCollector(data, CONFIG);
});
afterAll(async () => {
  await collector.kill();
  rmSync(data, { recursive: true, force: true });
});
beforeEach(() => {
  cache = new Cache();
});
afterEach(() => cache.remove());

const envOf = (token: string): Record<string, string> => ({
  LEDGERLINE_URL: `http://127.0.0.1:${collector.ports.api}`,
  LEDGERLINE_TOKEN: token,
  LEDGERLINE_CACHE_DIR: cache.folder,
});
const ask = (user: User, event: string, session = `session-of-${user}`, more: Record<string, string> = {}): Promise<Ended> =>
  hook(inputOf(event, { session_id: session }), { env: { ...envOf(TOKEN[user]), ...more } });
const spend = (user: User, usd: number, session = `session-of-${user}`): Promise<void> =>
  sendRequests(collector.ports.otlpHttp, [{ usd, session, model: 'claude-opus-5-5' }], TOKEN[user]);
/** Asks again and again, with nothing kept that is fresh, until the answer says so. */
const answered = (user: User, event: string, wanted: RegExp): Promise<string> =>
  waitFor(`the guard to say ${wanted}`, async () => {
    const { out } = await ask(user, event);
    if (cache.files.length > 0) cache.age(60);
    return wanted.test(out) ? out : undefined;
  });

/** The budget itself, not the session that spends it. */
const USED_UP = /"stopReason":"The budget .* is used up: /;
const STOPS = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolBatch'];
const BLOCKS = ['PreCompact', 'PreModelSwitch'];

test('work goes on, is warned at 80 %, and stops at the limit, in the words of each event; a raise lifts it', async () => {
  await spend('ada', 0.2);
  expect((await ask('ada', 'UserPromptSubmit')).out).toBe('');
  await spend('ada', 0.65);
  cache.age(60);
  expect(await answered('ada', 'PostToolBatch', /systemMessage/)).toContain('80');
  expect((await ask('ada', 'PreToolUse')).out).toBe('');
  await spend('ada', 0.3);
  cache.age(60);
  const sentence = JSON.parse(await answered('ada', 'PostToolBatch', USED_UP)).stopReason;
  expect(sentence).toContain('each');
  expect(sentence).toContain('#ask-platform');
  for (const event of STOPS) expect(JSON.parse((await ask('ada', event)).out)).toMatchObject({ continue: false });
  for (const event of BLOCKS) expect(JSON.parse((await ask('ada', event)).out)).toMatchObject({ decision: 'block' });
  expect(JSON.parse((await ask('ada', 'SessionStart')).out)).toHaveProperty('systemMessage');
  // A new session of the same user, and nobody else's.
  expect(JSON.parse((await ask('ada', 'UserPromptSubmit', 'new')).out)).toMatchObject({ continue: false });
  expect((await ask('ben', 'UserPromptSubmit')).out).toBe('');
  const wrapped = await runScript(join(CLIENT, 'run.sh'), ['--', 'echo', 'started'], '', { env: envOf(TOKEN.ada) });
  expect([wrapped.out, wrapped.code]).toEqual(['', 75]);
  const raised = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/budgets/${encodeURIComponent('each/ada@example.com')}/raises`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN.admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ by: '5.00', until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10), why: 'release week' }),
  });
  expect(raised.status).toBeLessThan(300);
  await waitFor('the raise', async () => {
    cache.age(60);
    return (await ask('ada', 'UserPromptSubmit')).out === '';
  });
});

test('a resumed session and a change of the model show what the cache costs that has to be written', async () => {
  const cold = { source: 'resume', estimated_cache_write_usd: 1.25 };
  const input = inputOf('SessionStart', { session_id: 'cold', ...cold });
  expect((await hook(input, { env: envOf(TOKEN.ben) })).out).toMatch(/systemMessage.*rebuilds the cache: about .*1\.25/);
});

test('under load, every hook gets its answer', async () => {
  let isOver = false;
  let acknowledged = 0;
  const load = Array.from({ length: 4 }, async (_, sender) => {
    for (let count = 0; !isOver; count++) {
      const requests = Array.from({ length: 50 }, () => ({ usd: 0.000_001, session: `load-${sender}-${count}` }));
      await sendRequests(collector.ports.otlpHttp, requests, TOKEN.admin);
      acknowledged += requests.length;
    }
  });
  try {
    await spend('ben', 3);
    await answered('ben', 'PreToolUse', USED_UP);
    const before = acknowledged;
    const all = await Promise.all(Array.from({ length: 24 }, (_, index) => ask('ben', STOPS[index % STOPS.length] ?? '', `of-ben-${index % 8}`)));
    const why = cache.files.includes('away') ? cache.read('away') : '';
    expect(all.map(({ out, err, code }) => [out.startsWith('{"continue":false'), err, code, why])).toEqual(all.map(() => [true, '', 0, '']));
    await waitFor('the load to have gone on meanwhile', () => acknowledged > before);
  } finally {
    isOver = true;
    await Promise.all(load);
  }
});

test('a collector that hangs, and one that is gone: the last answer holds, with its age, and then the configuration decides', async () => {
  await spend('ben', 3);
  await answered('ben', 'UserPromptSubmit', USED_UP);
  collector.child.kill('SIGSTOP');
  try {
    const { out } = await ask('ben', 'UserPromptSubmit', undefined, { LEDGERLINE_GUARD_TIMEOUT_SECONDS: '1' });
    expect(JSON.parse(out).stopReason).toMatch(/\(Answer of \d+ (s|min) ago: the collector at .* does not answer\.\)$/);
    expect((await ask('ben', 'UserPromptSubmit', 'unknown', { LEDGERLINE_GUARD_TIMEOUT_SECONDS: '1' })).out).toBe('');
    const closed = { LEDGERLINE_GUARD_TIMEOUT_SECONDS: '1', LEDGERLINE_GUARD_ON_FAILURE: 'closed' };
    expect(JSON.parse((await ask('ben', 'UserPromptSubmit', 'unknown', closed)).out)).toMatchObject({ continue: false });
  } finally {
    collector.child.kill('SIGCONT');
  }
  await answered('ben', 'UserPromptSubmit', USED_UP);
  await collector.kill();
  expect(JSON.parse((await ask('ben', 'UserPromptSubmit')).out)).toMatchObject({ continue: false });
  cache.age(4000);
  expect((await ask('ben', 'UserPromptSubmit')).out).toBe('');
  collector = await spawnCollector(data, CONFIG);
  await answered('ben', 'UserPromptSubmit', USED_UP);
});

test('a token that the collector does not know any more is reported once, and lifts no stop', async () => {
  const gone = { LEDGERLINE_TOKEN: 'll_token-of-somebody-who-left' };
  const out = await waitFor('the refusal', async () => {
    const said = (await ask('ada', 'UserPromptSubmit', 'left', gone)).out;
    if (cache.files.includes('away')) cache.age(60);
    return said === '' ? undefined : said;
  });
  expect(JSON.parse(out).systemMessage).toContain('refuses the token (HTTP 401)');
  for (const event of STOPS) expect((await ask('ada', event, 'left', gone)).out).toBe('');
  cache.age(60);
  await answered('ben', 'UserPromptSubmit', USED_UP);
  expect(JSON.parse((await ask('ben', 'UserPromptSubmit', undefined, gone)).out)).toMatchObject({ continue: false });
});
