/**
 * Those who are signed in: who they are is in a sealed cookie, and what they see is in the rules of the configuration, asked at each request.
 * Nothing is kept here, so that a restart signs nobody out.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ReadScope, ScopeFilter } from '../catalog/read-scope.ts';
import type { OidcConfig } from '../config/oidc.ts';
import { HOUR_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { cookieIn } from './cookies.ts';
import { readScopeOf, type StoredUser } from './reader-scope.ts';
import { seal, unseal } from './sealed.ts';

/** Plain data, to be handed to another thread. */
export interface SignInRules {
  readonly key: Uint8Array;
  /** Of the configuration: a cookie that was made under another one is none. */
  readonly digest: string;
  /** Do browsers come over TLS? Then the cookie goes nowhere else. */
  readonly isSecure: boolean;
  readonly sessionMs: number;
  /** What each gives; self is whoever signed in. */
  readonly scopes: readonly (ReadScope | 'self')[];
}

export interface SignedIn {
  /** As the provider spells it. */
  readonly user: string;
  /** As the ledger stores it. */
  readonly stored: string;
  /** Of the rules that fit. */
  readonly rules: readonly number[];
}

const sessionSchema = z.object({
  user: z.string(),
  stored: z.string(),
  rules: z.array(z.number()).readonly(),
  digest: z.string(),
  untilMs: z.number(),
});
const PURPOSE = 'session';

export const signInRulesOf = (oidc: OidcConfig, key: Uint8Array, storedUser: StoredUser): SignInRules => ({
  key,
  digest: createHash('sha256').update(JSON.stringify(oidc)).digest('base64url').slice(0, 22),
  isSecure: oidc.base_url.startsWith('https:'),
  sessionMs: oidc.session_hours * HOUR_MS,
  scopes: oidc.rules.map(({ scope }) => (scope === 'self' ? scope : readScopeOf(scope, undefined, storedUser))),
});

/** The prefix keeps the cookie from being set by a neighbor below the same domain, and needs TLS. */
export const sessionCookie = ({ isSecure }: Pick<SignInRules, 'isSecure'>): string => (isSecure ? '__Host-ledgerline' : 'ledgerline');

export const sealSession = ({ key, digest, sessionMs }: SignInRules, signedIn: SignedIn, nowMs: number): string =>
  seal(key, PURPOSE, { ...signedIn, digest, untilMs: nowMs + sessionMs } satisfies z.infer<typeof sessionSchema>);

export interface Session extends SignedIn {
  readonly untilMs: number;
}

/** Undefined without a cookie. Throws `unauthenticated` for one that is over, or that nobody here has sealed. */
export function sessionIn(rules: SignInRules, cookies: string | undefined, nowMs: number): Session | undefined {
  const text = cookieIn(cookies, sessionCookie(rules));
  if (text === undefined) return undefined;
  const { success, data } = sessionSchema.safeParse(unseal(rules.key, PURPOSE, text));
  if (!success || data.digest !== rules.digest) throw ended('The sign-in is not valid any more.');
  if (nowMs >= data.untilMs) throw ended('The sign-in is over.');
  const { digest: _, ...session } = data;
  return session;
}

const ended = (message: string): LedgerlineError => new LedgerlineError('unauthenticated', message, { hint: 'Sign in again.' });

/**
 * What the rules that fit give together: the first decides of which kind it is, and those of the same kind add to it as long as the sum is
 * again a list for each key. Of no rule, nothing.
 */
export function scopeOfRules({ scopes }: Pick<SignInRules, 'scopes'>, { stored, rules }: SignedIn): ReadScope {
  const own: ReadScope = [{ dimension: 'user', values: [stored] }];
  const given = rules.map((index) => scopes[index]).filter((scope) => scope !== undefined);
  const [first, ...others] = given.map((scope): ReadScope => (scope === 'self' ? own : scope));
  return first === undefined ? [{ dimension: 'user', values: [] }] : others.reduce(together, first);
}

function together(one: ReadScope, other: ReadScope): ReadScope {
  if (one === 'all' || other === 'all') return one;
  const isAlike = one.length === other.length && one.every(({ dimension }, index) => other[index]?.dimension === dimension);
  const different = one.flatMap((filter, index) => (isSame(filter, other[index]) ? [] : [index]));
  // Of lists that differ in two keys the sum would hold what neither of them gives.
  if (!isAlike || different.length > 1) return one;
  const [first, ...more] = one.map((filter, index) => ({ ...filter, values: [...new Set([...filter.values, ...(other[index]?.values ?? [])])] }));
  return first === undefined ? one : [first, ...more];
}

const isSame = (one: ScopeFilter, other: ScopeFilter | undefined): boolean =>
  one.values.length === other?.values.length && one.values.every((value) => other.values.includes(value));
