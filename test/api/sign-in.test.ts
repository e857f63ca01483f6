import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type OidcConfig, oidcSchema } from '../../collector/config/oidc.ts';
import { seal, unseal } from '../../collector/server/sealed.ts';
import { sealSession, signInRulesOf } from '../../collector/server/sign-in.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { closedPort } from '../support/closed-port.ts';
import { event } from '../support/entries.ts';
import { Browser, freePort, startProvider, type TestProvider } from '../support/oidc.ts';
import { startApi, type TestApi } from './support.ts';

const HOUR = 3_600_000;
const KEY = createHash('sha256').update('the key of these tests').digest();
const stored = (user: string): string => user;

let folder: string;
let provider: TestProvider;
let api: TestApi;
let nowMs = Date.now();
let oidc: OidcConfig;
let base: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-oidc-'));
  // The provider says that its forms are none for production.
  for (const method of ['warn', 'info'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  provider = await startProvider(base);
  writeFileSync(join(folder, 'secret'), `${provider.secret}\n`);
  oidc = oidcSchema.parse({
    ...{ issuer: provider.issuer, client_id: 'ledgerline', client_secret_file: join(folder, 'secret'), base_url: base },
    scopes: ['openid', 'email', 'groups'],
    rules: [
      { claim: 'groups', value: 'finance', scope: 'all' },
      { claim: 'groups', values: ['lead-platform'], scope: { teams: ['platform'] } },
      { claim: 'groups', values: ['lead-search'], scope: { teams: ['search'] } },
      { claim: 'groups', value: 'developers', scope: 'self' },
    ],
  });
  const rules = signInRulesOf(oidc, KEY, stored);
  api = await startApi({
    ...{ port, nowMs, signIn: { oidc, rules, storedUser: stored } },
    authenticate: createAuthenticator([], { signIn: rules, now: () => nowMs }),
    config: { auth: { oidc } },
  });
  await api.append(
    [
      ['ada@example.com', 'platform', '1'],
      ['bob@example.com', 'platform', '2'],
      ['eve@example.com', 'search', '4'],
    ].map(([user = '', team = '', cost = '']) => event({ id: user, sessionId: user, user, team, cost, timeMs: nowMs - HOUR })),
  );
});
afterAll(async () => {
  jest.restoreAllMocks();
  await api?.stop();
  await provider?.stop();
  rmSync(folder, { recursive: true });
});

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
  nowMs = Date.now();
  Object.assign(provider.people, {
    fin: { email: 'fin@example.com', groups: ['finance', 'developers'] },
    lead: { email: 'lead@example.com', groups: ['lead-search', 'lead-platform'] },
    ada: { email: 'Ada@Example.com', groups: ['developers'] },
    guest: { email: 'guest@example.com', groups: ['guests-of-the-secret-project'] },
    nameless: { groups: ['developers'] },
    unproved: { email: 'ada@example.com', email_verified: false, groups: ['developers'] },
    unprovedAsText: { email: 'ada@example.com', email_verified: 'False', groups: ['developers'] },
    unprovedInUserinfo: { email: 'ada@example.com', email_verified: false, groups: ['developers'] },
    proved: { email: 'ada@example.com', email_verified: 'true', groups: ['developers'] },
  });
  const said = { email: 'ada@example.com', groups: ['developers'] };
  const noUserinfo = Object.defineProperty({}, 'email', { enumerable: true, get: () => assert.fail('no userinfo') });
  Object.assign(provider.people, { withoutUserinfo: noUserinfo });
  Object.assign(provider.idTokens, { unprovedInUserinfo: said, withoutUserinfo: said });
});

const login = (returnTo = '/'): string => `${base}/auth/login?return=${encodeURIComponent(returnTo)}`;
const json = async <Body = Record<string, unknown>>(path: string): Promise<Body & { status?: number }> =>
  JSON.parse((await browser.open(`${base}${path}`)).text);
const total = async (): Promise<unknown> => (await json('/api/v1/spend')).total;
const callback = (): string => `${base}/auth/callback`;

