/** GET /api/v1/me/guard: who may ask about which session, what holds for it, and what a hook prints. */
import { hash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { storedSessionId } from '../../collector/catalog/session-ids.ts';
import type { Config } from '../../collector/config/config.ts';
import { configSchema } from '../../collector/config/config.ts';
import { createRealms } from '../../collector/ingest/attribution/realm.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { GuardAnswer } from '../../collector/query/guard.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { type Answer, type Problem, startApi, type TestApi } from './support.ts';

const token = (name: string, more: object = {}) =>
  ({ name, role: 'ingest', sha256: hash('sha256', name), ...more }) as Config['auth']['tokens'][number];
const bearer = (name: string) => ({ authorization: `Bearer ${name}` });

const TOKENS = [
  token('alice', { user: 'alice@example.com' }),
  token('bob', { user: 'bob@example.com' }),
  token('everybody'),
  token('nightly', { job: 'ci:acme/api/nightly' }),
  token('api-ci', { job: 'ci:acme/api/*' }),
  token('data', { team: 'data' }),
  token('reader', { role: 'read', scope: 'all' }),
  token('lead', { role: 'read', scope: { teams: ['data'] } }),
];
const BUDGETS = [
  { name: 'each', per: 'user', period: 'day', amount_usd: '20.00', hard_limit: true },
  { name: 'platform', scope: { team: 'platform' }, amount_usd: '100.00', hard_limit: true },
  { name: 'vault', scope: { workspace: 'vault' }, amount_usd: '5.00', hard_limit: true },
  { name: 'repositories', per: 'repository', period: 'week', amount_usd: '8.00', hard_limit: true },
  { name: 'opus', scope: { model: 'claude-opus-5-5' }, amount_usd: '1.00', hard_limit: true },
  { name: 'soft', scope: { team: 'platform' }, period: 'day', amount_usd: '1.00' },
];

const realmOf = createRealms({ attribution: configSchema.parse({}).attribution, pseudonymize: undefined });
/** As the receiver stores the id of what this token sends. */
const sent = (name: string, sessionId: string): string => {
  const owner = TOKENS.find((one) => one.name === name);
  return storedSessionId(
    sessionId,
    realmOf({ ...(owner?.user !== undefined && { user: owner.user }), ...(owner?.team !== undefined && { team: owner.team }) }),
  );
};

let count = 0;
type More = Partial<Pick<Entry, 'timeMs' | 'dimensions'>> & { readonly team?: string };
const spent = (user: string, sessionId: string, cost: string, more: More = {}): Entry =>
  event({ id: String(count++), user, sessionId, cost, ...more });

let api: TestApi;
afterEach(() => api.stop());

const start = async (entries: readonly Entry[], { guard = {}, budgets = BUDGETS as object[], tokens = TOKENS, server = {} } = {}): Promise<void> => {
  api = await startApi({
    nowMs: NOON,
    config: { budgets, guard, server },
    ...(tokens.length > 0 && { authenticate: createAuthenticator(tokens, { exposed: true }) }),
  });
  if (entries.length > 0) await api.append(entries);
};

const ask = (query: Record<string, string>, name?: string): Promise<Answer<GuardAnswer>> =>
  api.get<GuardAnswer>(`/api/v1/me/guard?${new URLSearchParams(query)}`, name === undefined ? {} : bearer(name));
const hook = async (query: Record<string, string>, name?: string): Promise<string> => (await ask({ ...query, format: 'hook' }, name)).text;

describe('of a job of CI', () => {
  const budgets = [
    { name: 'nightly', scope: { job: 'ci:acme/api/nightly' }, amount_usd: '10.00', hard_limit: true },
    { name: 'jobs', per: 'job', amount_usd: '100.00', hard_limit: true },
  ];
  const job = (cost: string, name = 'ci:acme/api/nightly') =>
    event({ id: String(count++), user: '', sessionId: `run-${count}`, cost, dimensions: { job: name, user: '' } });

  test('is decided by the hard limits of the job that its token names, before and after its first record', async () => {
    await start([job('9')], { budgets });
    expect((await ask({ event: 'UserPromptSubmit', session: 'new' }, 'nightly')).body).toMatchObject({
      decision: 'warn',
      budget: { key: 'nightly' },
    });
    await api.append([job('2')]);
    expect((await ask({ event: 'UserPromptSubmit', session: 'new' }, 'nightly')).body).toMatchObject({
      decision: 'stop',
      budget: { key: 'nightly' },
    });
    await api.append([job('90')]);
    const stopped = (await ask({ event: 'UserPromptSubmit', session: 'new' }, 'nightly')).body;
    expect([stopped.decision, ['nightly', 'jobs/ci:acme/api/nightly'].includes(stopped.budget?.key ?? '')]).toEqual(['stop', true]);
  });

  test.each(['alice', 'everybody', 'api-ci'])('is no limit of the token %s', async (name) => {
    await start([job('500')], { budgets });
    expect((await ask({ event: 'UserPromptSubmit', session: 'new' }, name)).body).toMatchObject({ decision: 'allow', budget: null });
  });
});

describe('decides', () => {
  test('by the hard limits of the user, and says which one, how much, until when, and how to get more', async () => {
    await start([spent('alice@example.com', sent('alice', 's1'), '21.50')], { guard: { contact: 'the platform leads' } });
    const { status, body, headers } = await ask({ session: 's1', event: 'UserPromptSubmit' }, 'alice');
    expect({ status, body, cache: headers.get('cache-control') }).toEqual({
      status: 200,
      cache: 'private, max-age=10',
      body: {
        decision: 'stop',
        reason: 'budget',
        message: expect.stringMatching(
          /^The budget "each" of user alice@example\.com is used up: \$21\.50 of \$20\.00 spent\. .*ask the platform leads, or run: ledgerline budget request each\/alice@example\.com --by 5 /,
        ),
        ...{ user: 'alice@example.com', team: 'platform', workspace: 'unallocated', session_cost_usd: '21.50' },
        budget: {
          key: 'each/alice@example.com',
          unit: 'usd',
          spent: '21.50',
          limit: '20.00',
          period_end: '2026-11-21T00:00:00.000Z',
          time_zone: 'UTC',
        },
        ...{ as_of: '2026-11-20T12:00:00.000Z', age_seconds: 0, evaluated_at: '2026-11-20T12:00:00.000Z', fresh_for_seconds: 10 },
      },
    });
  });

  test('allows where nothing is reached, and says for how long', async () => {
    await start([spent('alice@example.com', sent('alice', 's1'), '2')]);
    const { body, headers } = await ask({ session: 's1', event: 'UserPromptSubmit' }, 'alice');
    expect(body).toMatchObject({ decision: 'allow', reason: null, message: null, budget: null, session_cost_usd: '2.00' });
    expect(headers.get('cache-control')).toBe('private, max-age=15');
    // Of the front: the reader's thread, which sets the headers of pages, was asked together with others.
    expect(headers.get('content-security-policy')).toBeNull();
    expect(await hook({ session: 's1', event: 'UserPromptSubmit' }, 'alice')).toBe('{}');
  });

  test('warns at a threshold with a text that stays the same until there is something new', async () => {
    await start([spent('alice@example.com', sent('alice', 's1'), '16', { timeMs: NOON - 3_600_000 })]);
    const first = await ask({ session: 's1', event: 'UserPromptSubmit' }, 'alice');
    await api.append([spent('alice@example.com', sent('alice', 's1'), '1')]);
    const second = await ask({ session: 's1', event: 'PostToolBatch' }, 'alice');
    expect(first.body).toMatchObject({ decision: 'warn', reason: 'threshold', budget: { key: 'each/alice@example.com' }, fresh_for_seconds: 5 });
    expect(second.body).toMatchObject({ decision: 'warn', session_cost_usd: '17.00', message: first.body.message });
  });

  test.each([
    ['team', spent('bob@example.com', 'other', '100'), 'platform'],
    ['workspace', spent('bob@example.com', 'other', '6', { team: 'data', dimensions: { workspace: 'vault' } }), 'vault'],
    ['repository', spent('bob@example.com', 'other', '8', { team: 'data', dimensions: { repository: 'acme/api' } }), 'repositories/acme/api'],
  ])('by the hard limits of the %s of the session, whoever spent it', async (_, other, key) => {
    const where = { dimensions: { workspace: 'vault', repository: 'acme/api' } };
    await start([other, spent('alice@example.com', sent('alice', 's1'), '0.01', where)]);
    expect((await ask({ session: 's1', event: 'UserPromptSubmit' }, 'alice')).body).toMatchObject({ decision: 'stop', budget: { key } });
  });

  test('not by a limit of a model, which a session has several of, and not by one that is not hard', async () => {
    await start([spent('alice@example.com', sent('alice', 's1'), '3')]);
    expect((await ask({ session: 's1', event: 'UserPromptSubmit' }, 'alice')).body).toMatchObject({ decision: 'allow', budget: null });
  });

  test('of a session without a record by the user and team of the token', async () => {
    await start([spent('alice@example.com', 'old', '25'), spent('carol@example.com', 'older', '100', { team: 'data' })], {
      budgets: [...BUDGETS, { name: 'data', scope: { team: 'data' }, amount_usd: '50.00', hard_limit: true }],
    });
    expect((await ask({ session: 'new', event: 'UserPromptSubmit' }, 'alice')).body).toMatchObject({
      ...{ decision: 'stop', user: 'alice@example.com', team: 'platform', workspace: null, session_cost_usd: null },
      budget: { key: 'each/alice@example.com' },
    });
    expect((await ask({ session: 'new', event: 'UserPromptSubmit' }, 'data')).body).toMatchObject({
      ...{ decision: 'stop', user: null, team: 'data', session_cost_usd: null },
      budget: { key: 'data' },
    });
    expect((await ask({ event: 'UserPromptSubmit' }, 'everybody')).body).toMatchObject({ decision: 'allow', user: null, team: null });
  });

  test('by the limits of one session, which a team may have of its own', async () => {
    const guard = { session: { warn_usd: '2', stop_usd: '10' }, teams: [{ team: 'data', session: { stop_usd: '3' }, contact: '#data' }] };
    await start([spent('alice@example.com', sent('alice', 's1'), '3'), spent('bob@example.com', sent('bob', 's2'), '3', { team: 'data' })], {
      guard,
    });
    expect((await ask({ session: 's1', event: 'UserPromptSubmit' }, 'alice')).body).toMatchObject({
      decision: 'warn',
      reason: 'session_cost',
      budget: null,
    });
    expect((await ask({ session: 's2', event: 'UserPromptSubmit' }, 'bob')).body).toMatchObject({
      ...{ decision: 'stop', reason: 'session_cost' },
      message: expect.stringContaining('ask #data to raise'),
    });
  });

  test('a runaway session is stopped while something is left of the day', async () => {
    await start([spent('alice@example.com', sent('alice', 's1'), '12', { timeMs: NOON - 60_000 })]);
    expect((await ask({ session: 's1', event: 'PostToolBatch' }, 'alice')).body).toMatchObject({
      ...{ decision: 'stop', reason: 'runaway', budget: { key: 'each/alice@example.com', spent: '12.00', limit: '20.00' } },
      message: expect.stringContaining('$12.00 in the last 10 min, and $8.00 is left'),
    });
  });

  test('shows what a cold cache costs, and blocks a change of the model for it', async () => {
    await start([], { guard: { cold_cache_warn_usd: '0.40', cold_cache_stop_usd: '2.00' } });
    const of = async (name: string, estimate_usd: string) => (await ask({ session: 's', event: name, estimate_usd }, 'alice')).body;
    expect(await of('SessionStart', '0.4213')).toMatchObject({
      decision: 'warn',
      message: 'Resuming rebuilds the cache: about $0.42. For another task, begin another session with /clear instead.',
    });
    expect(await of('SessionStart', '3')).toMatchObject({ decision: 'warn' });
    expect(await of('PreModelSwitch', '2')).toMatchObject({ decision: 'stop', reason: 'cold_cache' });
    expect(await of('PreModelSwitch', '3.9e-1')).toMatchObject({ decision: 'allow' });
    expect(await of('UserPromptSubmit', '3')).toMatchObject({ decision: 'allow' });
  });

  test('without any token, as the session says', async () => {
    await start([spent('alice@example.com', 's1', '21')], { tokens: [] });
    expect((await ask({ session: 's1', event: 'UserPromptSubmit' })).body).toMatchObject({ decision: 'stop', user: 'alice@example.com' });
    expect((await ask({ session: 'new', user: 'Alice@Example.com' })).body).toMatchObject({ decision: 'stop', session_cost_usd: null });
    expect((await ask({ session: 'new' })).body).toMatchObject({ decision: 'allow', user: null });
  });
});

describe('a hook prints', () => {
  test.each([
    ['UserPromptSubmit', { continue: false, stopReason: expect.any(String) }],
    ['PreToolUse', { continue: false, stopReason: expect.any(String) }],
    ['PostToolUse', { continue: false, stopReason: expect.any(String) }],
    ['PostToolBatch', { continue: false, stopReason: expect.any(String) }],
    ['PreCompact', { decision: 'block', reason: expect.any(String) }],
    ['PreModelSwitch', { decision: 'block', reason: expect.any(String) }],
    ['SessionStart', { systemMessage: expect.any(String) }],
  ])('what stops %s', async (name, expected) => {
    await start([spent('alice@example.com', sent('alice', 's1'), '21')]);
    expect(JSON.parse(await hook({ session: 's1', event: name }, 'alice'))).toEqual(expected);
  });

  test('one line of JSON, whatever names are in it', async () => {
    const name = 'a"b\\c\nd\u2028e\u001b[31m<script>\u202e\ud83d';
    await start([spent(name, 's1', '21', { team: name, dimensions: { workspace: name } })], { tokens: [], guard: { contact: name } });
    const text = await hook({ session: 's1', event: 'UserPromptSubmit' });
    expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(text)).toEqual({ continue: false, stopReason: expect.stringContaining('a"b\\c\\nd\\u2028e\\u001b[31m<script>\\u202e') });
  });

  test('never more than 600 characters', async () => {
    const long = 'x'.repeat(400);
    await start([spent(`${long}@example.com`, 's1', '21', { team: long, timeMs: NOON - 3_600_000 })], {
      ...{ tokens: [], guard: { contact: 'y'.repeat(120), session: { warn_usd: '1' } } },
      budgets: [
        {
          name: 'z'.repeat(80),
          per: 'user',
          scope: { team: [long, ...Array.from({ length: 50 }, (_, index) => `team-${index}`)] },
          amount_usd: '26',
          hard_limit: true,
        },
        { name: 'q'.repeat(80), scope: { team: long }, amount_usd: '26', hard_limit: true },
      ],
      server: { public_url: `https://ledgerline.example.com/${'p'.repeat(300)}` },
    });
    for (const extra of ['0', '9']) {
      await api.append([spent(`${long}@example.com`, 's1', extra, { team: long })]);
      const { decision, message } = (await ask({ session: 's1', event: 'UserPromptSubmit' })).body;
      expect({ decision, length: (message ?? '').length < 600 }).toEqual({ decision: extra === '0' ? 'warn' : 'stop', length: true });
    }
  });
});

