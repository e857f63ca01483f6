/**
 * By what records without a session are joined with sessions: a digest of every name that they give their person. Only what attribution is
 * configured to read; of a pseudonym where there are pseudonyms, so that nobody without the key can try addresses.
 */
import { joinKeyOf } from '../../ledger/pools.ts';
import type { Credentials } from '../../server/auth.ts';
import { type AttributionOptions, namesOf } from './attribution.ts';
import type { Claims } from './claims.ts';

/** None when the record says nothing about whose it is. The result is shared and must not be changed. */
export type JoinKeys = (claims: Claims, credentials: Credentials) => readonly string[];

/** Remembered by the claims, which records that claim the same share. */
export function createJoinKeys({ attribution, pseudonymize = (name) => name }: Pick<AttributionOptions, 'attribution' | 'pseudonymize'>): JoinKeys {
  const remembered = new WeakMap<Claims, { readonly credentials: Credentials; readonly keys: readonly string[] }>();
  return (claims, credentials) => {
    const known = remembered.get(claims);
    if (known !== undefined && known.credentials === credentials) return known.keys;
    const keys = namesOf(attribution, claims, credentials).map((name) => joinKeyOf(pseudonymize(name)));
    remembered.set(claims, { credentials, keys });
    return keys;
  };
}
