/**
 * /auth/login, /auth/callback and /auth/logout: the authorization code flow of OpenID Connect, with PKCE, state and nonce. What lies between
 * beginning and end is in a sealed cookie of the browser that began, so that nobody else can end it.
 */
import { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Log } from '../../catalog/log-codes.ts';
import type { OidcConfig } from '../../config/oidc.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { cookieIn, setCookie } from '../../server/cookies.ts';
import { ownName, type StoredUser } from '../../server/reader-scope.ts';
import { seal, unseal } from '../../server/sealed.ts';
import { type SignInRules, sealSession, sessionCookie } from '../../server/sign-in.ts';
import { recognize } from './claims.ts';
import { failurePage } from './failure-page.ts';
import { callbackOf, createProvider } from './provider.ts';

export interface SignInOptions {
  readonly oidc: OidcConfig;
  readonly rules: SignInRules;
  readonly storedUser: StoredUser;
  readonly now: () => number;
  readonly log: Log;
}

export const SIGN_IN = { login: '/auth/login', callback: '/auth/callback', logout: '/auth/logout' } as const;

/** Between leaving for the provider and coming back. */
const LOGIN_MS = 10 * MINUTE_MS;
const PURPOSE = 'login';
const loginSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string(), untilMs: z.number() });
type Login = z.infer<typeof loginSchema>;

const loginCookie = (rules: SignInRules): string => `${sessionCookie(rules)}-login`;

export function signInRoutes({ oidc, rules, storedUser, now, log }: SignInOptions): Router {
  const router = Router();
  const provider = createProvider(oidc);
  const { isSecure, key } = rules;
  const set = (response: Response, name: string, value: string, maxAgeMs: number): void =>
    void response.append('Set-Cookie', setCookie(name, value, { isSecure, maxAgeMs }));

  router.use('/auth', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get(SIGN_IN.login, async (request, response) => {
    const { begun, url } = await provider.begin();
    const login: Login = { ...begun, returnTo: returnOf(request), untilMs: now() + LOGIN_MS };
    set(response, loginCookie(rules), seal(key, PURPOSE, login), LOGIN_MS);
    response.redirect(url.href);
  });
  router.get(SIGN_IN.callback, async (request, response) => {
    const login = loginOf(cookieIn(request.headers.cookie, loginCookie(rules)), key, now());
    // Once, whatever comes of it.
    set(response, loginCookie(rules), '', 0);
    const claims = await provider.finish(new URL(request.originalUrl.slice(SIGN_IN.callback.length), callbackOf(oidc)), login);
    const { user, rules: fitting } = recognize(claims, oidc);
    const session = sealSession(rules, { user: user.trim(), stored: ownName(user, storedUser), rules: fitting }, now());
    set(response, sessionCookie(rules), session, rules.sessionMs);
    response.redirect(login.returnTo);
  });
  router.get(SIGN_IN.logout, async (request, response) => {
    refuseOtherPages(request);
    set(response, sessionCookie(rules), '', 0);
    const end = await provider.endUrl().catch(() => undefined);
    response.redirect(end?.href ?? '/');
  });
  router.use('/auth', (thrown: unknown, request: Request, response: Response, next: NextFunction) => {
    const error = LedgerlineError.from(thrown);
    // What somebody may not see is no fault; what the provider answers may be.
    if (error.cause !== undefined) log('request_failed', error.message, { error, fields: { path: request.path } });
    failurePage(error, response, next);
  });
  return router;
}

function loginOf(text: string | undefined, key: Uint8Array, nowMs: number): Login {
  const parsed = loginSchema.safeParse(text === undefined ? undefined : unseal(key, PURPOSE, text));
  if (parsed.success && nowMs < parsed.data.untilMs) return parsed.data;
  throw new LedgerlineError('invalid', 'This sign-in was not begun in this browser, was ended already, or took longer than ten minutes.', {
    hint: 'Sign in again. The browser has to accept cookies of this page.',
  });
}

/** A path of this page. What leads elsewhere, such as //example.com, leads to the beginning. */
function returnOf({ originalUrl }: Request): string {
  const wanted = new URL(originalUrl, 'http://here.invalid').searchParams.get('return') ?? '/';
  const url = URL.canParse(wanted, 'http://here.invalid') ? new URL(wanted, 'http://here.invalid') : undefined;
  const isOwn = url?.origin === 'http://here.invalid' && !url.pathname.startsWith('//') && !url.pathname.startsWith('/auth/');
  return url !== undefined && isOwn ? `${url.pathname}${url.search}` : '/';
}

/** An image in another page signs nobody out. */
function refuseOtherPages(request: Request): void {
  if (request.get('sec-fetch-site') !== 'cross-site') return;
  throw new LedgerlineError('forbidden', 'Another page may not sign you out.', { hint: 'Open the page itself and choose Sign out.' });
}
