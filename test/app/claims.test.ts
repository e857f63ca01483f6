/** What a token names holds, whatever its clients say, and nobody's records reach the sessions of whom another token names. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AnalysisAnswer } from '../../collector/query/analyze.ts';
import type { BudgetListAnswer } from '../../collector/query/budget-answers.ts';
import type { ExplainAnswer } from '../../collector/query/explain.ts';
import type { MyBudgetAnswer } from '../../collector/query/my-budget.ts';
import type { SessionListAnswer } from '../../collector/query/sessions.ts';
import type { WholeStatus } from '../../collector/query/status.ts';
import { MESSAGES } from '../ingest/otlp/decode/otlp-schema.ts';
import { grpcCaller } from '../ingest/otlp/harness.ts';
import { type Claimed, costs, logs, startWithTokens, type TokenCollector } from './tokens.ts';

const TOKENS = {
  alice: { user: 'alice@example.com', team: 'a' },
  'alice-renewed': { user: 'Alice@example.com', team: 'a' },
  a: { team: 'a' },
  b: { team: 'b' },
  shared: {},
  'api-ci': { team: 'a', job: 'ci:acme/api/*' },
};

let running: TokenCollector | undefined;
afterEach(() => running?.stop());
const start = async (config: object = {}): Promise<TokenCollector> => {
  running = await startWithTokens(TOKENS, config);
  return running;
};

const BOB = { 'user.email': 'bob@example.com', 'team.id': 'b' };
const event = (usd: number, more: Partial<Claimed> = {}): Claimed => ({ session: 's', usd, ...more });

describe('a token that names a user', () => {
  const budgets = [{ name: 'each', scope: { user: 'bob@example.com' }, amount_usd: '1.00' }];

  test('cannot book on somebody else, nor spend what that one has left', async () => {
    const { send, spend, get } = await start({ budgets });
    await send('alice', logs(event(2, { attributes: BOB })));
    await send('alice', costs([event(2, { attributes: BOB })]));
    expect([await spend('user'), await spend('team')]).toEqual([{ 'alice@example.com': '2.00' }, { a: '2.00' }]);
    const bob = await get<MyBudgetAnswer>('me/budget?user=bob@example.com');
    expect([bob.seen, ...bob.budgets.map(({ spent }) => spent)]).toEqual([false, '0.00']);
    expect(await get<MyBudgetAnswer>('me/budget', 'alice')).toMatchObject({ user: 'alice@example.com', team: 'a' });
  });

  test('is named in the findings where its client says otherwise', async () => {
    const { send, get } = await start();
    await send('alice', logs(event(1, { attributes: BOB }), event(1, { attributes: { 'user.email': 'alice@example.com' } })));
    const { refusals, findings } = await get<WholeStatus>('status');
    expect(refusals.map(({ kind, detail, count }) => `${kind} ${detail} ${count}`).sort()).toEqual([
      'claim_overruled team 1',
      'claim_overruled user 1',
    ]);
    expect(findings.filter(({ code }) => code === 'claim_overruled')).toHaveLength(2);
  });

  test.each([
    ['gateway', { 'identity.source': 'gateway-oidc', ...BOB }, 'bob@example.com'],
    ['gateway', BOB, 'alice@example.com'],
    ['client', BOB, 'bob@example.com'],
  ])('under the policy %s with %p books on %s', async (claims, attributes, user) => {
    const { send, spend } = await start({ attribution: { claims } });
    await send('alice', logs(event(1, { attributes })));
    expect(await spend('user')).toEqual({ [user]: '1.00' });
  });
});

describe('a token of a job', () => {
  const RUN = { 'cicd.pipeline.name': 'nightly', 'cicd.pipeline.run.id': '7', 'vcs.ref.head.name': 'fix/login' };

  test('books its events and its metric once, on the job and on no user, and leaves the sessions of others alone', async () => {
    const { send, spend, session } = await start({ budgets: [{ name: 'each', per: 'job', amount_usd: '1.00', hard_limit: true }] });
    const run = event(2, { attributes: { ...RUN, ...BOB } });
    await send('api-ci', logs(run));
    await send('api-ci', costs([run]));
    await send('b', logs(event(5, { attributes: { ...RUN, 'ci.workflow': 'ci:acme/api/nightly', ...BOB } })));
    expect(await spend('job')).toEqual({ 'ci:acme/api/nightly': '2.00', none: '5.00' });
    expect(await spend('user')).toEqual({ unallocated: '2.00', 'bob@example.com': '5.00' });
    expect([await spend('branch'), await spend('run')]).toEqual([
      { 'fix/login': '2.00', none: '5.00' },
      { 7: '2.00', none: '5.00' },
    ]);
    expect((await session('s')).also).toHaveLength(1);
  });

  test('is told apart from what has no user', async () => {
    const { send, get } = await start({ budgets: [{ name: 'each', per: 'job', amount_usd: '1.00', hard_limit: true }] });
    await send('api-ci', logs(event(3, { attributes: { 'cicd.pipeline.name': 'ci:acme/web/deploy' } })));
    await send('a', logs(event(1, { session: 't' })));
    const { findings, senders, refusals } = await get<WholeStatus>('status');
    expect(senders.map(({ job }) => job).sort()).toEqual(['ci:acme/api/ci:acme-web-deploy', 'none']);
    expect(findings.find(({ code }) => code === 'unallocated_user')?.message).toMatch(/^50 % /);
    expect(refusals.map(({ kind, detail }) => `${kind} ${detail}`)).toEqual(['claim_overruled job']);
    expect((await get<AnalysisAnswer>('analysis')).quality.unallocated_user).toBe(0.25);
    const { findings: found } = await get<ExplainAnswer>('explain');
    expect(found.find(({ code }) => code === 'unallocated')?.title).toMatch(/^\$1\.00, 25 % /);
    const { budgets } = await get<BudgetListAnswer>('budgets?forecast=false');
    expect(budgets.map(({ key, stopped }) => [key, stopped])).toEqual([['each/ci:acme/api/ci:acme-web-deploy', true]]);
  });
});

/** What A's session is, with nothing of B in it. */
async function expectUntouched({ session, spend, get }: TokenCollector): Promise<void> {
  const a = await session('s');
  expect(a).toMatchObject({ session_id: 's', team: 'a', cost_usd: '3.00', cost_usd_events: '3.00', requests: 1, shares: [] });
  expect(await spend('team')).toEqual({ a: '3.00', b: '0.000001' });
  expect(a.also).toEqual([expect.objectContaining({ team: 'b', cost_usd: '0.000001' })]);
  expect(await session(a.also[0]?.full_id ?? '')).toMatchObject({ session_id: 's', team: 'b', cost_usd: '0.000001' });
  const { counters } = await get<WholeStatus>('status');
  expect(counters).toMatchObject({ conflicts: 0, duplicates: 0 });
}

