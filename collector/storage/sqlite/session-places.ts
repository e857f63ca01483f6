/** Sessions of several places: what they cost in each. One that has been in one place throughout is not in here. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { SOURCE_NAMES } from '../../catalog/sources.ts';
import { OTHER } from '../../catalog/values.ts';
import { namesOf, type PlaceShare } from '../../ledger/session-parts.ts';
import { addCost, noCost } from '../../ledger/session-shares.ts';
import { SESSION_DIMENSIONS, SHARERS_MAX, type SharedSessions } from '../../ledger/sessions.ts';
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
      SELECT DISTINCT o.session, d.user FROM session_places o JOIN dims d ON d.id = o.dims WHERE d.user NOT IN ('', ?)
    ), few AS MATERIALIZED (
      SELECT session, user FROM (SELECT session, user, count(*) OVER (PARTITION BY session) AS users FROM named) WHERE users <= ${SHARERS_MAX}
    )
    SELECT one.user, other.user AS other, count(*) AS sessions FROM few one JOIN few other ON other.session = one.session AND one.user < other.user
    GROUP BY one.user, other.user ORDER BY sessions DESC, one.user, other.user LIMIT ?`;
  return database
    .prepare(together)
    .all(OTHER, max)
    .map(({ user, other, sessions }) => ({ users: [String(user), String(other)], sessions: Number(sessions) }));
}

/** Of a row that was read with BigInts. */
export const costOf = (row: Record<string, unknown>): SessionCost => ({ cost: wideOf(row, 'cost'), costBySource: costBySource(row) });

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
