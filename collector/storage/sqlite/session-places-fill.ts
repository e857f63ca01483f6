/** What sessions cost in each of their places, of a file from before that was kept. */
import type { DatabaseSync } from 'node:sqlite';
import type { DimensionSets } from '../../ledger/dimension-sets.ts';
import { bookBeside } from '../../ledger/pools.ts';
import { addPosting, noCost } from '../../ledger/session-shares.ts';
import { SESSION_DIMENSIONS } from '../../ledger/sessions.ts';
import type { SessionCost } from '../../ledger/tables.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';
import { SessionPlacesTable } from './session-places.ts';
import { costBySource } from './sessions.ts';
import { wideOf } from './wide.ts';

/** What was kept before: whose a session was, where it changed hands. Once it is gone, the places are filled. */
export const SESSION_OWNERS = `CREATE TABLE IF NOT EXISTS session_owners (
  session INTEGER NOT NULL, dims INTEGER NOT NULL, PRIMARY KEY (session, dims)) WITHOUT ROWID`;

/** Within a transaction. What is of entries that were removed by then is of the last place. */
export function fillPlaces(database: DatabaseSync, dims: DimensionSets): void {
  if (database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'session_owners'`).get() === undefined) return;
  const places = new SessionPlacesTable(database);
  const mark = database.prepare('UPDATE sessions SET is_shared = 1 WHERE id = ? RETURNING *');
  mark.setReadBigInts(true);
  for (const session of sharedSessions(database)) {
    const row = mark.get(session) ?? {};
    places.add(new Map([[session, costsOf(database, dims, session, row)]]));
  }
  database.exec('DROP TABLE session_owners; DROP TABLE temp.place_of');
}

function sharedSessions(database: DatabaseSync): Set<number> {
  const names = SESSION_DIMENSIONS.join();
  database.exec(`CREATE TEMP TABLE place_of (id INTEGER PRIMARY KEY, place INTEGER NOT NULL);
    INSERT INTO temp.place_of SELECT id, dense_rank() OVER (ORDER BY ${names}) FROM dims`);
  const sql = `SELECT e.session FROM entries e CROSS JOIN temp.place_of p ON p.id = e.dims GROUP BY e.session HAVING MIN(p.place) < MAX(p.place)
    UNION SELECT session FROM session_owners`;
  return new Set(
    database
      .prepare(sql)
      .all()
      .map((row) => Number(row.session)),
  );
}

function costsOf(database: DatabaseSync, dims: DimensionSets, session: number, row: Record<string, unknown>): Map<number, SessionCost> {
  const costs = new Map<number, SessionCost>();
  const at = (one: number): SessionCost => costs.getOrInsertComputed(dims.project(one, SESSION_DIMENSIONS), noCost);
  const rest = at(Number(row.last_dims));
  rest.cost += wideOf(row, 'cost');
  Object.assign(rest.costBySource, costBySource(row));
  for (const posting of bookBeside(new History(database).whole(session), new CompanyReader(database).of(session))) {
    addPosting(rest, posting, -1n);
    addPosting(at(posting.dims), posting, 1n);
  }
  for (const { dims: owner } of database.prepare('SELECT dims FROM session_owners WHERE session = ?').all(session)) at(Number(owner));
  return costs;
}