describe('whoever asks', () => {
  test("learns nothing of another user's session with a token of a user", async () => {
    await start([spent('bob@example.com', sent('bob', 's1'), '21', { team: 'data', dimensions: { workspace: 'vault' } })], {
      guard: { session: { warn_usd: '1', stop_usd: '2' } },
    });
    const unknown = await ask({ session: 'nowhere', event: 'UserPromptSubmit' }, 'alice');
    for (const session of ['s1', sent('bob', 's1'), `${sent('bob', 's1').slice(0, -1)}`, 's1~'])
      expect((await ask({ session, event: 'UserPromptSubmit' }, 'alice')).body).toEqual(unknown.body);
    expect((await ask({ session: 's1', event: 'UserPromptSubmit' }, 'bob')).body).toMatchObject({ decision: 'stop', session_cost_usd: '21.00' });
  });

  test('about another user is refused with a token that only sends', async () => {
    await start([]);
    for (const name of ['alice', 'everybody']) {
      const { status, body } = await ask({ user: 'bob@example.com' }, name);
      expect([status, (body as unknown as Problem).error.code]).toEqual([403, 'forbidden']);
    }
    expect((await ask({ user: 'Alice@Example.com' }, 'alice')).status).toBe(200);
  });

  test('with a token that names nobody finds what was sent with such a token, and nothing else', async () => {
    await start([spent('alice@example.com', sent('everybody', 'shared'), '21'), spent('bob@example.com', sent('bob', 's1'), '22')]);
    expect((await ask({ session: 'shared', event: 'UserPromptSubmit' }, 'everybody')).body).toMatchObject({
      decision: 'stop',
      user: 'alice@example.com',
    });
    for (const session of ['s1', sent('bob', 's1'), sent('bob', 's1').replace('~', '%7E')])
      expect((await ask({ session, event: 'UserPromptSubmit' }, 'everybody')).body).toMatchObject({
        decision: 'allow',
        user: null,
        session_cost_usd: null,
      });
    expect((await ask({ session: 'shared', event: 'UserPromptSubmit' }, 'data')).body).toMatchObject({
      user: null,
      team: 'data',
      session_cost_usd: null,
    });
  });

  test('with a token that reads a part is answered within it', async () => {
    await start([spent('alice@example.com', 's1', '21'), spent('bob@example.com', 's2', '22', { team: 'data' })]);
    expect((await ask({ session: 's1' }, 'lead')).body).toMatchObject({ user: null, session_cost_usd: null, decision: 'allow' });
    // The budget of a user lies in no team: it is not shown to a reader of the team.
    expect((await ask({ session: 's2' }, 'lead')).body).toMatchObject({ user: 'bob@example.com', session_cost_usd: '22.00', decision: 'allow' });
    expect((await ask({ session: 's2' }, 'reader')).body).toMatchObject({ user: 'bob@example.com', decision: 'stop' });
  });

  test('with a wrong token, or none, is refused with the remedy', async () => {
    await start([]);
    for (const name of ['expired', undefined]) {
      const { status, body } = await ask({ session: 's1', event: 'UserPromptSubmit' }, name);
      expect([status, body]).toEqual([401, expect.objectContaining({ code: 'unauthenticated', hint: expect.stringContaining('auth.tokens') })]);
    }
  });

  test('with the id of no session, whatever is in it, gets the answer of one that is unknown', async () => {
    await start([spent('alice@example.com', 's1', '1')], { tokens: [] });
    const unknown = await ask({ session: 'nowhere' });
    for (const session of ["' OR 1=1 --", '"; DROP TABLE sessions; --', 'a\nb\r\nc', '\u0000', '%', 's1%', 's_', '', '~', 'x'.repeat(512)])
      expect({ session, body: (await ask({ session })).body }).toEqual({ session, body: unknown.body });
  });

  test('cannot send what only the front sends to the reader', async () => {
    await start([spent('alice@example.com', 's1', '21')]);
    const body = JSON.stringify([{ url: '/api/v1/me/guard?session=s1', headers: {}, peer: '{"address":"127.0.0.1"}' }]);
    const answer = await fetch(`${api.url}/together`, { method: 'POST', body, headers: { ...bearer('alice'), 'x-ledgerline-peer': '' } });
    expect([answer.status, await answer.text()]).toEqual([405, expect.not.stringContaining('decision')]);
  });

  test('is refused with the name of what is wrong', async () => {
    await start([], { tokens: [] });
    const WRONG: readonly (readonly [string, Record<string, string>])[] = [
      ['session', { session: 'x'.repeat(513) }],
      ['event', { session: 's', event: 'User Prompt' }],
      ['event', { session: 's', event: 'x'.repeat(65) }],
      ['estimate_usd', { session: 's', estimate_usd: 'about a dollar' }],
      ['estimate_usd', { session: 's', estimate_usd: '-1' }],
      ['estimate_usd', { session: 's', estimate_usd: 'NaN' }],
      ['format', { session: 's', format: 'csv' }],
      ['prompt', { session: 's', prompt: 'write a poem' }],
    ];
    for (const [parameter, query] of WRONG) {
      const { status, body } = await ask(query);
      expect([query, status, body]).toEqual([query, 400, expect.objectContaining({ parameter })]);
    }
  });
});

test('a change of the ledger or of a budget is in the next answer', async () => {
  await start([spent('alice@example.com', sent('alice', 's1'), '20')]);
  expect((await ask({ session: 's1' }, 'alice')).body.decision).toBe('stop');
  await api.options.budgets.raise(
    { key: 'each/alice@example.com', amount: usd('30'), fromMs: NOON, untilMs: NOON + 1e6, why: 'release' },
    { who: 'test', atMs: NOON },
  );
  expect((await ask({ session: 's1' }, 'alice')).body).toMatchObject({ decision: 'allow' });
});
