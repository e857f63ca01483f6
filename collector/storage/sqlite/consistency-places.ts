/** The pair assertion for what sessions cost in each of their places, derived again from entries, where all of these are there. */
import type { DatabaseSync } from 'node:sqlite';
import { SOURCE_NAMES } from '../../catalog/sources.ts';
import { bookBeside } from '../../ledger/pools.ts';
import { namesOf } from '../../ledger/session-parts.ts';
import { addCost, addPosting, noCost } from '../../ledger/session-shares.ts';
import { SESSION_DIMENSIONS } from '../../ledger/sessions.ts';
import type { SessionCost } from '../../ledger/tables.ts';
import { COVERED } from '../batch-codec.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';
import { PlaceReader } from './session-places.ts';

type Costs = ReadonlyMap<string, SessionCost>;

export function* checkPlaces(database: DatabaseSync): Iterable<string> {
  const select = database.prepare(`SELECT ${SESSION_DIMENSIONS.join()} FROM dims WHERE id = ?`);
  const keys = new Map<number, string>();
  const keyOf = (dims: number): string => keys.getOrInsertComputed(dims, () => Object.values(namesOf(select.get(dims) ?? {})).join('/'));
  const dimsOf = database.prepare(`SELECT DISTINCT dims FROM entries WHERE session = ? AND (flags & ${COVERED}) = 0`);
  for (const row of database.prepare('SELECT id, session_id FROM sessions WHERE is_shared = 0').iterate()) {
    const places = new Set(dimsOf.all(Number(row.id)).map(({ dims }) => keyOf(Number(dims))));
    if (places.size > 1) yield `session ${row.session_id}: has ${places.size} places by its entries, and one by the sessions table.`;
  }
  for (const row of database.prepare('SELECT id, session_id FROM sessions WHERE is_shared = 1 AND removed_before_ms = 0').iterate()) {
    const [derived, kept] = [derivedOf(database, Number(row.id), keyOf), keptOf(database, Number(row.id))];
    for (const key of new Set([...derived.keys(), ...kept.keys()])) {
      const [is, was] = [kept.get(key) ?? noCost(), derived.get(key) ?? noCost()];
      if (is.cost === was.cost && SOURCE_NAMES.every((source) => is.costBySource[source] === was.costBySource[source])) continue;
      yield `session ${row.session_id} in ${key}: cost is ${was.cost} by its entries and ${is.cost} by what is kept of its places.`;
    }
  }
}

function derivedOf(database: DatabaseSync, session: number, keyOf: (dims: number) => string): Costs {
  const costs = new Map<string, SessionCost>();
  for (const posting of bookBeside(new History(database).whole(session), new CompanyReader(database).of(session)))
    addPosting(costs.getOrInsertComputed(keyOf(posting.dims), noCost), posting, 1n);
  return costs;
}

function keptOf(database: DatabaseSync, session: number): Costs {
  const costs = new Map<string, SessionCost>();
  for (const [, places] of new PlaceReader(database).of([session])) {
    for (const place of places) addCost(costs.getOrInsertComputed(Object.values(namesOf({ ...place })).join('/'), noCost), place);
  }
  return costs;
}
