/** The page behind a signed link: nothing changes by looking, one answer by posting, and whatever is forged, late or sent again changes nothing. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type RequestLink, requestUrl } from '../../collector/alerts/request-link.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { BudgetAnswer } from '../../collector/query/budget-answers.ts';
import { signLink } from '../../collector/server/signed-link.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { openPage, type Page, postForm } from './pages.ts';
import { startApi, type TestApi } from './support.ts';

const KEY = Buffer.alloc(32, 7);
const DAY_MS = 86_400_000;
const NOW = NOON + 60_000;
const HOSTILE = '<script>alert(1)</script> "x" \u202e & <!channel>';
const BUDGETS = [{ name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' }];
const { auth } = configSchema.parse({
  auth: { tokens: [{ name: 'ops', role: 'admin', sha256: createHash('sha256').update('ops').digest('hex') }] },
});
const OPS = { authorization: 'Bearer ops' };

let api: TestApi;
let id: number;
beforeEach(async () => {
  const config = { budgets: BUDGETS, auth, server: { public_url: 'https://ledgerline.example.com' } };
  api = await startApi({ nowMs: NOW, config, authenticate: createAuthenticator(auth.tokens), requestKey: KEY });
  await api.append([event({ id: '1', cost: '900' })]);
  id = await make();
});
afterEach(() => api.stop());

/** As if it had been made an hour ago. */
const make = async (expiresMs = NOW + DAY_MS): Promise<number> => {
  const asked = {
    key: 'platform',
    amount: 50n * 10n ** 12n,
    unit: 'usd',
    untilMs: NOW + 10 * DAY_MS,
    why: HOSTILE,
    user: 'ada@example.com',
    expiresMs,
  } as const;
  return (await api.options.budgets.request(asked, { who: 'ada-laptop', atMs: NOW - 3_600_000 })).id;
};
const link = (given: Partial<RequestLink> = {}, key: Uint8Array = KEY): string =>
  requestUrl({ request: id, answer: 'approve', channel: 'slack-leads', untilMs: NOW + DAY_MS, ...given }, key, '');

const open = (path: string, method = 'GET'): Promise<Page> => openPage(`${api.url}${path}`, method);
const post = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Page> =>
  postForm(`${api.url}${path}`, fields, headers);
const raised = async (): Promise<string> => String((await api.get<BudgetAnswer>('/api/v1/budgets/platform', OPS)).body.raised);
const decision = async () => (await api.options.budgets.findRequest(id))?.decision;

describe('the page', () => {
  test('shows the request without a sign-in, and under which name the answer goes into the audit; looking changes nothing', async () => {
    for (const method of ['GET', 'HEAD', 'GET']) expect((await open(link(), method)).status).toBe(200);
    const { text, headers } = await open(link());
    for (const part of [
      'ada@example.com asks for $50.00 more of platform',
      '$50.00 more until the end of Mon 30 Nov 2026',
      '$900.00 (90 %)',
      '$1,050.00',
      'the name &quot;link:slack-leads&quot;: the signed link that was sent to the channel slack-leads',
      '<form method="post">',
      'Approve the raise',
    ])
      expect(text).toContain(part);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect((await open('/')).headers.get('content-security-policy')).toContain("form-action 'none'");
    expect([await decision(), await raised()]).toEqual([undefined, '0.00']);
  });

  test('shows hostile words as words', async () => {
    const { text } = await open(link());
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot;   &amp; &lt;!channel&gt;');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('\u202e');
  });

  test('approves by a post, once, and then says who did', async () => {
    const answered = await post(link());
    expect([answered.status, answered.headers.get('location')]).toEqual([303, link()]);
    expect([await decision(), await raised()]).toMatchObject([{ what: 'approved', who: 'link:slack-leads', atMs: NOW }, '50.00']);
    const { text } = await open(link());
    expect(text).toContain('link:slack-leads raised the budget platform by $50.00 until the end of Mon 30 Nov 2026.');
    expect(text).not.toContain('<form');
    const again = await post(link());
    expect([again.status, again.text]).toEqual([400, expect.stringContaining(`Request ${id} was approved by link:slack-leads`)]);
    expect((await post(link({ answer: 'deny' }), { why: 'no' })).status).toBe(400);
    expect(await raised()).toBe('50.00');
    const { body } = await api.get<BudgetAnswer>('/api/v1/budgets/platform', OPS);
    expect(body.audit).toMatchObject([{ who: 'link:slack-leads', what: 'budget_raised', after: { request: id } }, { who: 'ada-laptop' }]);
  });

  test('denies with a reason, and not without one', async () => {
    const denying = link({ answer: 'deny' });
    expect((await open(denying)).text).toContain('name="why"');
    expect((await post(denying)).status).toBe(400);
    expect((await post(denying, { why: 'x'.repeat(501) })).status).toBe(400);
    expect((await post(denying, { why: 'next month' })).status).toBe(303);
    expect(await decision()).toMatchObject({ what: 'denied', why: 'next month', who: 'link:slack-leads' });
    expect((await open(denying)).text).toContain(`link:slack-leads denied request ${id}: &quot;next month&quot;.`);
  });

  test('cannot approve more than was asked, nor something else', async () => {
    expect((await post(link(), { by: '999', request: '1', key: 'other', answer: 'deny' })).status).toBe(303);
    expect(await raised()).toBe('50.00');
  });

  test('two approvers at once make one raise', async () => {
    const both = await Promise.all([post(link()), post(link({ channel: 'mail' })), post(link({ channel: 'teams' }))]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 400, 400]);
    expect(await raised()).toBe('50.00');
  });

  test('of an expired request says so, approves nothing, and shows no spend', async () => {
    id = await make(NOW);
    const { text } = await open(link());
    expect(text).toContain('This request expired on');
    expect(text).not.toMatch(/<form|\$900/);
    expect((await post(link())).status).toBe(400);
    expect((await post(link({ untilMs: NOW + 99 * DAY_MS }))).status).toBe(400);
    id = await make();
    const over = [await open(link({ untilMs: NOW })), await post(link({ untilMs: NOW }))];
    expect(over.map(({ status }) => status)).toEqual([200, 400]);
    for (const page of over) expect(page.text).toContain('This request expired on');
    for (const page of over) expect(page.text).not.toContain('$900');
    expect(await raised()).toBe('0.00');
  });
});

