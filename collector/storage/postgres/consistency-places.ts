/** The pair assertion for what sessions cost in each of their places, derived again from entries, where all of these are there. */
import { SOURCE_NAMES } from '../../catalog/sources.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import { bookBeside, type Company, NO_COMPANY } from '../../ledger/pools.ts';
import { namesOf, type PlaceNames } from '../../ledger/session-parts.ts';
import { addCost, addPosting, noCost } from '../../ledger/session-shares.ts';
import { SESSION_DIMENSIONS } from '../../ledger/sessions.ts';
import type { SessionCost } from '../../ledger/tables.ts';
import { COVERED } from '../batch-codec.ts';
import type { Sql, Transaction } from './connection.ts';
import { serverCursor } from './server-cursor.ts';
import { IS_THERE } from './session-rows.ts';
import { readPlaces } from './session-shares.ts';
import { int, numberArray, quotedName, type Row } from './sql-text.ts';

const ROWS_AT_ONCE = 5_000;
const NAMES = SESSION_DIMENSIONS.map((name) => `d.${quotedName(name)}`).join();

type Costs = ReadonlyMap<string, SessionCost>;

/** Of sessions whose entries are all there. */
export async function* checkPlaces(
  sql: Sql,
  rows: readonly Row[],
  items: ReadonlyMap<number, readonly HistoryItem[]>,
  companies: ReadonlyMap<number, Company>,
): AsyncGenerator<string, void> {
  const shared = rows.filter((row) => row.is_shared === true && int(row.removed_before_ms) === 0);
  if (shared.length === 0) return;
  const kept = await readPlaces(sql, shared);
  const keys = await placeKeys(
    sql,
    shared.flatMap(({ session }) => (items.get(int(session)) ?? []).map(({ dims }) => dims)),
  );
  for (const row of shared) {
    const session = int(row.session);
    const derived = derivedOf(items.get(session) ?? [], companies.get(session) ?? NO_COMPANY, keys);
    yield* comparePlaces(String(row.session_id), derived, keptOf(kept.get(session) ?? []));
  }
}

function* comparePlaces(sessionId: string, derived: Costs, kept: Costs): Iterable<string> {
  for (const key of new Set([...derived.keys(), ...kept.keys()])) {
    const [is, was] = [kept.get(key) ?? noCost(), derived.get(key) ?? noCost()];
    if (is.cost === was.cost && SOURCE_NAMES.every((source) => is.costBySource[source] === was.costBySource[source])) continue;
    yield `session ${sessionId} in ${key}: cost is ${was.cost} by its entries and ${is.cost} by what is kept of its places.`;
  }
}

/** Sessions that are said to have been in one place throughout. */
export async function* checkOnePlace(sql: Transaction): AsyncGenerator<string, void> {
  const text = `SELECT s.session_id, count(*) FROM (
      SELECT DISTINCT e.slot, e.session, ${NAMES} FROM entries e JOIN dims d ON d.id = e.dims WHERE (e.flags & ${COVERED}) = 0
    ) p JOIN sessions s ON s.slot = p.slot AND s.session = p.session WHERE ${IS_THERE} AND NOT s.is_shared
    GROUP BY s.slot, s.session, s.session_id HAVING count(*) > 1`;
  for await (const page of serverCursor(sql, text, [], ROWS_AT_ONCE))
    for (const [sessionId, places] of page) yield `session ${sessionId}: has ${places} places by its entries, and one by the sessions table.`;
}

const keyOf = (names: PlaceNames): string => Object.values(namesOf({ ...names })).join('/');

async function placeKeys(sql: Sql, dims: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await sql.rows(`SELECT d.id, ${NAMES} FROM dims d WHERE d.id = ANY($1::int8[])`, [numberArray([...new Set(dims)])]);
  return new Map(rows.map((row) => [int(row.id), keyOf(namesOf(row))]));
}

function derivedOf(items: readonly HistoryItem[], company: Company, keys: ReadonlyMap<number, string>): Costs {
  const costs = new Map<string, SessionCost>();
  for (const posting of bookBeside(items, company)) addPosting(costs.getOrInsertComputed(keys.get(posting.dims) ?? '', noCost), posting, 1n);
  return costs;
}

function keptOf(places: readonly (PlaceNames & Readonly<SessionCost>)[]): Costs {
  const costs = new Map<string, SessionCost>();
  for (const place of places) addCost(costs.getOrInsertComputed(keyOf(place), noCost), place);
  return costs;
}