describe('signing in with a provider', () => {
  test('leads back to where one was, and shows what the first rule that fits gives', async () => {
    expect((await browser.open(`${base}/api/v1/spend`)).status).toBe(401);
    const page = await browser.signIn(login('/boards/team?where=team%3Aplatform'), 'fin');
    expect(page).toMatchObject({ url: `${base}/boards/team?where=team%3Aplatform`, status: 200 });
    expect(await total()).toBe('7.00');
    expect(await json('/api/v1/me')).toMatchObject({ user: 'fin@example.com', may_read: true, sees_everything: true, sees: [] });
  });

  test('adds up rules of one kind', async () => {
    await browser.signIn(login(), 'lead');
    expect(await total()).toBe('7.00');
    expect(await json('/api/v1/me')).toMatchObject({ sees_everything: false, sees: [{ dimension: 'team', values: ['platform', 'search'] }] });
  });

  test('shows a developer what is their own, in whatever capitals the provider has the address', async () => {
    await browser.signIn(login(), 'ada');
    expect(await total()).toBe('1.00');
    expect(await json('/api/v1/me')).toMatchObject({ user: 'ada@example.com', sees: [{ dimension: 'user', values: ['ada@example.com'] }] });
    expect(await json('/api/v1/me/budget')).toMatchObject({ user: 'ada@example.com', seen: true });
  });

  test('refuses those whom no rule fits, with the names of the claims and without their values', async () => {
    const page = await browser.signIn(login(), 'guest');
    expect(page.status).toBe(403);
    expect(page.text).toContain('no rule of auth.oidc.rules fits');
    expect(page.text).toMatch(/The claims that came are .*email, .*groups/);
    expect(page.text).not.toContain('secret-project');
    expect((await browser.open(`${base}/api/v1/spend`)).status).toBe(401);
  });

  test.each([
    ['nameless', 'The provider says no email of you'],
    ['unproved', 'The provider has not verified your address.'],
    ['unprovedAsText', 'The provider has not verified your address.'],
    ['unprovedInUserinfo', 'The provider has not verified your address.'],
  ])('refuses %s', async (who, message) => {
    const page = await browser.signIn(login(), who);
    expect({ status: page.status, isSaid: page.text.includes(message) }).toEqual({ status: 403, isSaid: true });
  });

  test('lets in whose address is verified, also said as text', async () => {
    await browser.signIn(login(), 'proved');
    expect(await total()).toBe('1.00');
  });

  test('lets in who is known by the token where the endpoint that could say more fails', async () => {
    await browser.signIn(login(), 'withoutUserinfo');
    expect(await total()).toBe('1.00');
  });

  test('a group that was removed counts at the next sign-in', async () => {
    await browser.signIn(login(), 'fin');
    provider.people.fin = { email: 'fin@example.com', groups: ['developers'] };
    expect(await total()).toBe('7.00');
    await browser.signIn(login(), 'fin');
    expect(await total()).toBe('0.00');
  });

  test.each(['//evil.example/a', 'https://evil.example/a', '/\\evil.example', '/auth/logout', 'javascript:alert(1)'])(
    'leads back to no other page: %s',
    async (to) => {
      expect((await browser.signIn(login(to), 'fin', { stopAt: `${base}/` })).url.startsWith(callback())).toBe(true);
      const page = await new Browser().signIn(login(to), 'fin');
      expect(new URL(page.url).origin).toBe(base);
      expect(page.url).not.toContain('evil');
    },
  );
});

describe('what came back and was not asked for', () => {
  /** As far as the redirect back, which is not followed. */
  const back = (who: string) => browser.signIn(login(), who, { stopAt: callback() });
  const failure = async (url: string) => {
    const { status, text } = await browser.open(url);
    return { status, says: /<strong>([^<]*)<\/strong>/.exec(text)?.[1], isIn: (await browser.open(`${base}/api/v1/me`)).status === 200 };
  };
  const FOREIGN = { status: 400, says: 'The answer of the provider does not belong to this sign-in, or is not valid.', isIn: false };

  test('a state of another sign-in', async () => {
    const { url } = await back('fin');
    const forged = new URL(url);
    forged.searchParams.set('state', 'of-somebody-else');
    expect(await failure(forged.href)).toEqual(FOREIGN);
  });

  test('an answer in a browser that did not ask', async () => {
    const { url } = await back('fin');
    browser = new Browser();
    expect(await failure(url)).toMatchObject({ status: 400, says: expect.stringContaining('was not begun in this browser'), isIn: false });
  });

  test.each(['nonce', 'verifier'])('a %s of another sign-in', async (part) => {
    const { url } = await back('fin');
    const jar = browser.jar(base);
    const begun = Object(unseal(KEY, 'login', jar.get('ledgerline-login') ?? ''));
    expect(Object.keys(begun)).toContain(part);
    jar.set('ledgerline-login', seal(KEY, 'login', { ...begun, [part]: 'of-somebody-else'.padEnd(43, '0') }));
    expect(await failure(url)).toMatchObject({ status: 400, isIn: false });
  });

  test('the same code once more', async () => {
    const { url } = await back('fin');
    const kept = browser.jar(base).get('ledgerline-login') ?? '';
    await browser.open(url);
    expect(await total()).toBe('7.00');
    browser.jar(base).clear();
    browser.jar(base).set('ledgerline-login', kept);
    expect(await failure(url)).toEqual({ status: 400, says: 'This sign-in was used already, or took too long.', isIn: false });
  });

  test('a refusal', async () => {
    const { url } = await back('fin');
    const state = new URL(url).searchParams.get('state');
    expect(await failure(`${callback()}?error=access_denied&state=${state}&iss=${encodeURIComponent(provider.issuer)}`)).toEqual({
      ...{ status: 403, says: 'The provider has refused the sign-in.', isIn: false },
    });
  });
});

