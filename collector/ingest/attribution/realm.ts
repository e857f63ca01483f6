/**
 * Whose word a record's session rests on: a short digest of what its token names. Sessions of different realms have nothing in common but the
 * name that clients give them. Two tokens that name the same are one realm, so that a token can be replaced.
 */
import { hash } from 'node:crypto';
import { REALM_CHARACTERS } from '../../catalog/session-ids.ts';
import { normalizeUser } from '../../catalog/values.ts';
import { framed } from '../../core/framed.ts';
import type { Credentials } from '../../server/auth.ts';
import type { AttributionOptions } from './attribution.ts';

/** '' where a token names nothing, and where clients are believed: that realm is everybody's. */
export type RealmOf = (credentials: Credentials) => string;

export function createRealms({ attribution, pseudonymize = (name) => name }: Pick<AttributionOptions, 'attribution' | 'pseudonymize'>): RealmOf {
  if (attribution.claims === 'client') return () => '';
  const realms = new WeakMap<Credentials, string>();
  return (credentials) => {
    const known = realms.get(credentials);
    if (known !== undefined) return known;
    const realm = digestOf(credentials, pseudonymize);
    realms.set(credentials, realm);
    return realm;
  };
}

function digestOf({ organization = '', team = '', user = '', workspace = '', job }: Credentials, pseudonymize: (user: string) => string): string {
  const person = user === '' ? '' : pseudonymize(normalizeUser(user));
  // Without a job it is the digest that it always was.
  const names = [organization, team, person, workspace, ...(job === undefined ? [] : [job])];
  return names.every((name) => name === '') ? '' : hash('sha256', names.map(framed).join(''), 'base64url').slice(0, REALM_CHARACTERS);
}
