/** The page behind the link of the guard: looking changes nothing, posting asks as the user's token would, and nothing else can be done with it. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { requestUrl } from '../../collector/alerts/request-link.ts';
import { configSchema } from '../../collector/config/config.ts';
import { type MoreLink, moreUrl } from '../../collector/guard/more-link.ts';
import type { GuardAnswer } from '../../collector/query/guard.ts';
import { signLink } from '../../collector/server/signed-link.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { openPage, type Page, postForm } from './pages.ts';
import { startApi, type TestApi } from './support.ts';

const KEY = Buffer.alloc(32, 7);
const HOUR_MS = 3_600_000;
const NOW = NOON + 60_000;
const MIDNIGHT = NOON + 12 * HOUR_MS;
const HOSTILE = '<script>alert(1)</script> "x" \u202e & <!channel>';
const BUDGETS = [
  { name: 'each', per: 'user', period: 'day', amount_usd: '20.00', hard_limit: true },
  { name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00', hard_limit: true },
  { name: 'tokens', scope: { team: 'platform' }, tokens: { amount: 100_000_000, classes: ['input', 'output'] } },
  { name: 'data', scope: { team: 'data' }, amount_usd: '5.00', hard_limit: true },
  { name: 'vault', scope: { workspace: 'vault' }, amount_usd: '5.00', hard_limit: true },
];
const token = (name: string, more: object) => ({ name, sha256: createHash('sha256').update(name).digest('hex'), ...more });
const { auth } = configSchema.parse({
  auth: {
    tokens: [
      token('ada', { role: 'ingest', user: 'ada@example.com' }),
      token('everybody', { role: 'ingest' }),
      token('reader', { role: 'read', scope: 'all' }),
      token('ops', { role: 'admin' }),
    ],
  },
});
const PUBLIC = 'https://ledgerline.example.com';

let api: TestApi;
let count = 0;
const start = async (server: object, more: object = {}): Promise<void> => {
  api = await startApi({
    nowMs: NOW,
    config: { budgets: BUDGETS, auth, server, ...more },
    authenticate: createAuthenticator(auth.tokens),
    requestKey: KEY,
  });
  await api.append([spent('21.5')]);
};
const spent = (cost: string, more: object = {}) =>
  event({ id: String(count++), user: 'ada@example.com', team: 'platform', sessionId: 's1', cost, ...more });
beforeEach(() => start({ public_url: PUBLIC }));
afterEach(() => api.stop());

const link = (given: Partial<MoreLink> = {}, key: Uint8Array = KEY): string =>
  moreUrl({ key: 'each/ada@example.com', user: 'ada@example.com', untilMs: MIDNIGHT, ...given }, key, '');

const open = (path: string, method = 'GET'): Promise<Page> => openPage(`${api.url}${path}`, method);
const GOOD = { by: '5', why: 'release week' };
const post = (path: string, fields: Record<string, string> = GOOD, headers: Record<string, string> = {}): Promise<Page> =>
  postForm(`${api.url}${path}`, fields, headers);
const asked = () => api.options.budgets.requests({ limit: 100 });
const guard = async (name: string, query = ''): Promise<GuardAnswer> => {
  const { body } = await api.get<GuardAnswer>(`/api/v1/me/guard?event=UserPromptSubmit${query}`, { authorization: `Bearer ${name}` });
  return body;
};

describe('the sentence of the guard', () => {
  test('leads to the page, by which one asks', async () => {
    const { decision, message } = await guard('ada');
    const url = /https:\S+$/.exec(message ?? '')?.[0] ?? '';
    expect([decision, url]).toEqual(['stop', `${PUBLIC}${link()}`]);
    expect((await post(url.slice(PUBLIC.length))).status).toBe(303);
    expect(await asked()).toMatchObject([{ key: 'each/ada@example.com', user: 'ada@example.com', who: 'link:guard', amount: 5n * 10n ** 12n }]);
  });

  test.each([
    ['somebody who reads about the user', 'reader', '&user=ada@example.com'],
    ['an admin who reads about the user', 'ops', '&user=ada@example.com'],
    ['a reader of the session', 'reader', '&session=s1'],
    ['a token of nobody', 'everybody', '&session=s1'],
  ])('has no such link for %s', async (_, name, query) => {
    const { message } = await guard(name, query);
    expect(message ?? '').not.toContain('/more/');
  });

  test('leads to the board where the budget is not one that the user can ask for', async () => {
    await api.append([spent('9', { sessionId: 's2', dimensions: { workspace: 'vault' } })]);
    await api.options.budgets.raise(
      { key: 'each', amount: 100n * 10n ** 12n, unit: 'usd', fromMs: 0, untilMs: MIDNIGHT, why: 'x' },
      { who: 'ops', atMs: NOW - 1 },
    );
    const { decision, budget, message } = await guard('ada', '&session=s2');
    expect([decision, budget?.key]).toEqual(['stop', 'vault']);
    expect(message).toMatch(/ ask whoever manages your budgets\. https:\S+\/boards\/budgets$/);
  });

  test('leads to the page of an own budget that counts one workspace alone', async () => {
    const budgets = [{ name: 'own', per: 'user', scope: { workspace: 'vault' }, amount_usd: '5.00', hard_limit: true }];
    await api.stop();
    await start({ public_url: PUBLIC }, { budgets });
    await api.append([spent('9', { sessionId: 's2', dimensions: { workspace: 'vault' } })]);
    const { message } = await guard('ada', '&session=s2');
    expect(message).toContain('ledgerline budget request own/ada@example.com --by 2 ');
    const url = /https:\S+$/.exec(message ?? '')?.[0] ?? '';
    expect((await post(url.slice(PUBLIC.length))).status).toBe(303);
    expect(await asked()).toMatchObject([{ key: 'own/ada@example.com', user: 'ada@example.com' }]);
  });

  test('has no link without an address for readers', async () => {
    await api.stop();
    await start({});
    const { decision, message } = await guard('ada');
    expect([decision, message?.includes('http')]).toEqual(['stop', false]);
  });
});

describe('the page', () => {
  test('shows budget, spend, limit and until when, with a form; looking changes nothing', async () => {
    for (const method of ['GET', 'HEAD', 'GET']) expect((await open(link(), method)).status).toBe(200);
    const { text, headers } = await open(link());
    for (const part of [
      'More of the budget each/ada@example.com',
      'each/ada@example.com, of user ada@example.com',
      '$21.50',
      '$20.00',
      'Sat 21 Nov 2026, 00:00 (UTC)',
      '<form method="post">',
      'name="by" inputmode="decimal" maxlength="30" size="12" value="5"',
      'Ask for more',
    ])
      expect(text).toContain(part);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(await asked()).toEqual([]);
  });

  test('asks by a post, says what happens next, and shows the open request instead of the form', async () => {
    const answered = await post(link());
    expect([answered.status, answered.headers.get('location')]).toEqual([303, link()]);
    const { text } = await open(link());
    expect(text).toContain('Request 1 asks for $5.00 more until the end of Fri 20 Nov 2026: &quot;release week&quot;');
    expect(text).toContain('It waits for an approver until Sat 21 Nov 2026, 00:00 (UTC).');
    expect(text).not.toContain('<form');
    const again = await post(link());
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('Request 1 for &quot;each/ada@example.com&quot; is still open')]);
    expect(await asked()).toHaveLength(1);
  });

  test('shows what became of it', async () => {
    await post(link());
    const [request] = await asked();
    if (request === undefined) throw new Error('nothing was asked');
    await api.options.budgets.end(request, 'request_denied', HOSTILE, { who: 'ops', atMs: NOW });
    const { text } = await open(link());
    expect(text).toContain('ops denied request 1: ');
    expect(text).not.toContain('<form');
    expect(text).not.toContain('<script>alert');
  });

  test('shows the form again once what was approved is used up, or the request was withdrawn', async () => {
    await post(link());
    const [request] = await asked();
    if (request === undefined) throw new Error('nothing was asked');
    const { key, amount, unit, untilMs, why, id } = request;
    await api.options.budgets.raise({ key, amount, unit, fromMs: NOW - 1, untilMs, why, request: id }, { who: 'ops', atMs: NOW - 1 });
    const approved = (await open(link())).text;
    expect([approved.includes('ops raised the budget'), approved.includes('<form')]).toEqual([true, false]);
    await api.append([spent('9')]);
    const usedUp = (await open(link())).text;
    expect([usedUp.includes('ops raised the budget'), usedUp.includes('<form')]).toEqual([true, true]);
    const team = link({ key: 'platform' });
    await post(team);
    const [second] = await asked();
    if (second !== undefined) await api.options.budgets.end(second, 'request_withdrawn', undefined, { who: 'ada', atMs: NOW });
    expect((await open(team)).text).toContain('<form');
  });

  test.each([
    ['no amount', { by: '', why: 'x' }],
    ['a hostile amount', { by: HOSTILE, why: 'x' }],
    ['too much', { by: '100000', why: 'x' }],
    ['no reason', { by: '5', why: ' ' }],
    ['a reason that is too long', { by: '5', why: 'x'.repeat(501) }],
  ])('refuses %s with the remedy and the form', async (_, fields) => {
    const refused = await post(link(), fields);
    expect([refused.status, refused.text.includes('role="status"'), refused.text.includes('<form')]).toEqual([400, true, true]);
    expect(refused.text).not.toContain('<script>alert');
    expect(refused.text).not.toContain('\u202e');
    expect(await asked()).toEqual([]);
  });

  test('of a budget of tokens suggests no amount, and of one per team raises that of the team', async () => {
    expect((await open(link({ key: 'tokens' }))).text).toContain('value="" required');
    expect((await post(link({ key: 'tokens' }), { by: '1000000', why: HOSTILE })).status).toBe(303);
    const { text } = await open(link({ key: 'tokens' }));
    expect(text).toContain('1,000,000 tokens more');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('\u202e');
  });

  test('makes no more requests in a day than the API does', async () => {
    await api.stop();
    await start({ public_url: PUBLIC }, { budget_requests: { per_user_per_day: 1 } });
    expect((await post(link())).status).toBe(303);
    const refused = await post(link({ key: 'platform' }));
    expect([refused.status, refused.text]).toEqual([429, expect.stringContaining('budget_requests.per_user_per_day')]);
    expect(await asked()).toHaveLength(1);
  });
});

describe('whoever attacks', () => {
  test('with a link that was forged, cut, mixed or signed for something else gets the remedy, in the same words', async () => {
    const [text = '', mac = ''] = link().split('/').at(-1)?.split('.') ?? [];
    const [other = ''] = link({ user: 'bob@example.com' }).split('/').at(-1)?.split('.') ?? [];
    const minute = MIDNIGHT / 60_000;
    const approval = requestUrl({ request: 1, answer: 'approve', channel: 'x', untilMs: MIDNIGHT }, KEY, '').split('/').at(-1) ?? '';
    const forged = [
      ...['x', text, `${text}.`, `.${mac}`, `${text}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`, `${text}.${mac.slice(0, -2)}`],
      ...[`${text}.${mac}.x`, `${text}.${mac}${mac}`, `${other}.${mac}`, 'x'.repeat(5_000), approval],
      link({}, Buffer.alloc(32, 8)).split('/').at(-1) ?? '',
      signLink(KEY, 'budget request', [minute, 'each/ada@example.com'], 16),
      signLink(KEY, 'more budget', [minute, 'each/ada@example.com']),
      ...[{}, [minute], [`${minute}`, 'each'], [minute, 1], [minute, 'a', 'b', 'c']].map((data) => signLink(KEY, 'more budget', data, 16)),
    ];
    const words = (await open('/more/x')).text;
    expect(words).toContain('Ask with the command: ledgerline budget request');
    for (const one of forged) {
      const [looked, posted] = [await open(`/more/${one}`), await post(`/more/${one}`)];
      expect([one.slice(0, 40), looked.status, looked.text === words, posted.status, posted.text === words]).toEqual([
        ...[one.slice(0, 40), 404, true, 404, true],
      ]);
    }
    expect((await open(`/budget-requests/${link().split('/').at(-1)}`)).status).toBe(404);
    expect(await asked()).toEqual([]);
  });

  test('with one that has expired learns nothing any more', async () => {
    for (const untilMs of [NOW, NOW - HOUR_MS]) {
      for (const { status, text } of [await open(link({ untilMs })), await post(link({ untilMs }))]) {
        expect([status, text.includes('Ask with the command: ledgerline budget request'), text.includes('ada')]).toEqual([410, true, false]);
      }
    }
    expect(await asked()).toEqual([]);
  });

  test.each(['data', 'vault', 'nowhere', 'each/bob@example.com', HOSTILE])('asks for no budget that does not bind the user: %s', async (key) => {
    const [looked, posted] = [await open(link({ key })), await post(link({ key }))];
    expect([looked.status, posted.status]).toEqual([404, 403]);
    for (const { text } of [looked, posted])
      expect([text.includes('<form'), text.includes('<script>alert'), text.includes('\u202e')]).toEqual([false, false, false]);
    expect(await asked()).toEqual([]);
  });

  test('cannot ask for another user, budget or end by fields of the form', async () => {
    await post(link(), { ...GOOD, budget: 'platform', user: 'bob@example.com', until: '2030-01-01', who: 'ops' });
    expect(await asked()).toMatchObject([{ key: 'each/ada@example.com', user: 'ada@example.com', who: 'link:guard', untilMs: MIDNIGHT }]);
  });

  test.each([
    ['of another page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['of another page in an old browser', { origin: 'https://evil.example' }],
    ['of a page that hides where it is', { origin: 'null' }],
    ['of a neighbor of the same domain', { 'sec-fetch-site': 'same-site' }],
    ['of another type', { 'content-type': 'text/plain' }],
  ])('cannot post the form %s', async (_, headers) => {
    const refused = await post(link(), GOOD, headers);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('The request has to be sent from this page.')]);
    expect(await asked()).toEqual([]);
  });

  test('can use no other method, send no long body, and no two at once', async () => {
    expect([(await open(link(), 'PUT')).status, (await open(link(), 'DELETE')).status]).toEqual([405, 405]);
    expect((await post(link(), { by: '5', why: 'x'.repeat(70_000) })).status).toBe(413);
    const both = await Promise.all([post(link()), post(link()), post(link())]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 400, 400]);
    expect(await asked()).toHaveLength(1);
  });
});
