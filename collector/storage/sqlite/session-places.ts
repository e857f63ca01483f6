/** Sessions of several places: what they cost in each. One that has been in one place throughout is not in here. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { SOURCE_NAMES } from '../../catalog/sources.ts';
import { OTHER } from '../../catalog/values.ts';
import { addCost, noCost } from '../../ledger/session-shares.ts';
import {
  OWNER_DIMENSIONS,
  SESSION_DIMENSIONS,
  type SessionDimension,
  type SessionShare,
  type SessionSummary,
  type SessionsQuery,
  type SharedSessions,
  type Within,
} from '../../ledger/sessions.ts';
import type { SessionCost, Shares } from '../../ledger/tables.ts';
import { COST_COLUMNS, costBySource } from './sessions.ts';
import { partsOf, wideOf } from './wide.ts';

/** Dims name the place. Its columns of costs follow the catalog. */
export const SESSION_PLACES = `CREATE TABLE IF NOT EXISTS session_places (
  session INTEGER NOT NULL, dims INTEGER NOT NULL, PRIMARY KEY (session, dims)) WITHOUT ROWID`;

export class SessionPlacesTable {
  readonly #select: StatementSync;
  readonly #write: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(`SELECT ${COST_COLUMNS.join()} FROM session_places WHERE session = ? AND dims = ?`);
    this.#select.setReadBigInts(true);
    const columns = ['session', 'dims', ...COST_COLUMNS];
    this.#write = database.prepare(`INSERT OR REPLACE INTO session_places (${columns.join()}) VALUES (${columns.map(() => '?').join()})`);
  }

  add(shares: ReadonlyMap<number, Shares>): void {
    for (const [session, byPlace] of shares) {
      for (const [dims, added] of byPlace) {
        const row = this.#select.get(session, dims);
        const sum = row === undefined ? noCost() : costOf(row);
        addCost(sum, added);
        const costs = [sum.cost, ...SOURCE_NAMES.map((source) => sum.costBySource[source])].map(partsOf).flatMap(({ low, units }) => [low, units]);
        this.#write.run(session, dims, ...costs);
      }
    }
  }
}

/** See LedgerSnapshot.sharedSessions. */
export function readSharedSessions(database: DatabaseSync, max: number): SharedSessions[] {
  const together = `WITH named AS MATERIALIZED (
      SELECT DISTINCT o.session, d.user FROM session_places o JOIN dims d ON d.id = o.dims WHERE d.user NOT IN ('', ?) ORDER BY o.session
    )
    SELECT one.user, other.user AS other, count(*) AS sessions FROM named one JOIN named other ON other.session = one.session AND one.user < other.user
    GROUP BY one.user, other.user ORDER BY sessions DESC, one.user, other.user LIMIT ?`;
  return database
    .prepare(together)
    .all(OTHER, max)
    .map(({ user, other, sessions }) => ({ users: [String(user), String(other)], sessions: Number(sessions) }));
}

/** Of a row that was read with BigInts. */
export const costOf = (row: Record<string, unknown>): SessionCost => ({ cost: wideOf(row, 'cost'), costBySource: costBySource(row) });

type Names = Readonly<Record<SessionDimension, string>>;

/** A place of a session, and what it cost there. */
export type PlaceShare = Names & Readonly<SessionCost>;

export const isInside = (place: Names, within: Within): boolean => within.every(({ dimension, values }) => values.includes(place[dimension]));

export class PlaceReader {
  readonly #places: StatementSync;

  constructor(database: DatabaseSync) {
    this.#places = database.prepare(
      `SELECT o.*, ${SESSION_DIMENSIONS.map((name) => `d.${name}`).join()} FROM session_places o JOIN dims d ON d.id = o.dims
       WHERE o.session IN (SELECT value FROM json_each(?)) ORDER BY o.session, o.dims`,
    );
    this.#places.setReadBigInts(true);
  }

  /** By the session's number; those of one place are left out. */
  of(sessions: readonly number[]): ReadonlyMap<number, readonly PlaceShare[]> {
    const places = new Map<number, PlaceShare[]>();
    if (sessions.length === 0) return places;
    for (const row of this.#places.iterate(JSON.stringify(sessions)))
      places.getOrInsertComputed(Number(row.session), () => []).push({ ...namesOf(row), ...costOf(row) });
    return places;
  }
}

export const namesOf = (row: Record<string, unknown>): Names => ({
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
  const named = visible.filter((place) => isInside(place, where)).sort((a, b) => descending(a.cost, b.cost));
  const isLast = (place: Names): boolean => SESSION_DIMENSIONS.every((name) => place[name] === session[name]);
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
  return shares.sort((a, b) => descending(a.cost, b.cost));
}

export const descending = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? 1 : -1);
