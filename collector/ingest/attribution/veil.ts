/**
 * With pseudonyms, people appear under theirs in whatever is booked, and not only as its user: a team may be named by an address, a session
 * by the account that opened it. So every address in a value is replaced by its pseudonym, and so are the person's own names.
 */
import type { DimensionName } from '../../catalog/measures.ts';
import { renamedSession } from '../../catalog/session-ids.ts';
import { normalizeUser } from '../../catalog/values.ts';
import { ADDRESS, CUT_ADDRESS, hasAt, plainAddress } from '../../core/email-address.ts';
import type { Entry } from '../../ledger/entry.ts';
import { isPool } from '../../ledger/pools.ts';
import type { Credentials } from '../../server/auth.ts';
import { type AttributionOptions, namesOf } from './attribution.ts';
import type { Claims } from './claims.ts';

export interface Veil {
  /** The entry under pseudonyms. Its user is one already. */
  over(entry: Entry, claims: Claims, credentials: Credentials): Entry;
  /** Does what a client calls its model name somebody? */
  hides(model: string, claims: Claims, credentials: Credentials): boolean;
}
type Clean = (text: string) => string;

/** Dimensions that people name freely, but for jobs: budgets and tokens of CI are written with their names. In the others a name such as "main" or "opus" is the client's word for something else. */
const FREE: ReadonlySet<string> = new Set<DimensionName>(['organization', 'team', 'workspace', 'repository', 'cost_center', 'department', 'branch']);
/** Shorter names are found in every other word. */
const OWN_NAME_MIN = 3;
/** Can be no such word: an address, an account's number. */
const isUnmistakable = (name: string): boolean => name.includes('@') || (name.length >= 8 && /\d/.test(name));
/** Values are cut here before they arrive, and an address with them. */
const VALUE_CHARACTERS_MAX = 200;

interface Cleaners {
  readonly credentials: Credentials;
  readonly free: Clean;
  readonly other: Clean;
}

interface VeilOptions extends Pick<AttributionOptions, 'attribution'> {
  readonly pseudonymize: Clean;
}

export function createVeil({ attribution, pseudonymize }: VeilOptions): Veil {
  const known = new WeakMap<Claims, Cleaners>();
  const cleanersFor = (claims: Claims, credentials: Credentials): Cleaners => {
    const before = known.get(claims);
    if (before !== undefined && before.credentials === credentials) return before;
    const names = namesOf(attribution, claims, credentials).filter((name) => name.length >= OWN_NAME_MIN);
    const found = { credentials, free: cleanerOf(names, pseudonymize), other: cleanerOf(names.filter(isUnmistakable), pseudonymize) };
    known.set(claims, found);
    return found;
  };
  return {
    over: (entry, claims, credentials) => {
      const { free, other } = cleanersFor(claims, credentials);
      const dimensions = Object.entries(entry.dimensions).map(([name, value]) => {
        if (name === 'user') return [name, value];
        return [name, FREE.has(name) ? free(value) : other(value)];
      });
      // A pool is named by its user's pseudonym, in which a short name could be found by chance.
      const sessionId = renamedSession(entry.sessionId, isPool(entry.sessionId) ? other : free);
      return { ...entry, sessionId, dimensions: Object.fromEntries(dimensions) };
    },
    hides: (model, claims, credentials) => cleanersFor(claims, credentials).other(model) !== model,
  };
}

/** Replaces addresses and these names in one pass, so that no pseudonym is looked through again. */
function cleanerOf(names: readonly string[], pseudonymize: Clean): Clean {
  const own = new Map(names.map((name) => [name.toLowerCase(), name]));
  const longestFirst = [...own.keys()].sort((one, other) => other.length - one.length).map((name) => RegExp.escape(name));
  const ownNames = own.size === 0 ? [] : [`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`];
  const patternOf = (...parts: readonly string[]): RegExp | undefined => (parts.length === 0 ? undefined : new RegExp(parts.join('|'), 'giu'));
  const [plain, withAddress, cut] = [patternOf(...ownNames), patternOf(...ownNames, ADDRESS), patternOf(...ownNames, ADDRESS, CUT_ADDRESS)];
  const replaced = (found: string): string => pseudonymize(own.get(found.toLowerCase()) ?? normalizeUser(plainAddress(found)));
  return (text) => {
    const pattern = !hasAt(text) ? plain : text.length < VALUE_CHARACTERS_MAX ? withAddress : cut;
    return pattern === undefined ? text : text.replaceAll(pattern, replaced).slice(0, VALUE_CHARACTERS_MAX);
  };
}
