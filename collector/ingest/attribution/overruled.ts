/** Counts claims that a token overruled: somebody says to be another than the token says. */
import type { Refusal } from '../../catalog/refusals.ts';
import { createDirectory, type Directory } from '../../directory/directory.ts';
import type { Credentials } from '../../server/auth.ts';
import { type AttributionConfig, overruledIn, type TokenName } from './attribution.ts';
import type { Claims } from './claims.ts';

const NONE: readonly Refusal[] = [];

export type CountOverruled = (records: readonly { readonly claims: Claims }[], credentials: Credentials) => readonly Refusal[];

interface Names {
  /** As it is now: two names of one user overrule nothing. */
  readonly directory: () => Directory;
  readonly now: () => number;
}

interface Remembered {
  readonly credentials: Credentials;
  readonly directory: Directory;
  readonly names: readonly TokenName[];
}

/** Remembered by the claims, which records that claim the same share. */
export function createOverruled(
  { attribution }: { readonly attribution: AttributionConfig },
  { directory: directoryNow, now }: Names = nobodyKnown(),
): CountOverruled {
  const remembered = new WeakMap<Claims, Remembered>();
  const namesOf = (claims: Claims, credentials: Credentials): readonly TokenName[] => {
    const directory = directoryNow();
    const known = remembered.get(claims);
    if (known !== undefined && known.credentials === credentials && known.directory === directory) return known.names;
    const names = overruledIn(attribution, claims, credentials, (name) => directory.canonical(name, now()));
    remembered.set(claims, { credentials, directory, names });
    return names;
  };
  return (records, credentials) => {
    if (attribution.claims === 'client' || !namesAnything(credentials)) return NONE;
    const counts = new Map<TokenName, number>();
    for (const { claims } of records) for (const name of namesOf(claims, credentials)) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts.size === 0 ? NONE : [...counts].map(([detail, count]) => ({ kind: 'claim_overruled', detail, count }));
  };
}

function nobodyKnown(): Names {
  const empty = createDirectory();
  return { directory: () => empty, now: Date.now };
}

const namesAnything = ({ organization, team, user, workspace, job }: Credentials): boolean =>
  organization !== undefined || team !== undefined || user !== undefined || workspace !== undefined || job !== undefined;