describe('a session', () => {
  const REQUEST = { request: 'req_known' };

  test.each([
    ['before', ['b', 'a']],
    ['after', ['a', 'b']],
  ])('is not taken over, and its request not spent, by another token %s the true record', async (_when, order) => {
    const collector = await start();
    for (const token of order) await collector.send(token, logs(event(token === 'a' ? 3 : 0.000001, REQUEST)));
    await expectUntouched(collector);
  });

  test('is not taken over over gRPC either', async () => {
    const collector = await start();
    const { call, close } = grpcCaller(collector.collector.ports.otlpGrpc);
    const { logs: message } = MESSAGES;
    for (const token of ['b', 'a']) {
      const body = logs(event(token === 'a' ? 3 : 0.000001, REQUEST));
      await call('logs', Buffer.from(message.encode(message.fromObject(body)).finish()), { authorization: `Bearer ${token}` });
    }
    close();
    await expectUntouched(collector);
  });

  test('of one user goes on by another token that names the same', async () => {
    const { send, session } = await start();
    const first = event(1, { ...REQUEST, atMs: Date.now() });
    await send('alice', logs(first));
    await send('alice-renewed', logs(first, event(2)));
    await send('alice-renewed', costs([event(3)]));
    expect(await session('s')).toMatchObject({ cost_usd: '3.00', cost_usd_metrics: '3.00', requests: 2, also: [] });
  });

  test('is everybody’s by tokens that name nobody', async () => {
    const { send, session, get } = await start();
    await send('shared', logs(event(1, { ...REQUEST, attributes: BOB })));
    await send('shared', costs([event(1, { attributes: BOB })]));
    expect(await session('s')).toMatchObject({ user: 'bob@example.com', team: 'b', cost_usd: '1.00', full_id: 's~', also: [] });
    expect((await get<SessionListAnswer>('sessions')).sessions.map(({ session_id }) => session_id)).toEqual(['s']);
  });

  test('cannot be reached by its full id as somebody’s session.id', async () => {
    const { send, session, spend } = await start();
    await send('a', logs(event(3)));
    const { full_id } = await session('s');
    await send('shared', logs(event(1, { session: full_id })));
    expect(await spend('team')).toEqual({ a: '3.00', unallocated: '1.00' });
    expect(await session('s')).toMatchObject({ cost_usd: '3.00', also: [] });
  });

  test('is listed once for each realm, each with a full id of its own, and each is found by it', async () => {
    const { send, session, get } = await start();
    for (const [token, usd] of [
      ['a', 1],
      ['b', 2],
      ['shared', 3],
    ] as const)
      await send(token, logs(event(usd)));
    const { sessions } = await get<SessionListAnswer>('sessions?order=cost');
    expect(sessions.map(({ session_id, cost_usd }) => [session_id, cost_usd])).toEqual([
      ['s', '3.00'],
      ['s', '2.00'],
      ['s', '1.00'],
    ]);
    for (const { full_id, cost_usd } of sessions) expect((await session(full_id)).cost_usd).toBe(cost_usd);
    expect((await session('s')).also.map(({ full_id }) => full_id)).toEqual(sessions.slice(1).map(({ full_id }) => full_id));
  });
});

describe('records without a session', () => {
  const lost = (usd: number): Claimed => ({ usd });

  test('of a token are booked once with its sessions, and not with those of others', async () => {
    const { send, spend } = await start();
    await send('a', logs(event(2)));
    await send('a', costs([lost(2)]));
    await send('shared', costs([lost(2)]));
    await send('b', logs(event(5)));
    expect(await spend('team')).toEqual({ a: '2.00', b: '5.00', unallocated: '2.00' });
  });
});