describe('a link', () => {
  test('that was forged, cut, mixed or signed for something else is nothing, in the same words', async () => {
    const good = link().split('/').at(-1) ?? '';
    const [text = '', mac = ''] = good.split('.');
    const other = link({ answer: 'deny' }).split('/').at(-1)?.split('.') ?? [];
    const flipped = `${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`;
    const forged = [
      ...['x', text, `${text}.`, `.${mac}`, `${text}.${flipped}`, `${text}.${mac.slice(0, -2)}`, `${text}.${mac}.x`, `${text}.${mac}${mac}`],
      ...[`${other[0]}.${mac}`, `${text}.${other[1]}`, 'x'.repeat(5_000)],
      link({}, Buffer.alloc(32, 8)).split('/').at(-1) ?? '',
      ...[signLink(KEY, 'login', { request: id, answer: 'approve', channel: 'x', untilMs: NOW }), signLink(KEY, 'budget request', { request: id })],
      signLink(KEY, 'budget request', { request: `${id}`, answer: 'approve', channel: 'x', untilMs: NOW }),
      signLink(KEY, 'budget request', { request: 999, answer: 'approve', channel: 'x', untilMs: NOW }),
    ];
    const words = (await open('/budget-requests/x')).text;
    for (const one of forged) {
      const [looked, posted] = [await open(`/budget-requests/${one}`), await post(`/budget-requests/${one}`, { why: 'x' })];
      expect([one.slice(0, 40), looked.status, looked.text === words, posted.status, posted.text === words]).toEqual([
        one.slice(0, 40),
        404,
        true,
        404,
        true,
      ]);
    }
    expect([await decision(), await raised()]).toEqual([undefined, '0.00']);
  });

  test.each([
    ['of another page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['of another page in an old browser', { origin: 'https://evil.example' }],
    ['of a page that hides where it is', { origin: 'null' }],
    ['of a neighbor of the same domain', { 'sec-fetch-site': 'same-site' }],
    ['of another type', { 'content-type': 'text/plain' }],
  ])('is not answered by the form %s', async (_, headers) => {
    const refused = await post(link(), {}, headers);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('The answer has to be sent from this page.')]);
    expect(await decision()).toBeUndefined();
  });

  test('is answered from its page, also behind a proxy', async () => {
    const headers = { origin: 'https://ledgerline.example.com', 'sec-fetch-site': 'same-origin' };
    expect((await post(link(), {}, headers)).status).toBe(303);
  });

  test('takes no other method, and no long body', async () => {
    expect((await open(link(), 'PUT')).status).toBe(405);
    expect((await open(link(), 'DELETE')).status).toBe(405);
    expect((await post(link({ answer: 'deny' }), { why: 'x'.repeat(70_000) })).status).toBe(413);
    expect(await decision()).toBeUndefined();
  });

  test('leads nowhere where there is no key', async () => {
    const without = await startApi({ nowMs: NOW, config: { budgets: BUDGETS } });
    expect((await fetch(`${without.url}${link()}`)).status).toBe(404);
    await without.stop();
  });
});