describe('the cookie of a session', () => {
  const rules = () => signInRulesOf(oidc, KEY, stored);
  const FIN = { user: 'fin@example.com', stored: 'fin@example.com', rules: [0] };
  const problemWith = async (cookie: string) => {
    browser.jar(base).set('ledgerline', cookie);
    const { status, detail } = await json<{ detail?: string }>('/api/v1/spend');
    return { status, detail };
  };

  test('is out of reach of scripts and of other pages', async () => {
    const page = await browser.signIn(login(), 'fin', { stopAt: `${base}/boards` });
    expect(page.status).toBe(200);
    const { setCookies } = await browser.signIn(login('/boards/team'), 'fin', { stopAt: `${base}/boards` });
    expect(setCookies.find((line) => line.startsWith('ledgerline='))).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800$/);
  });

  test('over TLS goes nowhere else', () => {
    const secure = signInRulesOf({ ...oidc, base_url: 'https://ledgerline.example.com' }, KEY, stored);
    expect(secure.isSecure).toBe(true);
  });

  test('ends after eight hours', async () => {
    await browser.signIn(login(), 'fin');
    nowMs += 8 * HOUR - 60_000;
    expect((await browser.open(`${base}/api/v1/spend`)).status).toBe(200);
    nowMs += 120_000;
    expect(await json('/api/v1/spend')).toMatchObject({ status: 401, detail: 'The sign-in is over.', hint: 'Sign in again.' });
  });

  test('is refused where somebody changed it', async () => {
    const sealed = sealSession(rules(), FIN, nowMs);
    expect((await problemWith(sealed)).status).toBeUndefined();
    // Of the last character not all bits count.
    for (const at of [0, 20, sealed.length - 2]) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      expect(await problemWith(changed)).toEqual({ status: 401, detail: 'The sign-in is not valid any more.' });
    }
    for (const other of ['', 'x', 'e30', sealed.slice(0, 30), seal(KEY, 'login', FIN)])
      expect(await problemWith(other)).toEqual({ status: 401, detail: 'The sign-in is not valid any more.' });
  });

  test('is refused where the rules changed, and under another key', async () => {
    const others = { ...oidc, rules: [...oidc.rules.slice(1), ...oidc.rules.slice(0, 1)] };
    for (const sealed of [
      sealSession(signInRulesOf(others, KEY, stored), FIN, nowMs),
      sealSession({ ...rules(), key: KEY.toReversed() }, FIN, nowMs),
    ])
      expect(await problemWith(sealed)).toEqual({ status: 401, detail: 'The sign-in is not valid any more.' });
  });

  test('lets nobody change anything', async () => {
    browser.jar(base).set('ledgerline', sealSession(rules(), FIN, nowMs));
    const headers = { 'content-type': 'application/json', cookie: `ledgerline=${browser.jar(base).get('ledgerline')}` };
    for (const [method, path] of [
      ['PUT', '/budgets/mine'],
      ['POST', '/budgets/mine/raises'],
      ['DELETE', '/budgets/mine'],
      ['POST', '/privacy/erasures'],
      ['POST', '/adjustments'],
      ['POST', '/closed-months'],
    ] as const) {
      const { status } = await fetch(`${base}/api/v1${path}`, { method, headers, ...(method !== 'DELETE' && { body: '{}' }) });
      expect({ method, path, status }).toEqual({ method, path, status: 403 });
    }
  });

  test('goes when one signs out, here and with the provider', async () => {
    await browser.signIn(login(), 'fin');
    const page = await browser.open(`${base}/auth/logout`, { stopAt: provider.issuer });
    expect(new URL(page.url).pathname).toBe('/session/end');
    expect(new URL(page.url).searchParams.get('post_logout_redirect_uri')).toBe(`${base}/`);
    expect((await browser.open(`${base}/api/v1/spend`)).status).toBe(401);
  });

  test('stays when another page asks to sign out', async () => {
    await browser.signIn(login(), 'fin');
    expect((await browser.open(`${base}/auth/logout`, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect(await total()).toBe('7.00');
  });
});

test('a provider that does not answer is named, and a token still works', async () => {
  const token = createHash('sha256').update('a token').digest('hex');
  const { port, release } = await closedPort();
  const away = { ...oidc, issuer: `http://127.0.0.1:${port}` };
  const rules = signInRulesOf(away, KEY, stored);
  const alone = await startApi({
    ...{ nowMs, signIn: { oidc: away, rules, storedUser: stored }, config: { auth: { oidc: away } } },
    authenticate: createAuthenticator([{ name: 'reader', role: 'read', sha256: token }], { signIn: rules }),
  });
  try {
    const { status, text } = await browser.open(`${alone.url}/auth/login`);
    expect({ status, isNamed: text.includes(`The provider ${away.issuer} does not answer`) }).toEqual({ status: 503, isNamed: true });
    expect((await alone.get('/api/v1/spend', { authorization: 'Bearer a token' })).status).toBe(401);
    expect((await browser.open(`${alone.url}/`)).text).toContain('<meta name="ledgerline-sign-in" content="/auth/login">');
  } finally {
    await alone.stop();
    release();
  }
});
