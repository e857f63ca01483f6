/** Parts of sessions: of those that have been in several places, as much as is inside what is asked or what the reader may see. */
import { compareKeys } from './row-order.ts';
import { addCost, noCost } from './session-shares.ts';
import {
  OWNER_DIMENSIONS,
  SESSION_DIMENSIONS,
  type SessionDimension,
  type SessionShare,
  type SessionSummary,
  type SessionsQuery,
  type Within,
} from './sessions.ts';
import type { SessionCost } from './tables.ts';

export type PlaceNames = Readonly<Record<SessionDimension, string>>;

/** A place of a session, and what it cost there. */
export type PlaceShare = PlaceNames & Readonly<SessionCost>;

export const isInside = (place: PlaceNames, within: Within): boolean => within.every(({ dimension, values }) => values.includes(place[dimension]));

/** Of a row that has them as columns. */
export const namesOf = (row: Record<string, unknown>): PlaceNames => ({
  organization: String(row.organization),
  team: String(row.team),
  user: String(row.user),
  workspace: String(row.workspace),
  repository: String(row.repository),
});

/** As much of a session as is inside; undefined when nothing is. `places`: undefined of one that had one place, which the caller knows to be inside. */
export function partOf(
  session: SessionSummary,
  places: readonly PlaceShare[] | undefined,
  { where = [], within = [] }: Pick<SessionsQuery, 'where' | 'within'>,
): SessionSummary | undefined {
  if (places === undefined) return session;
  const visible = places.filter((place) => isInside(place, within));
  const named = visible.filter((place) => isInside(place, where)).sort(largestFirst(SESSION_DIMENSIONS));
  const isLast = (place: PlaceNames): boolean => SESSION_DIMENSIONS.every((name) => place[name] === session[name]);
  const shown = named.find(isLast) ?? named[0];
  if (shown === undefined) return undefined;
  const sum = noCost();
  for (const place of named) addCost(sum, place);
  const { clientVersion, terminal } = within.length === 0 || visible.some(isLast) ? session : UNKNOWN;
  return { ...session, ...namesOf(shown), clientVersion, terminal, ...sum, shares: sharesOf(visible) };
}

/** Of the last place, which is outside. */
const UNKNOWN = { clientVersion: '', terminal: '' };

/** By owner; none where there is one. */
function sharesOf(places: readonly PlaceShare[]): SessionShare[] {
  const byOwner = Map.groupBy(places, (place) => JSON.stringify(OWNER_DIMENSIONS.map((name) => place[name])));
  if (byOwner.size < 2) return [];
  const shares = [...byOwner.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { organization, team, user } = first;
    return [{ organization, team, user, cost: own.reduce((sum, { cost }) => sum + cost, 0n) }];
  });
  return shares.sort(largestFirst(OWNER_DIMENSIONS));
}

/** What costs the same comes in the order of its names, in whatever order a store has it. */
const largestFirst =
  <Name extends SessionDimension>(names: readonly Name[]) =>
  <Part extends Readonly<Record<Name, string>> & Pick<SessionCost, 'cost'>>(a: Part, b: Part): number =>
    descending(a.cost, b.cost) || compareKeys(keyOf(a, names), keyOf(b, names));

const keyOf = <Name extends string>(part: Readonly<Record<Name, string>>, names: readonly Name[]): string[] => names.map((name) => part[name]);

export const descending = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? 1 : -1);
