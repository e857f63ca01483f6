/** Counts claims that a token overruled: somebody says to be another than the token says. */
import type { Refusal } from '../../catalog/refusals.ts';
import type { Credentials } from '../../server/auth.ts';
import { type AttributionConfig, overruledIn, type TokenName } from './attribution.ts';
import type { Claims } from './claims.ts';

const NONE: readonly Refusal[] = [];

export type CountOverruled = (records: readonly { readonly claims: Claims }[], credentials: Credentials) => readonly Refusal[];

/** Remembered by the claims, which records that claim the same share. */
export function createOverruled({ attribution }: { readonly attribution: AttributionConfig }): CountOverruled {
  const remembered = new WeakMap<Claims, { readonly credentials: Credentials; readonly names: readonly TokenName[] }>();
  const namesOf = (claims: Claims, credentials: Credentials): readonly TokenName[] => {
    const known = remembered.get(claims);
    if (known !== undefined && known.credentials === credentials) return known.names;
    const names = overruledIn(attribution, claims, credentials);
    remembered.set(claims, { credentials, names });
    return names;
  };
  return (records, credentials) => {
    if (attribution.claims === 'client' || !namesAnything(credentials)) return NONE;
    const counts = new Map<TokenName, number>();
    for (const { claims } of records) for (const name of namesOf(claims, credentials)) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts.size === 0 ? NONE : [...counts].map(([detail, count]) => ({ kind: 'claim_overruled', detail, count }));
  };
}

const namesAnything = ({ organization, team, user, workspace, job }: Credentials): boolean =>
  organization !== undefined || team !== undefined || user !== undefined || workspace !== undefined || job !== undefined;
