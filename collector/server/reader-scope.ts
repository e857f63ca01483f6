/** Scopes of the configuration as the ledger is asked: names in the spelling in which it stores them. */
import { type ReadScope, SCOPE_DIMENSIONS, type ScopeDimension, type ScopeFilter } from '../catalog/read-scope.ts';
import { apartFromOther, normalizeUser, storedValue } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import type { ReadScopeConfig, ScopeMap } from '../config/read-scope.ts';

/** A user, in the spelling of an address or a pseudonym, as the ledger stores it. */
export type StoredUser = (user: string) => string;

const KEYS = { organization: 'organizations', team: 'teams', workspace: 'workspaces', user: 'users' } as const satisfies Record<
  ScopeDimension,
  keyof ScopeMap
>;

/** Left out: everything. `user` is who `self` means; the configuration has no `self` without one. */
export function readScopeOf(scope: ReadScopeConfig | undefined, user: string | undefined, storedUser: StoredUser): ReadScope {
  if (scope === undefined || scope === 'all') return 'all';
  if (scope === 'self') return [{ dimension: 'user', values: ownUser(user ?? '', storedUser) }];
  const [first, ...others] = SCOPE_DIMENSIONS.flatMap((dimension): ScopeFilter[] => {
    const names = scope[KEYS[dimension]];
    return names === undefined ? [] : [{ dimension, values: [...new Set(names.map((name) => storedName(dimension, name, storedUser)))] }];
  });
  // A map of no names is refused with the configuration. Here it is nobody's, not everybody's.
  return first === undefined ? [{ dimension: 'user', values: [] }] : [first, ...others];
}

export interface NamedScope {
  /** Who has it, as people read it. */
  readonly name: string;
  readonly filters: readonly ScopeFilter[];
}

/** Scopes of the configuration that name values. `self` is whoever it is: many have not used anything yet. */
export function namedScopes({ tokens, certificates, oidc }: Config['auth'], storedUser: StoredUser): readonly NamedScope[] {
  const all = [
    ...tokens.map(({ name, scope }) => ({ name: `the token "${name}"`, scope })),
    ...certificates.map(({ name, scope }) => ({ name: `the certificate "${name}"`, scope })),
    ...(oidc?.rules ?? []).map(({ scope }, index) => ({ name: `auth.oidc.rules[${index}]`, scope })),
  ];
  return all.flatMap(({ name, scope }) => {
    const filters = scope === 'self' ? 'all' : readScopeOf(scope, undefined, storedUser);
    return filters === 'all' ? [] : [{ name, filters }];
  });
}

/** As records of the user are stored: who is called "unknown" is not everybody without a name. */
function ownUser(user: string, storedUser: StoredUser): string[] {
  const own = ownName(user, storedUser);
  return own === '' ? [] : [own];
}

/** '' for nobody. */
export function ownName(user: string, storedUser: StoredUser): string {
  const own = normalizeUser(user);
  return own === '' ? '' : apartFromOther(storedUser(own));
}

function storedName(dimension: ScopeDimension, name: string, storedUser: StoredUser): string {
  const stored = storedValue(dimension, name);
  return dimension === 'user' && stored !== '' ? storedUser(stored) : stored;
}
