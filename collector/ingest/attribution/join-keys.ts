/**
 * By what records without a session are joined with sessions: a digest of every name that they give their person. Only what attribution is
 * configured to read; of a pseudonym where there are pseudonyms, so that nobody without the key can try addresses.
 */
import { anybodyIn, joinKeyOf, keyIn } from '../../ledger/pools.ts';
import type { Credentials } from '../../server/auth.ts';
import { type AttributionOptions, namesOf } from './attribution.ts';
import type { Claims } from './claims.ts';
import { createRealms } from './realm.ts';

/** Shared and not to be changed. */
export interface Keys {
  readonly ofSession: readonly string[];
  /** Of the same record without a session. */
  readonly ofPool: readonly string[];
}

export type JoinKeys = (claims: Claims, credentials: Credentials) => Keys;

/** Remembered by the claims, which records that claim the same share. */
export function createJoinKeys(options: Pick<AttributionOptions, 'attribution' | 'pseudonymize'>): JoinKeys {
  const { attribution, pseudonymize = (name) => name } = options;
  const realmOf = createRealms(options);
  const remembered = new WeakMap<Claims, { readonly credentials: Credentials; readonly keys: Keys }>();
  return (claims, credentials) => {
    const known = remembered.get(claims);
    if (known !== undefined && known.credentials === credentials) return known.keys;
    const names = namesOf(attribution, claims, credentials).map((name) => joinKeyOf(pseudonymize(name)));
    const keys = keysIn(realmOf(credentials), names);
    remembered.set(claims, { credentials, keys });
    return keys;
  };
}

/**
 * In everybody's realm none at all says that nobody is named. In another one, that is said by keys as well, so that records of nobody are
 * joined with everybody of their realm and with nobody else.
 */
function keysIn(realm: string, names: readonly string[]): Keys {
  if (realm === '') return { ofSession: names, ofPool: names };
  const { all, nobody } = anybodyIn(realm);
  const own = names.map((name) => keyIn(realm, name));
  return own.length === 0 ? { ofSession: [all, nobody], ofPool: [all] } : { ofSession: [...own, all], ofPool: [...own, nobody] };
}
